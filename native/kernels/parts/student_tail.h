// Student's t distribution function, one value at a time and accurate to the last bits in both tails: the incomplete beta function by a
// continued fraction or, near the middle, a series, in front of it (1 + t^2 / df)^(-df / 2) from a logarithm in two f64.
#pragma once
#include "simd/double_double.h"
#include "normal_quantile.h"

namespace tickforge::TICKFORGE_ISA {

// 1 / (2 a B(a, 1/2)) from gamma(a + 1) / gamma(a + 1/2): recurrence up to 30, then the asymptotic series about a + 1/4 (Tricomi &
// Erdelyi 1951).
inline f64 tail_front(f64 a) {
  Double2 product{1, 0};
  f64 z = a;
  for (f64 i = 0; z < 30; z = a + ++i) product = product * (two_sum(a, i + 0.5) / two_sum(a, i + 1));
  const f64 w = 1 / (64 * (z + 0.25) * (z + 0.25));
  const f64 root = __builtin_sqrt(z + 0.25);
  const Double2 square = two_product(root, root);
  const Double2 exact_root = renormalize(root, ((z + 0.25 - square.high) - square.low) / (2 * root));
  const Double2 series = Double2{1, 0} + Double2{w * (1 - w * (9.5 - w * (315.5 - w * 21789.625))), 0};
  const Double2 root_pi{1.772453850905516, -7.666586499825799e-17};
  const Double2 value = Double2{0.5, 0} / (product * exact_root * series * root_pi);
  return value.high + value.low;
}

// a y^(1/2) B(a, 1/2) / x^a I_x(a, 1/2) for x + y = 1 and z = x / y = df / square: 2F1(1/2, 1; a + 1; -z) by the continued fraction of Gauss
// (DLMF 15.7.5). All its terms are > 0, so that nothing cancels; from the far end on, as a numerator over a denominator.
inline f64 tail_fraction(f64 z, f64 a, f64 square) {
  const f64 normal = 200 / square, geometric = 10 * __builtin_sqrt(1 + z);  // pairs of terms that reach 2^-53, for large and small df
  f64 p = 1, q = 1, m = 10 + __builtin_floor(normal < geometric ? normal : geometric);
  for (; m > 0; m--) {
    const f64 n0 = a + (2 * m - 2), n1 = a + (2 * m - 1),
              n2 = a + 2 * m;  // the first is a itself where m is 1: 2 + a - 2 has lost most of a small one
    const f64 middle = p + z * (m * (a + m - 0.5) / (n1 * n2)) * q;
    p = middle + z * ((m - 0.5) * (a + (m - 1)) / (n0 * n1)) * p, q = middle;
    if (p > 0x1p500) p *= 0x1p-500, q *= 0x1p-500;
  }
  return q / p;
}

// B(a, 1/2) / (2 x^a y^(1/2)) I_y(1/2, a): 2F1(a + 1/2, 1; 3/2; y), the terms of which are > 0 as well, summed from the smallest on.
inline f64 area_series(f64 y, f64 a) {
  const auto ratio = [=](f64 n) { return (a + 0.5 + n) / (1.5 + n) * y; };
  f64 n = 0;
  for (f64 term = 1; term > 0x1p-56; n++) term *= ratio(n);
  f64 sum = 1;
  for (; n > 0; n--) sum = 1 + ratio(n - 1) * sum;
  return sum;
}

struct StudentPoint {
  f64 tail, area;  // P(T < -t) and P(-t < T < 0)
  f64 pull;        // t times the density
};

struct Student {
  f64 df, a, front;
  explicit Student(f64 degrees) : df(degrees), a(0.5 * degrees), front(tail_front(0.5 * degrees)) {}

  // t > 0; far out, where 1 + t^2 / df is t^2 / df, t is taken by 2^-700, so that its square does not overflow. All three come times
  // 2^lift, lift 0 or 200, so that a tail of few bits can be told from its neighbours.
  StudentPoint at(f64 t, int lift = 0) const {
    const bool far = t > 0x1p400;
    const f64 size = far ? t * 0x1p-700 : t;
    const Double2 ratio = two_product(size, size) / Double2{df, 0};
    const Double2 whole = far ? ratio : Double2{1, 0} + ratio;
    const Double2 log = log_exactly(whole) + (far ? Double2{1400 * ln2_high, 1400 * ln2_low} : Double2{0, 0});
    const Double2 power = two_product(-a, log.high) + Double2{-a * log.low, 0} + Double2{lift * ln2_high, lift * ln2_low};
    const f64 x = far ? 0 : 1 / whole.high, y = far ? 1 : ratio.high / whole.high;
    const f64 root = far ? 1 : size / __builtin_sqrt(df * whole.high);  // of y
    const f64 square = size * size;
    const bool outer = far || square > 0.7 || x < (a + 1) / (a + 2.5);  // inside, the tail is over a fifth: 1/2 - area loses a bit
    const f64 share = outer ? front * tail_fraction(far ? 0 : 1 / ratio.high, a, square) / root : df * front * root * area_series(y, a);
    const f64 value = times_exp(share, power), half = lift ? 0x1p199 : 0.5;
    return {outer ? value : half - value, outer ? half - value : value, times_exp(df * front * root, power)};
  }

  f64 cdf(f64 t) const {
    if (!(__builtin_fabs(t) <= __DBL_MAX__)) return t > 0 ? 1.0 : t < 0 ? 0.0 : t;
    if (t == 0) return 0.5;
    const f64 tail = at(__builtin_fabs(t)).tail;
    return t < 0 ? tail : 1 - tail;
  }

  // Newton's method in log(t) between bounds, on the logarithm of the tail or, near the middle, of the area from there.
  f64 quantile(f64 p) const {
    if (!(p >= 0 && p <= 1)) return __builtin_nan("");
    const f64 q = p < 0.5 ? p : 1 - p, sign = p < 0.5 ? -1.0 : 1.0, centre = 0.5 - q;
    const int lift = q < 0x1p-900 ? 200 : 0;
    const f64 lifted = q < 0x1p-900 ? q * 0x1p200 : q;
    if (q == 0) return sign * __builtin_inf();
    if (centre == 0) return 0;
    f64 low = 0, high = __builtin_inf(), t = start(q);
    for (int round = 0; round < 200; round++) {
      const StudentPoint at_t = at(t, lift);
      const bool inner = q > 0.25, beyond = inner ? at_t.area > centre : at_t.tail < lifted;
      (beyond ? high : low) = t;
      if (low >= __DBL_MAX__) return sign * __builtin_inf();
      const f64 size = inner ? at_t.area : at_t.tail;
      const f64 step = (inner ? log_any(centre / size) : log_any(size / lifted)) * (size / at_t.pull);
      if (__builtin_fabs(step) < 1e-9) return sign * (t + t * step);
      const f64 next = t * exp_any(step), bounded = next < __DBL_MAX__ ? next : __DBL_MAX__;
      const f64 middle = high <= __DBL_MAX__ ? __builtin_sqrt(low > 0 ? low : 0x1p-1000) * __builtin_sqrt(high) : 16 * t;
      const f64 last = t;
      t = step == step && bounded > low && bounded < high ? bounded : middle < __DBL_MAX__ ? middle : __DBL_MAX__;
      if (t == last) break;
    }
    return sign * t;
  }

 private:
  // t of q as if log(1 + t^2 / df) df were the square of the normal quantile.
  f64 start(f64 q) const {
    const f64 z = quantile_of(q), e = z * z / df;
    return e < 1e-8 ? z : e < 600 ? __builtin_sqrt(df * (exp_any(e) - 1)) : 1.0;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
