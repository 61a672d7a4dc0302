// What the kernels of least conditional value at risk share: limits read and refused, answers written. Contract: src/kernels/portfolio/parts/scenario_risk.ts.
#pragma once
#include "working_set.h"

namespace tickforge::TICKFORGE_ISA {

struct LimitViews {
  OptionalIn<f64> lower, upper, constraint, low, high;
};
struct LimitPlaces {
  i32 lower, upper, low, high;  // of inputs
};
template <class T> struct TailOutputs {
  Out<f64> weights;
  Out<i32> status;
  Out<f64> shortfall, var, mean, objective, bound, gap, primal, dual, iterations, budget;
  OptionalOut<f64> multiplier;
  Out<f64> budget_certificate;
  OptionalOut<f64> certificate;
};
// Limits as the solver takes them, and what is used of scratch memory.
struct TailLimits {
  f64 *lower, *upper, *matrix, *low, *high, *cost, *mean;
  TailSearch search;
};
inline TailLimits tail_limits(Room& room, i64 periods, i64 assets, i64 rows) {
  return {room.take(assets), room.take(assets), room.take(rows * assets), room.take(rows),
          room.take(rows),   room.take(assets), room.take(assets),        tail_search(room, periods, assets, rows)};
}
inline i64 tail_scratch(i64 returns, i64 constraint, i64 assets) {
  Room room;
  tail_limits(room, returns / assets, assets, 1 + constraint / assets);
  return room.used;
}

// Bounds and constraints, the budget first. A limit that no weights within the bounds reach stands just outside them: all are finite.
inline Status read_limits(const LimitViews& from, const LimitPlaces& at, i64 assets, f64 budget, TailLimits& to) {
  for (i64 i = 0; i < assets; i++) {
    to.lower[i] = from.lower ? from.lower[i] : 0, to.upper[i] = from.upper ? from.upper[i] : 1, to.matrix[i] = 1;
    if (to.lower[i] > to.upper[i]) return refuse(BAD_VALUE, from.upper ? at.upper : at.lower, i, 0);
  }
  to.low[0] = to.high[0] = budget;
  const i64 rows = from.constraint ? from.constraint.length / assets : 0;
  constexpr f64 infinite = __builtin_huge_val();
  for (i64 j = 0; j < rows; j++) {
    const f64 *row = from.constraint.data + j * assets, low = from.low ? from.low[j] : -infinite, high = from.high ? from.high[j] : infinite;
    if (!(low < infinite)) return refuse(BAD_VALUE, at.low, j, 0);
    if (!(low <= high) || high == -infinite) return refuse(BAD_VALUE, from.high ? at.high : at.low, j, 0);
    f64 least = 0, most = 0, size = 1;
    for (i64 i = 0; i < assets; i++) {
      const f64 a = to.matrix[(1 + j) * assets + i] = row[i], down = a * to.lower[i], up = a * to.upper[i];
      least += down < up ? down : up, most += down < up ? up : down, size += __builtin_fabs(a);
    }
    // What is asked for beyond reach stays asked for: the contradiction is to be found.
    to.low[1 + j] = low > least - size ? low : least - size;
    to.high[1 + j] = high < most + size ? high : most + size;
    if (to.low[1 + j] > to.high[1 + j]) (high < least ? to.low[1 + j] : to.high[1 + j]) = high < least ? high - size : low + size;
  }
  return done();
}

// Mean return of each asset.
template <class T> void mean_returns(In<T> returns, i64 assets, f64* mean) {
  const i64 periods = returns.length / assets;
  for (i64 i = 0; i < assets; i++) mean[i] = 0;
  for (i64 k = 0; k < periods; k++)
    for (i64 i = 0; i < assets; i++) mean[i] += static_cast<f64>(returns[k * assets + i]) / static_cast<f64>(periods);
}

// Answer p; the objective and multipliers are those of the solver times `scale`.
template <class T> void write_answer(const TailAnswer& answer, f64 scale, const TailLimits& of, i64 p, i64 assets, i64 rows,
                                     const TailOutputs<T>& out) {
  const f64 none = __builtin_nan("");
  const bool found = answer.objective < __builtin_huge_val(), impossible = answer.status == 2;
  out.status[p] = answer.status;
  out.iterations[p] = static_cast<f64>(answer.iterations);
  for (i64 i = 0; i < assets; i++) out.weights[p * assets + i] = found ? of.search.best[i] : none;
  f64 mean = 0;
  for (i64 i = 0; i < assets; i++) mean += of.mean[i] * (found ? of.search.best[i] : none);
  out.mean[p] = mean;
  out.shortfall[p] = found ? answer.es : none, out.var[p] = found ? answer.var : none;
  out.objective[p] = found ? answer.objective * scale : none, out.bound[p] = found ? answer.bound * scale : none;
  out.gap[p] = found ? answer.gap : none;
  out.primal[p] = found ? answer.primal : none, out.dual[p] = found ? answer.dual : none;
  // Of an upper limit above 0, as the quadratic programmes have them.
  out.budget[p] = found ? 0 - answer.budget * scale : none;
  out.budget_certificate[p] = impossible ? 0 - of.search.y[0] : 0;
  for (i64 j = 1; j < rows; j++) {
    out.multiplier[p * (rows - 1) + j - 1] = found ? 0 - of.search.best_y[j] * scale : none;
    out.certificate[p * (rows - 1) + j - 1] = impossible ? 0 - of.search.y[j] : 0;
  }
}

}  // namespace tickforge::TICKFORGE_ISA
