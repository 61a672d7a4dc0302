// Contract: src/kernels/risk/options/implied_volatility.ts. Halley's method on the logarithm of the price, or, above half of its bound, of what
// is missing to the bound. Starts: below the inflection at sqrt(2 |x|) from the price under normal changes (Bachelier), whose inverse is a
// fitted fraction; above it from the quantile that is exact at the money. Three steps give all digits, four in far corners.
#include "kernels/parts/normal_quantile.h"
#include "kernels/parts/returns.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "spot, strike, expiry, rate, dividendYield, call, price", .outputs = "volatility"};

namespace {

constexpr i64 block = 64;
constexpr f64 two_pi_root = 2.5066282746310005;

constexpr Rounding R = Rounding::FUSED;

// Price and bound less price, in units of sqrt(asset cash), and the slope of the price by s; x <= 0.
struct Black {
  f64xn price, missing, slope;
};
inline Black black(f64xn x, f64xn s, f64xn inverse_s, f64xn bound) {
  const f64xn h = x * inverse_s, t = 0.5 * s, z = h + t;
  const f64xn height = exp_any<R>(-0.5 * (h * h + t * t));
  const f64xn a1 = min(38.6, abs(z)), a2 = min(38.6, t - h);
  const f64xn q1 = (a1 + 5.0) * (a1 + 1.25), q2 = (a2 + 5.0) * (a2 + 1.25), both = reciprocal(q1 * q2);
  const f64xn near = height * mills_over<R>(a1, both * q2), far = height * mills_over<R>(a2, both * q1);
  const i64xn above = z > f64xn{};
  const f64xn price = above ? bound - (near + far) : near - far;
  return {price, above ? near + far : bound - price, height / two_pi_root};
}

// a with phi(a) / a - Phi(-a) = ratio, to about 1 %: a fraction in the root of the logarithm, fitted for a in [0.02, 40].
inline f64xn bachelier_distance(f64xn ratio) {
  const f64xn t = square_root<Rounding::SAME>(max(f64xn{}, 3.2 - log_positive<R>(ratio)));
  const f64xn top = (((0.0715613165 * t - 0.222457034) * t + 0.28507228) * t - 0.151447288) * t + 0.0441543079;
  const f64xn bottom = (((0.000267862682 * t + 0.0387263707) * t + 0.00964718451) * t - 0.411417262) * t + 1.0;
  return ratio > 15.0 ? 0.39894228 / (ratio + 0.5) : top / bottom;
}

struct Problems {
  f64 x[block], beta[block], missing[block], bound[block], s[block], turn[block];  // beta + missing = bound
};

// Start values; the quantile is taken for all, as most options are above the inflection.
inline void start(Problems& p) {
  f64 quantile[block];
  for (i64 i = 0; i < block; i++) quantile[i] = p.missing[i] / (p.bound[i] + 1.0 / p.bound[i]);
  quantiles_of_block<R>(quantile, quantile, block);
  for (i64 i = 0; i < block; i += register_lanes) {
    const f64xn size = max(1e-300, -load<f64xn>(p.x + i)), turn = square_root<Rounding::SAME>(2.0 * size), beta = load<f64xn>(p.beta + i);
    const f64xn below = min(size / bachelier_distance(beta / size), turn);
    const f64xn low = size / bachelier_distance(beta / (size * exp_within<R>(-0.125 * below * below)));
    const f64xn high = -2.0 * load<f64xn>(quantile + i);
    store(p.s + i, low < turn ? low : max(high, turn));
    store(p.turn + i, low < turn ? broadcast<f64xn>(2) : broadcast<f64xn>(0.5));  // share of the bound above which the missing part is looked at
  }
}

// One step of all; returns the largest relative change.
inline f64 improve(Problems& p) {
  f64xn most{};
  for (i64 i = 0; i < block; i += register_lanes) {
    const f64xn s = load<f64xn>(p.s + i), x = load<f64xn>(p.x + i), beta = load<f64xn>(p.beta + i), inverse_s = 1.0 / s;
    const f64xn missing = load<f64xn>(p.missing + i), bound = load<f64xn>(p.bound + i);
    const Black b = black(x, s, inverse_s, bound);
    const i64xn high = beta > load<f64xn>(p.turn + i) * bound;
    const f64xn weight = high ? -b.missing : b.price;
    const f64xn quotient = (high ? missing : beta) / (high ? b.missing : b.price);
    const f64xn per_slope = weight / b.slope, newton = log_positive<R>(quotient) * per_slope;
    const f64xn curvature = x * x * inverse_s * inverse_s * inverse_s - 0.25 * s - 1.0 / per_slope;
    const f64xn next = s + newton / (1.0 + 0.5 * newton * curvature), floor = 0.25 * s;
    const f64xn kept = next > floor ? next : floor;  // also where the step is no number
    store(p.s + i, kept);
    most = max(most, abs(kept - s) * inverse_s);
  }
  f64 largest = 0;
  for (i64 lane = 0; lane < register_lanes; lane++) largest = most[lane] > largest ? most[lane] : largest;
  return largest;
}

}  // namespace

template <class T>
Status implied_volatility(In<T> spot, In<T> strike, In<T> expiry, OptionalIn<T> rate, OptionalIn<T> dividend_yield, In<u8> call, In<T> price,
                          Out<T> volatility) {
  Problems p;
  for (i64 i = 0; i < block; i++) p.x[i] = 0.0, p.beta[i] = p.missing[i] = 0.5, p.bound[i] = 1.0;  // what pads the last block has an answer too
  f64 rates[block] = {}, yields[block] = {}, possible[block];
  for (i64 begin = 0; begin < spot.length; begin += block) {
    const i64 count = spot.length - begin < block ? spot.length - begin : block;
    for (i64 i = 0; rate && i < count; i++) rates[i] = static_cast<f64>(rate[begin + i]);
    for (i64 i = 0; dividend_yield && i < count; i++) yields[i] = static_cast<f64>(dividend_yield[begin + i]);
    for (i64 i = 0; i < count; i++) {
      const i64 k = begin + i;
      const f64 s = static_cast<f64>(spot[k]), t = static_cast<f64>(expiry[k]),
                x = log_return(static_cast<f64>(strike[k]), s) + (rates[i] - yields[i]) * t;
      const f64 asset = s * exp_any(-yields[i] * t), cash = static_cast<f64>(strike[k]) * exp_any(-rates[i] * t);
      const f64 side = call[k] ? 1.0 : -1.0, paid = static_cast<f64>(price[k]), gap = (call[k] ? asset : cash) - paid;
      const bool inside = side * x > 0.0, near = __builtin_fabs(x) < 1.0;
      const f64 left = !inside ? paid : near ? paid - side * cash * exp_less_one(x) : (call[k] ? cash : asset) - gap;
      const bool rounding = inside & (left <= 0x1p-53 * paid) & (left > -0x1p-50 * (asset + cash));
      const f64 root = __builtin_sqrt(asset) * __builtin_sqrt(cash);
      const f64 beta = (rounding ? 0.0 : left) / root, missing = gap / root;
      const f64 bound = exp_any(-0.5 * __builtin_fabs(x));
      const bool sound = (t > 0.0) & (beta >= 0.0) & (missing > 0.0);
      possible[i] = !sound ? __builtin_nan("") : beta == 0.0 ? 0.0 : 1.0 / __builtin_sqrt(t);
      const bool asked = sound & (beta > 0.0);
      p.x[i] = asked ? -__builtin_fabs(x) : 0.0;
      p.beta[i] = asked ? beta : 0.5;
      p.missing[i] = asked ? missing : 0.5;
      p.bound[i] = asked ? bound : 1.0;
    }
    start(p);
    for (int i = 0; i < 12; i++)
      if (improve(p) < 1e-5) break;  // what a third-order step leaves of it is below the last digit
    for (i64 i = 0; i < count; i++) volatility[begin + i] = static_cast<T>(p.s[i] * possible[i]);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(implied_volatility)
