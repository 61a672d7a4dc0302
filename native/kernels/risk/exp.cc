// Contract: src/kernels/risk/exp.ts. The rounded multiple of log(2) / 16 taken off, a polynomial, the power of two put on.
#include "lane_math.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> Status exp(In<T> x, Out<T> y) {
  map_lanes(x, y, [](Lanes v) { return beyond(v, 708); }, exp_within<Rounding::SAME>, exp_all<Rounding::SAME>);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(exp)
