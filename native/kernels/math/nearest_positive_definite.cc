// Contract: src/kernels/math/nearest_positive_definite.ts.
#include "linalg/nearest.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "matrix", .options = "assets, minEigenvalue, tolerance, maxIterations", .outputs = "nearest, iterations"};

static i64 scratch_size(const Sizes& of) { return nearest_scratch(of.option(names.option("assets"))); }

static Status nearest_positive_definite(In<f64> matrix, i32 assets, f64 floor, f64 tolerance, i32 most, Workspace scratch, Out<f64> nearest,
                                        Out<i32> iterations) {
  const i64 size = static_cast<i64>(assets) * assets;
  const Space s = space_at(scratch.data, assets);
  for (i64 m = 0; m < iterations.length; m++)
    iterations[m] = nearest_definite(s, assets, floor, tolerance, most, matrix.data + m * size, nearest.data + m * size);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(nearest_positive_definite)
