// exp, log1p and distribution functions as plain branch-free code that compilers turn into vector code of any width: no libm, no
// fused operations, so that every instruction set gives the same bits. Coefficients: minimax fits in 70-digit arithmetic.
#pragma once
#include "types.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr f64 to_integer = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer, held in the low bits
inline constexpr f64 log2_e = 1.4426950408889634;
inline constexpr f64 ln2_high = 0x1.62e42feep-1, ln2_low = 1.9082149292705878e-10;  // the first has 32 bits: its products here are exact

// Polynomials are summed in pairs, then pairs of pairs (Estrin): chains are short, so that neighbouring vectors overlap.
inline f64 cubic(f64 x, f64 x2, f64 c0, f64 c1, f64 c2, f64 c3) { return (c0 + c1 * x) + (c2 + c3 * x) * x2; }

// (exp(r) - 1 - r) / r^2 for |r| <= 0.3475; relative error of exp 8e-18.
inline f64 exp_phi2(f64 r) {
  const f64 r2 = r * r, r4 = r2 * r2;
  const f64 low = cubic(r, r2, 0.500000000000001049, 0.166666666666666747, 0.0416666666665189869, 0.00833333333332197842);
  const f64 high = cubic(r, r2, 0.00138888889487364702, 0.000198412698872897926, 0.0000248014862928787092, 2.75572415473999059e-6);
  return low + (high + (2.76330442028658343e-7 + 2.51103468445782017e-8 * r) * r4) * r4;
}

// x * 2^k for x in [2^-100, 2^100], gradually to 0 below the normal numbers; `shifted` is k + to_integer, k in [-1200, 0].
inline f64 scale_down(f64 x, f64 shifted) { return as_f64(as_u64(x) + (as_u64(shifted) << 52) + (u64{300} << 52)) * 0x1p-300; }

// exp(-x) for x in [0, 800].
inline f64 exp_minus(f64 x) {
  const f64 shifted = x * -log2_e + to_integer, k = shifted - to_integer;
  const f64 r = (-x - k * ln2_high) - k * ln2_low;
  const f64 s = r + r * r * exp_phi2(r);
  return scale_down(1.0 + s, shifted);
}

// exp(x) for every x: infinite above 709.79, gradually 0 below -708.4. 2^k comes in two steps, the second of which may round.
inline f64 exp_any(f64 x) {
  const f64 bounded = x < -800.0 ? -800.0 : x > 800.0 ? 800.0 : x;
  const f64 shifted = bounded * log2_e + to_integer, k = shifted - to_integer;
  const f64 r = (bounded - k * ln2_high) - k * ln2_low;
  const f64 s = r + r * r * exp_phi2(r);
  const u64 step = bounded < 0.0 ? u64{300} << 52 : u64{0} - (u64{300} << 52);
  const f64 value = as_f64(as_u64(1.0 + s) + (as_u64(shifted) << 52) + step) * (bounded < 0.0 ? 0x1p-300 : 0x1p300);
  return x == x ? value : x;
}

// exp(x) - 1, exact to a few roundings of the result also about 0.
inline f64 exp_less_one(f64 x) {
  const f64 close = x + x * x * exp_phi2(x), away = exp_any(x) - 1.0;
  return __builtin_fabs(x) < 0.3475 ? close : away;
}

// 2^-x for x >= 0: the whole part goes into the exponent, the rest through exp.
inline f64 power_of_half(f64 x) {
  const f64 bounded = x < 1100.0 ? x : 1100.0;
  const f64 shifted = to_integer - bounded, k = shifted - to_integer;
  const f64 r = (-bounded - k) * 0.6931471805599453;
  return scale_down(1.0 + (r + r * r * exp_phi2(r)), shifted);
}

// A number > 0 as 2^k m with m in [sqrt(1/2), sqrt(2)).
struct Binary {
  f64 k, m, inverse;  // inverse: 2^-k; of k = 1023 and 1024 it is wrong
};
inline Binary binary(f64 x) {
  const u64 bits = as_u64(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  return {as_f64((bits >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0), as_f64((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu),
          as_f64(0x7fe0000000000000u - (bits & 0x7ff0000000000000u))};
}

// k log(2) + log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)).
inline f64 log_of(f64 k, f64 f) {
  const f64 s = f / (2.0 + f), z = s * s;
  const f64 z2 = z * z;
  const f64 series = cubic(z, z2, 0.666666666666673472, 0.399999999994122283, 0.285714287430237714, 0.222221984982566705) +
                     (0.181835687166134363 + 0.153139259628981743 * z + 0.147973131915737059 * z2) * (z2 * z2);
  // log(1 + f) = 2 s + s z series = f - s (f - z series)
  return k * ln2_high + (f - (s * (f - z * series) - k * ln2_low));
}

// log(1 + x) for x >= 0.
inline f64 log1p_positive(f64 x) {
  const f64 u = 1.0 + x;
  const f64 lost = x < 1.0 ? x - (u - 1.0) : 1.0 - (u - x);
  const Binary b = binary(u);
  return log_of(b.k, (b.m - 1.0) + lost * b.inverse);
}

// log(x) for normal numbers > 0.
inline f64 log_positive(f64 x) {
  const Binary b = binary(x);
  return log_of(b.k, b.m - 1.0);
}

// log(x) for every x: NaN below 0.
inline f64 log_any(f64 x) {
  const bool tiny = x < 0x1p-1022;
  const Binary b = binary(tiny ? x * 0x1p54 : x);
  const f64 value = log_of(tiny ? b.k - 54.0 : b.k, b.m - 1.0);
  const f64 edge = x > 0.0 ? x : x == 0.0 ? -__builtin_inf() : __builtin_nan("");
  return x > 0.0 && x < __builtin_inf() ? value : edge;
}

// log(1 + x) for every x: NaN below -1. What 1 + x loses is added to first order.
inline f64 log_one_plus(f64 x) {
  const f64 u = 1.0 + x, lost = __builtin_fabs(x) < 1.0 ? x - (u - 1.0) : 1.0 - (u - x), log = log_any(u);
  return u > 0.0 && u < __builtin_inf() ? log + lost / u : log;
}

// R(a) (a + 1.25), R(a) = exp(a^2 / 2) Phi(-a) a Mills ratio, in u = (a - 5) / (a + 5) for a in [0, 38.6]. 1.25 makes it flat at
// a = 0, where the error of u would show.
inline f64 mills(f64 u) {
  const f64 v = u * u, v2 = v * v, v4 = v2 * v2;
  const f64 even = cubic(v, v2, 0.0, 0.0600475713974705546, -0.0144372048955903896, -0.0129225727580799763) +
                   (cubic(v, v2, -0.0016211847325031985, 0.000167227720624334199, -8.23668607754296947e-6, -2.35070543511307445e-7) +
                    (1.41147844905889365e-7 + -2.37983427714063235e-8 * v + 1.76618715287262554e-9 * v2) * v4) *
                       v4;
  const f64 odd = cubic(v, v2, -0.127416670650011991, -0.0102186169308064581, 0.0186834881218424933, 0.00592728957846769872) +
                  (cubic(v, v2, 0.0000413607960143310713, -0.0000533671081463158221, 8.74151666667853509e-6, -1.2442338926784904e-6) +
                   (1.82288257745317263e-7 + -2.53105195659000333e-8 * v + 2.1169069765401144e-9 * v2) * v4) *
                      v4;
  return 0.480745656093789329 + (odd * u + even);  // the largest term last: one rounding of full size
}

// exp(-x^2 / 2) of |x| <= 38.6 in two factors, 1 + s and a power of two. The square is split: rounded, it would lose x^2 / 2
// units of the result far in the tail.
struct Gauss {
  f64 s, shifted;
};
inline Gauss gauss(f64 a) {
  const f64 head = (a + 0x1.8p32) - 0x1.8p32;  // a multiple of 2^-20, so its square is exact
  const f64 square = head * head;
  const f64 shifted = square * (-0.5 * log2_e) + to_integer, k = shifted - to_integer;
  const f64 r2 = (square + k * (2 * ln2_high)) + (k * (2 * ln2_low) + (a - head) * (a + head));  // -2 r
  const f64 r = -0.5 * r2;
  return {r + r * r * exp_phi2(r), shifted};
}

// Standard normal distribution function.
inline f64 normal_cdf(f64 x) {
  const f64 size = __builtin_fabs(x);
  const f64 a = size < 38.6 ? size : 38.6;  // where it is 0
  const Gauss g = gauss(a);
  const f64 m = mills((a - 5.0) / (a + 5.0)) / (a + 1.25);
  const f64 tail = scale_down(m + m * g.s, g.shifted);
  return x > 0.0 ? 1.0 - tail : x <= 0.0 ? tail : x;
}

// Standard normal density.
inline f64 normal_pdf(f64 x) {
  const f64 size = __builtin_fabs(x);
  const Gauss g = gauss(size < 38.6 ? size : 38.6);
  constexpr f64 height = 0.3989422804014327;  // 1 / sqrt(2 pi)
  const f64 value = scale_down(height + height * g.s, g.shifted);
  return x == x ? value : x;
}

}  // namespace tickforge::TICKFORGE_ISA
