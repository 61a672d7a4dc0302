// Contract: src/kernels/risk/nearest_positive_definite.ts. The same alternating projections; eigenvectors by QL, sums of their outer
// products by tiles.
#include "eigen.h"

namespace tickforge::TICKFORGE_ISA {

struct Space {
  f64 *work, *rows, *y, *correction, *projected, *values, *more, *packed;
};

// Sum of max(value, floor) v v' over the eigenvectors of `work`, which is used up, into `to`.
static void project(const Space& s, i64 n, f64 floor, f64* to) {
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
static i32 nearest_correlation(const Space& s, i64 n, f64 tolerance, i32 most) {
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

static Status nearest_positive_definite(In<f64> matrix, i32 assets, f64 floor, f64 tolerance, i32 most, Workspace scratch, Out<f64> nearest,
                                        Out<i32> iterations) {
  const i64 n = assets, size = n * n;
  f64* w = scratch.data;
  const Space s{w, w + size, w + 2 * size, w + 3 * size, w + 4 * size, w + 5 * size, w + 5 * size + n, w + 5 * size + n + eigen_scratch(n)};
  for (i64 m = 0; m < iterations.length; m++) {
    const f64* a = matrix.data + m * size;
    f64* to = nearest.data + m * size;
    const auto lower = [=](i64 i, i64 j) { return i > j ? a[i * n + j] : a[j * n + i]; };
    const auto scale = [=](i64 i, i64 j) { return __builtin_sqrt(a[i * n + i]) * __builtin_sqrt(a[j * n + j]); };
    bool positive = true, definite = true;
    for (i64 i = 0; i < n; i++) positive = positive && a[i * n + i] > 0;
    iterations[m] = positive ? 0 : -1;
    for (i64 i = 0; i < n; i++)
      for (i64 j = 0; j < n; j++) to[i * n + j] = positive ? lower(i, j) : __builtin_nan("");
    if (!positive) continue;
    for (i64 i = 0; i < size; i++) s.work[i] = s.y[i] = i % (n + 1) == 0 ? 1.0 : to[i] / scale(i / n, i % n);
    eigen_rows(s.work, n, s.values, s.rows, s.more);
    for (i64 i = 0; i < n; i++) definite = definite && s.values[i] >= floor;
    if (definite) continue;
    iterations[m] = nearest_correlation(s, n, tolerance, most);
    for (i64 i = 0; i < size; i++) s.work[i] = s.y[i];
    project(s, n, floor, s.projected);
    for (i64 i = 0; i < n; i++)
      for (i64 j = 0; j < n; j++) {
        const f64 unit = __builtin_sqrt(s.projected[i * n + i]) * __builtin_sqrt(s.projected[j * n + j]);
        to[i * n + j] = i == j ? a[i * n + i] : s.projected[i * n + j] / unit * scale(i, j);
      }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(nearest_positive_definite)
