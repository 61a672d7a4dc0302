// Contract: src/kernels/flow/sides/lee_ready.ts. Quotes in force for a block of trades (quotes.h), their signs without branches, and the
// tick test's words where they decide nothing. Quotes that earlier trades of this tape passed are not looked at again. Exact.
#include "kernels/flow/parts/quotes.h"
#include "kernels/flow/parts/trade_sign.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "time, price, quoteTime, bid, ask", .options = "lag", .state = "lastTime, lastPrice, lastSide, quote", .outputs = "side"};

template <class T>
Status lee_ready(In<i64> time, In<T> price, In<i64> quote_time, In<T> bid, In<T> ask, f64 lag_ns, State<i64> last_time, State<f64> last_price,
                 State<i8> last_side, State<f64> quote, Out<i8> side) {
  const i64 rows = time.length, count = quote_time.length, lag = static_cast<i64>(lag_ns + 0.5);
  if (rows == 0) return done();
  const bool fresh = !(last_price[0] > 0);
  i64 q = before_all(time[0], lag) ? -1 : last_at(quote_time.data, 0, count, at_lag(time[0], lag));
  const i64 last = before_all(time[rows - 1], lag) ? -1 : last_at(quote_time.data, q < 0 ? 0 : q, count, at_lag(time[rows - 1], lag));
  const i64 fall = first_fall(quote_time.data, fresh || q < 0 ? 0 : q, last + 1 < count ? last + 1 : last);
  if (fall >= 0) return {BACKWARDS, 2, fall, 0, 0};
  const QuoteTape<T> tape{{quote_time.data, count}, bid.data, ask.data, quote[0], quote[1]};
  TickTest test(last_price[0], last_side[0]);
  alignas(64) f64 bids[sign_block], asks[sign_block];
  alignas(64) u8 above[sign_block], below[sign_block];
  for (i64 start = 0; start < rows; start += sign_block) {
    const i64 n = rows - start < sign_block ? rows - start : sign_block;
    const T* p = &price[start];
    q = tape.find(&time[start], n, lag, q, bids, asks);
    for (i64 i = 0; i < n; i++) {
      const i32 sign = side_of_mid(p[i], bids[i], asks[i]);
      above[i] = static_cast<u8>(-(sign > 0));
      below[i] = static_cast<u8>(-(sign < 0));
    }
    for (i64 i = n; i % 8; i++) above[i] = below[i] = 0;
    test.run(p, n, [&](i64 i, u64 ticks) {
      const u64 up = load_word(above + i), down = load_word(below + i);
      store_signs(&side[start], i, n, (up & ones) | down | (~(up | down) & ticks));
    });
    quote[0] = bids[n - 1], quote[1] = asks[n - 1];
  }
  last_time[0] = time[rows - 1];
  last_price[0] = test.before;
  last_side[0] = test.last_sign();
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(lee_ready)
