// Contract: src/kernels/factor/styles/liquidity.ts. Turnovers of a group of dates first, then the months up to each date, once for all windows
// that hold them.
#include "kernels/factor/parts/orthogonal_style.h"
#include "kernels/factor/parts/panel_months.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "volume, shares, size, weights, universe",
                             .options =
                                 "assets, monthDates, quarterMonths, yearMonths, minimum, monthWeight, quarterWeight, yearWeight, "
                                 "tail",
                             .state = "older, dates",
                             .outputs = "score, month, quarter, year"};

static f64 turnover_of(f64 volume, f64 shares) {
  return volume >= 0.0 && volume <= largest && shares > 0.0 && shares <= largest ? volume / shares : missing;
}

// Mean of the last `months` months of eight assets that have enough dates; NaN where none has.
static f64x8 mean_month(const f64* sums, const f64* counts, i64 month, i64 months, f64 minimum) {
  f64x8 sum{}, known{};
  for (i64 m = 0; m < months; m++) {
    const i64 at = -m * month * strip_assets;
    const i64x8 in = greater_equal(load<f64x8>(counts + at), minimum);
    sum += select(in, load<f64x8>(sums + at)), known += select(in, broadcast<f64x8>(1.0));
  }
  return sum / known;
}

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets")), window = of.option(names.option("monthDates")) * of.option(names.option("yearMonths"));
  return 4 * group_rows(assets) + 3 * strip_lines(window) + orthogonal_scratch(assets);
}

template <class T>
Status liquidity(In<T> volume, In<T> shares, OptionalIn<T> size, OptionalIn<T> weights, OptionalIn<u8> universe, i32 assets, i32 month_dates,
                 i32 quarter_months, i32 year_months, i32 minimum, f64 month_weight, f64 quarter_weight, f64 year_weight, f64 tail, State<f64> older,
                 State<f64> dates, Workspace scratch, Out<T> score, Out<T> month, Out<T> quarter, Out<T> year) {
  const i64 window = year_months * month_dates, group = group_dates * assets, strip = (window + group_dates) * strip_assets;
  f64 *turnover = scratch.data, *raw = turnover + group, *lines = raw + 3 * group, *sums = lines + strip, *counts = sums + strip;
  f64* const room = counts + strip;
  PanelWindow panel{nullptr, older.data, 0, window, assets, count_of(dates[0])};
  const i64 spans[3] = {1, quarter_months, year_months};
  const auto sweep = [&](const f64* rows_of, i64, i64 rows, i64 first, i64 width) {
    month_sums(rows_of, window - 1 + rows, month_dates, sums, counts);
    for (i64 d = 0; d < rows; d++)
      for (int k = 0; k < 3; k++)
        for (i64 half = 0; half < width; half += 8) {
          const i64 at = (window - 1 + d) * strip_assets + half;
          const f64x8 mean = mean_month(sums + at, counts + at, month_dates, spans[k], minimum);
          for (i64 i = 0; i < 8 && half + i < width; i++) raw[k * group + d * assets + first + half + i] = log_any(mean[i]);
        }
  };
  for (i64 start = 0; start < volume.length; start += group) {
    const i64 values = volume.length - start < group ? volume.length - start : group;
    for (i64 i = 0; i < values; i++) turnover[i] = turnover_of(static_cast<f64>(volume[start + i]), static_cast<f64>(shares[start + i]));
    const auto row = [&](i64, i64 k) {
      const i64 at = start + k * assets;
      const f64* const found[3] = {raw + k * assets, raw + group + k * assets, raw + 2 * group + k * assets};
      write_row(found[0], assets, month.data + at);
      write_row(found[1], assets, quarter.data + at);
      write_row(found[2], assets, year.data + at);
      const OrthogonalStyle<T> style{universe, weights, size, assets, at, tail, room};
      style.blend(found, {month_weight, quarter_weight, year_weight});
      style.finish(nullptr, score.data + at);
    };
    sweep_panel(panel, turnover, values / assets, lines, sweep, row);
  }
  dates[0] = static_cast<f64>(panel.dates);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(liquidity)
