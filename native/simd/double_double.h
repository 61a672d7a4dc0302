// Numbers as the sum of two f64, for the few places where 53 bits are not enough: Dekker (1971), without fused operations so that
// every build has the same bits.
#pragma once
#include "elementary.h"

namespace tickforge::TICKFORGE_ISA {

struct Double2 {
  f64 high, low;
};

inline Double2 two_sum(f64 a, f64 b) {
  const f64 sum = a + b, part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}
inline Double2 renormalize(f64 high, f64 low) {  // |high| >= |low|
  const f64 sum = high + low;
  return {sum, low - (sum - high)};
}
inline Double2 two_product(f64 a, f64 b) {
  constexpr f64 splitter = 134217729;  // 2^27 + 1
  const f64 pa = splitter * a, ah = pa - (pa - a), al = a - ah;
  const f64 pb = splitter * b, bh = pb - (pb - b), bl = b - bh;
  const f64 product = a * b;
  return {product, ((ah * bh - product) + ah * bl + al * bh) + al * bl};
}
inline Double2 operator+(Double2 a, Double2 b) {
  const Double2 sum = two_sum(a.high, b.high);
  return renormalize(sum.high, sum.low + (a.low + b.low));
}
inline Double2 operator*(Double2 a, Double2 b) {
  const Double2 product = two_product(a.high, b.high);
  return renormalize(product.high, product.low + (a.high * b.low + a.low * b.high));
}
inline Double2 operator/(Double2 a, Double2 b) {
  const f64 first = a.high / b.high;
  const Double2 product = two_product(first, b.high);
  const f64 rest = ((a.high - product.high) - product.low) + (a.low - first * b.low);
  return renormalize(first, rest / b.high);
}

// log(u) to about 100 bits, for u.high in [2^-900, 2^900].
inline Double2 log_exactly(Double2 u) {
  const Binary b = binary(u.high);
  const Double2 f = two_sum(b.m - 1.0, u.low * b.inverse), below = Double2{2, 0} + f;
  const Double2 s = f / below, z = s * s;
  // 2 s (1 + z / 3 + z^2 / 5 + z^3 (1 / 7 + ...))
  f64 rest = 0;
  for (int odd = 25; odd >= 7; odd -= 2) rest = 1.0 / odd + z.high * rest;
  const Double2 fifth{0.2, -1.1102230246251566e-17}, third{0.3333333333333333, 1.850371707708594e-17};
  const Double2 series = z * (third + z * (fifth + two_product(z.high, rest)));
  const Double2 near = Double2{2 * s.high, 2 * s.low} * (Double2{1, 0} + series);
  return Double2{b.k * ln2_high, 0} + two_product(b.k, ln2_low) + near;  // 32 and 53 bits of log(2)
}

// x exp(e) for e <= 0: gradually 0 below the normal numbers.
inline f64 times_exp(f64 x, Double2 e) {
  if (!(e.high > -800)) return 0 * x;
  const f64 shifted = e.high * log2_e + to_integer, k = shifted - to_integer;
  const f64 r = ((e.high - k * ln2_high) - k * ln2_low) + e.low;
  return scale_down(x + x * (r + r * r * exp_phi2(r)), shifted);
}

}  // namespace tickforge::TICKFORGE_ISA
