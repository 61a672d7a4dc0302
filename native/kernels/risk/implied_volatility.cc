// Contract: src/kernels/risk/implied_volatility.ts. Halley's method on the logarithm of the price, or, above half of its bound, of what
// is missing to the bound. Starts: below the inflection at sqrt(2 |x|) from the price under normal changes (Bachelier), whose inverse is a
// fitted fraction; above it from the quantile that is exact at the money. Three steps give all digits, four in far corners.
#include "mills_ratio.h"
#include "normal_quantile.h"
#include "returns.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

constexpr i64 block = 64;
constexpr f64 two_pi_root = 2.5066282746310005;

// Price and bound less price, in units of sqrt(asset cash), and the slope of the price by s; x <= 0.
struct Black {
  f64 price, missing, slope;
};
[[gnu::always_inline]] inline Black black(f64 x, f64 s, f64 bound) {
  const f64 h = x / s, t = 0.5 * s, z = h + t, size = __builtin_fabs(z);
  const f64 exponent = 0.5 * (h * h + t * t);
  const f64 height = exp_minus(exponent < 800.0 ? exponent : 800.0);
  const f64 near = height * mills_ratio(size), far = height * mills_ratio(t - h);
  const f64 price = z > 0.0 ? bound - (near + far) : near - far;
  const f64 missing = z > 0.0 ? near + far : bound - price;
  return {price, missing, height / two_pi_root};
}

// a with phi(a) / a - Phi(-a) = ratio, to about 1 %: a fraction in the root of the logarithm, fitted for a in [0.02, 40].
inline f64 bachelier_distance(f64 ratio) {
  const f64 above = 3.2 - log_normal(ratio);
  const f64 t = __builtin_sqrt(above > 0.0 ? above : 0.0);
  const f64 top = (((0.0715613165 * t - 0.222457034) * t + 0.28507228) * t - 0.151447288) * t + 0.0441543079;
  const f64 bottom = (((0.000267862682 * t + 0.0387263707) * t + 0.00964718451) * t - 0.411417262) * t + 1.0;
  const f64 fitted = top / bottom, small = 0.39894228 / (ratio + 0.5);
  return ratio > 15.0 ? small : fitted;
}

struct Problems {
  f64 x[block], beta[block], bound[block], s[block], turn[block];
};

// Start values; the quantile is taken for all, as most options are above the inflection.
inline void start(Problems& p, i64 count) {
  f64 quantile[block];
  for (i64 i = 0; i < count; i++) quantile[i] = (p.bound[i] - p.beta[i]) / (p.bound[i] + 1.0 / p.bound[i]);
  quantiles_of_block(quantile, quantile, count);
  for (i64 i = 0; i < count; i++) {
    const f64 size = -p.x[i] > 1e-300 ? -p.x[i] : 1e-300, turn = __builtin_sqrt(2.0 * size);
    const f64 first = size / bachelier_distance(p.beta[i] / size), below = first < turn ? first : turn;
    const f64 lifted = p.beta[i] / (size * exp_minus(0.125 * below * below));
    const f64 low = size / bachelier_distance(lifted), high = -2.0 * quantile[i];
    p.s[i] = low < turn ? low : high > turn ? high : turn;
    p.turn[i] = low < turn ? 2.0 : 0.5;  // share of the bound above which the missing part is looked at
  }
}

// One step of all; returns the largest relative change.
inline f64 improve(Problems& p, i64 count) {
  f64 change[block], most = 0;
  for (i64 i = 0; i < count; i++) {
    const f64 s = p.s[i], x = p.x[i];
    const Black b = black(x, s, p.bound[i]);
    const bool high = p.beta[i] > p.turn[i] * p.bound[i];
    const f64 weight = high ? -b.missing : b.price;
    const f64 quotient = high ? (p.bound[i] - p.beta[i]) / b.missing : p.beta[i] / b.price;
    const f64 newton = log_normal(quotient) * weight / b.slope;
    const f64 curvature = x * x / (s * s * s) - 0.25 * s - b.slope / weight;
    const f64 step = newton / (1.0 + 0.5 * newton * curvature);
    const f64 next = s + step, floor = 0.25 * s;
    const f64 kept = next > floor ? next : floor;  // also where the step is no number
    p.s[i] = kept;
    change[i] = __builtin_fabs(kept - s) / s;
  }
  for (i64 i = 0; i < count; i++) most = change[i] > most ? change[i] : most;
  return most;
}

}  // namespace

template <class T>
Status implied_volatility(In<T> spot, In<T> strike, In<T> expiry, OptionalIn<T> rate, OptionalIn<T> dividend_yield, In<u8> call, In<T> price,
                          Out<T> volatility) {
  Problems p;
  f64 rates[block] = {}, yields[block] = {}, possible[block];
  for (i64 begin = 0; begin < spot.length; begin += block) {
    const i64 count = spot.length - begin < block ? spot.length - begin : block;
    for (i64 i = 0; rate && i < count; i++) rates[i] = static_cast<f64>(rate[begin + i]);
    for (i64 i = 0; dividend_yield && i < count; i++) yields[i] = static_cast<f64>(dividend_yield[begin + i]);
    for (i64 i = 0; i < count; i++) {
      const i64 k = begin + i;
      const f64 s = static_cast<f64>(spot[k]), t = static_cast<f64>(expiry[k]), x = log_return(static_cast<f64>(strike[k]), s) + (rates[i] - yields[i]) * t;
      const f64 asset = s * exp_any(-yields[i] * t), cash = static_cast<f64>(strike[k]) * exp_any(-rates[i] * t);
      const f64 side = call[k] ? 1.0 : -1.0, intrinsic = side * x > 0.0 ? side * cash * exp_less_one(x) : 0.0;
      const f64 left = static_cast<f64>(price[k]) - intrinsic;
      const bool rounding = (side * x > 0.0) & (left < 0.0) & (left > -0x1p-50 * (asset + cash));
      const f64 beta = (rounding ? 0.0 : left) / __builtin_sqrt(asset * cash);
      const f64 bound = exp_any(-0.5 * __builtin_fabs(x));
      const bool sound = (t > 0.0) & (beta >= 0.0) & (beta < bound);
      possible[i] = !sound ? __builtin_nan("") : beta == 0.0 ? 0.0 : 1.0 / __builtin_sqrt(t);
      const bool asked = sound & (beta > 0.0);
      p.x[i] = asked ? -__builtin_fabs(x) : 0.0;
      p.beta[i] = asked ? beta : 0.5;
      p.bound[i] = asked ? bound : 1.0;
    }
    start(p, count);
    for (int i = 0; i < 12; i++)
      if (improve(p, count) < 1e-5) break;  // what a third-order step leaves of it is below the last digit
    for (i64 i = 0; i < count; i++) volatility[begin + i] = static_cast<T>(p.s[i] * possible[i]);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(implied_volatility)
