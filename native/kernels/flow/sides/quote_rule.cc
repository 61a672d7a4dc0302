// Contract: src/kernels/flow/sides/quote_rule.ts. The same comparison without branches. Exact.
#include "kernels/flow/parts/trade_sign.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price, bid, ask", .outputs = "side"};

template <class T> Status quote_rule(In<T> price, In<T> bid, In<T> ask, Out<i8> side) {
  for (i64 i = 0; i < price.length; i++) side[i] = static_cast<i8>(side_of_mid(price[i], static_cast<f64>(bid[i]), static_cast<f64>(ask[i])));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(quote_rule)
