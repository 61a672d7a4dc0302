// Slopes of eight assets on the market over a window of dates, and how far their returns stray: two passes, the second about the means.
#pragma once
#include "kernels/parts/cross_section.h"
#include "panel_window.h"

namespace tickforge::TICKFORGE_ISA {

struct Slope {
  f64x8 slope, deviation;
};

// Eight assets of one date: lines and market from the oldest on.
inline Slope market_regression(const f64* lines, const f64* market, const f64* decay, i64 window, f64 minimum) {
  f64x8 count{}, total{}, x{}, y{}, xx{}, size{};
  for (i64 k = 0; k < window; k++) {
    const f64x8 r = load<f64x8>(lines + k * strip_assets);
    const i64x8 in = less_equal(abs(r), largest) & (i64x8{} - (__builtin_fabs(market[k]) <= largest));
    const f64x8 w = select(in, broadcast<f64x8>(decay[k])), m = select(in, broadcast<f64x8>(market[k]));
    count += select(in, broadcast<f64x8>(1.0)), total += w, x += w * m, y += w * select(in, r), size += w * m * m;
  }
  const f64x8 mean_x = x / total, mean_y = y / total;
  f64x8 xy{}, yy{};
  for (i64 k = 0; k < window; k++) {
    const f64x8 r = load<f64x8>(lines + k * strip_assets);
    const i64x8 in = less_equal(abs(r), largest) & (i64x8{} - (__builtin_fabs(market[k]) <= largest));
    const f64x8 w = select(in, broadcast<f64x8>(decay[k])), a = select(in, broadcast<f64x8>(market[k]) - mean_x), b = select(in, r - mean_y);
    xx += w * a * a, xy += w * a * b, yy += w * b * b;
  }
  const f64x8 rounding = alike * mean_y;
  const i64x8 moves = greater(yy, rounding * rounding * total);
  const f64x8 slope = select(moves, xy / xx), rest = yy - slope * xy, left = select(greater(rest, 1e-12 * yy) & moves, rest) / total;
  const i64x8 known = greater_equal(count, minimum) & greater(xx, size * 1e-12);
  Slope s{select(known, slope, missing), select(known, left, missing)};
  for (int lane = 0; lane < 8; lane++) s.deviation[lane] = __builtin_sqrt(s.deviation[lane]);
  return s;
}

// Weighted deviation of eight assets' own returns.
inline f64x8 weighted_deviation(const f64* lines, const f64* decay, i64 window, f64 minimum) {
  f64x8 count{}, total{}, sum{}, squares{};
  for (i64 k = 0; k < window; k++) {
    const f64x8 r = load<f64x8>(lines + k * strip_assets);
    const i64x8 in = less_equal(abs(r), largest);
    const f64x8 w = select(in, broadcast<f64x8>(decay[k]));
    count += select(in, broadcast<f64x8>(1.0)), total += w, sum += w * select(in, r);
  }
  const f64x8 mean = sum / total;
  for (i64 k = 0; k < window; k++) {
    const f64x8 r = load<f64x8>(lines + k * strip_assets), d = select(less_equal(abs(r), largest), r - mean);
    squares += decay[k] * d * d;
  }
  const f64x8 variance = squares / total, rounding = alike * mean;
  f64x8 deviation = select(greater_equal(count, minimum), select(~greater_equal(rounding * rounding, variance), variance), missing);
  for (int lane = 0; lane < 8; lane++) deviation[lane] = __builtin_sqrt(deviation[lane]);
  return deviation;
}

// The market's returns that belong to the lines of a group: those of the group, and the window - 1 before it. `ring` holds the last
// ones of the `before` dates before the call.
template <class T>
inline void market_lines(const f64* ring, const T* market, i64 before, i64 window, i64 start, i64 rows, f64* lines) {
  for (i64 k = 0; k < window - 1 + rows; k++) {
    const i64 date = start + k - (window - 1);  // of the call
    lines[k] = date < 0 ? ring[(before + date + window) % window] : static_cast<f64>(market[date]);
  }
}

template <class T> inline void keep_market(f64* ring, const T* market, i64 before, i64 window, i64 total) {
  for (i64 t = total < window ? 0 : total - window; t < total; t++) ring[(before + t) % window] = static_cast<f64>(market[t]);
}

}  // namespace tickforge::TICKFORGE_ISA
