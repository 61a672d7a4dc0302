// Contract: src/kernels/factor/styles/residual_volatility.ts. Sixteen assets side by side; logarithms and months are formed once for all dates of
// a group whose windows hold them.
#include "kernels/factor/parts/market_regression.h"
#include "kernels/factor/parts/orthogonal_style.h"
#include "kernels/factor/parts/panel_months.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, market, size, weights, universe",
                             .options =
                                 "assets, window, dailyHalfLife, residualHalfLife, months, monthDates, minimum, range, orthogonal, "
                                 "dailyWeight, rangeWeight, residualWeight, tail",
                             .state = "older, markets, dates",
                             .outputs = "score, dailyDeviation, cumulativeRange, residualDeviation"};
CHOICE(RangeForm, log, difference)
CHOICE(Orthogonal, beta, none)

struct Range {
  i64 months, month;
  f64 minimum;
  bool difference;
};

// Largest and smallest sum of the last 1, 2 ... months of eight assets, compared.
static f64x8 cumulative_range(const f64* sums, const f64* counts, const Range& range) {
  f64x8 z{}, known{}, low = broadcast<f64x8>(__builtin_inf()), high = -low;
  for (i64 m = 0; m < range.months; m++) {
    const i64 at = -m * range.month * strip_assets;
    z += load<f64x8>(sums + at), known += load<f64x8>(counts + at);
    low = min(z, low), high = max(z, high);
  }
  f64x8 found = high - low;
  if (!range.difference)
    for (int i = 0; i < 8; i++) found[i] = low[i] > -1.0 ? log_one_plus(high[i]) - log_one_plus(low[i]) : missing;
  return select(greater_equal(known, range.minimum), found, missing);
}

// Logarithms of 1 + return; NaN for a return that is missing, infinite or not > -1.
static void take_logs(const f64* lines, i64 values, f64* logs) {
  for (i64 k = 0; k < values; k++) logs[k] = lines[k] > -1.0 && lines[k] <= largest ? log_one_plus(lines[k]) : missing;
}

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets")), window = of.option(names.option("window"));
  return 3 * window + group_dates + 4 * group_rows(assets) + 4 * strip_lines(window) + orthogonal_scratch(assets);
}

template <class T>
Status residual_volatility(In<T> returns, In<T> market, OptionalIn<T> size, OptionalIn<T> weights, OptionalIn<u8> universe, i32 assets, i32 window,
                           f64 daily_half_life, f64 residual_half_life, i32 months, i32 month_dates, i32 minimum, RangeForm range,
                           Orthogonal orthogonal, f64 daily_weight, f64 range_weight, f64 residual_weight, f64 tail, State<f64> older,
                           State<f64> markets, State<f64> dates, Workspace scratch, Out<T> score, Out<T> daily_deviation, Out<T> cumulative_range_of,
                           Out<T> residual_deviation) {
  const i64 group = group_dates * assets, strip = (window + group_dates) * strip_assets;
  f64 *daily = scratch.data, *residual = daily + window, *recent = residual + window, *raw = recent + window + group_dates;
  f64 *lines = raw + 4 * group, *logs = lines + strip, *sums = logs + strip, *counts = sums + strip, *room = counts + strip;
  for (i64 k = 0; k < window; k++) {
    daily[k] = power_of_half(static_cast<f64>(window - 1 - k) / daily_half_life);
    residual[k] = power_of_half(static_cast<f64>(window - 1 - k) / residual_half_life);
  }
  PanelWindow panel{nullptr, older.data, 0, window, assets, count_of(dates[0])};
  const i64 before = panel.dates;
  const f64 least_dates = static_cast<f64>(minimum);
  const Range form{months, month_dates, least_dates, range == RangeForm::difference};
  const auto sweep = [=](const f64* rows_of, i64 start, i64 rows, i64 first, i64 width) {
    market_lines(markets.data, market.data, before, window, start, rows, recent);
    take_logs(rows_of, (window - 1 + rows) * strip_assets, logs);
    month_sums(logs, window - 1 + rows, month_dates, sums, counts);
    for (i64 d = 0; d < rows; d++)
      for (i64 half = 0; half < width; half += 8) {
        const i64 line = d * strip_assets + half, newest = line + (window - 1) * strip_assets;
        const Slope s = market_regression(rows_of + line, recent + d, residual, window, least_dates);
        const f64x8 found[4] = {weighted_deviation(rows_of + line, daily, window, least_dates),
                                cumulative_range(sums + newest, counts + newest, form), s.deviation, s.slope};
        for (int k = 0; k < 4; k++)
          for (i64 i = 0; i < 8 && half + i < width; i++) raw[k * group + d * assets + first + half + i] = found[k][i];
      }
  };
  const auto row = [=](i64 date, i64 k) {
    const i64 at = date * assets;
    const f64* const found[3] = {raw + k * assets, raw + group + k * assets, raw + 2 * group + k * assets};
    write_row(found[0], assets, daily_deviation.data + at);
    write_row(found[1], assets, cumulative_range_of.data + at);
    write_row(found[2], assets, residual_deviation.data + at);
    const OrthogonalStyle<T> style{universe, weights, size, assets, at, tail, room};
    style.blend(found, {daily_weight, range_weight, residual_weight});
    style.finish(orthogonal == Orthogonal::beta ? raw + 3 * group + k * assets : nullptr, score.data + at);
  };
  sweep_panel(panel, returns.data, market.length, lines, sweep, row);
  keep_market(markets.data, market.data, before, window, market.length);
  dates[0] = static_cast<f64>(panel.dates);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(residual_volatility)
