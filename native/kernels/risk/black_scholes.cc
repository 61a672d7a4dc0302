// Contract: src/kernels/risk/black_scholes.ts. S e^(-qT) phi(d1) = K e^(-rT) phi(d2): one Gaussian times two Mills ratios serves both
// distribution functions and all sensitivities, so that short options far from the money lose less than the reference does.
#include "mills_ratio.h"
#include "returns.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

struct Option {
  f64 spot, strike, expiry, volatility, rate, yield, side;  // side: 1 call, -1 put
};
struct Greeks {
  f64 price, delta, gamma, vega, theta, rho, vanna, volga;
};

// A deviation of 1e-300 stands for none: d is then beyond every tail, or 0 at the money. Each choice hangs on one comparison, which is
// what compilers turn into vector code.
[[gnu::always_inline]] inline Greeks greeks(const Option& o) {
  constexpr f64 height = 0.3989422804014327;  // 1 / sqrt(2 pi)
  const f64 root = __builtin_sqrt(o.expiry), spread = o.volatility * root;
  const f64 deviation = spread > 1e-300 ? spread : 1e-300, inverse = 1.0 / deviation;
  const f64 moneyness = log_return(o.strike, o.spot) + (o.rate - o.yield) * o.expiry;
  const f64 d1 = moneyness * inverse + 0.5 * deviation, d2 = moneyness * inverse - 0.5 * deviation;
  const f64 per_spot = 1.0 / o.spot;
  const f64 asset = o.spot * exp_any(-o.yield * o.expiry), cash = o.strike * exp_any(-o.rate * o.expiry);
  const f64 size = __builtin_fabs(d1);
  const f64 gaussian = gaussian_of(size, asset);
  const f64 asset_part = normal_part(o.side * d1, gaussian, asset), cash_part = normal_part(o.side * d2, gaussian, cash);
  const f64 dense = height * gaussian, vega = dense * root, bend = d2 * root * inverse;  // d2 / volatility
  const f64 steep = spread > 1e-300 ? inverse : __builtin_inf();
  const f64 pace = o.volatility > 0.0 ? o.volatility * o.volatility * steep : 0.0;  // volatility / sqrt(expiry)
  Greeks out;
  out.price = o.side * (asset_part - cash_part);
  out.delta = o.side * asset_part * per_spot;
  out.gamma = dense > 0.0 ? dense * per_spot * per_spot * steep : 0.0;
  out.vega = vega;
  out.theta = o.side * (o.yield * asset_part - o.rate * cash_part) - (dense > 0.0 ? 0.5 * dense * pace : 0.0);
  out.rho = o.side * o.expiry * cash_part;
  out.vanna = dense > 0.0 ? -dense * per_spot * bend : 0.0;
  out.volga = dense > 0.0 ? vega * d1 * bend : 0.0;
  return out;
}

// Columns of one block lie side by side, where the compiler knows that none overlap.
constexpr i64 block = 128;

template <class Source> void fetch(Source from, i64 start, i64 count, f64* to) {
  for (i64 i = 0; from && i < count; i++) to[i] = static_cast<f64>(from[start + i]);
}
template <class T> void deliver(const f64* from, i64 count, T* to) {
  for (i64 i = 0; i < count; i++) to[i] = static_cast<T>(from[i]);
}

}  // namespace

template <class T>
Status black_scholes(In<T> spot, In<T> strike, In<T> expiry, OptionalIn<T> rate, OptionalIn<T> dividend_yield, In<u8> call, In<T> volatility,
                     Out<T> price, Out<T> delta, Out<T> gamma, Out<T> vega, Out<T> theta, Out<T> rho, Out<T> vanna, Out<T> volga) {
  f64 in[7][block] = {}, found[8][block];
  T* const out[8] = {price.data, delta.data, gamma.data, vega.data, theta.data, rho.data, vanna.data, volga.data};
  for (i64 k = 0; k < block; k++) in[0][k] = in[1][k] = 1.0;  // what pads the last block is an option too
  for (i64 start = 0; start < spot.length; start += block) {
    const i64 count = spot.length - start < block ? spot.length - start : block;
    fetch(spot, start, count, in[0]), fetch(strike, start, count, in[1]);
    fetch(expiry, start, count, in[2]), fetch(volatility, start, count, in[3]);
    fetch(rate, start, count, in[4]), fetch(dividend_yield, start, count, in[5]);
    for (i64 i = 0; i < count; i++) in[6][i] = call[start + i] ? 1.0 : -1.0;
    for (i64 i = 0; i < block; i++) {
      const Greeks g = greeks({in[0][i], in[1][i], in[2][i], in[3][i], in[4][i], in[5][i], in[6][i]});
      found[0][i] = g.price, found[1][i] = g.delta, found[2][i] = g.gamma, found[3][i] = g.vega;
      found[4][i] = g.theta, found[5][i] = g.rho, found[6][i] = g.vanna, found[7][i] = g.volga;
    }
    for (int k = 0; k < 8; k++) deliver(found[k], count, out[k] + start);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(black_scholes)
