// Contract: src/kernels/flow/toxicity/vpin.ts. What it does with a tape is in native/kernels/flow/parts/vpin_tape.h.
#include "kernels/flow/parts/vpin_tape.h"

namespace tickforge::TICKFORGE_ISA {

constexpr i64 chunk = 1024;  // rows whose signs are found ahead of the buckets

template <class T> static i64 by_tick_rule(Tape<T>& t, const Trades<T>& trades, Code& code) {
  i8 side[chunk];
  f64 price_before[chunk], sign_before[chunk];
  TickRule<T> rule{side, price_before, sign_before};
  for (i64 start = 0; start < trades.count; start += chunk) {
    const i64 end = start + chunk < trades.count ? start + chunk : trades.count;
    rule.run(t, start, end);
    const i64 stopped = fill(t, Sides<T>{trades.size, side - start}, start, end, code);
    if (code != OK) return rule.undo(t, start, stopped, end), stopped;
  }
  return trades.count;
}

template <class T> static i64 pour_here(Tape<T>& t, const Trades<T>& trades, Code& code) {
  if (trades.by_tick_rule) return by_tick_rule(t, trades, code);
  if (trades.buy_fraction) return fill(t, Shares<T>{trades.size, trades.buy_fraction}, 0, trades.count, code);
  return fill(t, Sides<T>{trades.size, trades.side}, 0, trades.count, code);
}

template <class T> constexpr auto& vpin = vpin_by<T, pour_here<T>>;

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(vpin)
