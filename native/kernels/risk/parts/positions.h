// Positions as the margin kernels read them (src/kernels/risk/parts/positions.ts): what is wrong with one, and what it is worth.
#pragma once
#include "simd/elementary_lanes.h"

namespace tickforge::TICKFORGE_ISA {

enum Kind : u8 { ASSET, CALL, PUT, FUTURE };

// The inputs of a kernel over positions, which its own follow.
#define POSITION_INPUTS "quantity, multiplier, kind, underlying, strike, expiry, volatility, rate, dividendYield, price"
inline constexpr Names position_names{.inputs = POSITION_INPUTS};

// What is wrong with a position: 1 + the index of the input. The price is that of its underlying.
consteval u8 fault_of(const char* input) { return static_cast<u8>(position_names.input(input) + 1); }
inline constexpr u8 no_price = fault_of("price");

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
    if (!within(quantity[i], -most, most)) return fault_of("quantity");
    if (f64 m = or_else(multiplier, i, 1); !(m > 0 && m <= most)) return fault_of("multiplier");
    if (kind[i] > FUTURE) return fault_of("kind");
    if (underlying[i] >= price.length) return fault_of("underlying");
    if (f64 s = price[underlying[i]]; !(s > least && s <= most)) return no_price;
    if (kind[i] == ASSET) return 0;
    if (kind[i] == FUTURE) return within(k, -most, most) ? 0 : fault_of("strike");
    if (!(k > least && k <= most)) return fault_of("strike");
    if (!within(expiry[i], 0, 1000)) return fault_of("expiry");
    if (!within(volatility[i], 0, 10)) return fault_of("volatility");
    if (!within(or_else(rate, i, 0), -1, 10)) return fault_of("rate");
    return within(or_else(yield, i, 0), -1, 10) ? 0 : fault_of("dividendYield");
  }
};

// The input that an error names.
inline i32 port_of(u8 fault) { return fault == no_price ? position_names.input("underlying") : fault - 1; }

// Options side by side.
struct Options {
  f64xn side, moneyness, root, volatility, asset, cash;  // moneyness: log(asset / cash), both discounted; root of the expiry
};
struct Option {
  f64 side, moneyness, root, volatility, asset, cash;
  Options repeated() const {
    return {broadcast<f64xn>(side),       broadcast<f64xn>(moneyness), broadcast<f64xn>(root),
            broadcast<f64xn>(volatility), broadcast<f64xn>(asset),     broadcast<f64xn>(cash)};
  }
};

// Values of options where the price of the asset and the volatility are these multiples of what they are. A deviation of 1e-140 stands
// for none.
inline f64xn option_value(const Options& o, f64xn ratio, f64xn log_ratio, f64xn bump) {
  constexpr Rounding R = Rounding::FUSED;
  const f64xn deviation = max(1e-140, o.volatility * bump * o.root), slope = reciprocal(deviation);
  const f64xn ahead = (o.moneyness + log_ratio) * slope, asset = o.asset * ratio;
  const f64xn d1 = multiply_add<R>(0.5, deviation, ahead), d2 = multiply_add<R>(-0.5, deviation, ahead);
  const f64xn gaussian = gaussian_of<R>(abs(d1), asset);
  const f64xn a1 = min(38.6, abs(d1)), a2 = min(38.6, abs(d2));
  const f64xn q1 = (a1 + 5.0) * (a1 + 1.25), q2 = (a2 + 5.0) * (a2 + 1.25), both = reciprocal(q1 * q2);
  const f64xn asset_part = normal_part(o.side * d1, gaussian, mills_over<R>(a1, both * q2), asset);
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
    for (i64 i = 0; i < position_block; i += register_lanes) {
      constexpr Rounding R = Rounding::FUSED;
      const f64xn k = load<f64xn>(strike + i), s = load<f64xn>(price + i), t = load<f64xn>(expiry + i), r = load<f64xn>(rate + i),
                  q = load<f64xn>(yield + i);
      const f64xn x = multiply_add<R>(r - q, t, log_ratio<R>(k, s));
      const Options o{load<f64xn>(side + i), x, square_root<Rounding::SAME>(t), load<f64xn>(volatility + i), s * discount(-q * t),
                      k * discount(-r * t)};
      store(moneyness + i, x), store(root + i, o.root), store(asset + i, o.asset), store(cash + i, o.cash);
      store(strike + i, option_value(o, broadcast<f64xn>(1), f64xn{}, broadcast<f64xn>(1)));
    }
    for (i64 i = 0; i < position_block; i++) value[i] = is_option(i) ? strike[i] : price[i] - value[i];  // of one unit
  }
};

}  // namespace tickforge::TICKFORGE_ISA
