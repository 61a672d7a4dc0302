// Cholesky's factor of a positive semidefinite matrix, the largest pivot of the correlations first, so that it ends at the rank: what is left is rounding,
// or else the matrix is indefinite. src/kernels/portfolio/parts/definite.ts says the same plainly.
#pragma once
#include "linalg/covariance.h"

namespace tickforge::TICKFORGE_ISA {

inline i64 padded(i64 columns) { return (columns + 7) / 8 * 8; }  // rows of whole vectors, filled up with 0

inline constexpr f64 asymmetry_noise = 1e-9, left_over = 1e-8;

// Whether elements differ from their mirror by more than rounding.
inline bool is_asymmetric(const f64* a, i64 n) {
  f64 largest = 0, most = 0;
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j <= i; j++) {
      const f64 below = a[i * n + j], above = a[j * n + i], apart = __builtin_fabs(below - above);
      const f64 size = __builtin_fabs(below) > __builtin_fabs(above) ? __builtin_fabs(below) : __builtin_fabs(above);
      largest = size > largest ? size : largest;
      most = apart > most ? apart : most;
    }
  return most > asymmetry_noise * largest;
}

inline i64 pivoted_scratch(i64 n) { return 3 * n; }

// Rows of v, padded(n) apart, become a factor of a, of which the lower half is read: a = v v'. The rank, or -1 where a is indefinite.
inline i64 pivoted_factor(const f64* a, i64 n, f64* v, f64* scratch) {
  const i64 step = padded(n);
  f64 *root = scratch, *left = root + n, *done = left + n;
  for (i64 i = 0; i < n * step; i++) v[i] = 0;
  for (i64 i = 0; i < n; i++) {
    if (a[i * n + i] < 0) return -1;
    root[i] = __builtin_sqrt(a[i * n + i]), left[i] = root[i] > 0 ? 1.0 : 0.0, done[i] = 0;
  }
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j <= i; j++)
      if (root[i] * root[j] == 0 && a[i * n + j] != 0) return -1;
  const auto correlation = [=](i64 i, i64 j) { return root[i] * root[j] > 0 ? (i > j ? a[i * n + j] : a[j * n + i]) / (root[i] * root[j]) : 0.0; };
  i64 rank = 0;
  for (; rank < n; rank++) {
    i64 pivot = -1;
    for (i64 i = 0; i < n; i++)
      if (done[i] == 0 && (pivot < 0 || left[i] > left[pivot])) pivot = i;
    if (left[pivot] <= static_cast<f64>(8 * n) * 0x1p-52) break;
    const f64 size = __builtin_sqrt(left[pivot]);
    done[pivot] = 1;
    for (i64 i = 0; i < n; i++) {
      if (done[i] != 0) continue;
      const f64 element = (correlation(i, pivot) - dot(v + i * step, v + pivot * step, rank)) / size;
      v[i * step + rank] = element;
      left[i] -= element * element;
    }
    v[pivot * step + rank] = size;
  }
  for (i64 i = 0; i < n && rank < n; i++)
    for (i64 j = 0; j <= i && done[i] == 0; j++)
      if (done[j] == 0 && __builtin_fabs(correlation(i, j) - dot(v + i * step, v + j * step, rank)) > left_over) return -1;
  for (i64 i = 0; i < n; i++)
    for (i64 r = 0; r < rank; r++) v[i * step + r] *= root[i];
  return rank;
}

}  // namespace tickforge::TICKFORGE_ISA
