// Contract: src/kernels/flow/bars/value_bars.ts. See poured_bars.h; what a bar sums differs from the reference by the order of adding.
#include "kernels/flow/parts/poured_bars.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> struct Values {
  const T *price, *size;
  f64 volume(i64 i) const { return static_cast<f64>(price[i]) * static_cast<f64>(size[i]); }
  f64 unit(i64 i) const { return static_cast<f64>(price[i]); }
  void load(i64 i, V8& volume, V8& buy) const {
    volume = load8(price + i) * load8(size + i);
    buy = V8{};
  }
};

template <class T>
Status value_bars(In<i64> time, In<T> price, In<T> size, OptionalIn<i8> side, f64 bar_value, State<i64> last_time, State<f64> rows,
                   State<f64> trades, State<i64> start_time, State<f64> prices, State<f64> volumes, State<f64> fill, State<f64> emitted,
                   Out<T> first, Out<T> last, Out<T> high, Out<T> low, Out<T> volume, OptionalOut<T> signed_volume, Out<f64> out_trades,
                   Out<i64> out_start, Out<i64> out_end, Out<f64> end_index) {
  const BarColumns<T> out{first.data,         last.data,       high.data,      low.data,     volume.data,
                          signed_volume.data, out_trades.data, out_start.data, out_end.data, end_index.data};
  Pouring<T> pouring{time.data, price.data,   size.data, side.data,      price.length, bar_value, {trades.data, prices.data, volumes.data, start_time.data},
                     fill.data, emitted.data, rows.data, last_time.data, out,          first.length, 0};
  return pouring.run(Values<T>{price.data, size.data});
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(value_bars)
