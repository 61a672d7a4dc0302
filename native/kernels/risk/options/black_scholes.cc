// Contract: src/kernels/risk/options/black_scholes.ts. S e^(-qT) phi(d1) = K e^(-rT) phi(d2): one Gaussian times two Mills ratios serves both
// distribution functions and all sensitivities, so that short options far from the money lose less than the reference does.
#include "kernels/parts/normal_tail.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

constexpr Rounding R = Rounding::FUSED;

struct Options {
  Lanes spot, strike, expiry, volatility, rate, yield, side;  // side: 1 call, -1 put
};
struct Greeks {
  Lanes price, delta, gamma, vega, theta, rho, vanna, volga;
};

// A deviation of 1e-140 stands for none: d is then beyond every tail, or 0 at the money.
[[gnu::always_inline]] inline Greeks greeks(const Options& o) {
  constexpr f64 height = 0.3989422804014327, none = 1e-140;  // 1 / sqrt(2 pi)
  const Lanes zero{};
  const Lanes root = o.expiry > 1e-280 ? square_root<R>(larger(all(1e-280), o.expiry)) : zero;
  const Lanes spread = o.volatility * root, deviation = larger(all(none), spread), slope = inverse(deviation);
  const Lanes moneyness = add_product<R>(log_ratio<R>(o.strike, o.spot), o.rate - o.yield, o.expiry);
  const Lanes ahead = moneyness * slope, d1 = add_product<R>(ahead, all(0.5), deviation), d2 = add_product<R>(ahead, all(-0.5), deviation);
  const Lanes per_spot = inverse(o.spot);
  const Lanes asset = o.spot * discount(-o.yield * o.expiry), cash = o.strike * discount(-o.rate * o.expiry);
  const Lanes gaussian = gaussian_of<R>(size_of(d1), asset);
  const Ratios mills = mills_ratios<R>(smaller(all(mills_most), size_of(d1)), smaller(all(mills_most), size_of(d2)));
  const Lanes asset_part = normal_part(o.side * d1, gaussian, mills.first, asset);
  const Lanes cash_part = normal_part(o.side * d2, gaussian, mills.second, cash);
  const Lanes dense = height * gaussian, vega = dense * root, bend = d2 * root * slope;  // d2 / volatility
  const Lanes steep = spread > none ? slope : all(__builtin_inf());
  const Lanes pace = o.volatility > zero ? o.volatility * o.volatility * steep : zero;  // volatility / sqrt(expiry)
  const Truth alive = dense > zero;
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
    for (i64 i = 0; i < block; i += wide) {
      const Greeks g = greeks({load(in[0] + i), load(in[1] + i), load(in[2] + i), load(in[3] + i), load(in[4] + i), load(in[5] + i), load(side + i)});
      store(out[0] + i, g.price), store(out[1] + i, g.delta), store(out[2] + i, g.gamma), store(out[3] + i, g.vega);
      store(out[4] + i, g.theta), store(out[5] + i, g.rho), store(out[6] + i, g.vanna), store(out[7] + i, g.volga);
    }
    for (int k = 0; !whole && k < 8; k++) __builtin_memcpy(wanted[k] + start, made[k], static_cast<size_t>(count) * sizeof(T));
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(black_scholes)
