// The nearest correlation matrix: alternating projections on the semidefinite matrices, with Dykstra's correction, and on those with a
// diagonal of 1 (src/kernels/parts/nearest.ts). Eigenvectors by QL, sums of their outer products by tiles.
#pragma once
#include "eigen.h"

namespace tickforge::TICKFORGE_ISA {

struct Space {
  f64 *work, *rows, *y, *correction, *projected, *values, *more, *packed;
};

// Sum of max(value, floor) v v' over the eigenvectors of `work`, which is used up, into `to`.
inline void project(const Space& s, i64 n, f64 floor, f64* to) {
  eigen_rows(s.work, n, s.values, s.rows, s.more);
  f64 *left = s.packed, *right = left + packed_size(n), *scaled = right + packed_size(n);
  for (i64 i = 0; i < n * n; i++) to[i] = 0;
  for (i64 start = 0; start < n; start += depth_block) {
    const i64 depth = n - start < depth_block ? n - start : depth_block;
    for (i64 k = 0; k < depth; k++) {
      const f64* v = s.rows + (start + k) * n;
      const f64 value = s.values[start + k] > floor ? s.values[start + k] : floor;
      for (i64 j = 0; j < n; j++) scaled[j] = value * v[j];
      pack_row(scaled, n, k, depth, left);
      pack_row(v, n, k, depth, right);
    }
    add_products(left, right, n, depth, 1.0, to, n, true);
  }
  mirror(to, n, [](i64, i64, f64 value) { return value; });
}

// Alternating projections on the correlation in s.y; returns how many.
inline i32 nearest_correlation(const Space& s, i64 n, f64 tolerance, i32 most) {
  for (i64 i = 0; i < n * n; i++) s.correction[i] = 0;
  for (i32 round = 1; round <= most; round++) {
    for (i64 i = 0; i < n * n; i++) s.work[i] = s.y[i] - s.correction[i];
    for (i64 i = 0; i < n * n; i++) s.correction[i] = -s.work[i];
    project(s, n, 0, s.projected);
    f64 moved = 0, apart = 0, size = 0;
    for (i64 i = 0; i < n * n; i++) {
      const f64 value = i % (n + 1) == 0 ? 1.0 : s.projected[i];
      s.correction[i] += s.projected[i];
      moved += (value - s.y[i]) * (value - s.y[i]), apart += (value - s.projected[i]) * (value - s.projected[i]), size += value * value;
      s.y[i] = value;
    }
    if ((moved > apart ? moved : apart) <= tolerance * tolerance * size) return round;
  }
  return most;
}

// f64 values of a Space.
inline i64 nearest_scratch(i64 n) { return 5 * n * n + 8 * n + 2 * packed_size(n); }
inline Space space_at(f64* w, i64 n) {
  const i64 size = n * n;
  return {w, w + size, w + 2 * size, w + 3 * size, w + 4 * size, w + 5 * size, w + 5 * size + n, w + 5 * size + n + eigen_scratch(n)};
}

// The nearest matrix with the same diagonal to the one whose lower half is read; rounds it took, or -1 where the diagonal is not positive.
inline i32 nearest_definite(const Space& s, i64 n, f64 floor, f64 tolerance, i32 most, const f64* a, f64* to) {
  const i64 size = n * n;
  const auto lower = [=](i64 i, i64 j) { return i > j ? a[i * n + j] : a[j * n + i]; };
  const auto scale = [=](i64 i, i64 j) { return __builtin_sqrt(a[i * n + i]) * __builtin_sqrt(a[j * n + j]); };
  bool positive = true, definite = true;
  for (i64 i = 0; i < n; i++) positive = positive && a[i * n + i] > 0;
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j < n; j++) to[i * n + j] = positive ? lower(i, j) : __builtin_nan("");
  if (!positive) return -1;
  for (i64 i = 0; i < size; i++) s.work[i] = s.y[i] = i % (n + 1) == 0 ? 1.0 : to[i] / scale(i / n, i % n);
  eigen_rows(s.work, n, s.values, s.rows, s.more);
  for (i64 i = 0; i < n; i++) definite = definite && s.values[i] >= floor;
  if (definite) return 0;
  const i32 rounds = nearest_correlation(s, n, tolerance, most);
  for (i64 i = 0; i < size; i++) s.work[i] = s.y[i];
  project(s, n, floor, s.projected);
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j < n; j++) {
      const f64 unit = __builtin_sqrt(s.projected[i * n + i]) * __builtin_sqrt(s.projected[j * n + j]);
      to[i * n + j] = i == j ? a[i * n + i] : s.projected[i * n + j] / unit * scale(i, j);
    }
  return rounds;
}

}  // namespace tickforge::TICKFORGE_ISA
