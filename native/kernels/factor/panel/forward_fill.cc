// Contract: src/kernels/factor/panel/forward_fill.ts. The same, an asset in each lane.
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "values", .options = "assets, limit", .state = "last, age", .outputs = "filled"};

template <class T> Status forward_fill(In<T> values, i32 assets, i32 limit, State<f64> last, State<f64> age, Out<T> filled) {
  const f64 most = limit;
  f64 *const held = last.data, *const since = age.data;
  for (i64 at = 0; at < values.length; at += assets) {
    const T* const in = values.data + at;
    T* const out = filled.data + at;
    for (i64 i = 0; i < assets; i++) {
      const f64 x = static_cast<f64>(in[i]), older = since[i] + 1.0;
      const f64 value = x == x ? x : held[i], days = x == x ? 0.0 : older;
      held[i] = value, since[i] = days;
      out[i] = static_cast<T>(days <= most ? value : __builtin_nan(""));
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(forward_fill)
