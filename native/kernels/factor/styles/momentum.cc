// Contract: src/kernels/factor/styles/momentum.ts. Eight dates of sixteen assets share what they read of the window; each date's product is
// formed oldest first, so a split of the dates changes nothing.
#include "kernels/parts/cross_section.h"
#include "kernels/factor/parts/panel_window.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, weights, universe",
                             .options = "assets, window, lag, halfLife, tail, weighting",
                             .state = "recent, older, dates",
                             .outputs = "score"};

constexpr int dates_at_once = 8;

[[gnu::always_inline]] inline void take(f64x8& low, f64x8& high, const f64* line, f64 weight) {
  const f64x8 w = broadcast<f64x8>(weight);
  low *= multiply_add(w, load<f64x8>(line), 1.0);
  high *= multiply_add(w, load<f64x8>(line + 8), 1.0);
}

// Dates first ... first + DATES - 1 of the group; that of date d takes lines d ... d + window - 1, weights oldest first.
template <int DATES> static void products(const f64* lines, i64 first, i64 window, const f64* weights, f64* raw, i64 assets, i64 width) {
  f64x8 low[DATES], high[DATES];
  for (int d = 0; d < DATES; d++) low[d] = high[d] = broadcast<f64x8>(1.0);
  for (int d = 0; d < DATES; d++)
    for (int k = 0; k < DATES - 1 - d; k++) take(low[d], high[d], lines + (first + d + k) * strip_assets, weights[k]);
  for (i64 k = DATES - 1; k < window; k++) {
    const f64* const line = lines + (first + k) * strip_assets;
    for (int d = 0; d < DATES; d++) take(low[d], high[d], line, weights[k - d]);
  }
  for (int d = 1; d < DATES; d++)
    for (i64 k = window - d; k < window; k++) take(low[d], high[d], lines + (first + d + k) * strip_assets, weights[k]);
  for (int d = 0; d < DATES; d++)
    for (i64 i = 0; i < width; i++) raw[(first + d) * assets + i] = (i < 8 ? low[d][i] : high[d][i - 8]) - 1.0;
}

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets")), window = of.option(names.option("window"));
  return window + group_rows(assets) + strip_lines(window) + score_scratch(assets);
}

template <class T>
Status momentum(In<T> returns, OptionalIn<T> weights, OptionalIn<u8> universe, i32 assets, i32 window, i32 lag, f64 half_life, f64 tail,
                Weighting weighting, State<f64> recent, State<f64> older, State<f64> dates, Workspace scratch, Out<T> score) {
  f64 *decay = scratch.data, *raw = decay + window, *lines = raw + group_dates * assets;
  f64* const room = lines + (window + group_dates) * strip_assets;
  for (i64 k = 0; k < window; k++) decay[k] = power_of_half(static_cast<f64>(window - 1 - k) / half_life);
  PanelWindow panel{recent.data, older.data, lag, window, assets, count_of(dates[0])};
  const auto sweep = [=](const f64* rows_of, i64, i64 rows, i64 first, i64 width) {
    i64 d = 0;
    if (window >= dates_at_once)
      for (; d + dates_at_once <= rows; d += dates_at_once) products<dates_at_once>(rows_of, d, window, decay, raw + first, assets, width);
    for (; d < rows; d++) products<1>(rows_of, d, window, decay, raw + first, assets, width);
  };
  const auto row = [=](i64 date, i64 k) { style_score_date(raw + k * assets, weights, universe, date, assets, tail, weighting, room, score.data); };
  sweep_panel(panel, returns.data, returns.length / assets, lines, sweep, row);
  dates[0] = static_cast<f64>(panel.dates);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(momentum)
