// The portfolios w(t) with the least w'Cw / 2 - t expected'w for all t >= 0: while the assets strictly between their bounds and the constraints at
// a side stay the same, weights and multipliers are linear in t (Markowitz 1956, the critical line); a step leads to where one of them changes.
#pragma once
#include "kernels/portfolio/parts/bordered.h"
#include "kernels/portfolio/parts/programme_call.h"
#include "kernels/portfolio/parts/room.h"

namespace tickforge::TICKFORGE_ISA {

// x(t) = at + t * by.
struct Line {
  f64 *at, *by;
  f64 value(i64 i, f64 t) const { return at[i] + t * by[i]; }
};
struct PathSpace {
  Line weight, slope, multiplier, row;  // slope: of the objective and the constraints by each weight
  f64 *side, *row_side;                 // 0 free, -1 at the lower end, 1 at the upper one, 2 fixed
  f64 *place, *which;                   // free assets; active rows
  f64 *matrix, *border, *square, *right, *rest, *shared, *scratch;
};
inline PathSpace path_space(Room& room, i64 n, i64 rows, i64 step) {
  PathSpace to{};
  room.each(n, to.weight.at, to.weight.by, to.slope.at, to.slope.by, to.side, to.place, to.right);
  room.each(rows, to.multiplier.at, to.multiplier.by, to.row.at, to.row.by, to.row_side, to.which, to.rest);
  to.matrix = room.take(n * n), to.border = room.take(rows * n), to.square = room.take(rows * rows);
  to.shared = room.take(step), to.scratch = room.take(factor_scratch(n > rows ? n : rows));
  return to;
}

class FrontierPath {
 public:
  FrontierPath(const Programme& programme, const f64* expected, const PathSpace& space) : of(programme), mu(expected), at(space) {
    n = of.risk->assets, rows = 1 + of.linear;
    for (i64 i = 0; i < n; i++) {
      mean += covariance(i, i) / static_cast<f64>(n);
      largest = __builtin_fabs(mu[i]) > largest ? __builtin_fabs(mu[i]) : largest;
    }
    if (!(mean > 0)) mean = 1;
  }

  // From the weights of least variance and their multipliers, each(from, to) for every stretch of t, `to` infinite at last. False where the steps
  // were too many.
  template <class Each> bool walk(const f64* x, const f64* p, Each each) {
    begin(x, p);
    f64 t = 0;
    i64 last = -1;
    const i64 most = 40 * (n + rows) + 100;
    for (turns = 0; turns < most; turns++) {
      const Event next = event(t, last);
      each(t, next.t);
      if (next.item < 0) return true;
      t = next.t;
      toggle(next);
      last = next.item;
      solve();
    }
    return false;
  }

  // Whether other weights of the free assets have the same variance, return and constraints: what all of them see together is singular.
  bool degenerate() {
    for (i64 a = 0; a < free; a++)
      for (i64 b = a; b < free; b++) {
        const i64 i = place(a), j = place(b);
        f64 sum = covariance(i, j) / mean + (largest > 0 ? mu[i] * mu[j] / (largest * largest) : 0);
        for (i64 k = 0; k < active; k++) sum += coefficient(which(k), i) * coefficient(which(k), j);
        at.matrix[a * free + b] = sum;
      }
    for (i64 a = 0; a < free; a++) at.right[a] = at.matrix[a * free + a];
    factor_or_fix(at.matrix, free, at.scratch);
    for (i64 a = 0; a < free; a++) {
      const f64 pivot = at.matrix[a * free + a];
      if (!(pivot < __builtin_huge_val()) || pivot * pivot < 1e-10 * at.right[a]) return true;
    }
    return false;
  }

  const Line& weights() const { return at.weight; }
  const Line& multipliers() const { return at.multiplier; }
  f64 coefficient(i64 r, i64 i) const { return r == 0 ? 1 : of.row[(r - 1) * n + i]; }
  void covariance_times_weights(const f64* x, f64* out) const {
    shared_slope(of, 1, x, at.shared, out);
    const f64 g = of.risk_aversion;
    for (i64 i = 0; i < n; i++) out[i] += g * own_variance(of, i) * x[i];
  }
  i64 turns = 0;

 private:
  struct Event {
    f64 t;
    i64 item;  // an asset, or n and a row; -1: none
    f64 side;  // where it goes
  };

  i64 place(i64 a) const { return static_cast<i64>(at.place[a]); }
  i64 which(i64 k) const { return static_cast<i64>(at.which[k]); }
  f64 covariance(i64 i, i64 j) const { return of.risk->whole ? of.risk->whole[i * n + j] : covariance_of(*of.risk, i, j); }
  bool fixed(i64 i) const { return !(of.lower[i] < of.upper[i]); }

  // The sides at the weights of least variance; those that do not hold on their line are mended one by one.
  void begin(const f64* x, const f64* p) {
    i64 inside = 0;
    for (i64 i = 0; i < n; i++) {
      const f64 width = of.upper[i] - of.lower[i], near = 1e-9 * (width < 1 ? width : 1);
      at.side[i] = fixed(i) ? 2 : x[i] <= of.lower[i] + near ? -1 : x[i] >= of.upper[i] - near ? 1 : 0;
      inside += at.side[i] == 0;
    }
    for (i64 r = 0; r < rows; r++) at.row_side[r] = of.low[r] == of.high[r] ? 2 : p[r] > 0 ? 1 : p[r] < 0 ? -1 : 0;
    for (i64 i = 0; i < n && inside == 0; i++)
      if (at.side[i] == -1 || at.side[i] == 1) at.side[i] = 0, inside++;
    solve();
    for (i64 round = 0; round < 4 * (n + rows) + 50; round++) {
      const Event wrong = violation();
      if (wrong.item < 0) return;
      toggle(wrong);
      solve();
    }
  }

  // What is furthest from holding at t = 0, and what would mend it.
  Event violation() const {
    Event found{0, -1, 0};
    f64 worst = 1e-9, size = 1e-300;
    for (i64 i = 0; i < n; i++) size = __builtin_fabs(at.slope.at[i]) > size ? __builtin_fabs(at.slope.at[i]) : size;
    for (i64 r = 0; r < rows; r++) size = __builtin_fabs(at.multiplier.at[r]) > size ? __builtin_fabs(at.multiplier.at[r]) : size;
    const auto look = [&](f64 by, i64 item, f64 side) {
      if (by > worst) worst = by, found = {0, item, side};
    };
    for (i64 i = 0; i < n; i++) {
      if (at.side[i] == 0) look(of.lower[i] - at.weight.at[i], i, -1), look(at.weight.at[i] - of.upper[i], i, 1);
      if (at.side[i] == 1 || at.side[i] == -1) look(at.side[i] * at.slope.at[i] / size, i, 0);
    }
    for (i64 r = 0; r < rows; r++) {
      if (at.row_side[r] == 0) look(of.low[r] - at.row.at[r], n + r, -1), look(at.row.at[r] - of.high[r], n + r, 1);
      if (at.row_side[r] == 1 || at.row_side[r] == -1) look(-at.row_side[r] * at.multiplier.at[r] / size, n + r, 0);
    }
    return found;
  }

  // The first change behind t. What changed last comes again only further on.
  Event event(f64 t, i64 last) const {
    Event next{__builtin_huge_val(), -1, 0};
    const auto look = [&](i64 item, f64 value, f64 by, f64 end, f64 side) {
      const f64 to = (end - value) / by;
      if (item == last && to <= t * (1 + 1e-10)) return;
      const f64 when = to > t ? to : t;
      if (when < next.t) next = {when, item, side};
    };
    for (i64 i = 0; i < n; i++) {
      const f64 by = at.weight.by[i] * mean, turn = at.slope.by[i];
      if (at.side[i] == 0 && by > 1e-12 * largest) look(i, at.weight.at[i], at.weight.by[i], of.upper[i], 1);
      if (at.side[i] == 0 && by < -1e-12 * largest) look(i, at.weight.at[i], at.weight.by[i], of.lower[i], -1);
      if ((at.side[i] == -1 && turn < -1e-12 * largest) || (at.side[i] == 1 && turn > 1e-12 * largest)) look(i, at.slope.at[i], turn, 0, 0);
    }
    for (i64 r = 0; r < rows; r++) {
      const f64 by = at.row.by[r] * mean, turn = at.multiplier.by[r];
      if (at.row_side[r] == 0 && by > 1e-12 * largest && of.high[r] < __builtin_huge_val()) look(n + r, at.row.at[r], at.row.by[r], of.high[r], 1);
      if (at.row_side[r] == 0 && by < -1e-12 * largest && of.low[r] > -__builtin_huge_val()) look(n + r, at.row.at[r], at.row.by[r], of.low[r], -1);
      if ((at.row_side[r] == -1 && turn > 1e-12 * largest) || (at.row_side[r] == 1 && turn < -1e-12 * largest))
        look(n + r, at.multiplier.at[r], turn, 0, 0);
    }
    return next;
  }
  void toggle(const Event& e) { (e.item < n ? at.side[e.item] : at.row_side[e.item - n]) = e.side; }

  // Weights of the free assets and multipliers of the active rows, as lines in t. A share of 1e-12 on the diagonal makes them unique.
  void solve() {
    free = active = 0;
    for (i64 i = 0; i < n; i++)
      if (at.side[i] == 0) at.place[free++] = static_cast<f64>(i);
    for (i64 r = 0; r < rows; r++)
      if (at.row_side[r] != 0) at.which[active++] = static_cast<f64>(r);
    for (i64 i = 0; i < n; i++) at.weight.at[i] = at.side[i] == 0 ? 0 : at.side[i] == 1 ? of.upper[i] : of.lower[i], at.weight.by[i] = 0;
    for (i64 r = 0; r < rows; r++) at.multiplier.at[r] = at.multiplier.by[r] = 0;
    covariance_times_weights(at.weight.at, at.slope.at);
    for (i64 a = 0; a < free; a++) {
      for (i64 b = a; b < free; b++) at.matrix[a * free + b] = covariance(place(a), place(b));
      at.matrix[a * free + a] += 1e-12 * mean;
    }
    factor_or_fix(at.matrix, free, at.scratch);
    for (i64 k = 0; k < active; k++) {
      for (i64 a = 0; a < free; a++) at.border[k * free + a] = coefficient(which(k), place(a));
      solve_upper(at.matrix, free, at.border + k * free);
    }
    for (i64 k = 0; k < active; k++)
      for (i64 l = k; l < active; l++) {
        f64 sum = 0;
        for (i64 a = 0; a < free; a++) sum += coefficient(which(k), place(a)) * at.border[l * free + a];
        at.square[k * active + l] = sum;
      }
    factor_or_fix(at.square, active, at.scratch);
    for (i64 a = 0; a < free; a++) at.right[a] = -at.slope.at[place(a)];
    for (i64 k = 0; k < active; k++) {
      const i64 r = which(k);
      at.rest[k] = at.row_side[r] == -1 ? of.low[r] : of.high[r];
      for (i64 i = 0; i < n; i++) at.rest[k] -= coefficient(r, i) * at.weight.at[i];
    }
    finish(at.weight.at, at.multiplier.at);
    for (i64 a = 0; a < free; a++) at.right[a] = mu[place(a)];
    for (i64 k = 0; k < active; k++) at.rest[k] = 0;
    finish(at.weight.by, at.multiplier.by);
    covariance_times_weights(at.weight.at, at.slope.at);
    covariance_times_weights(at.weight.by, at.slope.by);
    for (i64 i = 0; i < n; i++) at.slope.by[i] -= mu[i];
    add_rows(of, at.multiplier.at, at.slope.at);
    add_rows(of, at.multiplier.by, at.slope.by);
    for (i64 r = 0; r < rows; r++) {
      at.row.at[r] = at.row.by[r] = 0;
      for (i64 i = 0; i < n; i++) at.row.at[r] += coefficient(r, i) * at.weight.at[i], at.row.by[r] += coefficient(r, i) * at.weight.by[i];
    }
  }
  // x of C x + A'p = right, A x = rest, onto the free places.
  void finish(f64* x, f64* p) {
    solve_upper(at.matrix, free, at.right);
    for (i64 k = 0; k < active; k++) {
      f64 sum = -at.rest[k];
      for (i64 a = 0; a < free; a++) sum += coefficient(which(k), place(a)) * at.right[a];
      at.rest[k] = sum;
    }
    solve_upper(at.square, active, at.rest);
    for (i64 k = 0; k < active; k++) {
      add_scaled(at.right, at.border + k * free, -at.rest[k], free);
      p[which(k)] = at.rest[k];
    }
    for (i64 a = 0; a < free; a++) x[place(a)] = at.right[a];
  }

  const Programme& of;
  const f64* mu;
  const PathSpace& at;
  i64 n, rows, free = 0, active = 0;
  f64 mean = 0, largest = 0;
};

}  // namespace tickforge::TICKFORGE_ISA
