// Contract: src/kernels/risk/cholesky.ts. The factor is built transposed, in the upper half, so that rows lie in memory: 48 rows are
// factored, then taken off what is left by tiles.
#include "linalg.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr i64 panel_rows = 48;

// First row whose pivot is not positive, or -1; the upper half of u becomes the factor.
static i64 factor(f64* u, i64 n, const f64* matrix, f64* scratch) {
  f64 *left = scratch, *right = scratch + packed_size(n), *minus = right + packed_size(n);
  for (i64 start = 0; start < n; start += panel_rows) {
    const i64 end = start + panel_rows < n ? start + panel_rows : n;
    for (i64 k = start; k < end; k++) {
      f64* row = u + k * n;
      const f64 limit = static_cast<f64>(n) * 0x1p-52 * matrix[k * n + k];
      if (!(row[k] > limit) || !(matrix[k * n + k] > 0)) return k;
      const f64 root = __builtin_sqrt(row[k]);
      for (i64 j = k; j < n; j++) row[j] /= root;
      for (i64 r = k + 1; r < end; r++) {
        const f64 times = row[r];
        for (i64 j = r; j < n; j++) u[r * n + j] -= times * row[j];
      }
    }
    const i64 rest = n - end;
    for (i64 k = start; k < end && rest > 0; k++) {
      for (i64 j = 0; j < rest; j++) minus[j] = -u[k * n + end + j];
      pack_row(minus, rest, k - start, end - start, left);
      pack_row(u + k * n + end, rest, k - start, end - start, right);
    }
    if (rest > 0) add_products(left, right, rest, end - start, 1.0, u + end * n + end, n, true);
  }
  return -1;
}

static Status cholesky(In<f64> matrix, i32 assets, Workspace scratch, Out<f64> lower, Out<i32> failed) {
  const i64 n = assets;
  for (i64 m = 0; m < failed.length; m++) {
    const f64* a = matrix.data + m * n * n;
    f64* l = lower.data + m * n * n;
    for (i64 i = 0; i < n; i++)
      for (i64 j = i; j < n; j++) l[i * n + j] = a[j * n + i];
    failed[m] = static_cast<i32>(factor(l, n, a, scratch.data));
    mirror(l, n, [](i64, i64, f64 value) { return value; });
    for (i64 i = 0; i < n; i++)
      for (i64 j = 0; j < n; j++) l[i * n + j] = failed[m] >= 0 ? __builtin_nan("") : j > i ? 0.0 : l[i * n + j];
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(cholesky)
