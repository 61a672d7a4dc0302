// Contract: src/kernels/risk/stress/correlation_stress.ts.
#include "linalg/nearest.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "matrix, stressed", .options = "assets, level, target, minEigenvalue", .outputs = "moved, iterations"};

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("assets"));
  return n * n + nearest_scratch(n);
}

static Status correlation_stress(In<f64> matrix, OptionalIn<u8> stressed, i32 assets, f64 level, f64 target, f64 floor, Workspace scratch,
                                 Out<f64> moved, Out<i32> iterations) {
  const i64 n = assets, size = n * n;
  f64* blend = scratch.data;
  const Space s = space_at(blend + size, n);
  for (i64 m = 0; m < iterations.length; m++) {
    const f64* a = matrix.data + m * size;
    for (i64 i = 0; i < n; i++)
      for (i64 j = 0; j <= i; j++) {
        const bool moves = i != j && (!stressed || (stressed[i] && stressed[j]));
        const f64 there = __builtin_sqrt(a[i * n + i]) * __builtin_sqrt(a[j * n + j]);
        blend[i * n + j] = moves ? (1 - level) * a[i * n + j] + level * target * there : a[i * n + j];
      }
    iterations[m] = nearest_definite(s, n, floor, 1e-8, 1000, blend, moved.data + m * size);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(correlation_stress)
