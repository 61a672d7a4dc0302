// Contract: src/kernels/flow/bulk_volume_classification.ts
// Source: Easley, Lopez de Prado & O'Hara (2012), Rev. Financ. Stud. 25(5): buy fraction = F(price move / sigma).
// Here in f32, one thread a bar; sigma comes from outside, one number or one per bar.
// Error measured, relative, of results >= 1e-30: normal 4e-7, Student-t 1.4e-6 (df from 1e-3 to 1e6) with an exact exp;
// 9e-7 and 2.5e-6 with exp wrong by the 4 ulp that Metal allows. Smaller results may be flushed to 0.
// The sums below count on exact rounding: build without fast math. Contraction to fma is harmless.
#include <metal_stdlib>
using namespace metal;

#ifdef __FAST_MATH__
#error "bulk_volume_classification needs exact rounding: build without fast math"
#endif

struct bulk_volume_classification_constants {
  uint bars;
  uint change;          // 0 between: last - last of the bar before; 1 within: last - first
  uint distribution;    // 0 normal; 1 student_t
  uint sigma_stride;    // 1: one sigma per bar; 0: one for all
  float df;             // degrees of freedom, read for student_t only
  float previous_last;  // last price before bar 0; 0 or NaN: there is none
};

// A float2 holds a value to about 48 bits: x rounded, y what the rounding lost. A tail of 1e-30 multiplies
// the relative error of its argument by 130, so a plain f32 quotient would spoil the fifth digit.
static inline float2 two_sum(float a, float b) {
  const float sum = a + b;
  const float part = sum - a;
  return float2(sum, (a - (sum - part)) + (b - part));
}

static inline float2 square(float2 a) {
  const float high = a.x * a.x;
  return float2(high, fma(a.x, a.x, -high) + 2.0f * a.x * a.y);
}
static inline float2 divide(float2 a, float b) {
  const float quotient = a.x / b;
  return float2(quotient, (fma(-quotient, b, a.x) + a.y) / b);
}
static inline float decay(float scale, float2 exponent) {  // exp(-scale * exponent)
  const float high = scale * exponent.x;
  const float low = fma(scale, exponent.x, -high) + scale * exponent.y;
  const float value = precise::exp(-high);
  return value - value * low;
}

// log(value * 2^shift) by 2 atanh(f / (2 + f)): only the first term of the series needs both halves.
static inline float2 logarithm(float2 value, int shift) {
  const int exponent = ilogb(value.x * 1.41421356f);
  const float2 f = two_sum(ldexp(value.x, -exponent) - 1.0f, ldexp(value.y, -exponent));
  const float2 divisor = two_sum(2.0f, f.x);
  const float s = f.x / divisor.x;
  const float s_low = (fma(-s, divisor.x, f.x) + f.y - s * (divisor.y + f.y)) / divisor.x;
  const float s2 = s * s;
  const float rest = s * s2 * (2.0f / 3 + s2 * (2.0f / 5 + s2 * (2.0f / 7 + s2 * (2.0f / 9 + s2 * (2.0f / 11)))));
  const float power = float(exponent + shift);  // log 2 in two parts: power times the first is exact
  const float2 sum = two_sum(power * 0.693145752f, 2.0f * s);
  return two_sum(sum.x, sum.y + (power * 1.42860677e-6f + 2.0f * s_low + rest));
}

// Upper tail of the normal distribution at t >= 0: exp(-t^2 / 2) times the Mills ratio, whose product with (t + 2)
// is a polynomial in (t - 4) / (t + 4) (weighted least squares made minimax, relative error 1.3e-7 on [0, 20]).
static inline float normal_tail(float2 t) {
  t.x = min(t.x, 20.0f);  // beyond it the tail is 0 in f32
  const float q = (t.x - 4.0f) / (t.x + 4.0f);
  const float high = -0.0013248827f + q * (0.009491771f + q * (-0.004514511f + q * (0.00022020607f + q * 0.00049454597f)));
  const float mills = 0.56646383f + q * (-0.26710093f + q * (0.13837811f + q * (-0.043113895f + q * high)));
  return decay(0.5f, square(t)) * mills / (t.x + 2.0f);
}

// gamma(a + 1/2) / gamma(a): recurrence up to a >= 4, then the series in (a - 1/4)^-2.
static inline float gamma_ratio(float a) {
  float above = 1.0f, below = 1.0f;
  for (; a < 4.0f; a += 1.0f) {
    above *= a;
    below *= a + 0.5f;
  }
  const float root = a - 0.25f, w = 1.0f / (root * root);
  return above / below * sqrt(root) * (1.0f + w * (1.0f / 64 + w * (-19.0f / 8192 + w * (631.0f / 524288))));
}

// Upper tail of the Student-t distribution at t >= 0: half the regularized incomplete beta function I_x(df / 2, 1 / 2) at
// x = 1 / (1 + t^2 / df). Series and continued fraction have positive terms only, so they run backwards with a fixed count.
static inline float student_tail(float2 t, float df) {
  const float a = 0.5f * df;
  const bool far = t.x > 0x1p50f;  // t^2 would overflow; there 1 + t^2 / df is t^2 / df
  const float2 odds = divide(square(far ? t * 0x1p-80f : t), df);
  float2 sum = two_sum(far ? 0.0f : 1.0f, odds.x);
  sum.y += odds.y;
  const float scale = gamma_ratio(a) / sqrt(3.14159265f * df) * decay(a, logarithm(sum, far ? 160 : 0));
  if (!far && odds.x * (df + 1.5f) < 1.5f) {
    float series = 1.0f;
    for (float k = 23.0f; k >= 0.0f; k -= 1.0f) series = 1.0f + series * (odds.x / sum.x) * ((a + 0.5f + k) / (1.5f + k));
    return 0.5f - scale * t.x * series / sqrt(sum.x);
  }
  float fraction = 1.0f;
  for (float j = 48.0f; j >= 1.0f; j -= 1.0f)
    fraction = 1.0f + 0.5f * j * (a + 0.5f * (j - 1.0f)) / ((a + (j - 1.0f)) * (a + j)) * (df / t.x / t.x) / fraction;
  return scale * sqrt(1.0f / t.x / t.x + 1.0f / df) / fraction;
}

kernel void bulk_volume_classification(
    device const float* last [[buffer(0)]], device const float* first [[buffer(1)]], device const float* sigma [[buffer(2)]],
    device float* buy_fraction [[buffer(3)]], constant bulk_volume_classification_constants& constants [[buffer(4)]],
    uint bar [[thread_position_in_grid]]) {
  if (bar >= constants.bars) return;
  const bool within = constants.change == 1;
  const float before = within ? first[bar] : bar > 0 ? last[bar - 1] : constants.previous_last;
  const float deviation = sigma[bar * constants.sigma_stride];
  const float2 z = divide(two_sum(last[bar], -before), deviation);
  const bool start = !within && bar == 0 && !(before > 0.0f);
  float fraction = 0.5f;
  if (!start && deviation > 0.0f && !isfinite(z.x)) {
    fraction = z.x > 0.0f ? 1.0f : z.x < 0.0f ? 0.0f : z.x;
  } else if (!start && deviation > 0.0f && z.x != 0.0f) {
    const float2 t = z.x < 0.0f ? -z : z;
    const float tail = constants.distribution == 1 ? student_tail(t, constants.df) : normal_tail(t);
    fraction = z.x < 0.0f ? tail : 1.0f - tail;
  }
  buy_fraction[bar] = fraction;
}
