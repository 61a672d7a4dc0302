// Contract: src/kernels/risk/drawdowns.ts. One walk along each path; the deepest falls so far are kept in order.
#include "kernel.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

struct Fall {
  f64 depth = 0;
  i32 peak = 0, trough = 0, recovery = -1;
};

// The deepest falls of one portfolio. Depths are kept as they were computed, whatever the outputs hold.
struct Deepest {
  f64* depth;
  i32 *peak, *trough, *recovery;
  i64 room, kept;

  void add(const Fall& fall) {
    if (!(fall.depth > 0) || (kept == room && !(fall.depth > depth[room - 1]))) return;
    i64 at = kept < room ? kept++ : room - 1;
    for (; at > 0 && depth[at - 1] < fall.depth; at--) put(at, {depth[at - 1], peak[at - 1], trough[at - 1], recovery[at - 1]});
    put(at, fall);
  }
  void put(i64 at, const Fall& fall) { depth[at] = fall.depth, peak[at] = fall.peak, trough[at] = fall.trough, recovery[at] = fall.recovery; }
};

}  // namespace

template <class T>
Status drawdowns(In<T> returns, i32 portfolios, i32 count, Workspace scratch, Out<T> depth, Out<i32> peak, Out<i32> trough, Out<i32> recovery) {
  const i64 days = returns.length / portfolios;
  for (i64 p = 0; p < portfolios; p++) {
    const i64 first = p * count;
    for (i64 i = 0; i < count; i++) scratch[i] = 0, peak[first + i] = trough[first + i] = recovery[first + i] = -1;
    Deepest worst{scratch.data, &peak[first], &trough[first], &recovery[first], count, 0};
    Fall now;
    f64 value = 1, high = 1;
    for (i64 d = 0; d < days; d++) {
      const i32 place = static_cast<i32>(d + 1);
      value *= 1 + static_cast<f64>(returns[d * portfolios + p]);
      if (value >= high) {
        now.recovery = place;
        worst.add(now);
        high = value;
        now = {0, place, place, -1};
      }
      const f64 below = (high - value) / high;
      if (below > now.depth) now.depth = below, now.trough = place;
    }
    worst.add(now);
    for (i64 i = 0; i < count; i++) depth[first + i] = static_cast<T>(scratch[i]);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(drawdowns)
