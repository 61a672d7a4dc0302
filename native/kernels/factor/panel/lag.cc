// Contract: src/kernels/factor/panel/lag.ts. The same ring.
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "values", .options = "assets, periods", .state = "ring, dates", .outputs = "lagged"};

template <class T> Status lag(In<T> values, i32 assets, i32 periods, State<f64> ring, State<f64> dates, Out<T> lagged) {
  i64 slot = count_of(dates[0]) % periods;
  for (i64 at = 0; at < values.length; at += assets) {
    const T* const in = values.data + at;
    T* const out = lagged.data + at;
    f64* const held = ring.data + slot * assets;
    for (i64 i = 0; i < assets; i++) {
      const f64 before = held[i];
      held[i] = static_cast<f64>(in[i]);
      out[i] = static_cast<T>(before);
    }
    slot = slot + 1 == periods ? 0 : slot + 1;
  }
  dates[0] += static_cast<f64>(values.length / assets);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(lag)
