// Contract: src/kernels/math/normal_cdf.ts. A Gaussian times a Mills ratio polynomial.
#include "kernels/parts/normal_tail.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "x", .outputs = "probability"};

template <class T> Status normal_cdf(In<T> x, Out<T> probability) {
  const auto smallest = [](f64xn seen, f64xn v) { return min(v, seen); };
  const auto quick = [](f64xn v) { return normal_cdf_within(v); };
  map_lanes(x, probability, smallest, [](f64xn least) { return least < -36.5; }, quick, normal_cdf_any);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(normal_cdf)
