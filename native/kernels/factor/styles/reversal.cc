// Contract: src/kernels/factor/styles/reversal.ts. The logarithm of a return is taken once for all dates of a group whose windows hold it; each
// sum is formed anew, oldest first, so a split of the dates changes nothing.
#include "kernels/parts/cross_section.h"
#include "kernels/factor/parts/panel_window.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, weights, universe",
                             .options = "assets, window, lag, halfLife, tail, weighting",
                             .state = "recent, older, dates",
                             .outputs = "score"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets")), window = of.option(names.option("window"));
  return window + group_rows(assets) + 2 * strip_lines(window) + score_scratch(assets);
}

template <class T>
Status reversal(In<T> returns, OptionalIn<T> weights, OptionalIn<u8> universe, i32 assets, i32 window, i32 lag, f64 half_life, f64 tail,
                Weighting weighting, State<f64> recent, State<f64> older, State<f64> dates, Workspace scratch, Out<T> score) {
  f64 *decay = scratch.data, *raw = decay + window, *lines = raw + group_dates * assets;
  f64 *logs = lines + (window + group_dates) * strip_assets, *room = logs + (window + group_dates) * strip_assets;
  for (i64 k = 0; k < window; k++) decay[k] = half_life > 0 ? power_of_half(static_cast<f64>(window - 1 - k) / half_life) : 1.0;
  PanelWindow panel{recent.data, older.data, lag, window, assets, count_of(dates[0])};
  const auto sweep = [=](const f64* rows_of, i64, i64 rows, i64 first, i64 width) {
    for (i64 k = 0; k < (window - 1 + rows) * strip_assets; k++) logs[k] = log_one_plus(rows_of[k]);
    for (i64 d = 0; d < rows; d++) {
      f64x8 low{}, high{};
      for (i64 k = 0; k < window; k++) {
        const f64* const line = logs + (d + k) * strip_assets;
        low = multiply_add(decay[k], load<f64x8>(line), low), high = multiply_add(decay[k], load<f64x8>(line + 8), high);
      }
      for (i64 i = 0; i < width; i++) raw[d * assets + first + i] = i < 8 ? -low[i] : -high[i - 8];
    }
  };
  const auto row = [=](i64 date, i64 k) { style_score_date(raw + k * assets, weights, universe, date, assets, tail, weighting, room, score.data); };
  sweep_panel(panel, returns.data, returns.length / assets, lines, sweep, row);
  dates[0] = static_cast<f64>(panel.dates);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(reversal)
