// Contract: src/kernels/factor/beta.ts. Sums about the market's last value and the asset's newest return, sixteen assets side by side.
#include "cross_section.h"
#include "panel_window.h"
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

struct Slope {
  V8 slope, deviation;
};

// Eight assets of one date: lines and market from the oldest on.
static Slope regression(const f64* lines, const f64* market, const f64* decay, i64 window, f64 minimum) {
  V8 count{}, total{}, x{}, y{}, xx{}, size{};
  for (i64 k = 0; k < window; k++) {
    const V8 r = load8(lines + k * strip_assets);
    const M8 in = (abs8(r) <= largest) & (M8{} - (__builtin_fabs(market[k]) <= largest));
    const V8 w = in ? splat(decay[k]) : V8{}, m = in ? splat(market[k]) : V8{};
    count += in ? splat(1.0) : V8{}, total += w, x += w * m, y += w * (in ? r : V8{}), size += w * m * m;
  }
  const V8 mean_x = x / total, mean_y = y / total;
  V8 xy{}, yy{};
  for (i64 k = 0; k < window; k++) {
    const V8 r = load8(lines + k * strip_assets);
    const M8 in = (abs8(r) <= largest) & (M8{} - (__builtin_fabs(market[k]) <= largest));
    const V8 w = in ? splat(decay[k]) : V8{}, a = in ? splat(market[k]) - mean_x : V8{}, b = in ? r - mean_y : V8{};
    xx += w * a * a, xy += w * a * b, yy += w * b * b;
  }
  const V8 slope = xy / xx, left = (yy - slope * xy) / total;
  const M8 known = (count >= minimum) & (xx > size * 1e-12);
  Slope s{known ? slope : splat(missing), known ? left : splat(missing)};
  for (int lane = 0; lane < 8; lane++) s.deviation[lane] = __builtin_sqrt(s.deviation[lane] < 0 ? 0.0 : s.deviation[lane]);
  return s;
}

template <class T>
Status beta(In<T> returns, In<T> market, OptionalIn<T> weights, OptionalIn<u8> universe, i32 assets, i32 window, f64 half_life, i32 minimum,
            f64 tail, i32 weighting, State<f64> older, State<f64> markets, State<f64> dates, Workspace scratch, Out<T> score, Out<T> slope,
            Out<T> residual_deviation) {
  f64 *decay = scratch.data, *recent = decay + window, *raw = recent + window + group_dates, *left = raw + group_dates * assets;
  f64 *lines = left + group_dates * assets, *room = lines + (window + group_dates) * strip_assets;
  for (i64 k = 0; k < window; k++) decay[k] = power_of_half(static_cast<f64>(window - 1 - k) / half_life);
  PanelWindow panel{nullptr, older.data, 0, window, assets, static_cast<i64>(dates[0])};
  const i64 before = panel.dates;
  const auto sweep = [=](const f64* rows_of, i64 start, i64 rows, i64 first, i64 width) {
    for (i64 k = 0; k < window - 1 + rows; k++) {
      const i64 date = start + k - (window - 1);  // of the call
      recent[k] = date < 0 ? markets[(before + date + window) % window] : static_cast<f64>(market[date]);
    }
    for (i64 d = 0; d < rows; d++)
      for (i64 half = 0; half < width; half += 8) {
        const Slope s = regression(rows_of + d * strip_assets + half, recent + d, decay, window, static_cast<f64>(minimum));
        for (i64 i = 0; i < 8 && half + i < width; i++) {
          raw[d * assets + first + half + i] = s.slope[i];
          left[d * assets + first + half + i] = s.deviation[i];
        }
      }
  };
  const auto row = [=](i64 date, i64 k) {
    const i64 at = date * assets;
    for (i64 i = 0; i < assets; i++) {
      slope[at + i] = static_cast<T>(raw[k * assets + i]);
      residual_deviation[at + i] = static_cast<T>(left[k * assets + i]);
    }
    const T* const w = weights ? weights.data + at : nullptr;
    style_score_row(raw + k * assets, universe ? universe.data + at : nullptr, w, assets, tail, weighting == 1, room, score.data + at);
  };
  sweep_panel(panel, returns.data, market.length, lines, sweep, row);
  for (i64 t = market.length < window ? 0 : market.length - window; t < market.length; t++)
    markets[(before + t) % window] = static_cast<f64>(market[t]);
  dates[0] = static_cast<f64>(panel.dates);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(beta)
