// Whether bounds of weights and linear constraints contradict each other, by multiples of the constraints that prove it (Farkas).
#pragma once
#include "linalg/eigen.h"

namespace tickforge::TICKFORGE_ISA {

struct WeightLimits {
  i64 assets, rows;
  const f64 *lower, *upper;        // [asset]
  const f64 *matrix, *low, *high;  // [row][asset], [row]
};

// By how much multiples y of the constraints ask for more than the bounds let y'matrix w be, as a share of what is added up: above 0 but for
// rounding no weights meet all.
inline f64 contradiction(const WeightLimits& of, const f64* y) {
  f64 value = 0, size = 0;
  for (i64 j = 0; j < of.rows; j++) {
    const f64 end = y[j] * (y[j] > 0 ? of.low[j] : of.high[j]);
    value += end, size += __builtin_fabs(end) + __builtin_fabs(y[j]);
  }
  for (i64 i = 0; i < of.assets; i++) {
    f64 a = 0;
    for (i64 j = 0; j < of.rows; j++) a += y[j] * of.matrix[j * of.assets + i];
    const f64 down = a * of.lower[i], up = a * of.upper[i], most = down > up ? down : up;
    value -= most, size += __builtin_fabs(most);
  }
  return size > 0 ? value / size : 0;
}
inline constexpr f64 contradicted = 1e-9;

// What proves nothing becomes 0: multiples of a limit that no weights within the bounds reach, and those next to nothing beside the
// largest, which becomes 1 or -1.
inline void tidy(const WeightLimits& of, f64* y) {
  f64 largest = 0;
  for (i64 j = 0; j < of.rows; j++) {
    f64 least = 0, most = 0;
    for (i64 i = 0; i < of.assets; i++) {
      const f64 a = of.matrix[j * of.assets + i], down = a * of.lower[i], up = a * of.upper[i];
      least += down < up ? down : up, most += down < up ? up : down;
    }
    if (y[j] > 0 ? of.low[j] <= least : of.high[j] >= most) y[j] = 0;
    largest = __builtin_fabs(y[j]) > largest ? __builtin_fabs(y[j]) : largest;
  }
  for (i64 j = 0; j < of.rows && largest > 0; j++) y[j] = __builtin_fabs(y[j]) > 1e-6 * largest ? y[j] / largest : 0;
}

// The weights within the bounds that miss the constraints least, coordinate by coordinate: what they miss them by are the multiples. True
// where these are a proof. `w` is [asset], `v` [row].
inline bool find_contradiction(const WeightLimits& of, f64* w, f64* v, f64* y) {
  const i64 n = of.assets, m = of.rows;
  const auto within = [](f64 x, f64 low, f64 high) { return x < low ? low : x > high ? high : x; };
  for (i64 i = 0; i < n; i++) w[i] = of.lower[i];
  for (i64 j = 0; j < m; j++) {
    const f64 value = dot(of.matrix + j * n, w, n);
    v[j] = within(value, of.low[j], of.high[j]), y[j] = v[j] - value;
  }
  for (i64 sweep = 1; sweep <= 2000; sweep++) {
    for (i64 i = 0; i < n; i++) {
      f64 along = 0, square = 0;
      for (i64 j = 0; j < m; j++) along += of.matrix[j * n + i] * y[j], square += of.matrix[j * n + i] * of.matrix[j * n + i];
      const f64 change = square > 0 ? within(w[i] + along / square, of.lower[i], of.upper[i]) - w[i] : 0;
      w[i] += change;
      for (i64 j = 0; j < m; j++) y[j] -= of.matrix[j * n + i] * change;
    }
    for (i64 j = 0; j < m; j++) {
      const f64 value = v[j] - y[j], to = within(value, of.low[j], of.high[j]);
      v[j] = to, y[j] = to - value;
    }
    if (sweep % 16 == 0 && contradiction(of, y) > contradicted) return true;
  }
  return false;
}

}  // namespace tickforge::TICKFORGE_ISA
