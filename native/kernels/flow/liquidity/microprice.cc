// Contract: src/kernels/flow/liquidity/microprice.ts. The same formula, in vector code.
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "bid, bidSize, ask, askSize", .outputs = "price"};

template <class T> Status microprice(In<T> bid, In<T> bid_size, In<T> ask, In<T> ask_size, Out<T> price) {
  for (i64 i = 0; i < bid.length; i++) {
    const f64 b = static_cast<f64>(bid[i]), a = static_cast<f64>(ask[i]), bs = static_cast<f64>(bid_size[i]);
    price[i] = static_cast<T>(b + (a - b) * (bs / (bs + static_cast<f64>(ask_size[i]))));
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(microprice)
