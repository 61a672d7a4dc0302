// Slope of y on x, with intercept, over a rolling window.
#pragma once
#include "kernels/parts/returns.h"
#include "kernels/parts/rolling.h"

namespace tickforge::TICKFORGE_ISA {

struct Products {  // x, y -> x, y, x^2, x y
  template <class V> static void expand(const V* in, V* out) { out[0] = in[0], out[1] = in[1], out[2] = in[0] * in[0], out[3] = in[0] * in[1]; }
};
using RollingSlope = Rolling<2, 4, Products>;

// Values of x that differ by less than a thousandth of their size count as alike: a slope on them would be noise, and roundings.
inline f64 slope(f64 x, f64 y, f64 xx, f64 xy, f64 share) {  // share = 1 / rows
  const f64 mean = x * share, spread = xx - x * mean, together = xy - y * mean;
  const f64 quotient = together / spread;
  return spread > 0x1p-20 * xx ? quotient : __builtin_nan("");
}

// fill(i, count, x, y) sets the values of rows i on; the first row of the tape has none and is given as 0.
template <class T, class Fill> void rolling_slope(f64* ring, i32 window, f64* rows_seen, i64 rows, T* out, Fill fill) {
  RollingSlope rolling{ring, window, count_of(rows_seen[0])};
  f64 fresh[2][rolling_rows], sums[4][rolling_rows];
  const i64 seen = rolling.seen;
  const f64 share = 1.0 / window;
  for (i64 i = 0, count; i < rows; i += count) {
    count = rolling.piece(rows - i);
    fill(i, count, fresh[0], fresh[1]);
    if (seen + i == 0) fresh[0][0] = fresh[1][0] = 0;
    rolling.add(fresh, count, sums);
    for (i64 k = 0; k < count; k++) out[i + k] = static_cast<T>(slope(sums[0][k], sums[1][k], sums[2][k], sums[3][k], share));
  }
  no_value_before(window, seen, out, rows);
  rows_seen[0] = static_cast<f64>(seen + rows);
}

}  // namespace tickforge::TICKFORGE_ISA
