// Contract: src/kernels/flow/liquidity/effective_spread.ts. The same formula without branches. Exact.
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price, side, bid, ask", .options = "unit", .outputs = "spread"};
CHOICE(SpreadUnit, price, relative)

template <class T> Status effective_spread(In<T> price, In<i8> side, In<T> bid, In<T> ask, SpreadUnit unit, Out<T> spread) {
  const bool relative = unit == SpreadUnit::relative;
  for (i64 i = 0; i < price.length; i++) {
    const f64 p = static_cast<f64>(price[i]), b = static_cast<f64>(bid[i]), a = static_cast<f64>(ask[i]), sign = static_cast<f64>(side[i]);
    const f64 sum = b + a, distance = sign * ((p + p) - sum), value = distance / (relative ? 0.5 * sum : 1.0);
    spread[i] = static_cast<T>((b > 0) & (a > 0) & (sign != 0) ? value : __builtin_nan(""));
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(effective_spread)
