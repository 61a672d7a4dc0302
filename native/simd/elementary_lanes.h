// exp, log and the parts of the normal distribution for a register of values at once, faster than elementary.h: powers of two come from
// a table that stays in registers, and what is outside the usual range is left to the caller. With Rounding::SAME every processor gives
// the same bits. Coefficients: minimax fits in 60-digit arithmetic.
#pragma once
#include "simd.h"
#include "elementary.h"

namespace tickforge::TICKFORGE_ISA {

template <Rounding R> inline f64xn cubic(f64xn x, f64xn x2, f64 c0, f64 c1, f64 c2, f64 c3) {
  return multiply_add<R>(multiply_add<R>(c3, x, c2), x2, multiply_add<R>(c1, x, c0));
}

// 2^(j / 16), less j / 16 in the exponent: a multiple of 1 / 16 that is added to the exponent then brings what belongs there.
struct Sixteenths {
  u64 bits[16];
};
constexpr Sixteenths sixteenths_of(const f64 (&powers)[16]) {
  Sixteenths table{};
  for (u64 j = 0; j < 16; j++) table.bits[j] = __builtin_bit_cast(u64, powers[j]) - (j << 48);
  return table;
}
alignas(64) inline constexpr Sixteenths sixteenths = sixteenths_of({0x1p0, 0x1.0b5586cf9890fp0, 0x1.172b83c7d517bp0, 0x1.2387a6e756238p0,
                                                                    0x1.306fe0a31b715p0, 0x1.3dea64c123422p0, 0x1.4bfdad5362a27p0,
                                                                    0x1.5ab07dd485429p0, 0x1.6a09e667f3bcdp0, 0x1.7a11473eb0187p0,
                                                                    0x1.8ace5422aa0dbp0, 0x1.9c49182a3f09p0, 0x1.ae89f995ad3adp0, 0x1.c199bdd85529cp0,
                                                                    0x1.d5818dcfba487p0, 0x1.ea4afa2a490dap0});

inline constexpr f64 sixteen_log2_e = 23.083120654223414;
inline constexpr f64 sixteenth_high = 0x1.62e42fef8p-5, sixteenth_low = 1.012406886666035e-12;  // of log(2); the first has 34 bits

// exp(r) - 1 for |r| <= log(2) / 32; relative error of exp 1.2e-17.
template <Rounding R> inline f64xn expm1_reduced(f64xn r) {
  const f64xn r2 = r * r;
  const f64xn low = multiply_add<R>(0.16666666664372584, r, 0.5000000000000004);
  const f64xn middle = multiply_add<R>(0.008333473002929923, r, 0.04166666666052181);
  return multiply_add<R>(r2, multiply_add<R>(r2, multiply_add<R>(0.0013889113357768454, r2, middle), low), r);
}

// 2^(k / 16) (1 + s); `shifted` is k + to_integer, `step` is added to the exponent.
template <Rounding R> inline f64xn power(f64xn s, f64xn shifted, u64xn step = u64xn{}) {
  const f64xn scale = as_f64(lookup(sixteenths.bits, as_u64(shifted)) + (as_u64(shifted) << 48) + step);
  return multiply_add<R>(scale, s, scale);
}

struct Reduced {
  f64xn s, shifted;
};
template <Rounding R> inline Reduced reduce(f64xn x) {
  const f64xn shifted = multiply_add<R>(x, sixteen_log2_e, to_integer), k = shifted - to_integer;
  const f64xn r = multiply_add<R>(k, -sixteenth_low, multiply_add_exact(k, -sixteenth_high, x));
  return {expm1_reduced<R>(r), shifted};
}

// exp(x) for |x| <= 708 and NaN; below -660 the last bit may be another than that of exp_any.
template <Rounding R> inline f64xn exp_within(f64xn x) {
  const Reduced e = reduce<R>(x);
  return power<R>(e.s, e.shifted);
}

// value * 2^-300 for value >= 0. What falls below the normal numbers, which processors are slow to multiply, is counted in units of the
// smallest of all instead.
inline f64xn times_2_to_minus_300(f64xn value) {
  const f64xn smallest = broadcast<f64xn>(0x1p-722);  // becomes the smallest normal number, which is 2^52 units
  const f64xn units = as_f64(as_u64(value + smallest) - as_u64(smallest)), scaled = max(smallest, value) * 0x1p-300;
  return value < smallest ? units : scaled;
}

// exp(x) for every x; 2^k comes in two steps, the second of which may round.
template <Rounding R> inline f64xn exp_any(f64xn x) {
  const f64xn bounded = min(800.0, max(-800.0, x));
  const Reduced e = reduce<R>(bounded);
  const i64xn down = bounded < f64xn{};
  const u64xn up{};
  const f64xn value = power<R>(e.s, e.shifted, down ? up + (u64{300} << 52) : up - (u64{300} << 52));
  return down ? times_2_to_minus_300(value) : value * 0x1p300;
}

// k log(2) + log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)): as log_of of elementary.h, and the same bits.
template <Rounding R> inline f64xn log_of(f64xn k, f64xn f) {
  const f64xn s = quotient<R>(f, 2.0 + f), z = s * s, z2 = z * z;
  const f64xn high = multiply_add<R>(0.147973131915737059, z2, multiply_add<R>(0.153139259628981743, z, 0.181835687166134363));
  const f64xn series =
      multiply_add<R>(high, z2 * z2, cubic<R>(z, z2, 0.666666666666673472, 0.399999999994122283, 0.285714287430237714, 0.222221984982566705));
  const f64xn rest = multiply_add<R>(-z, series, f);
  return multiply_add_exact(k, ln2_high, f - multiply_add<R>(s, rest, k * -ln2_low));
}

// log(x) for normal numbers > 0.
template <Rounding R> inline f64xn log_positive(f64xn x) {
  const u64xn bits = as_u64(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  const f64xn k = as_f64((bits >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0);
  return log_of<R>(k, as_f64((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0);
}

// log(x) for every x: NaN below 0. Numbers below the normal ones, which processors are slow with, are taken as the integers they are.
template <Rounding R> inline f64xn log_any(f64xn x) {
  const i64xn tiny = reinterpret_cast<i64xn>(as_u64(x)) < (1ll << 52), none = reinterpret_cast<i64xn>(as_u64(x) << 1) == 0;
  const f64xn whole = as_f64((as_u64(x) & 0x000fffffffffffffu) | 0x4330000000000000u) - 0x1p52;
  const u64xn bits = as_u64(tiny ? whole : x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  const f64xn k = as_f64((bits >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0);
  const f64xn value = log_of<R>(tiny ? k - 1074.0 : k, as_f64((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0);
  const f64xn infinite = broadcast<f64xn>(__builtin_inf());
  const f64xn real = x < infinite ? value : x;  // also where x is no number
  return none ? -infinite : (reinterpret_cast<i64xn>(as_u64(x)) < 0) & (x == x) ? broadcast<f64xn>(__builtin_nan("")) : real;
}

// R(a) (a + 1.25) in u = (a - 5) / (a + 5), as mills of elementary.h.
template <Rounding R> inline f64xn mills(f64xn u) {
  const f64xn v = u * u, v2 = v * v, v4 = v2 * v2;
  const auto two = [&](f64 c0, f64 c1) { return multiply_add<R>(c1, v, c0); };
  const f64xn even_top = multiply_add<R>(1.76618715287262554e-9, v2, two(1.41147844905889365e-7, -2.37983427714063235e-8));
  const f64xn even_high = multiply_add<R>(
      even_top, v4, cubic<R>(v, v2, -0.0016211847325031985, 0.000167227720624334199, -8.23668607754296947e-6, -2.35070543511307445e-7));
  const f64xn even_low = multiply_add<R>(two(-0.0144372048955903896, -0.0129225727580799763), v2, v * 0.0600475713974705546);
  const f64xn odd_top = multiply_add<R>(2.1169069765401144e-9, v2, two(1.82288257745317263e-7, -2.53105195659000333e-8));
  const f64xn odd_high = multiply_add<R>(
      odd_top, v4, cubic<R>(v, v2, 0.0000413607960143310713, -0.0000533671081463158221, 8.74151666667853509e-6, -1.2442338926784904e-6));
  const f64xn odd_low = cubic<R>(v, v2, -0.127416670650011991, -0.0102186169308064581, 0.0186834881218424933, 0.00592728957846769872);
  return 0.480745656093789329 + multiply_add<R>(multiply_add<R>(odd_high, v4, odd_low), u, multiply_add<R>(even_high, v4, even_low));
}

// exp(-a^2 / 2) for a in [0, 38.6]. The square is split: rounded, it would lose a^2 / 2 units of the result far in the tail.
template <Rounding R> inline Reduced gauss(f64xn a) {
  const f64xn head = as_f64(as_u64(a) & ~u64{0x7ffffff}), square = head * head;  // 26 bits, so its square is exact
  const f64xn shifted = multiply_add<R>(square, -0.5 * sixteen_log2_e, to_integer), k = shifted - to_integer;
  const f64xn r2 = multiply_add_exact(k, 2 * sixteenth_high, square) + multiply_add<R>(a - head, a + head, k * (2 * sixteenth_low));  // -2 r
  return {expm1_reduced<R>(-0.5 * r2), shifted};
}

// log(to / from) of normal numbers > 0, exact to a few roundings of the result also where they are close: from is brought near to by a
// power of two, and the series runs in their difference over their sum.
template <Rounding R> inline f64xn log_ratio(f64xn from, f64xn to) {
  // The bits are logarithms but for at most 0.09; so the two come within a factor of 1.51 of each other.
  const u64xn apart = as_u64(to) - as_u64(from) + ((u64{1} << 51) + (u64{2048} << 52)), whole = apart & 0xfff0000000000000u;
  const f64xn k = as_f64((apart >> 52) | 0x4330000000000000u) - (0x1p52 + 2048.0);
  const f64xn near = as_f64(as_u64(from) + whole - (u64{2048} << 52));
  const f64xn s = quotient<R>(to - near, to + near), z = s * s, z2 = z * z;
  const f64xn high = multiply_add<R>(0.151184871087245709, z2, multiply_add<R>(0.152837037524031466, z, 0.18184610246294064));
  const f64xn series =
      multiply_add<R>(high, z2 * z2, cubic<R>(z, z2, 0.666666666666669405, 0.399999999993355559, 0.285714288360455482, 0.222221827766744817));
  return multiply_add_exact(k, ln2_high, multiply_add<R>(2.0, s, multiply_add<R>(s * z, series, k * ln2_low)));
}

// R(a) for a in [0, 38.6], given 1 / ((a + 5) (a + 1.25)): one division instead of two, last bits less exact.
template <Rounding R> inline f64xn mills_over(f64xn a, f64xn both) { return mills<R>((a - 5.0) * (a + 1.25) * both) * ((a + 5.0) * both); }

// whole * exp(-d^2 / 2) for the size of d; 0 beyond 37: products of so small a number leave the normal ones.
template <Rounding R> inline f64xn gaussian_of(f64xn size, f64xn whole) {
  const Reduced g = gauss<R>(min(37.0, size));
  return size < 37.0 ? whole * power<R>(g.s, g.shifted) : f64xn{};
}

// `gaussian` Phi(x) / phi, given the ratio Phi(-|x|) / phi: the tail where x < 0, else what the tail leaves of `whole`.
inline f64xn normal_part(f64xn x, f64xn gaussian, f64xn ratio, f64xn whole) {
  const f64xn tail = gaussian * ratio;
  return x > f64xn{} ? whole - tail : tail;
}

// exp(x) for factors of discount: infinite above 708, not below exp(-708).
inline f64xn discount(f64xn x) {
  const f64xn value = exp_within<Rounding::FUSED>(min(708.0, max(-708.0, x)));
  return x > 708.0 ? broadcast<f64xn>(__builtin_inf()) : value;
}

}  // namespace tickforge::TICKFORGE_ISA
