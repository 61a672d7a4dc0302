// Contract: src/kernels/risk/margin/margin_grid.ts. What does not depend on the scenario is computed for a block of positions at once, then the
// scenarios of each position in vectors. Multiples of the price and their logarithms are made anew only where the instrument changes.
#include "kernels/risk/parts/positions.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = POSITION_INPUTS ", priceRange, volatilityRange, priceShock, volatilityShock, share",
                             .options = "bad",
                             .outputs = "profit, value, status"};
CHOICE(BadCell, refuse, mark)

namespace {

constexpr i64 step = 16;

struct Shocks {
  f64 *ratio, *log_ratio, *bump, *share;
  i64 count;
};

void shocks_of(f64 price_range, f64 volatility_range, In<f64> price_shock, In<f64> volatility_shock, const Shocks& to) {
  for (i64 from = 0; from < to.count; from += step) {
    f64 ratio[step] = {}, bump[step] = {};
    const i64 count = to.count - from < step ? to.count - from : step;
    for (i64 s = 0; s < count; s++) ratio[s] = price_shock[from + s], bump[s] = volatility_shock[from + s];
    for (i64 s = 0; s < step; s += register_lanes) {
      const f64xn moved = 1.0 + load<f64xn>(ratio + s) * price_range;
      store(to.log_ratio + from + s, log_positive<Rounding::FUSED>(moved));
      store(to.ratio + from + s, moved), store(to.bump + from + s, 1.0 + load<f64xn>(bump + s) * volatility_range);
    }
  }
}

void option_row(const Options& o, f64 units, f64 value, const Shocks& by, f64* profit) {
  for (i64 from = 0; from < by.count; from += step) {
    f64 found[step];
    const f64 *ratio = by.ratio + from, *log_ratio = by.log_ratio + from, *bump = by.bump + from, *share = by.share + from;
    for (i64 s = 0; s < step; s += register_lanes)
      store(found + s,
            load<f64xn>(share + s) * (units * option_value(o, load<f64xn>(ratio + s), load<f64xn>(log_ratio + s), load<f64xn>(bump + s)) - value));
    const i64 count = by.count - from < step ? by.count - from : step;
    if (count == step) __builtin_memcpy(profit + from, found, sizeof found);
    else __builtin_memcpy(profit + from, found, static_cast<size_t>(count) * sizeof(f64));
  }
}

// First instrument that some shock would take below `least`, or -1.
i64 first_beyond(In<f64> range, In<f64> shock, f64 least) {
  f64 lowest = 0;
  for (i64 s = 0; s < shock.length; s++) lowest = shock[s] < lowest ? shock[s] : lowest;
  for (i64 u = 0; u < range.length; u++)
    if (1.0 + lowest * range[u] < least) return u;
  return -1;
}

}  // namespace

static i64 scratch_size(const Sizes& of) { return 4 * (of.length(names.input("priceShock")) + 15); }

static Status margin_grid(In<f64> quantity, OptionalIn<f64> multiplier, In<u8> kind, In<u32> underlying, In<f64> strike, In<f64> expiry,
                          In<f64> volatility, OptionalIn<f64> rate, OptionalIn<f64> yield, In<f64> price, In<f64> price_range,
                          In<f64> volatility_range, In<f64> price_shock, In<f64> volatility_shock, In<f64> share, BadCell bad, Workspace scratch,
                          Out<f64> profit, Out<f64> value, Out<u8> status) {
  const Positions positions{quantity, multiplier, kind, underlying, strike, expiry, volatility, rate, yield, price};
  const i64 scenarios = share.length, padded = scenarios + step - 1;
  if (const i64 u = first_beyond(price_range, price_shock, 5e-324); u >= 0) return refuse(BAD_VALUE, names.input("priceRange"), u, 0);
  if (const i64 u = first_beyond(volatility_range, volatility_shock, 0); u >= 0) return refuse(BAD_VALUE, names.input("volatilityRange"), u, 0);
  const Shocks by{scratch.data, scratch.data + padded, scratch.data + 2 * padded, scratch.data + 3 * padded, scenarios};
  for (i64 s = 0; s < padded; s++) by.ratio[s] = by.bump[s] = 1.0, by.log_ratio[s] = 0.0, by.share[s] = s < scenarios ? share[s] : 0.0;
  i64 last = -1;
  PositionBlock b;
  for (i64 start = 0; start < quantity.length; start += position_block) {
    const i64 count = quantity.length - start < position_block ? quantity.length - start : position_block;
    b.read(positions, start, count);
    for (i64 i = 0; i < count; i++) {
      const i64 row = start + i;
      f64* to = profit.data + row * scenarios;
      status[row] = b.fault[i];
      if (b.fault[i] != 0 && bad == BadCell::refuse) return refuse(BAD_VALUE, port_of(b.fault[i]), row, 0);
      const f64 now = b.units[i] * b.value[i];
      value[row] = now;
      if (b.fault[i] != 0) {
        for (i64 s = 0; s < scenarios; s++) to[s] = now;
        continue;
      }
      if (const i64 u = underlying[row]; u != last) shocks_of(price_range[u], volatility_range[u], price_shock, volatility_shock, by), last = u;
      if (b.is_option(i)) option_row(b.option(i).repeated(), b.units[i], now, by, to);
      else
        for (i64 s = 0; s < scenarios; s++) to[s] = by.share[s] * (b.units[i] * (b.price[i] * by.ratio[s] - b.price[i]));
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(margin_grid)
