// What each scenario weighs in a VaR and an ES: the change of either with a position is minus the weighted sum of its returns, as in
// src/kernels/risk/parts/attribution.ts.
#pragma once
#include "assumed_tail.h"
#include "kernels/parts/moments.h"
#include "kernels/parts/portfolio_losses.h"

namespace tickforge::TICKFORGE_ISA {

CHOICE(RiskMethod, historical, gaussian, student_t)
struct Method {
  bool historical;
  TailRule rule;
  Standard assumed;
  f64 ddof;
};
inline Method method_of(f64 confidence, RiskMethod method, f64 df, Quantile quantile, Tail tail, i32 ddof) {
  const TailRule rule = tail_rule(confidence, quantile, tail);
  const Standard assumed = method == RiskMethod::student_t ? student_standard(rule.alpha, df) : normal_standard(rule.alpha);
  return {method == RiskMethod::historical, rule, assumed, static_cast<f64>(ddof)};
}

inline RiskPair risk_of(f64* losses, i64 count, const Method& method, f64* scratch) {
  if (method.historical) return tail_risk(losses, count, method.rule, scratch);
  const Moments m = moments_of(losses, count);
  const f64 sigma = __builtin_sqrt(m.squares / (static_cast<f64>(count) - method.ddof));
  return {m.mean + sigma * method.assumed.quantile, m.mean + sigma * method.assumed.tail_mean};
}

// Scenarios of equal loss weigh the same.
inline void historical_weights(f64* losses, i64 count, const TailRule& rule, f64* scratch, f64* for_risk, f64* for_shortfall) {
  const Found found = find_tail(losses, count, rule, scratch);
  const Between q = quantile_at(rule, found.depth, count, found.border);
  const f64 at = found.border.at, risk = q.value(), in_tail = found.depth.whole == 0 ? 1 : static_cast<f64>(found.depth.whole) + found.depth.part;
  f64 lows = 0, nexts = 0, above = 0, level = 0, reaching = 0;
  for (i64 s = 0; s < count; s++) {
    lows += losses[s] == q.low, nexts += losses[s] == q.next;
    above += losses[s] > at, level += losses[s] == at, reaching += losses[s] >= risk;
  }
  const f64 nan = found.finite ? 0 : __builtin_nan("");
  const f64 low = (1 - q.share) / lows, next = q.share / nexts, whole = 1 / in_tail, part = (in_tail - above) / in_tail / level, each = 1 / reaching;
  for (i64 s = 0; s < count; s++) {
    for_risk[s] = nan + (losses[s] == q.low ? low : 0) + (losses[s] == q.next ? next : 0);
    for_shortfall[s] = nan + (rule.beyond ? (losses[s] >= risk ? each : 0) : losses[s] > at ? whole : losses[s] == at ? part : 0);
  }
}

inline void assumed_weights(const f64* losses, i64 count, const Standard& assumed, f64 ddof, f64* for_risk, f64* for_shortfall) {
  const Moments m = moments_of(losses, count);
  const f64 n = static_cast<f64>(count), free = n - ddof, sigma = __builtin_sqrt(m.squares / free);
  const f64 per_distance = sigma == 0 ? 0 : 1 / (free * sigma);
  for (i64 s = 0; s < count; s++) {
    const f64 pull = (losses[s] - m.mean) * per_distance;
    for_risk[s] = 1 / n + assumed.quantile * pull;
    for_shortfall[s] = 1 / n + assumed.tail_mean * pull;
  }
}

// out = minus the weighted sum of the rows; rows of weight 0 are passed over.
template <class T> void weighted_returns(const T* returns, const f64* weights, i64 scenarios, i64 assets, const T* times, T* out, f64* sums) {
  for (i64 a = 0; a < assets; a++) sums[a] = 0;
  for (i64 s = 0; s < scenarios; s++) {
    if (weights[s] == 0) continue;
    for (i64 a = 0; a < assets; a++) sums[a] -= weights[s] * static_cast<f64>(returns[s * assets + a]);
  }
  for (i64 a = 0; a < assets; a++) out[a] = static_cast<T>(times ? static_cast<f64>(times[a]) * sums[a] : sums[a]);
}

// Marginal VaR and ES of each position, or, with `components`, times its weight.
template <class T>
void attribute(In<T> returns, In<T> weights, i64 assets, const Method& method, bool components, Workspace scratch, Out<T> var, Out<T> es) {
  const i64 scenarios = returns.length / assets, room = round_up(scenarios, row_step) + row_step, spare = 4 * room + assets;
  f64 *thinned = scratch.data + scratch.length - spare, *for_risk = thinned + 2 * room, *for_shortfall = for_risk + room;
  f64* sums = for_shortfall + room;
  each_portfolio(returns.data, scenarios, weights.data, weights.length / assets, assets, scratch.data, scratch.length - spare,
                 [&](i64 p, f64* losses) {
                   if (method.historical) historical_weights(losses, scenarios, method.rule, thinned, for_risk, for_shortfall);
                   else assumed_weights(losses, scenarios, method.assumed, method.ddof, for_risk, for_shortfall);
                   const T* times = components ? &weights[p * assets] : nullptr;
                   weighted_returns(returns.data, for_risk, scenarios, assets, times, &var[p * assets], sums);
                   weighted_returns(returns.data, for_shortfall, scenarios, assets, times, &es[p * assets], sums);
                 });
}

}  // namespace tickforge::TICKFORGE_ISA
