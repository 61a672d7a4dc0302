// Distributions that returns may be taken to follow, in units of their standard deviation: as src/kernels/risk/parts/assumed.ts.
#pragma once
#include "kernels/parts/normal_quantile.h"
#include "kernels/parts/student_t.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

struct Standard {  // of a variable of mean 0 and variance 1, as losses
  f64 quantile, tail_mean;
};

inline f64 tail_quantile(f64 alpha) {
  f64 z;
  quantiles_of_block(&alpha, &z, 1);
  return z;
}

// The t with distribution function alpha < 1/2, by halving among the floating-point numbers.
inline f64 tail_student_quantile(f64 alpha, const StudentCurve& curve) {
  i64 low = place_of(-1e150), high = place_of(0.0);
  while (high - low > 1) {
    const i64 middle = low + (high - low) / 2;
    if (student_cdf(at_place(middle), curve) < alpha) low = middle;
    else high = middle;
  }
  return at_place(high);
}

inline Standard student_standard(f64 alpha, f64 df) {
  StudentCurve curve;
  student_fit(curve, df);
  const f64 t = tail_student_quantile(alpha, curve);
  const f64 exponent = 0.5 * (df + 1) * log1p_positive(t * t / df);
  const f64 front = 0.5 * df / (gamma_ratio(0.5 * df) * __builtin_sqrt(df * 3.14159265358979323846));
  const f64 density = front * exp_minus(exponent < 800 ? exponent : 800), scale = __builtin_sqrt((df - 2) / df);
  return {-scale * t, scale * density * (df + t * t) / ((df - 1) * alpha)};
}

inline Standard normal_standard(f64 alpha) {
  const f64 z = tail_quantile(alpha);
  return {-z, normal_pdf(z) / alpha};
}

}  // namespace tickforge::TICKFORGE_ISA
