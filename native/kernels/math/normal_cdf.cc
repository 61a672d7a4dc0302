// Contract: src/kernels/math/normal_cdf.ts. A Gaussian times a Mills ratio polynomial.
#include "kernels/parts/normal_tail.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> Status normal_cdf(In<T> x, Out<T> probability) {
  const auto smallest = [](Lanes seen, Lanes v) { return smaller(v, seen); };
  const auto quick = [](Lanes v) { return normal_cdf_within(v); };
  map_lanes(x, probability, smallest, [](Lanes least) { return least < -36.5; }, quick, normal_cdf_all);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(normal_cdf)
