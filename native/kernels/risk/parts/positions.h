// Positions as the margin kernels read them (src/kernels/risk/parts/positions.ts): what is wrong with one, and what it is worth.
#pragma once
#include "simd/lane_math.h"

namespace tickforge::TICKFORGE_ISA {

enum Kind : u8 { ASSET, CALL, PUT, FUTURE };
inline constexpr u8 no_price = 10;  // other faults are 1 + the index of the input

struct Positions {
  In<f64> quantity;
  OptionalIn<f64> multiplier;
  In<u8> kind;
  In<u32> underlying;
  In<f64> strike, expiry, volatility;
  OptionalIn<f64> rate, yield;
  In<f64> price;

  f64 or_else(OptionalIn<f64> column, i64 i, f64 otherwise) const { return column ? column[i] : otherwise; }
  u8 fault(i64 i) const {
    constexpr f64 most = 1e15, least = 1e-280;
    const auto within = [](f64 x, f64 low, f64 high) { return x >= low && x <= high; };
    const f64 k = strike[i];
    if (!within(quantity[i], -most, most)) return 1;
    if (f64 m = or_else(multiplier, i, 1); !(m > 0 && m <= most)) return 2;
    if (kind[i] > FUTURE) return 3;
    if (underlying[i] >= price.length) return 4;
    if (f64 s = price[underlying[i]]; !(s > least && s <= most)) return no_price;
    if (kind[i] == ASSET) return 0;
    if (kind[i] == FUTURE) return within(k, -most, most) ? 0 : 5;
    if (!(k > least && k <= most)) return 5;
    if (!within(expiry[i], 0, 1000)) return 6;
    if (!within(volatility[i], 0, 10)) return 7;
    if (!within(or_else(rate, i, 0), -1, 10)) return 8;
    return within(or_else(yield, i, 0), -1, 10) ? 0 : 9;
  }
};

// The input that an error names.
inline i32 port_of(u8 fault) { return fault == no_price ? 3 : fault - 1; }

// Options side by side.
struct Options {
  Lanes side, moneyness, root, volatility, asset, cash;  // moneyness: log(asset / cash), both discounted; root of the expiry
};
struct Option {
  f64 side, moneyness, root, volatility, asset, cash;
  Options repeated() const { return {all(side), all(moneyness), all(root), all(volatility), all(asset), all(cash)}; }
};

// Values of options where the price of the asset and the volatility are these multiples of what they are. A deviation of 1e-140 stands
// for none.
inline Lanes option_value(const Options& o, Lanes ratio, Lanes log_ratio, Lanes bump) {
  constexpr Rounding R = Rounding::FUSED;
  const Lanes deviation = larger(all(1e-140), o.volatility * bump * o.root), slope = inverse(deviation);
  const Lanes ahead = (o.moneyness + log_ratio) * slope, asset = o.asset * ratio;
  const Lanes d1 = add_product<R>(ahead, all(0.5), deviation), d2 = add_product<R>(ahead, all(-0.5), deviation);
  const Lanes gaussian = gaussian_of<R>(size_of(d1), asset);
  const Lanes a1 = smaller(all(38.6), size_of(d1)), a2 = smaller(all(38.6), size_of(d2));
  const Lanes q1 = (a1 + 5.0) * (a1 + 1.25), q2 = (a2 + 5.0) * (a2 + 1.25), both = inverse(q1 * q2);
  const Lanes asset_part = normal_part(o.side * d1, gaussian, mills_over<R>(a1, both * q2), asset);
  return o.side * (asset_part - normal_part(o.side * d2, gaussian, mills_over<R>(a2, both * q1), o.cash));
}

// Positions of a block side by side. Those that are no options, or wrong, hold the place of one that is never asked for.
inline constexpr i64 position_block = 64;
struct PositionBlock {
  f64 units[position_block], price[position_block], side[position_block], moneyness[position_block], root[position_block];
  f64 volatility[position_block], asset[position_block], cash[position_block], value[position_block];
  u8 kind[position_block], fault[position_block];

  Option option(i64 i) const { return {side[i], moneyness[i], root[i], volatility[i], asset[i], cash[i]}; }
  bool is_option(i64 i) const { return kind[i] == CALL || kind[i] == PUT; }

  void read(const Positions& p, i64 start, i64 count) {
    f64 strike[position_block], expiry[position_block], rate[position_block], yield[position_block];
    for (i64 i = 0; i < position_block; i++) {
      const i64 row = start + i;
      fault[i] = i < count ? p.fault(row) : 1;
      const bool known = fault[i] == 0;
      kind[i] = known ? p.kind[row] : u8{ASSET};
      const bool chosen = is_option(i);
      units[i] = known ? p.quantity[row] * p.or_else(p.multiplier, row, 1) : __builtin_nan("");
      price[i] = known ? p.price[p.underlying[row]] : 1.0;
      side[i] = kind[i] == PUT ? -1.0 : 1.0;
      strike[i] = chosen ? p.strike[row] : price[i];
      value[i] = known && kind[i] == FUTURE ? p.strike[row] : 0.0;  // what a position is worth less than its price
      expiry[i] = chosen ? p.expiry[row] : 0.0;
      volatility[i] = chosen ? p.volatility[row] : 0.0;
      rate[i] = chosen ? p.or_else(p.rate, row, 0) : 0.0, yield[i] = chosen ? p.or_else(p.yield, row, 0) : 0.0;
    }
    for (i64 i = 0; i < position_block; i += wide) {
      constexpr Rounding R = Rounding::FUSED;
      const Lanes k = load(strike + i), s = load(price + i), t = load(expiry + i), r = load(rate + i), q = load(yield + i);
      const Lanes x = add_product<R>(log_ratio<R>(k, s), r - q, t);
      const Options o{load(side + i), x, square_root<Rounding::SAME>(t), load(volatility + i), s * discount(-q * t), k * discount(-r * t)};
      store(moneyness + i, x), store(root + i, o.root), store(asset + i, o.asset), store(cash + i, o.cash);
      store(strike + i, option_value(o, all(1), Lanes{}, all(1)));
    }
    for (i64 i = 0; i < position_block; i++) value[i] = is_option(i) ? strike[i] : price[i] - value[i];  // of one unit
  }
};

}  // namespace tickforge::TICKFORGE_ISA
