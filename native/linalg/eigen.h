// Eigenvalues and eigenvectors of a symmetric matrix: Householder's reduction to three diagonals, then QL with implicit shifts
// (Golub & Van Loan 2013, 8.3). Basis vectors lie in rows, so that every step runs along memory.
#pragma once
#include "covariance.h"

namespace tickforge::TICKFORGE_ISA {

inline void add_scaled(f64* to, const f64* from, f64 scale, i64 count) {
  for (i64 i = 0; i < count; i++) to[i] += scale * from[i];
}

// a[n][n] becomes three diagonals, d and e (e[i] couples d[i] and d[i + 1]); row k of a keeps the reflection of step k.
inline void to_three_diagonals(f64* a, i64 n, f64* d, f64* e, f64* beta, f64* p) {
  for (i64 k = 0; k + 1 < n; k++) {
    const i64 m = n - k - 1;
    f64* v = a + k * n + k + 1;
    const f64 rest = dot(v + 1, v + 1, m - 1), first = v[0];
    d[k] = a[k * n + k];
    beta[k] = 0;
    e[k] = first;
    if (rest == 0) continue;  // a reflection is not needed
    const f64 length = __builtin_sqrt(first * first + rest);
    e[k] = first > 0 ? -length : length;
    v[0] = first - e[k];
    beta[k] = 2 / (v[0] * v[0] + rest);
    for (i64 i = 0; i < m; i++) p[i] = beta[k] * dot(a + (k + 1 + i) * n + k + 1, v, m);
    add_scaled(p, v, -0.5 * beta[k] * dot(p, v, m), m);
    for (i64 i = 0; i < m; i++) {
      f64* row = a + (k + 1 + i) * n + k + 1;
      const f64 left = v[i], right = p[i];
      for (i64 j = 0; j < m; j++) row[j] -= left * p[j] + right * v[j];
    }
  }
  d[n - 1] = a[n * n - 1];
}

// Rows of q: the basis in which the matrix has three diagonals.
inline void reflections_to_rows(const f64* a, i64 n, const f64* beta, f64* q) {
  for (i64 i = 0; i < n * n; i++) q[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
  for (i64 k = n - 3; k >= 0; k--) {
    const i64 m = n - k - 1;
    const f64* v = a + k * n + k + 1;
    for (i64 i = 0; i < m; i++) {
      f64* row = q + (k + 1 + i) * n + k + 1;
      add_scaled(row, v, -beta[k] * dot(row, v, m), m);
    }
  }
}

// Rows x and y become s y + c x and c y - s x, named after the places they come to.
inline void rotate_rows(f64* lower, f64* upper, i64 n, f64 c, f64 s) {
  for (i64 k = 0; k < n; k++) {
    const f64 x = lower[k], y = upper[k];
    upper[k] = s * x + c * y;
    lower[k] = c * x - s * y;
  }
}

// One QL sweep over d[from .. to]; e[to] is negligible.
inline void ql_sweep(f64* d, f64* e, i64 from, i64 to, f64* q, i64 n) {
  const f64 half = (d[from + 1] - d[from]) / (2 * e[from]);
  const f64 root = __builtin_sqrt(half * half + 1);
  f64 g = d[to] - d[from] + e[from] / (half + (half >= 0 ? root : -root)), s = 1, c = 1, p = 0;
  for (i64 i = to - 1; i >= from; i--) {
    const f64 f = s * e[i], b = c * e[i], r = __builtin_sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r == 0) {  // the matrix falls apart here
      d[i + 1] -= p;
      e[to] = 0;
      return;
    }
    s = f / r, c = g / r;
    const f64 shifted = d[i + 1] - p, t = (d[i] - shifted) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = shifted + p;
    g = c * t - b;
    rotate_rows(q + i * n, q + (i + 1) * n, n, c, s);
  }
  d[from] -= p;
  e[from] = g;
  e[to] = 0;
}

inline i64 eigen_scratch(i64 n) { return 4 * n; }

// Eigenvalues into d, unsorted, and eigenvectors into the rows of q; a[n][n] is used up. False where QL does not settle.
inline bool eigen_rows(f64* a, i64 n, f64* d, f64* q, f64* scratch) {
#if defined(TICKFORGE_LAPACK)
  if (n >= lapack_from) return lapack_eigen_rows(a, n, d, q);
#endif
  f64 *e = scratch, *beta = e + n, *p = beta + n, largest = 0;
  for (i64 i = 0; i < n * n; i++) largest = __builtin_fabs(a[i]) > largest ? __builtin_fabs(a[i]) : largest;
  const f64 scale = largest > 0 ? largest : 1;  // squares below must neither overflow nor vanish
  for (i64 i = 0; i < n * n; i++) a[i] /= scale;
  to_three_diagonals(a, n, d, e, beta, p);
  e[n - 1] = 0;
  reflections_to_rows(a, n, beta, q);
  for (i64 from = 0; from < n; from++)
    for (i64 sweeps = 0;; sweeps++) {
      i64 to = from;
      while (to < n - 1 && __builtin_fabs(e[to]) > 0x1p-53 * (__builtin_fabs(d[to]) + __builtin_fabs(d[to + 1]))) to++;
      if (to == from) break;
      if (sweeps == 60) return false;
      ql_sweep(d, e, from, to, q, n);
    }
  for (i64 i = 0; i < n; i++) d[i] *= scale;
  return true;
}

// Places of the values in ascending order.
inline void ascending_order(const f64* d, i64 n, f64* order) {
  for (i64 i = 0; i < n; i++) {
    i64 k = i;
    for (; k > 0 && d[static_cast<i64>(order[k - 1])] > d[i]; k--) order[k] = order[k - 1];
    order[k] = static_cast<f64>(i);
  }
}

}  // namespace tickforge::TICKFORGE_ISA
