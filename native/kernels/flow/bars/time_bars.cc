// Contract: src/kernels/flow/bars/time_bars.ts. Times are sorted, so the end of a bar is found by galloping and a binary search;
// prices and sizes of a bar are then folded in lanes. Volumes therefore differ from a plain sum by rounding, unless they are lots.
#include "kernels/flow/parts/bars.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "time, price, size, side",
                             .options = "interval, last, empty",
                             .state = "lastTime, rows, trades, end, startTime, prices, volumes",
                             .outputs = "first, last, high, low, volume, signedVolume, trades, startTime, endTime, endIndex"};
CHOICE(LastBar, keep, emit)
CHOICE(EmptyBars, skip, emit)

static constexpr i64 day = 86'400'000'000'000, before_all = -0x7fffffffffffffff - 1;
static constexpr i64 no_end = 0x7fffffffffffffff;  // of a cell that would end past all times

static inline i64 later(i64 time, i64 by) {
  i64 then;
  return __builtin_add_overflow(time, by, &then) ? no_end : then;
}
static inline bool past(i64 time, i64 end) { return time >= end && end != no_end; }

// The grid of bars: the cell after the last one asked for is had without a division.
struct Grid {
  i64 interval, end, midnight;  // end of the last cell, end of its day; midnight before the first is asked for: none
  i64 end_of_cell(i64 time) {
    const i64 next = later(end, interval);
    if (midnight != before_all && time >= end && time < next && next <= midnight) return end = next;
    i64 of_day = time % day;
    if (of_day < 0) of_day += day;
    midnight = later(time, day - of_day);
    end = later(time, interval - of_day % interval);
    return end = end < midnight ? end : midnight;
  }

  static i64 date_of(i64 time) {
    i64 of_day = time % day;
    if (of_day < 0) of_day += day;
    return __builtin_sub_overflow(time, of_day, &time) ? before_all : time;
  }
  // Begin of the next empty cell before the trade at `time`, on its date or that of the trade before; the cells up to `from` are out.
  bool next_empty(i64& from, i64 last_time, i64 time) {
    const i64 date = date_of(time);
    if (from < date && date_of(from) != date_of(last_time)) from = date;
    if (from >= time) return false;
    const i64 ends = end_of_cell(from);
    return ends <= time && ends != no_end;
  }
};

// First row from `from` on whose time is not below `end`.
static inline i64 find_end(const i64* time, i64 from, i64 rows, i64 end) {
  if (end == no_end) return rows;
  i64 step = 1;
  while (from + step < rows && time[from + step] < end) from += step, step *= 2;
  i64 low = from, high = from + step < rows ? from + step : rows;
  if (low < high && time[low] >= end) return low;
  while (high - low > 1) {
    const i64 middle = low + (high - low) / 2;
    (time[middle] < end ? low : high) = middle;
  }
  return high;
}

template <class T>
Status time_bars(In<i64> time, In<T> price, In<T> size, OptionalIn<i8> side, f64 interval_s, LastBar last_bar, EmptyBars empty_bars,
                 State<i64> last_time, State<f64> rows_seen, State<f64> trades, State<i64> end, State<i64> start_time, State<f64> prices,
                 State<f64> volumes, Out<T> first, Out<T> last, Out<T> high, Out<T> low, Out<T> volume, OptionalOut<T> signed_volume,
                 Out<f64> out_trades, Out<i64> out_start, Out<i64> out_end, Out<f64> end_index) {
  const i64 rows = price.length, room = first.length;
  Grid grid{static_cast<i64>(interval_s * 1e9 + 0.5), 0, before_all};
  const bool ends_tape = last_bar == LastBar::emit, with_empty = empty_bars == EmptyBars::emit;
  i64 produced = 0, row = 0;
  const BarColumns<T> out{.first = first.data,
                          .last = last.data,
                          .high = high.data,
                          .low = low.data,
                          .volume = volume.data,
                          .signed_volume = signed_volume.data,
                          .trades = out_trades.data,
                          .start_time = out_start.data,
                          .end_time = out_end.data,
                          .end_index = end_index.data};
  const auto emit = [&] {
    out.write(produced, prices.data, volumes[0], volumes[1], trades[0], start_time[0], last_time[0], rows_seen[0] - 1);
    trades[0] = 0;
    produced++;
  };
  if (!(trades[0] > 0)) trades[0] = 0;
  while (row < rows) {
    if (trades[0] > 0 && past(time[row], end[0])) {
      if (produced == room) return took(row, produced);
      emit();
    }
    if (with_empty && trades[0] == 0 && rows_seen[0] > 0) {
      for (i64 begin = end[0]; grid.next_empty(begin, last_time[0], time[row]); begin = end[0] = grid.end) {
        if (produced == room) return took(row, produced);
        const f64 same[] = {prices[1], prices[1], prices[1], prices[1]};
        out.write(produced++, same, 0, 0, 0, begin, grid.end - 1, rows_seen[0] - 1);
      }
    }
    if (trades[0] == 0) end[0] = grid.end_of_cell(time[row]);
    const i64 next = find_end(time.data, row, rows, end[0]);
    const bool ending = ends_tape && next == rows;
    if (ending && produced == room) return took(row, produced);
    if (trades[0] == 0) {
      start_time[0] = time[row];
      const f64 p = static_cast<f64>(price[row]);
      prices[0] = prices[2] = prices[3] = p;
      volumes[0] = volumes[1] = 0;
    }
    Bar bar{prices[2], prices[3], volumes[0], volumes[1]};
    if (side) fold<T, true>(bar, &price[row], &size[row], &side[row], next - row);
    else fold<T, false>(bar, &price[row], &size[row], nullptr, next - row);
    prices[1] = static_cast<f64>(price[next - 1]);
    prices[2] = bar.high, prices[3] = bar.low, volumes[0] = bar.volume, volumes[1] = bar.signed_volume;
    trades[0] += static_cast<f64>(next - row);
    last_time[0] = time[next - 1];
    rows_seen[0] += static_cast<f64>(next - row);
    row = next;
    if (!ending) continue;
    emit();
    rows_seen[0] = 0;
    last_time[0] = before_all;
  }
  return took(rows, produced);
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(time_bars)
