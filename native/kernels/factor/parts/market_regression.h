// Slopes of eight assets on the market over a window of dates, and how far their returns stray: two passes, the second about the means.
#pragma once
#include "kernels/parts/cross_section.h"
#include "panel_window.h"

namespace tickforge::TICKFORGE_ISA {

struct Slope {
  V8 slope, deviation;
};

// Eight assets of one date: lines and market from the oldest on.
inline Slope market_regression(const f64* lines, const f64* market, const f64* decay, i64 window, f64 minimum) {
  V8 count{}, total{}, x{}, y{}, xx{}, size{};
  for (i64 k = 0; k < window; k++) {
    const V8 r = load8(lines + k * strip_assets);
    const M8 in = at_most8(abs8(r), largest) & (M8{} - (__builtin_fabs(market[k]) <= largest));
    const V8 w = only(in, splat(decay[k])), m = only(in, splat(market[k]));
    count += only(in, splat(1.0)), total += w, x += w * m, y += w * only(in, r), size += w * m * m;
  }
  const V8 mean_x = x / total, mean_y = y / total;
  V8 xy{}, yy{};
  for (i64 k = 0; k < window; k++) {
    const V8 r = load8(lines + k * strip_assets);
    const M8 in = at_most8(abs8(r), largest) & (M8{} - (__builtin_fabs(market[k]) <= largest));
    const V8 w = only(in, splat(decay[k])), a = only(in, splat(market[k]) - mean_x), b = only(in, r - mean_y);
    xx += w * a * a, xy += w * a * b, yy += w * b * b;
  }
  const V8 rounding = alike * mean_y;
  const M8 moves = above8(yy, rounding * rounding * total);
  const V8 slope = only(moves, xy / xx), rest = yy - slope * xy, left = only(above8(rest, 1e-12 * yy) & moves, rest) / total;
  const M8 known = at_least8(count, minimum) & above8(xx, size * 1e-12);
  Slope s{choose8(known, slope, splat(missing)), choose8(known, left, splat(missing))};
  for (int lane = 0; lane < 8; lane++) s.deviation[lane] = __builtin_sqrt(s.deviation[lane]);
  return s;
}

// Weighted deviation of eight assets' own returns.
inline V8 weighted_deviation(const f64* lines, const f64* decay, i64 window, f64 minimum) {
  V8 count{}, total{}, sum{}, squares{};
  for (i64 k = 0; k < window; k++) {
    const V8 r = load8(lines + k * strip_assets);
    const M8 in = at_most8(abs8(r), largest);
    const V8 w = only(in, splat(decay[k]));
    count += only(in, splat(1.0)), total += w, sum += w * only(in, r);
  }
  const V8 mean = sum / total;
  for (i64 k = 0; k < window; k++) {
    const V8 r = load8(lines + k * strip_assets), d = only(at_most8(abs8(r), largest), r - mean);
    squares += decay[k] * d * d;
  }
  const V8 variance = squares / total, rounding = alike * mean;
  V8 deviation = choose8(at_least8(count, minimum), only(~at_least8(rounding * rounding, variance), variance), splat(missing));
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
