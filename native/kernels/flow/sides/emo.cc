// Contract: src/kernels/flow/sides/emo.ts. Rows at a side of the quote as bytes, the others filled with the tick test's words. Exact.
#include "kernels/flow/parts/trade_sign.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price, bid, ask", .state = "lastPrice, lastSide", .outputs = "side"};

template <class T> Status emo(In<T> price, In<T> bid, In<T> ask, State<f64> last_price, State<i8> last_side, Out<i8> side) {
  const i64 rows = price.length;
  if (rows == 0) return done();
  TickTest test(last_price[0], last_side[0]);
  alignas(64) u8 at_ask[sign_block], at_bid[sign_block];
  for (i64 start = 0; start < rows; start += sign_block) {
    const i64 count = rows - start < sign_block ? rows - start : sign_block;
    const T *p = &price[start], *b = &bid[start], *a = &ask[start];
    for (i64 i = 0; i < count; i++) {
      at_ask[i] = static_cast<u8>(-(p[i] == a[i]));
      at_bid[i] = static_cast<u8>(-(p[i] == b[i]));
    }
    for (i64 i = count; i % 8; i++) at_ask[i] = at_bid[i] = 0;
    test.run(p, count, [&](i64 i, u64 ticks) {
      const u64 up = load_word(at_ask + i), down = load_word(at_bid + i), decided = up ^ down;
      store_signs(&side[start], i, count, (up & decided & ones) | (down & decided) | (~decided & ticks));
    });
  }
  last_price[0] = test.before;
  last_side[0] = test.last_sign();
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(emo)
