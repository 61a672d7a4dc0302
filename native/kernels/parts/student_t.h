// Student's t distribution function for one number of degrees of freedom: a curve fitted to it at run time, then evaluated as
// branch-free vector code. In s = t / sqrt(df + t^2) the upper tail is (1 - s^2)^(df / 2) times a smooth function of s in [0, 1];
// that function times (s + c) is a polynomial of degree 23 in s / (s + c) to f64 precision for every df in [1e-3, 1e6].
#pragma once
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr int student_terms = 24;

struct StudentCurve {
  f64 df, per_df, root, c;          // root = 1 / sqrt(df)
  f64 coefficients[student_terms];  // of powers of 2 (1 + c) s / (s + c) - 1
};

// gamma(a + 1) / gamma(a + 1/2): recurrence up to 30, then the asymptotic series about a + 1/4 (Tricomi & Erdelyi 1951).
inline f64 gamma_ratio(f64 a) {
  f64 product = 1;
  for (; a < 30; a++) product *= (a + 0.5) / (a + 1);
  const f64 w = 1 / (64 * (a + 0.25) * (a + 0.25));
  return product * __builtin_sqrt(a + 0.25) * (1 + w * (1 - w * (9.5 - w * (315.5 - w * 21789.625))));
}

// x^a y^b / B(a, b) times this is I_x(a, b); y = 1 - x is given apart. Continued fraction of Didonato & Morris (1992), eq. 9, forward with rescaling.
inline f64 beta_fraction(f64 x, f64 y, f64 a, f64 b) {
  f64 bottom = a * (a * y - b * x + 1) / (a + 1);
  f64 p0 = 1, q0 = 0, p1 = bottom, q1 = 1, last = bottom;
  for (int n = 1; n < 100000; n++) {
    const f64 odd = a + 2 * n - 1;
    const f64 top = ((a + n - 1) / odd) * ((a + b + n - 1) / odd) * n * (b - n) * x * x;
    bottom = n + n * (b - n) * x / odd + (a + n) * (a * y - b * x + 1 + n * (2 - x)) / (odd + 2);
    const f64 p2 = bottom * p1 + top * p0, q2 = bottom * q1 + top * q0, scale = 1 / q2;
    p0 = p1 * scale, q0 = q1 * scale, p1 = p2 * scale, q1 = 1;
    if (__builtin_fabs(p1 - last) <= 0x1p-52 * __builtin_fabs(p1)) break;
    last = p1;
  }
  return 1 / p1;
}

// The upper tail over (1 - s^2)^(df / 2).
inline f64 student_smooth(f64 s, f64 a, f64 gamma) {
  const f64 y = s * s, x = (1 - s) * (1 + s), front = s * a / (gamma * 1.7724538509055160);
  if (x < (a + 1) / (a + 2.5)) return 0.5 * front * beta_fraction(x, y, a, 0.5);
  const f64 power = exp_minus(a * log1p_positive(y / x));
  return 0.5 / power - 0.5 * front * beta_fraction(y, x, 0.5, a);
}

// cos(pi k / (2 student_terms)) for the nodes and the transform, by the series in the first quarter.
struct Cosines {
  f64 value[4 * student_terms];
  constexpr Cosines() : value() {
    constexpr int n = 2 * student_terms;
    for (int k = 0; k < 2 * n; k++) {
      const int folded = k > n ? 2 * n - k : k, quarter = 2 * folded > n ? n - folded : folded;
      const f64 x = 3.14159265358979323846 * quarter / n;
      f64 term = 1, sum = 1;
      for (int i = 1; i < 14; i++) term *= -x * x / ((2 * i - 1) * (2 * i)), sum += term;
      value[k] = quarter == folded ? sum : -sum;
    }
  }
  constexpr f64 operator()(int k) const { return value[k % (4 * student_terms)]; }
};
inline constexpr Cosines cosine;

inline void student_fit(StudentCurve& curve, f64 df) {
  constexpr int n = student_terms;
  const f64 a = 0.5 * df, gamma = gamma_ratio(a), c = 5 / __builtin_sqrt(25 + df);
  f64 values[n], series[n];
  for (int k = 0; k < n; k++) {
    const f64 v = 0.5 * (1 + cosine(2 * k + 1)), s = c * v / (1 + c - v);
    values[k] = student_smooth(s, a, gamma) * (s + c);
  }
  for (int j = 0; j < n; j++) {
    f64 sum = 0;
    for (int k = 0; k < n; k++) sum += values[k] * cosine(j * (2 * k + 1));
    series[j] = sum * (j ? 2.0 : 1.0) / n;
  }
  // Chebyshev series to powers, by Clenshaw's recurrence on polynomials.
  f64 b1[n + 1] = {}, b2[n + 1] = {};
  for (int j = n - 1; j >= 0; j--) {
    f64 next[n + 1];
    for (int i = 0; i <= n; i++) next[i] = (j ? 2.0 : 1.0) * (i ? b1[i - 1] : 0) - b2[i] + (i ? 0 : series[j]);
    for (int i = 0; i <= n; i++) b2[i] = b1[i], b1[i] = next[i];
  }
  for (int i = 0; i < n; i++) curve.coefficients[i] = b1[i];
  curve.per_df = 1 / df;
  curve.root = 1 / __builtin_sqrt(df);
  curve.c = c;
  curve.df = df;
}

// |t| beyond 1e150 counts as 1e150.
inline f64 student_cdf(f64 t, const StudentCurve& curve) {
  const f64 magnitude = __builtin_fabs(t);
  const f64 size = magnitude < 1e150 ? magnitude : 1e150;
  const f64 ratio = size * size * curve.per_df, sine = size * curve.root, hypotenuse = __builtin_sqrt(1.0 + ratio);  // s = sine / hypotenuse
  const f64 inverse = 1.0 / (sine + curve.c * hypotenuse);
  const f64 w = 2.0 * (1.0 + curve.c) * sine * inverse - 1.0, w2 = w * w, w4 = w2 * w2;
  const f64* p = curve.coefficients;
  f64 sum = 0;
  for (int i = student_terms - 4; i >= 0; i -= 4) sum = sum * w4 + cubic(w, w2, p[i], p[i + 1], p[i + 2], p[i + 3]);
  const f64 exponent = 0.5 * curve.df * log1p_positive(ratio);
  const f64 tail = exp_minus(exponent < 800.0 ? exponent : 800.0) * (sum * hypotenuse * inverse);
  return t > 0.0 ? 1.0 - tail : t < 0.0 ? tail : 0.5;
}

}  // namespace tickforge::TICKFORGE_ISA
