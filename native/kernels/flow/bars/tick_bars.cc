// Contract: src/kernels/flow/bars/tick_bars.ts. Rows up to the end of a bar are folded in lanes: volumes differ from a plain sum by
// rounding, unless they are lots.
#include "kernels/flow/parts/bars.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "time, price, size, side",
                             .options = "barTrades",
                             .state = "lastTime, rows, trades, startTime, prices, volumes",
                             .outputs = "first, last, high, low, volume, signedVolume, trades, startTime, endTime, endIndex"};

template <class T>
Status tick_bars(In<i64> time, In<T> price, In<T> size, OptionalIn<i8> side, i32 bar_trades, State<i64> last_time, State<f64> rows_seen,
                 State<f64> trades, State<i64> start_time, State<f64> prices, State<f64> volumes, Out<T> first, Out<T> last, Out<T> high, Out<T> low,
                 Out<T> volume, OptionalOut<T> signed_volume, Out<f64> out_trades, Out<i64> out_start, Out<i64> out_end, Out<f64> end_index) {
  const i64 rows = price.length, room = first.length;
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
  const OpenBar bar{trades.data, prices.data, volumes.data, start_time.data};
  const f64 seen = rows_seen[0];
  i64 produced = 0, row = 0;
  while (row < rows) {
    const i64 held = count_of(trades[0]), wanted = held < bar_trades ? bar_trades - held : 1, count = wanted < rows - row ? wanted : rows - row;
    if (count == wanted && produced == room) break;
    if (trades[0] == 0) bar.open(static_cast<f64>(price[row]), time[row]);
    bar.add_rows(&price[row], &size[row], side ? &side[row] : nullptr, count);
    row += count;
    if (count < wanted) break;
    out.write(produced++, prices.data, volumes[0], volumes[1], trades[0], start_time[0], time[row - 1], seen + static_cast<f64>(row - 1));
    trades[0] = 0;
  }
  rows_seen[0] = seen + static_cast<f64>(row);
  if (row > 0) last_time[0] = time[row - 1];
  return took(row, produced);
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(tick_bars)
