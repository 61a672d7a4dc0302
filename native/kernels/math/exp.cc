// Contract: src/kernels/math/exp.ts. The rounded multiple of log(2) / 16 taken off, a polynomial, the power of two put on.
#include "simd/elementary_lanes.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "x", .outputs = "y"};

template <class T> Status exp(In<T> x, Out<T> y) {
  const auto largest = [](f64xn seen, f64xn v) { return max(abs(v), seen); };
  const auto quick = [](f64xn v) { return exp_within<Rounding::SAME>(v); };
  map_lanes(x, y, largest, [](f64xn size) { return size > 660.0; }, quick, exp_any<Rounding::SAME>);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(exp)
