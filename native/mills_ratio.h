// Mills ratio of the normal distribution with one division instead of two: last bits less exact than normal_cdf.
#pragma once
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

// exp(a^2 / 2) Phi(-a) for a >= 0; beyond 38.6, where exp(-a^2 / 2) is 0, that of 38.6.
inline f64 mills_ratio(f64 size) {
  const f64 a = size < 38.6 ? size : 38.6, high = a + 5.0, low = a + 1.25, both = 1.0 / (high * low);
  return mills((a - 5.0) * low * both) * (high * both);
}

}  // namespace tickforge::TICKFORGE_ISA
