// The tail of the normal distribution as a Gaussian times a Mills ratio R(a) = exp(a^2 / 2) Phi(-a): sixteen polynomials, the coefficients
// of which stay in registers. Fits in 60-digit arithmetic.
#pragma once
#include "simd/elementary_lanes.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr f64 mills_shift = 3.875, mills_most = 38.6;

// Where a piece has its middle, and R as a polynomial in (a - middle) / (a + mills_shift); relative error 1.5e-16 at most, about a = 4 and 14,
// mostly below 5e-17. Middles lie where R is almost an f64, so that rounding the first coefficient costs nothing.
inline constexpr Tables<10> mills_pieces = tables_of<10>(
    {{0x1.1134219e1dcp-2, 0x1.8be9de1b62p-5, 0x1.e33b55d97f12p4, 0x1.3c6c8ff0113cp4, 0x1.af7b0f04a22ap3, 0x1.45b9c8e1fbc2p3, 0x1.05739d20a384p3,
      0x1.8aa73be4e72p2, 0x1.23066d2e7c2cp2, 0x1.d78eb468d4ap1, 0x1.9909b1b233dp1, 0x1.5968ce1532a8p1, 0x1.192850beafap1, 0x1.b0529c4a25ep0,
      0x1.2dcdc5d6873p0, 0x1.5ce65a21ba4p-1},
     {0x1.a2ef619a054dcp-2, 0x1.ecd6eeee48801p-2, 0x1.b05d3900b6483p-7, 0x1.49ab0fbee3a31p-6, 0x1.e220a38194ed9p-6, 0x1.3e0e3791d82a5p-5,
      0x1.8a41f899b883bp-5, 0x1.02832db4ae70bp-4, 0x1.5807f2da78908p-4, 0x1.a0496fb777627p-4, 0x1.d786c6d03016bp-4, 0x1.0ff20461b63fp-3,
      0x1.409b69e82fe49p-3, 0x1.84f27af3db59fp-3, 0x1.e92c859350041p-3, 0x1.400ed253f2ab2p-2},
     {-0x1.3343b46f2a495p0, -0x1.795314b68aabfp0, -0x1.e6c61caf26d4ap-7, -0x1.8845be3d238e6p-6, -0x1.33048397e77cbp-5, -0x1.af0a8c342d205p-5,
      -0x1.1a80f4528ecedp-4, -0x1.91466f5b1b85cp-4, -0x1.255ff0e4858p-3, -0x1.7ba644195a0d1p-3, -0x1.c1e160aefa7c2p-3, -0x1.1169ab02675dep-2,
      -0x1.56747dbf7bfe1p-2, -0x1.bda4c72b4dc4dp-2, -0x1.2fa904eddd17p-1, -0x1.b1ced04b51178p-1},
     {0x1.a54b82c97c675p0, 0x1.0b9433db166e3p1, 0x1.e54b6844000bep-10, 0x1.254ddef90cc1bp-8, 0x1.47cac03511b5bp-7, 0x1.27d9d829d550bp-6,
      0x1.d3efa36c4eb47p-6, 0x1.a06fc357b2fc8p-5, 0x1.7b58720c5160fp-4, 0x1.18b59790c73dap-3, 0x1.68ef3f582fe59p-3, 0x1.deb6489a89695p-3,
      0x1.48abc65e42d58p-2, 0x1.d6c2c16cb108bp-2, 0x1.6186d8c52f3bep-1, 0x1.14f4486a931c4p0},
     {-0x1.52c670594d0c9p0, -0x1.aeada1cf82d24p0, -0x1.b92eb221d3ccp-13, -0x1.8abb2bb2b3e2ap-11, -0x1.354076a6888a2p-9, -0x1.602ad40b009dbp-8,
      -0x1.49d43778b7d84p-7, -0x1.65177124f7f25p-6, -0x1.85cfa1761f665p-5, -0x1.400c23fe127e9p-4, -0x1.b50bc322e17d2p-4, -0x1.342742f4dd3b5p-3,
      -0x1.c18efc9c5b852p-3, -0x1.5510264f2a4f9p-2, -0x1.0d73321508fc9p-1, -0x1.b638f400252f8p-1},
     {0x1.f731e97967d92p-2, 0x1.26f501e90d4e9p-1, 0x1.654dad086ac52p-16, 0x1.d12db492d92f2p-14, 0x1.f2ed5bb4491dcp-12, 0x1.5dc7ac672f9fcp-10,
      0x1.7aba2f8e24546p-9, 0x1.e0483cdc5e3e7p-8, 0x1.2ae7b549b6bd5p-6, 0x1.05e7f0c171569p-5, 0x1.7167f9ad92bfep-5, 0x1.0b9a9520f501fp-4,
      0x1.8d79dbad59f4ep-4, 0x1.2e859df3b949bp-3, 0x1.d425c7f906f38p-3, 0x1.6700a40b75cddp-2},
     {0x1.4998e5a45c6f7p-4, 0x1.3a81e61232943p-3, -0x1.eed117d8bc887p-20, -0x1.c88084e2c2136p-17, -0x1.42c947e633ef4p-14, -0x1.0bbadcb0850a9p-12,
      -0x1.41b04902fc2c8p-11, -0x1.be3fcfcee9bf4p-10, -0x1.1e8ce7d8f73bep-8, -0x1.ea0f791d27023p-8, -0x1.4c061fbb651f1p-7, -0x1.be611ccccb107p-7,
      -0x1.215bdf29b1b23p-6, -0x1.52530f339c81dp-6, -0x1.1355ccac2e47ap-6, 0x1.4a903ee039872p-7},
     {-0x1.d30de54014ad8p-4, -0x1.28b20b9b49ac5p-3, 0x1.0bb20ea58d362p-23, 0x1.4af07adbd20a1p-20, 0x1.19f7826d9f6ep-17, 0x1.ee638d0558dc4p-16,
      0x1.1e14587bd2ab7p-14, 0x1.366ff36c0e0c6p-13, 0x1.e07d681c692eep-14, -0x1.5cb2a8d3bb5dep-12, -0x1.22dcdcac93035p-10, -0x1.7779020d8d565p-9,
      -0x1.b912e80f4b1afp-8, -0x1.f04d1035b2c14p-7, -0x1.0d8a180e21bf8p-5, -0x1.12791db041479p-4},
     {-0x1.2beb0cc20e7e8p-6, -0x1.5e99dff0ef143p-5, -0x1.46f4af9ff2b2fp-28, -0x1.90804ff2c8bd9p-25, -0x1.fc736fb8ccb5dp-24, 0x1.3ab630e58feacp-20,
      0x1.2d0500f00978cp-17, 0x1.085bc45403143p-14, 0x1.59d701f89884p-12, 0x1.b01d2fdbc2958p-11, 0x1.6b34b3694c24bp-10, 0x1.30f710b2eb298p-9,
      0x1.f2d4ad5c65517p-9, 0x1.7a9aad9262a09p-8, 0x1.ca96ac70d0458p-8, 0x1.1868727353faap-9},
     {0x1.c124d9016c9cdp-6, 0x1.294405801b2f5p-5, -0x1.c929f0e6c85e1p-33, -0x1.1cae4c08a6c54p-27, -0x1.72843846d6775p-23, -0x1.57843bf0d5ccbp-20,
      -0x1.5b69e951fd858p-18, -0x1.8a9aef08f5abap-16, -0x1.402ff9e12e88dp-14, -0x1.ce9327709618ep-14, -0x1.58e9fe9e8585bp-14, 0x1.6787d074adaaap-14,
      0x1.5b3c27346f711p-11, 0x1.2ff01eed5e069p-9, 0x1.ad7d76ebf497dp-8, 0x1.fedb92f207bf3p-7}});

// R(a) for a in [0, 38.6]; over(x, a + mills_shift) divides.
template <Rounding R, class Over> [[gnu::always_inline]] inline f64xn mills_by(f64xn a, Over over) {
  const f64xn shifted = a + mills_shift;
  // Its inverse but for some hundredths, by the bits as a logarithm: from 17.3 down to 1.6.
  const f64xn steps = as_f64(0x80404ccccccccccdu - as_u64(shifted));
  const u64xn piece = as_u64(steps + to_integer);
  f64xn c[10];
  lookup(mills_pieces, piece, c);
  const f64xn u = over(a - c[0], shifted), u2 = u * u;
  const f64xn even = multiply_add<R>(multiply_add<R>(c[9], u2, c[7]), u2, c[5]);
  const f64xn odd = multiply_add<R>(multiply_add<R>(c[8], u2, c[6]), u2, c[4]);
  const f64xn high = multiply_add<R>(even, u2, multiply_add<R>(odd, u, c[3]));
  return multiply_add<R>(multiply_add<R>(high, u, c[2]), u, c[1]);
}
template <Rounding R> inline f64xn mills_ratio(f64xn a) { return mills_by<R>(a, quotient<R>); }

// Of two, with one division. Four lanes multiply faster than they look up.
struct Ratios {
  f64xn first, second;
};
template <Rounding R> [[gnu::always_inline]] inline Ratios mills_ratios(f64xn first, f64xn second) {
  if constexpr (register_lanes == 4) {
    const f64xn q1 = (first + 5.0) * (first + 1.25), q2 = (second + 5.0) * (second + 1.25), both = reciprocal(q1 * q2);
    return {mills_over<R>(first, both * q2), mills_over<R>(second, both * q1)};
  }
  const f64xn both = reciprocal((first + mills_shift) * (second + mills_shift));
  const auto over = [&](f64xn other) { return [=](f64xn x, f64xn) { return x * ((other + mills_shift) * both); }; };
  return {mills_by<R>(first, over(second)), mills_by<R>(second, over(first))};
}

// Standard normal distribution function of x >= -36.5 and NaN; below, products on the way may leave the normal numbers.
inline f64xn normal_cdf_within(f64xn x) {
  constexpr Rounding R = Rounding::SAME;
  const f64xn a = min(36.5, abs(x));
  const Reduced g = gauss<R>(a);
  const f64xn tail = power<R>(g.s, g.shifted) * mills_ratio<R>(a);
  return x > f64xn{} ? 1.0 - tail : tail;
}
// Of every x.
inline f64xn normal_cdf_any(f64xn x) {
  constexpr Rounding R = Rounding::SAME;
  const f64xn a = min(mills_most, abs(x));  // where it is 0
  const Reduced g = gauss<R>(a);
  const f64xn tail = times_2_to_minus_300(power<R>(g.s, g.shifted, u64xn{} + (u64{300} << 52)) * mills_ratio<R>(a));
  return x > f64xn{} ? 1.0 - tail : tail;
}

}  // namespace tickforge::TICKFORGE_ISA
