// Contract: src/kernels/risk/options/black_scholes.ts
// Source: Black & Scholes (1973), J. Polit. Econ. 81(3), eq. 13; Merton (1973); sensitivities as in Haug (2007), chapter 2.
// One thread an option, in numbers of two floats, rounded once; the Gaussian of the price (option.h) serves all sensitivities too.
#include <metal_stdlib>
using namespace metal;

#include "constants.h"
#include "option.h"

// log(to / from), exact to a few roundings of the result also where they are close.
static inline pair log_of_ratio(float from, float to) {
  const float low = min(from, to);
  const pair size = logarithm_above_one(over(exact_sum(max(from, to), -low), pair(low, 0.0f)));
  return to < from ? -size : size;
}

kernel void black_scholes(
    device const float* spot [[buffer(0)]], device const float* strike [[buffer(1)]], device const float* expiry [[buffer(2)]],
    device const float* rate [[buffer(3)]], device const float* dividend_yield [[buffer(4)]], device const uchar* call [[buffer(5)]],
    device const float* volatility [[buffer(6)]], device float* price [[buffer(7)]], device float* delta [[buffer(8)]],
    device float* gamma [[buffer(9)]], device float* vega [[buffer(10)]], device float* theta [[buffer(11)]],
    device float* rho [[buffer(12)]], device float* vanna [[buffer(13)]], device float* volga [[buffer(14)]],
    constant black_scholes_constants& constants [[buffer(15)]], uint i [[thread_position_in_grid]]) {
  if (i >= constants.options) return;
  const float s = spot[i], k = strike[i], t = expiry[i], sigma = volatility[i], side = call[i] ? 1.0f : -1.0f;
  const float r = constants.rates ? rate[i] : 0.0f, q = constants.yields ? dividend_yield[i] : 0.0f;
  const pair years = root(pair(t, 0.0f)), deviation = times(years, sigma);
  const pair moneyness = add(log_of_ratio(k, s), times(exact_sum(r, -q), t));
  const pair asset = times(exponential(exact_product(-q, t)), s), cash = times(exponential(exact_product(-r, t)), k);
  const option_parts parts = option_parts_of(moneyness, deviation, asset, cash, side);
  const bool still = parts.still;
  const pair d1 = parts.d1, d2 = parts.d2, asset_part = parts.asset, cash_part = parts.cash;
  const pair dense = times(parts.height, pair(0.3989423f, -1.133517e-8f)), slope = times(dense, years);
  const pair volatile_part = pair(sigma, 0.0f), price_unit = pair(s, 0.0f);
  price[i] = times(add(asset_part, -cash_part), side).x;
  delta[i] = over(times(asset_part, side), price_unit).x;
  gamma[i] = dense.x > 0.0f ? (still ? INFINITY : over(over(over(dense, price_unit), price_unit), deviation).x) : 0.0f;
  vega[i] = slope.x;
  const pair carry = times(add(times(asset_part, q), -times(cash_part, r)), side);
  const bool decays = sigma > 0.0f && dense.x > 0.0f;
  theta[i] = !decays ? carry.x : t > 0.0f ? add(carry, -over(times(dense, 0.5f * sigma), years)).x : -INFINITY;
  rho[i] = times(times(cash_part, t), side).x;
  const pair shift = still ? times(over(slope, price_unit), 0.5f) : -over(over(times(dense, d2), price_unit), volatile_part);
  vanna[i] = dense.x > 0.0f ? shift.x : 0.0f;
  volga[i] = dense.x > 0.0f && !still ? over(times(times(slope, d1), d2), volatile_part).x : 0.0f;
}
