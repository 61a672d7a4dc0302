// Contract: src/kernels/risk/options/black_scholes.ts. S e^(-qT) phi(d1) = K e^(-rT) phi(d2): one Gaussian times two Mills ratios serves both
// distribution functions and all sensitivities, so that short options far from the money lose less than the reference does.
#include "kernels/parts/normal_tail.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "spot, strike, expiry, rate, dividendYield, call, volatility",
                             .outputs = "price, delta, gamma, vega, theta, rho, vanna, volga"};

namespace {

constexpr Rounding R = Rounding::FUSED;

struct Options {
  f64xn spot, strike, expiry, volatility, rate, yield, side;  // side: 1 call, -1 put
};
struct Greeks {
  f64xn price, delta, gamma, vega, theta, rho, vanna, volga;
};

// A deviation of 1e-140 stands for none: d is then beyond every tail, or 0 at the money.
[[gnu::always_inline]] inline Greeks greeks(const Options& o) {
  constexpr f64 height = 0.3989422804014327, none = 1e-140;  // 1 / sqrt(2 pi)
  const f64xn zero{};
  const f64xn root = o.expiry > 1e-280 ? square_root<R>(max(1e-280, o.expiry)) : zero;
  const f64xn spread = o.volatility * root, deviation = max(none, spread), slope = reciprocal(deviation);
  const f64xn moneyness = multiply_add<R>(o.rate - o.yield, o.expiry, log_ratio<R>(o.strike, o.spot));
  const f64xn ahead = moneyness * slope, d1 = multiply_add<R>(0.5, deviation, ahead), d2 = multiply_add<R>(-0.5, deviation, ahead);
  const f64xn per_spot = reciprocal(o.spot);
  const f64xn asset = o.spot * discount(-o.yield * o.expiry), cash = o.strike * discount(-o.rate * o.expiry);
  const f64xn gaussian = gaussian_of<R>(abs(d1), asset);
  const Ratios mills = mills_ratios<R>(min(mills_most, abs(d1)), min(mills_most, abs(d2)));
  const f64xn asset_part = normal_part(o.side * d1, gaussian, mills.first, asset);
  const f64xn cash_part = normal_part(o.side * d2, gaussian, mills.second, cash);
  const f64xn dense = height * gaussian, vega = dense * root, bend = d2 * root * slope;  // d2 / volatility
  const f64xn steep = spread > none ? slope : broadcast<f64xn>(__builtin_inf());
  const f64xn pace = o.volatility > zero ? o.volatility * o.volatility * steep : zero;  // volatility / sqrt(expiry)
  const i64xn alive = dense > zero;
  Greeks out;
  out.price = o.side * (asset_part - cash_part);
  out.delta = o.side * asset_part * per_spot;
  out.gamma = alive ? dense * per_spot * per_spot * steep : zero;
  out.vega = vega;
  out.theta = o.side * (o.yield * asset_part - o.rate * cash_part) - (alive ? 0.5 * dense * pace : zero);
  out.rho = o.side * o.expiry * cash_part;
  out.vanna = alive ? -dense * per_spot * bend : zero;
  out.volga = alive ? vega * d1 * bend : zero;
  return out;
}

constexpr i64 block = 128;

}  // namespace

template <class T>
Status black_scholes(In<T> spot, In<T> strike, In<T> expiry, OptionalIn<T> rate, OptionalIn<T> dividend_yield, In<u8> call, In<T> volatility,
                     Out<T> price, Out<T> delta, Out<T> gamma, Out<T> vega, Out<T> theta, Out<T> rho, Out<T> vanna, Out<T> volga) {
  const T* const columns[6] = {spot.data, strike.data, expiry.data, volatility.data, rate.data, dividend_yield.data};
  T* const wanted[8] = {price.data, delta.data, gamma.data, vega.data, theta.data, rho.data, vanna.data, volga.data};
  T rest[6][block] = {}, made[8][block];
  f64 side[block];
  for (i64 i = 0; i < block; i++) rest[0][i] = rest[1][i] = side[i] = 1;  // what pads the last block is an option too
  for (i64 start = 0; start < spot.length; start += block) {
    const i64 count = spot.length - start < block ? spot.length - start : block;
    const bool whole = count == block;
    const T* in[6];
    T* out[8];
    for (int k = 0; k < 6; k++) {
      in[k] = whole && columns[k] ? columns[k] + start : rest[k];
      for (i64 i = 0; !whole && columns[k] && i < count; i++) rest[k][i] = columns[k][start + i];
    }
    for (int k = 0; k < 8; k++) out[k] = whole ? wanted[k] + start : made[k];
    for (i64 i = 0; i < count; i++) side[i] = call[start + i] ? 1.0 : -1.0;
    for (i64 i = 0; i < block; i += register_lanes) {
      const auto column = [&](int k) { return load<f64xn>(in[k] + i); };
      const Greeks g = greeks({column(0), column(1), column(2), column(3), column(4), column(5), load<f64xn>(side + i)});
      store(out[0] + i, g.price), store(out[1] + i, g.delta), store(out[2] + i, g.gamma), store(out[3] + i, g.vega);
      store(out[4] + i, g.theta), store(out[5] + i, g.rho), store(out[6] + i, g.vanna), store(out[7] + i, g.volga);
    }
    for (int k = 0; !whole && k < 8; k++) __builtin_memcpy(wanted[k] + start, made[k], static_cast<size_t>(count) * sizeof(T));
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(black_scholes)
