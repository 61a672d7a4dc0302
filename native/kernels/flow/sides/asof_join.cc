// Contract: src/kernels/flow/sides/asof_join.ts. Quotes are found as lee_ready finds them: strictly before is a lag of one ns more, and the first
// quote of a `forward` join is the one behind the last that lies before it. Distances are taken modulo 2^64, which holds all of them. Exact.
#include "kernels/flow/parts/quotes.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "time, quoteTime", .options = "direction, exact, lag, tolerance", .outputs = "index"};
CHOICE(Direction, backward, forward)

Status asof_join(In<i64> time, In<i64> quote_time, Direction direction, YesNo exact, f64 lag_ns, f64 tolerance_ns, Out<i32> index) {
  const i64 rows = time.length, count = quote_time.length, lag = static_cast<i64>(lag_ns + 0.5);
  constexpr i64 most_quotes = 0x7fffffff;
  if (count > most_quotes) return {BAD_VALUE, 1, most_quotes, 0, 0};
  const bool backward = direction == Direction::backward, with_equal = backward == (exact == YesNo::yes);
  const u64 furthest = static_cast<u64>(tolerance_ns + 0.5), later = static_cast<u64>(lag);
  const QuoteTimes quotes{quote_time.data, count};
  i64 at[quoted_rows], q = -1;
  for (i64 start = 0; start < rows; start += quoted_rows) {
    const i64 n = rows - start < quoted_rows ? rows - start : quoted_rows;
    q = quotes.find(&time[start], n, with_equal ? lag : lag + 1, q, at);
    i32* found = &index[start];
    if (backward)
      for (i64 i = 0; i < n; i++) found[i] = static_cast<i32>(at[i]);
    else
      for (i64 i = 0; i < n; i++) found[i] = at[i] + 1 < count ? static_cast<i32>(at[i] + 1) : -1;
    if (furthest == 0) continue;
    for (i64 i = 0; i < n; i++) {
      if (found[i] < 0) continue;
      const i64 t = time[start + i], quoted = quote_time[found[i]];
      const u64 ahead = static_cast<u64>(quoted) - static_cast<u64>(t);  // of the trade, before its lag
      const bool far = backward ? 0 - ahead - later > furthest : (quoted > t && ahead > furthest) || ahead + later > furthest;
      if (far) found[i] = -1;
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(asof_join)
