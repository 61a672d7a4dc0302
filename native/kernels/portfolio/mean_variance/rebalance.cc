// Contract: src/kernels/portfolio/mean_variance/rebalance.ts. The same steps and sums in the same order, so that lots are the same.
#include "descending.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "held, target, cash, price, lot, minimumTrade, costRate",
                             .options = "assets, reserve",
                             .outputs = "trade, position, weights, cash, cost, worth, turnover, deviation, bought"};

static i64 scratch_size(const Sizes& of) { return 5 * of.option(names.option("assets")); }

namespace {

constexpr f64 dust = 1e-9;

struct Account {
  i64 assets;
  const f64 *held, *target, *price, *lot, *minimum, *rate;
  f64 cash, reserve;
  f64 step(i64 i) const { return lot ? lot[i] : 1; }
  f64 least(i64 i) const { return minimum ? minimum[i] : 0; }
  f64 charge(i64 i) const { return rate ? rate[i] : 0; }
};
struct Paid {
  f64 cash, cost;
};

f64 worth_after_costs(const Account& of) {
  f64 equity = of.cash;
  for (i64 i = 0; i < of.assets; i++) equity += of.held[i] * of.price[i];
  f64 net = equity;
  for (i64 round = 0; round < 100; round++) {
    f64 cost = 0;
    for (i64 i = 0; i < of.assets; i++) cost += of.charge(i) * __builtin_fabs(of.target[i] * net - of.held[i] * of.price[i]);
    const f64 next = equity - cost;
    if (__builtin_fabs(next - net) <= 1e-15 * __builtin_fabs(equity)) break;
    net = next;
  }
  return net;
}

void trades_at(f64 share, const f64* want, const Account& of, f64* lots, f64* trades) {
  for (i64 i = 0; i < of.assets; i++) {
    const f64 step = of.step(i), units = want[i];
    if (step == 0) {
      lots[i] = units > 0 ? units * share : units;
    } else if (units > 0) {
      lots[i] = __builtin_floor(units * share / step + dust);
    } else {
      const f64 nearest = -__builtin_floor(-units / step + 0.5);
      const bool crosses = of.held[i] + nearest * step < -dust * step && of.held[i] + units >= -dust * step;
      lots[i] = crosses ? nearest + 1 : nearest;
    }
    const f64 trade = step == 0 ? lots[i] : lots[i] * step;
    trades[i] = __builtin_fabs(trade) * of.price[i] < of.least(i) ? 0 : trade;
  }
}

Paid paid(const f64* trades, const Account& of) {
  Paid sum{of.cash, 0};
  for (i64 i = 0; i < of.assets; i++) {
    const f64 money = trades[i] * of.price[i], own = of.charge(i) * __builtin_fabs(money);
    sum.cash -= money + own;
    sum.cost += own;
  }
  return sum;
}

// Trades, and the share of the purchases that cash allows. `scratch` holds four columns.
f64 rebalanced(const Account& of, f64* trades, f64* scratch) {
  const i64 n = of.assets;
  f64 *want = scratch, *lots = want + n, *rest = lots + n, *order = rest + n;
  const f64 net = worth_after_costs(of);
  for (i64 i = 0; i < n; i++) trades[i] = 0;
  if (!(net > 0)) return __builtin_nan("");
  for (i64 i = 0; i < n; i++) want[i] = of.target[i] * net / of.price[i] - of.held[i];
  const auto affordable = [&](f64 share) {
    trades_at(share, want, of, lots, trades);
    return paid(trades, of).cash >= of.reserve;
  };
  f64 share = 1;
  if (!affordable(1)) {
    f64 above = 1;
    share = 0;
    for (i64 halving = 0; halving < 60; halving++) {
      const f64 middle = 0.5 * (share + above);
      (affordable(middle) ? share : above) = middle;
    }
  }
  trades_at(share, want, of, lots, trades);
  f64 target_cash = net;
  i64 count = 0;
  for (i64 i = 0; i < n; i++) {
    target_cash -= of.target[i] * net;
    rest[i] = of.step(i) > 0 && want[i] > 0 ? want[i] / of.step(i) - lots[i] : 0;
    if (rest[i] > dust) order[count++] = static_cast<f64>(i);
  }
  sort_descending(order, count, rest);
  f64 cash = paid(trades, of).cash;
  for (i64 k = 0; k < count; k++) {
    const i64 i = static_cast<i64>(order[k]);
    const f64 more = (lots[i] + 1) * of.step(i), money = (more - trades[i]) * of.price[i], left = cash - money - of.charge(i) * money;
    if (left < of.reserve || more * of.price[i] < of.least(i)) continue;
    const f64 nearer = (__builtin_fabs(trades[i] - want[i]) - __builtin_fabs(more - want[i])) * of.price[i];
    if (__builtin_fabs(left - target_cash) - __builtin_fabs(cash - target_cash) > nearer) continue;
    trades[i] = more;
    cash = left;
  }
  for (i64 k = count - 1; k >= 0 && paid(trades, of).cash < of.reserve; k--) {
    const i64 i = static_cast<i64>(order[k]);
    const f64 less = lots[i] * of.step(i);
    trades[i] = less * of.price[i] < of.least(i) ? 0 : less;
  }
  return share;
}

}  // namespace

static Status rebalance(In<f64> held, In<f64> target, In<f64> cash, In<f64> price, OptionalIn<f64> lot, OptionalIn<f64> minimum, OptionalIn<f64> rate,
                        i32 assets, f64 reserve, Workspace scratch, Out<f64> trade, Out<f64> position, Out<f64> weights, Out<f64> cash_after,
                        Out<f64> cost, Out<f64> worth_after, Out<f64> turnover, Out<f64> deviation, Out<f64> bought) {
  const i64 n = assets;
  f64* trades = scratch.data + 4 * n;
  for (i64 p = 0; p < cash.length; p++) {
    const Account of{n, held.data + p * n, target.data + p * n, price.data, lot.data, minimum.data, rate.data, cash[p], reserve};
    bought[p] = rebalanced(of, trades, scratch.data);
    const Paid left = paid(trades, of);
    f64 before = of.cash, worth = left.cash, traded = 0, off = 0, shares = 1;
    for (i64 i = 0; i < n; i++) {
      before += of.held[i] * of.price[i];
      worth += (of.held[i] + trades[i]) * of.price[i];
      traded += __builtin_fabs(trades[i]) * of.price[i];
    }
    for (i64 i = 0; i < n; i++) {
      const f64 now = of.held[i] + trades[i], weight = worth == 0 ? __builtin_nan("") : now * of.price[i] / worth;
      trade[p * n + i] = trades[i], position[p * n + i] = now, weights[p * n + i] = weight;
      off += __builtin_fabs(weight - of.target[i]);
      shares -= of.target[i];
    }
    cash_after[p] = left.cash, cost[p] = left.cost, worth_after[p] = worth;
    turnover[p] = before == 0 ? __builtin_nan("") : traded / before;
    deviation[p] = worth == 0 ? __builtin_nan("") : 0.5 * (off + __builtin_fabs(left.cash / worth - shares));
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(rebalance)
