// exp, log and the parts of the normal distribution for a register of values at once, faster than vector_math.h: powers of two come from
// a table that stays in registers, and what is outside the usual range is left to the caller. With Rounding::SAME every processor gives
// the same bits. Coefficients: minimax fits in 60-digit arithmetic.
#pragma once
#include "lanes.h"
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

template <Rounding R> inline Lanes four(Lanes x, Lanes x2, f64 c0, f64 c1, f64 c2, f64 c3) {
  return add_product<R>(add_product<R>(all(c0), all(c1), x), add_product<R>(all(c2), all(c3), x), x2);
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
alignas(64) inline constexpr Sixteenths sixteenths = sixteenths_of(
    {0x1p0, 0x1.0b5586cf9890fp0, 0x1.172b83c7d517bp0, 0x1.2387a6e756238p0, 0x1.306fe0a31b715p0, 0x1.3dea64c123422p0, 0x1.4bfdad5362a27p0,
     0x1.5ab07dd485429p0, 0x1.6a09e667f3bcdp0, 0x1.7a11473eb0187p0, 0x1.8ace5422aa0dbp0, 0x1.9c49182a3f09p0, 0x1.ae89f995ad3adp0,
     0x1.c199bdd85529cp0, 0x1.d5818dcfba487p0, 0x1.ea4afa2a490dap0});

inline constexpr f64 sixteen_log2_e = 23.083120654223414;
inline constexpr f64 sixteenth_high = 0x1.62e42fef8p-5, sixteenth_low = 1.012406886666035e-12;  // of log(2); the first has 34 bits

// exp(r) - 1 for |r| <= log(2) / 32; relative error of exp 1.2e-17.
template <Rounding R> inline Lanes exp_rest(Lanes r) {
  const Lanes r2 = r * r;
  const Lanes low = add_product<R>(all(0.5000000000000004), all(0.16666666664372584), r);
  const Lanes middle = add_product<R>(all(0.04166666666052181), all(0.008333473002929923), r);
  return add_product<R>(r, r2, add_product<R>(low, r2, add_product<R>(middle, all(0.0013889113357768454), r2)));
}

// 2^(k / 16) (1 + s); `shifted` is k + to_integer, `step` is added to the exponent.
template <Rounding R> inline Lanes power(Lanes s, Lanes shifted, Bits step = Bits{}) {
  const Lanes scale = lanes_of(entry_of(sixteenths.bits, bits_of(shifted)) + (bits_of(shifted) << 48) + step);
  return add_product<R>(scale, scale, s);
}

struct Reduced {
  Lanes s, shifted;
};
template <Rounding R> inline Reduced reduce(Lanes x) {
  const Lanes shifted = add_product<R>(all(to_integer), x, all(sixteen_log2_e)), k = shifted - to_integer;
  const Lanes r = add_product<R>(add_exact_product(x, k, -sixteenth_high), k, all(-sixteenth_low));
  return {exp_rest<R>(r), shifted};
}

// exp(x) for |x| <= 708 and NaN; below -660 the last bit may be another than that of exp_all.
template <Rounding R> inline Lanes exp_within(Lanes x) {
  const Reduced e = reduce<R>(x);
  return power<R>(e.s, e.shifted);
}

// value * 2^-300 for value >= 0. What falls below the normal numbers, which processors are slow to multiply, is counted in units of the
// smallest of all instead.
inline Lanes times_2_to_minus_300(Lanes value) {
  const Lanes smallest = all(0x1p-722);  // becomes the smallest normal number, which is 2^52 units
  const Lanes units = lanes_of(bits_of(value + smallest) - bits_of(smallest)), scaled = larger(smallest, value) * 0x1p-300;
  return value < smallest ? units : scaled;
}

// exp(x) for every x; 2^k comes in two steps, the second of which may round.
template <Rounding R> inline Lanes exp_all(Lanes x) {
  const Lanes bounded = smaller(all(800), larger(all(-800), x));
  const Reduced e = reduce<R>(bounded);
  const Truth down = bounded < Lanes{};
  const Bits up{};
  const Lanes value = power<R>(e.s, e.shifted, down ? up + (u64{300} << 52) : up - (u64{300} << 52));
  return down ? times_2_to_minus_300(value) : value * 0x1p300;
}

// y = quick(x) of a column, and sure(x) where quick cannot be trusted: note(seen, x) keeps, of all x so far and 0, what doubt(seen) judges
// them by, below 0 where there was one such.
template <class T, class Note, class Doubt, class Quick, class Sure> void map_lanes(In<T> x, Out<T> y, Note note, Doubt doubt, Quick quick, Sure sure) {
  constexpr i64 block = 128;
  T first[block], last[block];
  for (i64 start = 0; start < x.length; start += block) {
    const i64 count = x.length - start < block ? x.length - start : block;
    const T* from = x.data + start;
    T* to = y.data + start;
    if (count < block) {
      for (i64 i = 0; i < block; i++) first[i] = i < count ? from[i] : T{1};
      from = first, to = last;
    }
    Lanes seen{};
    for (i64 i = 0; i < block; i += wide) {
      const Lanes v = load(from + i);
      seen = note(seen, v);
      store(to + i, quick(v));
    }
    if (any_negative(doubt(seen)))
      for (i64 i = 0; i < block; i += wide)
        if (const Lanes v = load(from + i); any_negative(doubt(note(Lanes{}, v)))) store(to + i, sure(v));
    for (i64 i = 0; count < block && i < count; i++) y[start + i] = last[i];
  }
}

// k log(2) + log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)): as log_of of vector_math.h, and the same bits.
template <Rounding R> inline Lanes log_of(Lanes k, Lanes f) {
  const Lanes s = quotient<R>(f, 2.0 + f), z = s * s, z2 = z * z;
  const Lanes high = add_product<R>(add_product<R>(all(0.181835687166134363), all(0.153139259628981743), z), all(0.147973131915737059), z2);
  const Lanes series = add_product<R>(four<R>(z, z2, 0.666666666666673472, 0.399999999994122283, 0.285714287430237714, 0.222221984982566705), high, z2 * z2);
  const Lanes rest = add_product<R>(f, -z, series);
  return add_exact_product(f - add_product<R>(k * -ln2_low, s, rest), k, ln2_high);
}

// log(x) for normal numbers > 0.
template <Rounding R> inline Lanes log_within(Lanes x) {
  const Bits bits = bits_of(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  const Lanes k = lanes_of((bits >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0);
  return log_of<R>(k, lanes_of((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0);
}

// log(x) for every x: NaN below 0. Numbers below the normal ones, which processors are slow with, are taken as the integers they are.
template <Rounding R> inline Lanes log_all(Lanes x) {
  const Truth tiny = reinterpret_cast<Truth>(bits_of(x)) < (1ll << 52), none = reinterpret_cast<Truth>(bits_of(x) << 1) == 0;
  const Lanes whole = lanes_of((bits_of(x) & 0x000fffffffffffffu) | 0x4330000000000000u) - 0x1p52;
  const Bits bits = bits_of(tiny ? whole : x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  const Lanes k = lanes_of((bits >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0);
  const Lanes value = log_of<R>(tiny ? k - 1074.0 : k, lanes_of((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0);
  const Lanes infinite = all(__builtin_inf());
  const Lanes real = x < infinite ? value : x;  // also where x is no number
  return none ? -infinite : (reinterpret_cast<Truth>(bits_of(x)) < 0) & (x == x) ? all(__builtin_nan("")) : real;
}

// R(a) (a + 1.25) in u = (a - 5) / (a + 5), as mills of vector_math.h.
template <Rounding R> inline Lanes mills(Lanes u) {
  const Lanes v = u * u, v2 = v * v, v4 = v2 * v2;
  const auto two = [&](f64 c0, f64 c1) { return add_product<R>(all(c0), all(c1), v); };
  const Lanes even_top = add_product<R>(two(1.41147844905889365e-7, -2.37983427714063235e-8), all(1.76618715287262554e-9), v2);
  const Lanes even_high = add_product<R>(four<R>(v, v2, -0.0016211847325031985, 0.000167227720624334199, -8.23668607754296947e-6, -2.35070543511307445e-7), even_top, v4);
  const Lanes even_low = add_product<R>(v * 0.0600475713974705546, two(-0.0144372048955903896, -0.0129225727580799763), v2);
  const Lanes odd_top = add_product<R>(two(1.82288257745317263e-7, -2.53105195659000333e-8), all(2.1169069765401144e-9), v2);
  const Lanes odd_high = add_product<R>(four<R>(v, v2, 0.0000413607960143310713, -0.0000533671081463158221, 8.74151666667853509e-6, -1.2442338926784904e-6), odd_top, v4);
  const Lanes odd_low = four<R>(v, v2, -0.127416670650011991, -0.0102186169308064581, 0.0186834881218424933, 0.00592728957846769872);
  return 0.480745656093789329 + add_product<R>(add_product<R>(even_low, even_high, v4), add_product<R>(odd_low, odd_high, v4), u);
}

// exp(-a^2 / 2) for a in [0, 38.6]. The square is split: rounded, it would lose a^2 / 2 units of the result far in the tail.
template <Rounding R> inline Reduced gauss_parts(Lanes a) {
  const Lanes head = lanes_of(bits_of(a) & ~u64{0x7ffffff}), square = head * head;  // 26 bits, so its square is exact
  const Lanes shifted = add_product<R>(all(to_integer), square, all(-0.5 * sixteen_log2_e)), k = shifted - to_integer;
  const Lanes r2 = add_exact_product(square, k, 2 * sixteenth_high) + add_product<R>(k * (2 * sixteenth_low), a - head, a + head);  // -2 r
  return {exp_rest<R>(-0.5 * r2), shifted};
}

// log(to / from) of normal numbers > 0, exact to a few roundings of the result also where they are close: from is brought near to by a
// power of two, and the series runs in their difference over their sum.
template <Rounding R> inline Lanes log_ratio(Lanes from, Lanes to) {
  // The bits are logarithms but for at most 0.09; so the two come within a factor of 1.51 of each other.
  const Bits apart = bits_of(to) - bits_of(from) + ((u64{1} << 51) + (u64{2048} << 52)), whole = apart & 0xfff0000000000000u;
  const Lanes k = lanes_of((apart >> 52) | 0x4330000000000000u) - (0x1p52 + 2048.0);
  const Lanes near = lanes_of(bits_of(from) + whole - (u64{2048} << 52));
  const Lanes s = quotient<R>(to - near, to + near), z = s * s, z2 = z * z;
  const Lanes high = add_product<R>(add_product<R>(all(0.18184610246294064), all(0.152837037524031466), z), all(0.151184871087245709), z2);
  const Lanes series = add_product<R>(four<R>(z, z2, 0.666666666666669405, 0.399999999993355559, 0.285714288360455482, 0.222221827766744817), high, z2 * z2);
  return add_exact_product(add_product<R>(add_product<R>(k * ln2_low, s * z, series), all(2), s), k, ln2_high);
}

// R(a) for a in [0, 38.6], given 1 / ((a + 5) (a + 1.25)): one division instead of two, last bits less exact.
template <Rounding R> inline Lanes mills_over(Lanes a, Lanes both) { return mills<R>((a - 5.0) * (a + 1.25) * both) * ((a + 5.0) * both); }

// whole * exp(-d^2 / 2) for the size of d; 0 beyond 37: products of so small a number leave the normal ones.
template <Rounding R> inline Lanes gaussian_of(Lanes size, Lanes whole) {
  const Reduced g = gauss_parts<R>(smaller(all(37), size));
  return size < 37.0 ? whole * power<R>(g.s, g.shifted) : Lanes{};
}

// `gaussian` Phi(x) / phi, given the ratio Phi(-|x|) / phi: the tail where x < 0, else what the tail leaves of `whole`.
inline Lanes normal_part(Lanes x, Lanes gaussian, Lanes ratio, Lanes whole) {
  const Lanes tail = gaussian * ratio;
  return x > Lanes{} ? whole - tail : tail;
}

// exp(x) for factors of discount: infinite above 708, not below exp(-708).
inline Lanes discount(Lanes x) {
  const Lanes value = exp_within<Rounding::FUSED>(smaller(all(708), larger(all(-708), x)));
  return x > 708.0 ? all(__builtin_inf()) : value;
}

}  // namespace tickforge::TICKFORGE_ISA
