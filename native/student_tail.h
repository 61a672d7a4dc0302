// Student's t distribution function, one value at a time and accurate to the last bits in both tails: the continued fraction of the
// incomplete beta function evaluated backwards, in front of it (1 + t^2 / df)^(-df / 2) from a logarithm in two f64.
#pragma once
#include "double_double.h"
#include "normal_quantile.h"

namespace tickforge::TICKFORGE_ISA {

// x^a y^b / B(a, b) times this is I_x(a, b); y = 1 - x is given apart. Didonato & Morris (1992), eq. 9: forwards until it settles,
// then backwards, where the roundings of the far steps do not count.
inline f64 beta_fraction_exactly(f64 x, f64 y, f64 a, f64 b) {
  const f64 start = a * y - b * x + 1;
  const auto top = [=](f64 n) { return ((a + (n - 1)) / (a + (2 * n - 1))) * ((a + b + (n - 1)) / (a + (2 * n - 1))) * n * (b - n) * x * x; };
  const auto bottom = [=](f64 n) { return n + n * (b - n) * x / (a + (2 * n - 1)) + (a + n) * (start + n * (2 - x)) / (a + (2 * n + 1)); };
  f64 p0 = 1, q0 = 0, p1 = a * start / (a + 1), last = p1, n = 1;
  f64 q1 = 1;
  for (; n < 10000; n++) {
    const f64 t = top(n), d = bottom(n), q2 = d * q1 + t * q0, p2 = d * p1 + t * p0, scale = 1 / q2;
    p0 = p1 * scale, q0 = q1 * scale, p1 = p2 * scale, q1 = 1;
    if (__builtin_fabs(p1 - last) <= 0x1p-50 * __builtin_fabs(p1)) break;  // its roundings may keep it from less
    last = p1;
  }
  f64 f = 0;
  for (n += 4; n > 0; n--) f = top(n) / (bottom(n) + f);
  return 1 / (a * start / (a + 1) + f);
}

// 1 / (2 B(a, 1/2)) from gamma(a + 1) / gamma(a + 1/2): recurrence up to 30, then the asymptotic series about a + 1/4 (Tricomi &
// Erdelyi 1951).
inline f64 half_per_beta(f64 a) {
  Double2 product{1, 0};
  f64 z = a;
  for (f64 i = 0; z < 30; z = a + ++i) product = product * (two_sum(a, i + 0.5) / two_sum(a, i + 1));
  const f64 w = 1 / (64 * (z + 0.25) * (z + 0.25));
  const f64 root = __builtin_sqrt(z + 0.25);
  const Double2 square = two_product(root, root);
  const Double2 exact_root = renormalize(root, ((z + 0.25 - square.high) - square.low) / (2 * root));
  const Double2 series = Double2{1, 0} + Double2{w * (1 - w * (9.5 - w * (315.5 - w * 21789.625))), 0};
  const Double2 root_pi{1.772453850905516, -7.666586499825799e-17};
  const Double2 value = Double2{0.5 * a, 0} / (product * exact_root * series * root_pi);
  return value.high + value.low;
}

struct StudentPoint {
  f64 tail, area;  // P(T < -t) and P(-t < T < 0)
  f64 pull;        // t times the density
};

struct Student {
  f64 df, a, front;
  explicit Student(f64 degrees) : df(degrees), a(0.5 * degrees), front(half_per_beta(0.5 * degrees)) {}

  // t > 0; far out, where 1 + t^2 / df is t^2 / df, t is taken by 2^-700, so that its square does not overflow.
  StudentPoint at(f64 t) const {
    const bool far = t > 0x1p400;
    const f64 size = far ? t * 0x1p-700 : t;
    const Double2 ratio = two_product(size, size) / Double2{df, 0};
    const Double2 whole = far ? ratio : Double2{1, 0} + ratio;
    const Double2 log = log_exactly(whole) + (far ? Double2{1400 * ln2_high, 1400 * ln2_low} : Double2{0, 0});
    const Double2 power = two_product(-a, log.high) + Double2{-a * log.low, 0};
    const f64 x = far ? 0 : 1 / whole.high, y = far ? 1 : ratio.high / whole.high;
    const f64 root = far ? 1 : size / __builtin_sqrt(df * whole.high);  // of y
    const bool outer = far || size * size > 1.5 || x < (a + 1) / (a + 2.5);  // inside, the tail is over a tenth: 1/2 - area loses two bits
    const f64 fraction = outer ? beta_fraction_exactly(x, y, a, 0.5) : beta_fraction_exactly(y, x, 0.5, a);
    const f64 value = times_exp(front * root * fraction, power);
    return {outer ? value : 0.5 - value, outer ? 0.5 - value : value, times_exp(2 * front * root, power)};
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
    if (q == 0) return sign * __builtin_inf();
    if (centre == 0) return 0;
    f64 low = 0, high = __builtin_inf(), t = start(q);
    for (int round = 0; round < 200; round++) {
      const StudentPoint at_t = at(t);
      const bool inner = q > 0.25, beyond = inner ? at_t.area > centre : at_t.tail < q;
      (beyond ? high : low) = t;
      if (low >= __DBL_MAX__) return sign * __builtin_inf();
      const f64 size = inner ? at_t.area : at_t.tail;
      const f64 step = (inner ? log_any(centre / size) : log_any(size / q)) * (size / at_t.pull);
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
