// Contract: src/kernels/math/exp.ts. The rounded multiple of log(2) / 16 taken off, a polynomial, the power of two put on.
#include "simd/lane_math.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> Status exp(In<T> x, Out<T> y) {
  const auto largest = [](Lanes seen, Lanes v) { return larger(size_of(v), seen); };
  const auto quick = [](Lanes v) { return exp_within<Rounding::SAME>(v); };
  map_lanes(x, y, largest, [](Lanes size) { return size > 660.0; }, quick, exp_all<Rounding::SAME>);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(exp)
