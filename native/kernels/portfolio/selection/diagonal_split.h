// A covariance as V V' + diag(d) with d as large as it goes in the direction of the variances that the other assets leave, 1 / (C^-1)_ii: what of a whole matrix
// a Lagrangian bound can use.
#pragma once
#include "kernels/portfolio/parts/risk_model.h"
#include "linalg/cholesky.h"

namespace tickforge::TICKFORGE_ISA {

inline i64 split_space(i64 n) { return 2 * n * n + 3 * n + cholesky_scratch(n) + pivoted_scratch(n); }

// Fills d and v (rows padded(n) apart) of c[n][n], and returns the rank of v; -1 where c is singular, and nothing is split.
inline i64 split_diagonal(const f64* c, i64 n, f64* v, f64* d, f64* space) {
  f64 *l = space, *inverse = l + n * n, *x = inverse + n * n, *y = x + n, *root = y + n, *scratch = root + n;
  if (lower_factor(c, n, l, scratch) >= 0) return -1;
  // Row i of `inverse` is column i of the inverse of l.
  for (i64 i = 0; i < n; i++) {
    f64* column = inverse + i * n;
    for (i64 j = 0; j < n; j++) column[j] = 0;
    column[i] = 1 / l[i * n + i];
    for (i64 j = i + 1; j < n; j++) column[j] = -dot(l + j * n + i, column + i, j - i) / l[j * n + j];
    root[i] = 1 / __builtin_sqrt(dot(column + i, column + i, n - i));
    x[i] = 1;
  }
  // Largest eigenvalue of diag(root) C^-1 diag(root) by powers; below it a little is left for what they do not find.
  f64 largest = 1;
  for (int round = 0; round < 60; round++) {
    for (i64 j = 0; j < n; j++) y[j] = 0;
    for (i64 i = 0; i < n; i++)
      for (i64 j = i; j < n; j++) y[j] += root[i] * x[i] * inverse[i * n + j];
    f64 squares = 0;
    for (i64 i = 0; i < n; i++) {
      x[i] = root[i] * dot(inverse + i * n + i, y + i, n - i);
      squares += x[i] * x[i];
    }
    largest = __builtin_sqrt(squares);
    for (i64 i = 0; i < n; i++) x[i] /= largest;
  }
  f64* rest = l;
  f64 share = 0.9999 / (largest > 1 ? largest : 1);
  for (int round = 0; round < 20; round++, share *= 0.9) {
    for (i64 at = 0; at < n * n; at++) rest[at] = c[at];
    for (i64 i = 0; i < n; i++) d[i] = share * root[i] * root[i], rest[i * n + i] -= d[i];
    if (lower_factor(rest, n, inverse, scratch) < 0) break;
  }
  const i64 step = padded(n);
  if (lower_factor(rest, n, inverse, scratch) >= 0) return -1;
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j < step; j++) v[i * step + j] = j <= i && j < n ? inverse[i * n + j] : 0;
  return n;
}

}  // namespace tickforge::TICKFORGE_ISA
