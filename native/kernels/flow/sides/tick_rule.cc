// Contract: src/kernels/flow/sides/tick_rule.ts. Eight rows at a time, see trade_sign.h. Exact.
#include "kernels/flow/parts/trade_sign.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price", .state = "lastPrice, lastSide", .outputs = "side"};

template <class T> Status tick_rule(In<T> price, State<f64> last_price, State<i8> last_side, Out<i8> side) {
  const i64 rows = price.length;
  if (rows == 0) return done();
  TickTest test(last_price[0], last_side[0]);
  for (i64 start = 0; start < rows; start += sign_block) {
    const i64 count = rows - start < sign_block ? rows - start : sign_block;
    test.run(&price[start], count, [&](i64 i, u64 signs) { store_signs(&side[start], i, count, signs); });
  }
  last_price[0] = test.before;
  last_side[0] = test.last_sign();
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(tick_rule)
