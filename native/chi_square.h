// Survival function of the chi-square distribution: the regularized upper incomplete gamma function at multiples of a half, where it is a
// finite sum of positive terms, accurate relative to itself however far in the tail.
#pragma once
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

// Probability that the sum of `df` squared standard normal variables is above x >= 0.
inline f64 chi_square_survival(f64 x, i64 df) {
  const f64 half = 0.5 * x, root = __builtin_sqrt(x), scale = exp_minus(half < 800 ? half : 800);
  const bool odd = df % 2 != 0;
  f64 sum = odd ? 2 * normal_cdf(-root) : scale;
  f64 term = odd ? scale * root * 0.79788456080286535588 : scale * half;  // sqrt(2 / pi)
  for (i64 i = 1; 2 * i < df; i++) sum += term, term *= half / (static_cast<f64>(i) + (odd ? 0.5 : 1.0));
  return x > 0 ? sum : x == 0 ? 1 : __builtin_nan("");
}

}  // namespace tickforge::TICKFORGE_ISA
