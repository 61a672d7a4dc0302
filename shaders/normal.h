// The normal distribution in numbers of two floats: density, tail, quantile. The tail is exp(-a^2 / 2) times a Mills ratio, with the
// polynomial of native/simd/elementary.h: 2e-12 of itself or less down to 1e-31.
#include "pair.h"

// Of powers of (a - 5) / (a + 5); what is left needs no second float.
constant float2 mills_terms[16] = {
    float2(0.48074564f, 1.2716486e-8f),    float2(-0.12741667f, -3.2759379e-10f), float2(0.06004757f, 7.814637e-10f),
    float2(-0.010218617f, -3.5580378e-10f), float2(-0.014437205f, 2.6258365e-10f), float2(0.018683488f, 5.7241833e-10f),
    float2(-0.012922573f, 1.4525511e-10f), float2(0.0059272894f, 2.080203e-10f),  float2(-0.0016211848f, 2.168218e-11f),
    float2(4.1360796e-5f, 1.38087e-13f),   float2(0.00016722771f, 6.651073e-12f), float2(-5.336711e-5f, 4.760883e-14f),
    float2(-8.236686e-6f, -1.0604634e-13f), float2(8.7415165e-6f, 1.9955291e-13f), float2(-2.3507054e-7f, 8.519176e-16f),
    float2(-1.2442339e-6f, -6.978549e-15f)};

// exp(a^2 / 2) times the upper tail at a in [0, 38].
static inline pair mills_ratio(pair a) {
  const pair u = over(add(a, -5.0f), add(a, 5.0f));
  const float high = 1.8228826e-7f + u.x * (-2.3798343e-8f + u.x * (-2.531052e-8f + u.x * (1.7661872e-9f + u.x * 2.1169069e-9f)));
  pair sum = pair(fma(u.x, high, 1.4114785e-7f), 0.0f);
  for (int k = 15; k >= 0; k--) sum = add(times(sum, u), pair(mills_terms[k].x, mills_terms[k].y));
  return over(sum, add(a, 1.25f));
}
static inline pair gaussian(pair a) { return exponential(times(times(a, a), -0.5f)); }  // exp(-a^2 / 2), |a| < 1e18

// Upper tail at a >= 0.
static inline pair normal_tail(pair a) {
  if (a.x > 14.5f) return pair(0.0f, 0.0f);  // below every f32
  return times(gaussian(a), mills_ratio(a));
}

// The size of the quantile of a tail p in (0, 1/2]: Wichura (1988), AS 241 (PPND7) to seven digits, then one step of Halley's method.
static inline pair normal_quantile_size(pair p) {
  float first;
  if (p.x > 0.075f) {
    const float q = 0.5f - p.x, r = 0.180625f - q * q;
    first = q * (3.3871327179f + r * (50.434271938f + r * (159.29113202f + r * 59.109374720f))) /
            (1.0f + r * (17.895169469f + r * (78.757757664f + r * 67.187563600f)));
  } else {
    const float r = sqrt(-precise::log(p.x)), t = r - (r > 5.0f ? 5.0f : 1.6f);
    first = r > 5.0f ? (6.6579051150f + t * (3.0812263860f + t * (0.42868294337f + t * 0.017337203997f))) /
                           (1.0f + t * (0.24197894225f + t * 0.012258202635f))
                     : (1.4234372777f + t * (2.7568153900f + t * (1.3067284816f + t * 0.17023821103f))) /
                           (1.0f + t * (0.73700164250f + t * 0.12021132975f));
  }
  const pair start = pair(first, 0.0f), height = gaussian(start);
  const pair excess = over(add(mills_ratio(start), -over(p, height)), pair(0.3989423f, -1.133517e-8f));  // (tail - p) / density
  return add(add(start, excess), rounded(0.5f * first * excess.x, excess.x));
}
