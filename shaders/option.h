// The two parts of a European option's price in numbers of two floats: side * (asset Phi(side d1) - cash Phi(side d2)), both discounted.
// asset phi(d1) = cash phi(d2): one Gaussian serves both distribution functions. A deviation below 1e-30 counts as none.
#include "normal.h"

struct option_parts {
  bool still;        // at expiry or without volatility
  pair d1, d2;
  pair height;       // asset exp(-d1^2 / 2)
  pair asset, cash;  // what the price is the difference of
};

// `gaussian` times the ratio of distribution and density at d: the tail, or what the tail leaves of `whole`.
static inline pair normal_part(pair d, pair gaussian, pair whole) {
  const pair size = size_of(d);
  const pair tail = times(gaussian, mills_ratio(size.x < 38.0f ? size : pair(38.0f, 0.0f)));
  return d.x > 0.0f ? add(whole, -tail) : tail;
}

// moneyness: log(asset / cash); deviation: volatility times the root of the expiry; side: 1 of a call, -1 of a put.
static inline option_parts option_parts_of(pair moneyness, pair deviation, pair asset, pair cash, float side) {
  option_parts of;
  of.still = !(deviation.x > 1e-30f);
  const float end = moneyness.x > 0.0f ? 40.0f : moneyness.x < 0.0f ? -40.0f : 0.0f;
  const pair middle = of.still ? pair(end, 0.0f) : over(moneyness, deviation), half_width = of.still ? pair(0.0f, 0.0f) : scaled(deviation, -1);
  of.d1 = add(middle, half_width), of.d2 = add(middle, -half_width);
  of.height = fabs(of.d1.x) < 14.5f ? times(gaussian(of.d1), asset) : pair(0.0f, 0.0f);
  of.asset = normal_part(times(of.d1, side), of.height, asset), of.cash = normal_part(times(of.d2, side), of.height, cash);
  return of;
}
