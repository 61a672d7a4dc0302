// Inverse of the standard normal distribution function: Wichura (1988), Appl. Statist. 37(3), algorithm AS 241 (PPND16). The central
// branch runs on all values; those of the tails, 15 % of uniform ones, are gathered and run by themselves.
#pragma once
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

// Products and sums apart, so that every processor gives the same bits; or, for random draws, which may differ by some of the last ones,
// fused where the processor can.
enum class Rounding { SAME, FUSED };
template <Rounding R> inline f64 add_product(f64 a, f64 b, f64 c) {
#if defined(__FMA__)
  if constexpr (R == Rounding::FUSED) return __builtin_fma(b, c, a);
#endif
  return a + b * c;
}

template <Rounding R> inline f64 eight(f64 x, f64 c0, f64 c1, f64 c2, f64 c3, f64 c4, f64 c5, f64 c6, f64 c7) {
  const f64 x2 = x * x;
  const f64 low = add_product<R>(add_product<R>(c0, c1, x), add_product<R>(c2, c3, x), x2);
  return add_product<R>(low, add_product<R>(add_product<R>(c4, c5, x), add_product<R>(c6, c7, x), x2), x2 * x2);
}

// q = p - 1/2, |q| <= 0.425.
template <Rounding R = Rounding::SAME> inline f64 quantile_centre(f64 q) {
  const f64 r = 0.180625 - q * q;
  const f64 top = eight<R>(r, 3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
                        4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3);
  const f64 bottom = eight<R>(r, 1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
                           3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3);
  return q * top / bottom;
}

// Minus the quantile of p in [exp(-25), 0.075].
template <Rounding R = Rounding::SAME> inline f64 quantile_tail(f64 p) {
  const f64 r = __builtin_sqrt(-log_normal(p)) - 1.6;
  const f64 top = eight<R>(r, 1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
                        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4);
  const f64 bottom = eight<R>(r, 1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
                           1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9);
  return top / bottom;
}

// Minus the quantile of p <= exp(-25); NaN below 0.
template <Rounding R = Rounding::SAME> inline f64 quantile_far(f64 p) {
  const f64 r = __builtin_sqrt(-log_any(p)) - 5.0;
  const f64 top = eight<R>(r, 6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
                        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7);
  const f64 bottom = eight<R>(r, 1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
                           7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15);
  return p > 0.0 ? top / bottom : p == 0.0 ? __builtin_inf() : __builtin_nan("");
}

inline constexpr i64 quantile_block = 256;
inline constexpr f64 far_tail = 1.3887943864964021e-11;  // exp(-25)

// Where |centre| is not at most 0.425, in order; `at` is written up to the next multiple of 8.
inline i64 places_of_tails(const f64* centre, i64 count, i64* at) {
  i64 tails = 0, i = 0;
#if defined(__AVX512F__)
  __m512i place = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
  for (; i + 8 <= count; i += 8, place = _mm512_add_epi64(place, _mm512_set1_epi64(8))) {
    const __mmask8 out = _mm512_cmp_pd_mask(_mm512_abs_pd(_mm512_loadu_pd(centre + i)), _mm512_set1_pd(0.425), _CMP_NLE_UQ);
    _mm512_storeu_si512(at + tails, _mm512_maskz_compress_epi64(out, place));
    tails += __builtin_popcount(out);
  }
#endif
  for (; i < count; i++) {
    at[tails] = i;
    tails += !(__builtin_fabs(centre[i]) <= 0.425);
  }
  return tails;
}

// Up to `quantile_block` quantiles; p and x may be the same array.
template <Rounding R = Rounding::SAME, class P, class X> inline void quantiles_of_block(const P* p, X* x, i64 count) {
  f64 centre[quantile_block], tail[quantile_block];
  i64 at[quantile_block + 8];
  for (i64 i = 0; i < count; i++) centre[i] = static_cast<f64>(p[i]) - 0.5;
  const i64 tails = places_of_tails(centre, count, at);
  f64 side[quantile_block];
  for (i64 i = 0; i < tails; i++) {
    side[i] = centre[at[i]];
    tail[i] = side[i] < 0.0 ? static_cast<f64>(p[at[i]]) : 0.5 - side[i];  // 1 - p: exact, as p - 1/2 is there
  }
  for (i64 i = 0; i < count; i++) x[i] = static_cast<X>(quantile_centre<R>(centre[i]));
  for (i64 i = 0; i < tails; i++) centre[i] = quantile_tail<R>(tail[i]);
  for (i64 i = 0; i < tails; i++) {
    const f64 size = tail[i] > far_tail ? centre[i] : quantile_far<R>(tail[i]);
    x[at[i]] = static_cast<X>(__builtin_copysign(size, side[i]));
  }
}

inline f64 quantile_of(f64 p) {
  f64 x;
  quantiles_of_block(&p, &x, 1);
  return x;
}

// Standard normal quantiles of p in [0, 1]; NaN outside.
template <Rounding R = Rounding::SAME, class P, class X> inline void normal_quantiles(const P* p, X* x, i64 count) {
  for (i64 i = 0; i < count; i += quantile_block)
    quantiles_of_block<R>(p + i, x + i, count - i < quantile_block ? count - i : quantile_block);
}

}  // namespace tickforge::TICKFORGE_ISA
