// Contract: src/kernels/risk/normal_cdf.ts. A Gaussian times a Mills ratio polynomial.
#include "lane_math.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> Status normal_cdf(In<T> x, Out<T> probability) {
  map_lanes(x, probability, [](Lanes v) { return beyond(v, 37); }, normal_cdf_within, normal_cdf_all);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(normal_cdf)
