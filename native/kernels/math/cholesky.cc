// Contract: src/kernels/math/cholesky.ts. Blocks of rows (cholesky.h) instead of one element after the other.
#include "linalg/cholesky.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "matrix", .options = "assets", .outputs = "lower, failed"};

static i64 scratch_size(const Sizes& of) { return cholesky_scratch(of.option(names.option("assets"))); }

static Status cholesky(In<f64> matrix, i32 assets, Workspace scratch, Out<f64> lower, Out<i32> failed) {
  const i64 n = assets;
  for (i64 m = 0; m < failed.length; m++) {
    const f64* a = matrix.data + m * n * n;
    f64* l = lower.data + m * n * n;
    failed[m] = static_cast<i32>(lower_factor(a, n, l, scratch.data));
    for (i64 i = 0; i < n * n && failed[m] >= 0; i++) l[i] = __builtin_nan("");
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(cholesky)
