// Contract: src/kernels/risk/tail/filtered_historical_risk.ts. The same recursion; roots and quotients in vectors behind it, then selection.
#include "kernels/parts/moments.h"
#include "kernels/parts/portfolio_losses.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, weights",
                             .options = "assets, confidence, quantile, tail, volatility, decay, omega, alpha, beta",
                             .outputs = "var, es, volatility"};
CHOICE(VolatilityModel, ewma, garch)

struct Recursion {  // sigma^2 <- constant + fresh * r^2 + kept * sigma^2
  bool ewma;
  f64 constant, fresh, kept;
};

// Writes sigma^2 of each day and returns that of the day after them.
inline f64 follow_variance(const f64* losses, i64 days, const Recursion& rule, f64* variance) {
  f64 squares = 0;
  for (i64 t = 0; t < days; t++) squares += losses[t] * losses[t];
  f64 now = rule.ewma ? moments_of(losses, days).squares / static_cast<f64>(days - 1)
                      : rule.constant + (rule.fresh + rule.kept) * (squares / static_cast<f64>(days));
  for (i64 t = 0; t < days; t++) {
    variance[t] = now;
    now = rule.constant + rule.fresh * losses[t] * losses[t] + rule.kept * now;
  }
  return now;
}

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return portfolio_scratch(of.length(names.input("returns")), of.length(names.input("weights")), assets, 2);
}

template <class T>
Status filtered_historical_risk(In<T> returns, In<T> weights, i32 assets, f64 confidence, Quantile quantile, Tail tail,
                                VolatilityModel volatility_kind, f64 decay, f64 omega, f64 alpha, f64 beta, Workspace scratch, Out<T> var, Out<T> es,
                                Out<T> volatility) {
  const i64 days = returns.length / assets, spare = 2 * (round_up(days, row_step) + row_step);
  const TailRule rule = tail_rule(confidence, quantile, tail);
  const Recursion recursion = volatility_kind == VolatilityModel::ewma ? Recursion{true, 0, 1 - decay, decay} : Recursion{false, omega, alpha, beta};
  f64* thinned = scratch.data + scratch.length - spare;
  each_portfolio(returns.data, days, weights.data, var.length, assets, scratch.data, scratch.length - spare, [&](i64 p, f64* losses) {
    const f64 tomorrow = __builtin_sqrt(follow_variance(losses, days, recursion, thinned));
    for (i64 t = 0; t < days; t++) losses[t] = losses[t] * tomorrow / __builtin_sqrt(thinned[t]);
    const RiskPair found = tail_risk(losses, days, rule, thinned);
    var[p] = static_cast<T>(found.risk);
    es[p] = static_cast<T>(found.shortfall);
    volatility[p] = static_cast<T>(tomorrow);
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(filtered_historical_risk)
