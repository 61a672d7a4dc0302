// Inverses of the small matrices of a factor regression: by Cholesky where they are well conditioned, else of minimum norm by
// eigenvalues, as src/kernels/factor/parts/minimum_norm.ts.
#pragma once
#include "linalg/eigen.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr f64 collinear = 1e-8;

// Inverse of a symmetric g[n][n] by Cholesky; `l` holds n * n values. False where a pivot is not positive.
inline bool cholesky_inverse(const f64* g, i64 n, f64* l, f64* inverse) {
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j <= i; j++) {
      f64 sum = g[i * n + j];
      for (i64 k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i == j && !(sum > 0)) return false;
      l[i * n + j] = i == j ? __builtin_sqrt(sum) : sum / l[j * n + j];
    }
  for (i64 i = 0; i < n; i++) {  // the inverse of l takes its place
    l[i * n + i] = 1 / l[i * n + i];
    for (i64 j = 0; j < i; j++) {
      f64 sum = 0;
      for (i64 k = j; k < i; k++) sum -= l[i * n + k] * l[k * n + j];
      l[i * n + j] = sum * l[i * n + i];
    }
  }
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j <= i; j++) {
      f64 sum = 0;
      for (i64 k = i; k < n; k++) sum += l[k * n + i] * l[k * n + j];
      inverse[i * n + j] = inverse[j * n + i] = sum;
    }
  return true;
}

// (I - q q') a (I - q q') in place.
inline void take_out(f64* a, const f64* q, i64 n) {
  for (i64 side = 0; side < 2; side++) {
    const i64 along = side ? 1 : n, across = side ? n : 1;
    for (i64 j = 0; j < n; j++) {
      f64 sum = 0;
      for (i64 i = 0; i < n; i++) sum += q[i] * a[i * along + j * across];
      for (i64 i = 0; i < n; i++) a[i * along + j * across] -= sum * q[i];
    }
  }
}

inline i64 solve_scratch(i64 n) { return 2 * n * n + 6 * n; }

// The pseudo-inverse of g and its rank; `size` holds the square sums of the columns, which scale what counts as nothing.
inline i64 minimum_norm_inverse(const f64* g, const f64* size, i64 n, f64* inverse, f64* scratch) {
  f64 *work = scratch, *rows = work + n * n, *root = rows + n * n, *d = root + n, *more = d + n;
  if (cholesky_inverse(g, n, work, inverse)) {
    f64 trace = 0;  // of the scaled inverse: no eigenvalue of the scaled matrix is below 1 / trace
    for (i64 i = 0; i < n; i++) trace += size[i] * inverse[i * n + i];
    if (trace * collinear < 1) return n;
  }
  for (i64 i = 0; i < n; i++) root[i] = size[i] > 0 ? __builtin_sqrt(size[i]) : 1;
  for (i64 i = 0; i < n * n; i++) work[i] = g[i] / (root[i / n] * root[i % n]), inverse[i] = 0;
  eigen_rows(work, n, d, rows, more);
  i64 rank = 0;
  for (i64 k = 0; k < n; k++) {
    f64* v = rows + k * n;
    for (i64 i = 0; i < n; i++) v[i] /= root[i];
    if (!(d[k] > collinear)) continue;
    rank++;
    for (i64 i = 0; i < n; i++)
      for (i64 j = 0; j < n; j++) inverse[i * n + j] += v[i] * v[j] / d[k];
  }
  for (i64 k = 0; k < n; k++) {
    if (d[k] > collinear) continue;
    f64* v = rows + k * n;
    for (i64 again = 0; again < 2; again++)  // Gram and Schmidt against those before it, twice for accuracy
      for (i64 p = 0; p < k; p++)
        if (!(d[p] > collinear)) add_scaled(v, rows + p * n, -dot(v, rows + p * n, n), n);
    const f64 length = __builtin_sqrt(dot(v, v, n));
    for (i64 i = 0; i < n; i++) v[i] /= length;
    take_out(inverse, v, n);
  }
  return rank;
}

// x' a x.
inline f64 quadratic(const f64* x, const f64* a, i64 n) {
  f64 sum = 0;
  for (i64 i = 0; i < n; i++) sum += x[i] * dot(a + i * n, x, n);
  return sum;
}

}  // namespace tickforge::TICKFORGE_ISA
