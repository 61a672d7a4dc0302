// Survival function of the chi-square distribution: the regularized upper incomplete gamma function at multiples of a half, where it is a
// finite sum of positive terms, accurate relative to itself however far in the tail.
#pragma once
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

// The same sum where exp(-half) would underflow: from its largest term, half^a exp(-half) / Gamma(a + 1), to both sides; df >= 32.
inline f64 from_largest_term(f64 half, i64 df) {
  const f64 last = 0.5 * static_cast<f64>(df) - 1, above = last - half, steps = static_cast<f64>(static_cast<i64>(above > 0 ? above : 0));
  const f64 largest = above > steps ? last - steps - 1 : last - steps, square = largest * largest;
  const f64 stirling = (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1.0 / 1680 / square) / square) / square) / largest;
  const f64 deviance = half - largest - largest * log1p_positive((half - largest) / largest);
  const f64 peak = exp_any(-deviance - stirling) / __builtin_sqrt(6.28318530717958647693 * largest);  // 2 pi
  f64 sum = 0, term = peak;
  for (f64 a = largest; a >= 0 && term > sum * 1e-17; a--) sum += term, term *= a / half;
  term = peak * half / (largest + 1);
  for (f64 a = largest + 1; a <= last && term > sum * 1e-17; a++) sum += term, term *= half / (a + 1);
  return sum < 1 ? sum : 1;
}

// Probability that the sum of `df` squared standard normal variables is above x >= 0.
inline f64 chi_square_survival(f64 x, i64 df) {
  if (x > 1000 && df >= 32) return from_largest_term(0.5 * x, df);
  const f64 half = 0.5 * x, root = __builtin_sqrt(x), scale = exp_minus(half < 800 ? half : 800);
  const bool odd = df % 2 != 0;
  f64 sum = odd ? 2 * normal_cdf(-root) : scale;
  f64 term = odd ? scale * root * 0.79788456080286535588 : scale * half;  // sqrt(2 / pi)
  for (i64 i = 1; 2 * i < df; i++) sum += term, term *= half / (static_cast<f64>(i) + (odd ? 0.5 : 1.0));
  return x > 0 ? sum : x == 0 ? 1 : __builtin_nan("");
}

}  // namespace tickforge::TICKFORGE_ISA
