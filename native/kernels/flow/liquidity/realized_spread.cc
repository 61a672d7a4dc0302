// Contract: src/kernels/flow/liquidity/realized_spread.ts. Quotes in force `horizon` after each trade are found as lee_ready finds them, by a
// lag below 0; the formula is taken without branches. Exact.
#include "kernels/flow/parts/quotes.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "time, price, side, quoteTime, bid, ask", .options = "horizon, unit", .outputs = "spread"};
CHOICE(SpreadUnit, price, relative)

template <class T>
Status realized_spread(In<i64> time, In<T> price, In<i8> side, In<i64> quote_time, In<T> bid, In<T> ask, f64 horizon_ns, SpreadUnit unit,
                       Out<T> spread) {
  constexpr i64 block = 512;
  const i64 rows = time.length, count = quote_time.length, horizon = static_cast<i64>(horizon_ns + 0.5);
  const bool relative = unit == SpreadUnit::relative;
  const f64 none = __builtin_nan("");
  const bool none_known = count == 0 || before_all(quote_time[count - 1], horizon);
  const i64 last_known = none_known ? 0 : at_lag(quote_time[count - 1], horizon);  // of trades whose quote is on the tape
  const QuoteTape<T> tape{{quote_time.data, count}, bid.data, ask.data, none, none};
  alignas(64) f64 bids[block], asks[block];
  i64 q = -1;
  for (i64 start = 0; start < rows; start += block) {
    const i64 n = rows - start < block ? rows - start : block;
    q = tape.find(&time[start], n, -horizon, q, bids, asks);
    for (i64 i = 0; i < n; i++) {
      const f64 p = static_cast<f64>(price[start + i]), sign = static_cast<f64>(side[start + i]);
      const f64 sum = bids[i] + asks[i], distance = sign * ((p + p) - sum), value = distance / (relative ? 0.5 * sum : 1.0);
      const bool known = (bids[i] > 0) & (asks[i] > 0) & (sign != 0) & !none_known & (time[start + i] <= last_known);
      spread[start + i] = static_cast<T>(known ? value : none);
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(realized_spread)
