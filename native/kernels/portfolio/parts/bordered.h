// Newton's systems of interior points: a large positive definite block, and a few constraints about it.
#pragma once
#include "linalg/covariance.h"
#include "linalg/eigen.h"

namespace tickforge::TICKFORGE_ISA {

// u'u of a symmetric matrix of which the upper half is read, in place. A pivot that is rounding becomes infinite: its unknown stays 0, as
// that of a constraint that others imply. `scratch` holds factor_scratch(n) values.
inline i64 factor_scratch(i64 n) { return 2 * packed_size(n) + 2 * n; }
inline void factor_or_fix(f64* u, i64 n, f64* scratch) {
  constexpr i64 block = 48;
  f64 *left = scratch, *right = left + packed_size(n), *minus = right + packed_size(n), *before = minus + n;
  for (i64 k = 0; k < n; k++) before[k] = u[k * n + k];
  for (i64 start = 0; start < n; start += block) {
    const i64 end = start + block < n ? start + block : n, rest = n - end;
    for (i64 k = start; k < end; k++) {
      f64* row = u + k * n;
      const bool fixed = !(row[k] > 1e-15 * before[k]) || !(before[k] > 0);
      const f64 root = fixed ? 0 : __builtin_sqrt(row[k]);
      for (i64 j = k; j < n; j++) row[j] = fixed ? 0 : row[j] / root;
      row[k] = fixed ? __builtin_huge_val() : row[k];
      for (i64 r = k + 1; r < end; r++) add_scaled(u + r * n + r, row + r, -row[r], n - r);
    }
    if (rest <= 0) continue;
    for (i64 k = start; k < end; k++) {
      for (i64 j = 0; j < rest; j++) minus[j] = -u[k * n + end + j];
      pack_row(minus, rest, k - start, end - start, left);
      pack_row(u + k * n + end, rest, k - start, end - start, right);
    }
    add_products(left, right, rest, end - start, 1.0, u + end * n + end, n, true);
  }
}

// x = (u'u)^-1 x.
inline void solve_upper(const f64* u, i64 n, f64* x) {
  for (i64 i = 0; i < n; i++) {
    x[i] /= u[i * n + i];
    add_scaled(x + i + 1, u + i * n + i + 1, -x[i], n - i - 1);
  }
  for (i64 i = n - 1; i >= 0; i--) x[i] = (x[i] - dot(u + i * n + i + 1, x + i + 1, n - i - 1)) / u[i * n + i];
}

}  // namespace tickforge::TICKFORGE_ISA
