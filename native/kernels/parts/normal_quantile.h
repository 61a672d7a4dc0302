// Inverse of the standard normal distribution function: Wichura (1988), Appl. Statist. 37(3), algorithm AS 241 (PPND16). The central
// branch runs on all values; those of the tails, 15 % of uniform ones, are gathered and run by themselves.
#pragma once
#include "simd/elementary_lanes.h"

namespace tickforge::TICKFORGE_ISA {

template <Rounding R> inline f64xn septic(f64xn x, f64 c0, f64 c1, f64 c2, f64 c3, f64 c4, f64 c5, f64 c6, f64 c7) {
  const f64xn x2 = x * x;
  return multiply_add<R>(cubic<R>(x, x2, c4, c5, c6, c7), x2 * x2, cubic<R>(x, x2, c0, c1, c2, c3));
}

// q = p - 1/2, |q| <= 0.425.
template <Rounding R> inline f64xn quantile_centre(f64xn q) {
  const f64xn r = multiply_add<R>(q, -q, 0.180625);
  const f64xn top = septic<R>(r, 3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
                              4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3);
  const f64xn bottom = septic<R>(r, 1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
                                 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3);
  return quotient<R>(q * top, bottom);
}

// Minus the quantile of p in [exp(-25), 0.075].
template <Rounding R> inline f64xn quantile_tail(f64xn p) {
  const f64xn r = square_root<R>(-log_positive<R>(p)) - 1.6;
  const f64xn top = septic<R>(r, 1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
                              1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4);
  const f64xn bottom = septic<R>(r, 1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
                                 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9);
  return quotient<R>(top, bottom);
}

// Minus the quantile of p <= exp(-25); NaN below 0.
inline f64xn quantile_far(f64xn p) {
  constexpr Rounding R = Rounding::SAME;
  const f64xn r = square_root<R>(-log_any<R>(p)) - 5.0;
  const f64xn top = septic<R>(r, 6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
                              2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7);
  const f64xn bottom = septic<R>(r, 1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
                                 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15);
  return p == f64xn{} ? broadcast<f64xn>(__builtin_inf()) : top / bottom;
}

inline constexpr i64 quantile_block = 256;
inline constexpr f64 far_tail = 1.3887943864964021e-11;  // exp(-25)

// Values outside the centre, in order, and where they stand; written up to a register beyond their number.
struct OutsideCentre {
  f64 value[quantile_block + register_lanes];
  i64 at[quantile_block + register_lanes];
  i64 count = 0;

  // Of one register, the first value of which stands at `place`.
  void take(f64xn p, f64xn q, i64 place) {
#if defined(__AVX512F__)
    const __mmask8 out = _mm512_cmp_pd_mask(reinterpret_cast<__m512d>(abs(q)), _mm512_set1_pd(0.425), _CMP_NLE_UQ);
    const __m512i places = _mm512_add_epi64(_mm512_set1_epi64(place), _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0));
    _mm512_storeu_pd(value + count, _mm512_maskz_compress_pd(out, reinterpret_cast<__m512d>(p)));
    _mm512_storeu_si512(at + count, _mm512_maskz_compress_epi64(out, places));
    count += __builtin_popcount(out);
#else
    for (i64 lane = 0; lane < register_lanes; lane++) {
      value[count] = p[lane], at[count] = place + lane;
      count += !(__builtin_fabs(q[lane]) <= 0.425);
    }
#endif
  }

  // Quantiles in place of the values.
  template <Rounding R> void solve() {
    for (i64 i = 0; i < register_lanes; i++) value[count + i] = 0.0625;
    for (i64 i = 0; i < count; i += register_lanes) {
      const f64xn p = load<f64xn>(value + i), q = p - 0.5;
      const f64xn near = q < f64xn{} ? p : 0.5 - q;  // 1 - p: exact, as p - 1/2 is there
      f64xn size = quantile_tail<R>(near);
      const i64xn far = near > broadcast<f64xn>(far_tail) ? i64xn{} : i64xn{} - 1;
      if (any_negative(far)) size = far ? quantile_far(near) : size;
      store(value + i, as_f64(as_u64(size) ^ (as_u64(q) & 0x8000000000000000u)));
    }
  }
};

// Up to `quantile_block` quantiles; p and x may be the same array.
template <Rounding R = Rounding::SAME, class P, class X> inline void quantiles_of_block(const P* p, X* x, i64 count) {
  OutsideCentre tails;
  const auto centre = [&](f64xn v, i64 place) {
    const f64xn q = v - 0.5;
    tails.take(v, q, place);
    return quantile_centre<R>(q);
  };
  i64 i = 0;
  for (; i + register_lanes <= count; i += register_lanes) store(x + i, centre(load<f64xn>(p + i), i));
  if (i < count) {
    f64xn rest = broadcast<f64xn>(0.5);
    for (i64 lane = 0; lane < count - i; lane++) rest[lane] = static_cast<f64>(p[i + lane]);
    rest = centre(rest, i);
    for (i64 lane = 0; lane < count - i; lane++) x[i + lane] = static_cast<X>(rest[lane]);
  }
  tails.template solve<R>();
  for (i = 0; i < tails.count; i++) x[tails.at[i]] = static_cast<X>(tails.value[i]);
}

inline f64 quantile_of(f64 p) {
  f64 x;
  quantiles_of_block(&p, &x, 1);
  return x;
}

// Standard normal quantiles of p in [0, 1]; NaN outside.
template <Rounding R = Rounding::SAME, class P, class X> inline void normal_quantiles(const P* p, X* x, i64 count) {
  for (i64 i = 0; i < count; i += quantile_block) quantiles_of_block<R>(p + i, x + i, count - i < quantile_block ? count - i : quantile_block);
}

}  // namespace tickforge::TICKFORGE_ISA
