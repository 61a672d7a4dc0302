// Cholesky's factor of a symmetric matrix. It is built transposed, in the upper half, so that rows lie in memory: 48 rows are factored,
// then taken off what is left by tiles.
#pragma once
#include "linalg.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr i64 panel_rows = 48;

// What a pivot of `row` must be above to be more than rounding.
inline f64 least_pivot(const f64* matrix, i64 n, i64 row) { return static_cast<f64>(n) * 0x1p-52 * matrix[row * n + row]; }

// First row whose pivot is not positive, or -1; the upper half of u becomes the factor.
inline i64 factor_upper(f64* u, i64 n, const f64* matrix, f64* scratch) {
#if defined(TICKFORGE_LAPACK)
  if (n >= lapack_from) {
    const i64 failed = lapack_factor_upper(u, n);
    for (i64 k = 0; k < (failed < 0 ? n : failed); k++)
      if (!(u[k * n + k] * u[k * n + k] > least_pivot(matrix, n, k))) return k;
    return failed;
  }
#endif
  f64 *left = scratch, *right = scratch + packed_size(n), *minus = right + packed_size(n);
  for (i64 start = 0; start < n; start += panel_rows) {
    const i64 end = start + panel_rows < n ? start + panel_rows : n;
    for (i64 k = start; k < end; k++) {
      f64* row = u + k * n;
      if (!(row[k] > least_pivot(matrix, n, k)) || !(matrix[k * n + k] > 0)) return k;
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

// l[n][n] becomes the lower factor of a, of which the lower half is read; the row where that fails, or -1. `scratch` holds
// cholesky_scratch(n) values.
inline i64 cholesky_scratch(i64 n) { return 2 * packed_size(n) + n; }
inline i64 lower_factor(const f64* a, i64 n, f64* l, f64* scratch) {
  for (i64 i = 0; i < n; i++)
    for (i64 j = i; j < n; j++) l[i * n + j] = a[j * n + i];
  const i64 failed = factor_upper(l, n, a, scratch);
  mirror(l, n, [](i64, i64, f64 value) { return value; });
  for (i64 i = 0; i < n; i++)
    for (i64 j = i + 1; j < n; j++) l[i * n + j] = 0;
  return failed;
}

}  // namespace tickforge::TICKFORGE_ISA
