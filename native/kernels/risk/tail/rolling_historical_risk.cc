// Contract: src/kernels/risk/tail/rolling_historical_risk.ts. The losses of the window are kept in falling order: a day moves those between
// the place of the oldest and the place of the newest by one.
#include "abi/state_values.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "returns", .options = "confidence, window, quantile, tail", .state = "losses, falling, days", .outputs = "var, es"};

// How many of `count` falling losses are above `loss`.
inline i64 place_in(const f64* falling, i64 count, f64 loss) {
  i64 low = 0;
  while (low < count) {
    const i64 middle = (low + count) / 2;
    if (falling[middle] > loss) low = middle + 1;
    else count = middle;
  }
  return low;
}

inline void move(f64* to, const f64* from, i64 count) { __builtin_memmove(to, from, static_cast<size_t>(count) * sizeof(f64)); }

template <class T>
Status rolling_historical_risk(In<T> returns, f64 confidence, i32 window, Quantile quantile, Tail tail, State<f64> losses, State<f64> falling,
                               State<f64> days, Out<T> var, Out<T> es) {
  const TailRule rule = tail_rule(confidence, quantile, tail);
  f64* sorted = falling.data;
  i64 seen = count_of(days[0]), slot = seen % window;
  for (i64 i = 0; i < returns.length; i++, seen++, slot = slot == window - 1 ? 0 : slot + 1) {
    const f64 loss = -static_cast<f64>(returns[i]);
    if (seen < window) {
      const i64 to = place_in(sorted, seen, loss);
      move(sorted + to + 1, sorted + to, seen - to);
      sorted[to] = loss;
    } else {
      const i64 oldest = place_in(sorted, window, losses[slot]), to = place_in(sorted, window, loss);
      const i64 from = oldest < window ? oldest : window - 1;  // a state that is wrong may not hold it
      if (to <= from) move(sorted + to + 1, sorted + to, from - to), sorted[to] = loss;
      else move(sorted + from, sorted + from + 1, to - 1 - from), sorted[to - 1] = loss;
    }
    losses[slot] = loss;
    const f64 nan = __builtin_nan("");
    const RiskPair found = seen + 1 < window ? RiskPair{nan, nan} : sorted_tail_risk(sorted, window, rule);
    var[i] = static_cast<T>(found.risk);
    es[i] = static_cast<T>(found.shortfall);
  }
  days[0] = static_cast<f64>(seen);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(rolling_historical_risk)
