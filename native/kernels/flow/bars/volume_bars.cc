// Contract: src/kernels/flow/bars/volume_bars.ts. See poured_bars.h; what a bar sums differs from the reference by the order of adding.
#include "kernels/flow/parts/poured_bars.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "time, price, size, side",
                             .options = "barVolume",
                             .state = "lastTime, rows, trades, startTime, prices, volumes, fill, emitted",
                             .outputs = "first, last, high, low, volume, signedVolume, trades, startTime, endTime, endIndex"};

template <class T> struct Volumes {
  const T* size;
  f64 volume(i64 i) const { return static_cast<f64>(size[i]); }
  f64 unit(i64) const { return 1; }
  void read(i64 i, f64x8& volume, f64x8& buy) const {
    volume = load<f64x8>(size + i);
    buy = f64x8{};
  }
};

template <class T>
Status volume_bars(In<i64> time, In<T> price, In<T> size, OptionalIn<i8> side, f64 bar_volume, State<i64> last_time, State<f64> rows,
                   State<f64> trades, State<i64> start_time, State<f64> prices, State<f64> volumes, State<f64> fill, State<f64> emitted, Out<T> first,
                   Out<T> last, Out<T> high, Out<T> low, Out<T> volume, OptionalOut<T> signed_volume, Out<f64> out_trades, Out<i64> out_start,
                   Out<i64> out_end, Out<f64> end_index) {
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
  Pouring<T> pouring{.time = time.data,
                     .price = price.data,
                     .size = size.data,
                     .side = side.data,
                     .rows = price.length,
                     .capacity = bar_volume,
                     .bar = {trades.data, prices.data, volumes.data, start_time.data},
                     .fill = fill.data,
                     .emitted = emitted.data,
                     .rows_seen = rows.data,
                     .last_time = last_time.data,
                     .out = out,
                     .room = first.length,
                     .produced = 0};
  return pouring.run(Volumes<T>{size.data}, names.input("size"));
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(volume_bars)
