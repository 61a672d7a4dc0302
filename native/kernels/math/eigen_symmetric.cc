// Contract: src/kernels/math/eigen_symmetric.ts. Three diagonals and QL instead of the reference's Jacobi rotations.
#include "linalg/eigen.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "matrix", .options = "assets", .outputs = "values, vectors"};

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("assets"));
  return n * n + 2 * n + eigen_scratch(n);
}

static Status eigen_symmetric(In<f64> matrix, i32 assets, Workspace scratch, Out<f64> values, Out<f64> vectors) {
  const i64 n = assets, size = n * n;
  f64 *rows = scratch.data, *d = rows + size, *order = d + n, *more = order + n;
  for (i64 m = 0; m * n < values.length; m++) {
    const f64* a = matrix.data + m * size;
    f64* work = vectors.data + m * size;
    for (i64 i = 0; i < n; i++)
      for (i64 j = 0; j < n; j++) work[i * n + j] = i > j ? a[i * n + j] : a[j * n + i];
    const bool settled = eigen_rows(work, n, d, rows, more);
    ascending_order(d, n, order);
    for (i64 k = 0; k < n; k++) {
      const i64 from = static_cast<i64>(order[k]);
      const f64* v = rows + from * n;
      f64 largest = 0;
      for (i64 i = 0; i < n; i++) largest = __builtin_fabs(v[i]) > __builtin_fabs(largest) ? v[i] : largest;
      const f64 sign = settled ? (largest < 0 ? -1.0 : 1.0) : __builtin_nan("");
      values[m * n + k] = settled ? d[from] : sign;
      for (i64 i = 0; i < n; i++) work[i * n + k] = sign * v[i];
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(eigen_symmetric)
