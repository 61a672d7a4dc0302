// Contract: src/kernels/factor/styles/beta.ts. Sixteen assets side by side.
#include "kernels/factor/parts/market_regression.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, market, weights, universe",
                             .options = "assets, window, halfLife, minimum, tail, weighting",
                             .state = "older, markets, dates",
                             .outputs = "score, slope, residualDeviation"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets")), window = of.option(names.option("window"));
  return 2 * window + group_dates + 2 * group_rows(assets) + strip_lines(window) + score_scratch(assets);
}

template <class T>
Status beta(In<T> returns, In<T> market, OptionalIn<T> weights, OptionalIn<u8> universe, i32 assets, i32 window, f64 half_life, i32 minimum, f64 tail,
            Weighting weighting, State<f64> older, State<f64> markets, State<f64> dates, Workspace scratch, Out<T> score, Out<T> slope,
            Out<T> residual_deviation) {
  f64 *decay = scratch.data, *recent = decay + window, *raw = recent + window + group_dates, *left = raw + group_dates * assets;
  f64 *lines = left + group_dates * assets, *room = lines + (window + group_dates) * strip_assets;
  for (i64 k = 0; k < window; k++) decay[k] = power_of_half(static_cast<f64>(window - 1 - k) / half_life);
  PanelWindow panel{nullptr, older.data, 0, window, assets, count_of(dates[0])};
  const i64 before = panel.dates;
  const auto sweep = [=](const f64* rows_of, i64 start, i64 rows, i64 first, i64 width) {
    market_lines(markets.data, market.data, before, window, start, rows, recent);
    for (i64 d = 0; d < rows; d++)
      for (i64 half = 0; half < width; half += 8) {
        const Slope s = market_regression(rows_of + d * strip_assets + half, recent + d, decay, window, static_cast<f64>(minimum));
        for (i64 i = 0; i < 8 && half + i < width; i++) {
          raw[d * assets + first + half + i] = s.slope[i];
          left[d * assets + first + half + i] = s.deviation[i];
        }
      }
  };
  const auto row = [=](i64 date, i64 k) {
    write_row(raw + k * assets, assets, slope.data + date * assets);
    write_row(left + k * assets, assets, residual_deviation.data + date * assets);
    style_score_date(raw + k * assets, weights, universe, date, assets, tail, weighting, room, score.data);
  };
  sweep_panel(panel, returns.data, market.length, lines, sweep, row);
  keep_market(markets.data, market.data, before, window, market.length);
  dates[0] = static_cast<f64>(panel.dates);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(beta)
