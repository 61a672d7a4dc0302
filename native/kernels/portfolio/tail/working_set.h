// The portfolio of least conditional value at risk among many assets: few of them are held, so the linear program is solved for a working
// set, and weights of the scenarios that it gives price the others. What prices wrongly comes in. For any weights q of the scenarios in
// 0 <= q <= 1 / (alpha periods) of sum 1 and any multipliers y of the constraints, the least of (cost - returns'q - matrix'y)'w over the
// bounds, and y times the ends of the constraints, is a bound from below on every portfolio: so the gap is a proof.
#pragma once
#include "interior_point.h"
#include "contradiction.h"
#include "onto_limits.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> class WorkingSet {
 public:
  WorkingSet(const TailProblem<T>& problem, TailSearch& search) : of(problem), at(search) {
    rule = tail_rule(of.confidence, Quantile::order, Tail::exact);
    const Depth depth = depth_of(rule, of.periods);
    cap = 1 / (static_cast<f64>(depth.whole) + depth.part);
    const f64 t = static_cast<f64>(of.periods);
    for (i64 i = 0; i < of.assets; i++) at.size[i] = 0;
    for (i64 k = 0; k < of.periods; k++)
      for (i64 i = 0; i < of.assets; i++) {
        const f64 r = static_cast<f64>(of.returns[k * of.assets + i]);
        at.size[i] += r * r / t;
      }
    for (i64 i = 0; i < of.assets; i++) scale = at.size[i] > scale ? at.size[i] : scale;
    scale = scale > 0 ? __builtin_sqrt(scale) : 1;
    f64 most = 0;
    for (i64 i = 0; i < of.assets; i++) most = __builtin_fabs(of.cost[i]) > most ? __builtin_fabs(of.cost[i]) : most;
    mass = most > scale ? scale / most : 1;
  }

  // From the members that a search before this one left.
  TailAnswer solve(f64 tolerance, i64 most_iterations) {
    answer = {.status = 1, .objective = huge, .bound = -huge, .gap = huge, .es = 0, .var = 0, .primal = 0, .dual = 0, .budget = 0, .iterations = 0};
    if (first_set()) return infeasible();
    f64 inner = 1e-3;
    bool changed = true;
    for (i64 round = 0; round <= 2 * of.assets + 16; round++) {
      if (changed) gather();
      const Ending ending = run(changed, inner, most_iterations);
      if (ending == Ending::CONTRADICTION) {
        if (price_contradiction()) return infeasible();
        if (!(changed = admit())) break;
        continue;
      }
      take_weights();
      const f64 outside = judge();
      answer.status = answer.gap <= tolerance ? 0 : 1;
      if (answer.gap <= 0.01 * tolerance) break;  // a step or two more give digits of the weights
      if (answer.iterations >= most_iterations) break;
      changed = outside > 0.1 * (answer.objective - answer.bound) && admit();
      if (!changed && (ending == Ending::STUCK || inner < 1e-15)) break;
      if (!changed) inner *= 1e-2;
    }
    if (!(answer.objective < huge) && no_weights()) return infeasible();
    finish();
    return answer;
  }

 private:
  enum class Ending { CLOSE, STUCK, CONTRADICTION };
  static constexpr f64 huge = __builtin_huge_val();

  i64 member(i64 k) const { return static_cast<i64>(at.members[k]); }
  bool fixed(i64 i) const { return !(of.lower[i] < of.upper[i]); }
  void join(i64 i) { at.members[at.count++] = static_cast<f64>(i), at.inside[i] = 1; }

  // Members to begin with: the calmest, and as many as can meet the budget; false, or true where none can.
  bool first_set() {
    f64 least = 0, most = 0, reach = 0;
    for (i64 i = 0; i < of.assets; i++) least += of.lower[i], most += of.upper[i];
    for (i64 j = 0; j < of.rows; j++) at.y[j] = 0;
    const f64 dust = 1e-12 * (__builtin_fabs(of.low[0]) + __builtin_fabs(least) + __builtin_fabs(most));
    if (least > of.low[0] + dust || most < of.low[0] - dust) {
      at.y[0] = least > of.low[0] ? -1 : 1;
      return true;
    }
    if (at.count == 0)
      for (i64 i = 0; i < of.assets; i++) at.inside[i] = 0, at.weights[i] = of.lower[i];
    for (i64 i = 0; i < of.assets; i++) reach += at.inside[i] != 0 ? of.upper[i] : at.weights[i] = of.lower[i], at.score[i] = at.size[i];
    while (at.count < most_of(of.assets) && (at.count < first_members || reach <= of.low[0])) {
      const i64 next = smallest();
      if (next < 0) break;
      reach += of.upper[next] - of.lower[next];
      join(next);
    }
    return false;
  }
  i64 smallest() const {
    i64 found = -1;
    for (i64 i = 0; i < of.assets; i++)
      if (at.inside[i] == 0 && !fixed(i) && (found < 0 || at.score[i] < at.score[found])) found = i;
    return found;
  }

  // Outsiders with the lowest scores below 0, as many as half of the members; false where there is none or no place.
  bool admit() {
    i64 room = at.count / 2 > 32 ? at.count / 2 : 32;
    if (at.count + room > most_of(of.assets)) leave();
    bool any = false;
    for (; room > 0 && at.count < most_of(of.assets); room--) {
      const i64 next = smallest();
      if (next < 0 || !(at.score[next] < 0)) break;
      join(next);
      any = true;
    }
    return any;
  }
  // Members at one of their bounds go.
  void leave() {
    i64 kept = 0;
    for (i64 k = 0; k < at.count; k++) {
      const i64 i = member(k);
      const bool stays = at.weights[i] > of.lower[i] && at.weights[i] < of.upper[i];
      if (stays) at.members[kept++] = at.members[k];
      else at.inside[i] = 0;
    }
    at.count = kept;
  }

  // The program of the members; what others hold is taken off.
  void gather() {
    const i64 n = at.count, m = of.rows, all = of.assets;
    for (i64 k = 0; k < n; k++) {
      const i64 i = member(k);
      at.cost[k] = of.cost[i] * mass / scale, at.lower[k] = of.lower[i], at.upper[k] = of.upper[i];
      for (i64 j = 0; j < m; j++) at.matrix[j * n + k] = of.matrix[j * all + i];
    }
    bool held = false;
    for (i64 i = 0; i < all; i++) held |= at.inside[i] == 0 && at.weights[i] != 0;
    for (i64 j = 0; j < m; j++) {
      f64 other = 0;
      for (i64 i = 0; i < all && held; i++)
        if (at.inside[i] == 0) other += of.matrix[j * all + i] * at.weights[i];
      at.low[j] = of.low[j] - other, at.high[j] = of.high[j] - other;
    }
    for (i64 t = 0; t < of.periods; t++) {
      const T* row = of.returns + t * all;
      for (i64 k = 0; k < n; k++) at.returns[t * n + k] = static_cast<f64>(row[member(k)]) / scale;
      f64 other = 0;
      for (i64 i = 0; i < all && held; i++)
        if (at.inside[i] == 0) other += static_cast<f64>(row[i]) * at.weights[i];
      at.held[t] = other / scale;
    }
  }

  Ending run(bool begin, f64 inner, i64 most_iterations) {
    const TailProgram program{.scenarios = of.periods,
                              .assets = at.count,
                              .rows = of.rows,
                              .returns = at.returns,
                              .held = at.held,
                              .cost = at.cost,
                              .lower = at.lower,
                              .upper = at.upper,
                              .matrix = at.matrix,
                              .low = at.low,
                              .high = at.high,
                              .mass = mass,
                              .cap = cap};
    InteriorPoint point(program, at.point);
    if (begin) point.start();
    f64 before = huge;
    for (i64 same = 0, step = 0; step < 100; step++) {
      const TailState state = point.look();
      if (!(state.products < huge) || !(state.primal < huge)) return Ending::STUCK;
      if (members_contradict()) return Ending::CONTRADICTION;
      if (state.products < inner * mass && state.primal < 1e-7 && state.dual < inner * mass) return Ending::CLOSE;
      if (answer.iterations >= most_iterations) return Ending::STUCK;
      same = state.products + state.primal < 0.9 * before ? 0 : same + 1;
      if (same > (answer.status == 0 ? 2 : 12)) return Ending::STUCK;
      before = state.products + state.primal < before ? state.products + state.primal : before;
      point.step(state);
      answer.iterations++;
    }
    return Ending::STUCK;
  }

  // Whether the multipliers prove that the members alone cannot meet the constraints.
  bool members_contradict() const {
    return contradiction({at.count, of.rows, at.lower, at.upper, at.matrix, at.low, at.high}, at.point.y) > contradicted;
  }
  WeightLimits limits() const { return {of.assets, of.rows, of.lower, of.upper, of.matrix, of.low, of.high}; }
  // The same multipliers for all assets: true where they are a proof, else scores say who would help.
  bool price_contradiction() {
    for (i64 j = 0; j < of.rows; j++) at.y[j] = at.point.y[j];
    tidy(limits(), at.y);
    for (i64 i = 0; i < of.assets; i++) {
      f64 a = 0;
      for (i64 j = 0; j < of.rows; j++) a += at.y[j] * of.matrix[j * of.assets + i];
      const f64 down = a * of.lower[i], up = a * of.upper[i];
      at.score[i] = a * at.weights[i] - (down > up ? down : up);
    }
    return contradiction(limits(), at.y) > contradicted;
  }
  // Where no weights were found the multipliers may have been too small to tell.
  bool no_weights() {
    if (!find_contradiction(limits(), at.reduced, at.best_y, at.y)) return false;
    tidy(limits(), at.y);
    return true;
  }
  TailAnswer infeasible() {
    answer.status = 2;
    return answer;
  }

  void take_weights() {
    const f64* w = onto_limits(at, of.rows);
    for (i64 k = 0; k < at.count; k++) at.weights[member(k)] = w[k];
  }

  // Objective of the weights, bound of the multipliers, the better of both kept. Scores of outsiders: what their price says, below 0 where
  // they would lower the objective; their sum is returned.
  f64 judge() {
    const i64 n = of.assets, t = of.periods;
    const f64 found = objective(at.weights);
    if (found < answer.objective && violation(at.weights) < 1e-9) {
      answer.objective = found;
      for (i64 i = 0; i < n; i++) at.best[i] = at.weights[i];
    }
    weigh_scenarios();
    for (i64 i = 0; i < n; i++) at.reduced[i] = of.cost[i];
    for (i64 k = 0; k < t; k++)
      if (at.q[k] != 0)
        for (i64 i = 0; i < n; i++) at.reduced[i] -= at.q[k] * static_cast<f64>(of.returns[k * n + i]);
    at.y[0] = 0;
    f64 ends = 0;
    for (i64 j = 1; j < of.rows; j++) {
      const f64 y = at.y[j] = at.point.y[j] * scale / mass;
      ends += y * (y > 0 ? of.low[j] : of.high[j]);
      add_scaled(at.reduced, of.matrix + j * n, -y, n);
    }
    const f64 price = at.y[0] = budget_price();
    const f64 paid = at.point.y[0] * scale / mass - price;
    f64 bound = ends + price * of.low[0], outside = 0;
    for (i64 i = 0; i < n; i++) {
      const f64 d = at.reduced[i] -= price, least = d > 0 ? d * of.lower[i] : d * of.upper[i];
      bound += least;
      // Outsiders are judged by the price that the members pay: at the best price for the bound they would be blamed for nothing.
      const f64 e = d - paid;
      at.score[i] = (e > 0 ? e * of.lower[i] : e * of.upper[i]) - e * at.weights[i];
      if (at.inside[i] == 0) outside -= at.score[i];
    }
    if (bound > answer.bound) {
      answer.bound = bound;
      for (i64 i = 0; i < n; i++) at.best_reduced[i] = at.reduced[i];
      for (i64 j = 0; j < of.rows; j++) at.best_y[j] = at.y[j];
    }
    const f64 size = __builtin_fabs(answer.objective);
    answer.gap = (answer.objective - answer.bound) / (size > 1e-4 ? size : 1e-4);
    return outside;
  }
  // Weights of the scenarios from the multipliers: what is nearly 0 left out, of sum 1, none above the cap.
  void weigh_scenarios() {
    f64 sum = 0, room = 0;
    for (i64 k = 0; k < of.periods; k++) {
      const f64 q = at.point.q[k] / mass;
      at.q[k] = q < 1e-13 * cap ? 0 : q < cap ? q : cap;
      sum += at.q[k], room += at.q[k] > 0 ? cap - at.q[k] : 0;
    }
    const bool some = room >= 1 - sum;  // else all scenarios have to take of what is missing
    if (!some) room = static_cast<f64>(of.periods) * cap - sum;
    for (i64 k = 0; k < of.periods; k++)
      if (sum > 1) at.q[k] /= sum;
      else if (room > 0 && (at.q[k] > 0 || !some)) at.q[k] += (cap - at.q[k]) * (1 - sum) / room;
  }
  // The multiplier of the budget that gives the best bound: where the assets that price below it are first held in full.
  f64 budget_price() const {
    f64 low = at.reduced[0], high = at.reduced[0];
    for (i64 i = 1; i < of.assets; i++) low = at.reduced[i] < low ? at.reduced[i] : low, high = at.reduced[i] > high ? at.reduced[i] : high;
    for (i64 halving = 0; halving < 64; halving++) {
      const f64 middle = 0.5 * (low + high);
      f64 held = 0;
      for (i64 i = 0; i < of.assets; i++) held += at.reduced[i] < middle ? of.upper[i] : of.lower[i];
      (held < of.low[0] ? low : high) = middle;
    }
    return low;
  }

  f64 objective(const f64* weights) {
    const i64 n = of.assets;
    for (i64 k = 0; k < of.periods; k++) {
      f64 sum = 0;
      if constexpr (sizeof(T) == sizeof(f64)) sum = dot(of.returns + k * n, weights, n);
      else
        for (i64 i = 0; i < n; i++) sum += static_cast<f64>(of.returns[k * n + i]) * weights[i];
      at.losses[k] = -sum;
    }
    const RiskPair risk = tail_risk(at.losses, of.periods, rule, at.thinned);
    answer.es = risk.shortfall, answer.var = risk.risk;
    return risk.shortfall + dot(of.cost, weights, n);
  }

  // How far the weights are outside a constraint.
  f64 violation(const f64* weights) const {
    f64 most = 0;
    for (i64 j = 0; j < of.rows; j++) {
      const f64 value = dot(of.matrix + j * of.assets, weights, of.assets);
      const f64 wrong = value < of.low[j] ? of.low[j] - value : value - of.high[j];
      most = wrong > most ? wrong : most;
    }
    return most;
  }

  // Residuals and risk of the best weights.
  void finish() {
    const i64 n = of.assets;
    if (!(answer.objective < huge)) return;
    objective(at.best);
    answer.primal = violation(at.best);
    for (i64 i = 0; i < n; i++) {
      const f64 to = at.best[i] - at.best_reduced[i], within = to < of.lower[i] ? of.lower[i] : to > of.upper[i] ? of.upper[i] : to;
      const f64 off = __builtin_fabs(at.best[i] - within);
      answer.dual = off > answer.dual ? off : answer.dual;
    }
    answer.budget = at.best_y[0];
  }

  TailProblem<T> of;
  TailSearch& at;
  TailAnswer answer;
  TailRule rule;
  f64 cap, scale = 0, mass = 1;
};

}  // namespace tickforge::TICKFORGE_ISA
