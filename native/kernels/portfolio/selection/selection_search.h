// Portfolios of whole decisions: the best weights of a support, exchanges of its assets, and branch and bound around both.
#pragma once
#include "perspective_newton.h"

namespace tickforge::TICKFORGE_ISA {

struct Search {
  const Choice* of;
  Relaxed relaxed;               // of the node at hand
  Choice few;                    // the assets of a support alone
  Relaxed support;               // of them
  f64 *few_v, *few_values;       // rows of v, or of the factor of their covariance where that is less; d, gain, mean, lower, upper [5][n]
  i8* all_in;
  i8 *node, *chosen, *kept;      // decisions: of the node; of the support that is tried; of the best
  f64 *weights, *best, *exposure;  // of the support that was tried; of the best; [step]
  f64* multipliers;              // of the support that was tried, and behind them of the best
  f64* aside;                    // weights and multipliers of the best, while another is improved
  i8 *kept_aside, *kept_before;
  f64 value, near;               // of the best; infinite where there is none
  bool smooth;                   // every d > 0
};

// The assets that are IN as a problem of their own, in as many factors as there are assets or as the model has.
inline void gather_support(Search& s) {
  const Choice& of = *s.of;
  i64* items = s.support.items;
  i64 count = 0;
  for (i64 i = 0; i < of.n; i++)
    if (s.chosen[i] == IN) items[count++] = i;
  Choice& few = s.few;
  few = of;
  few.n = few.most = count;
  f64* values = s.few_values;
  for (i64 a = 0; a < count; a++) {
    const i64 i = items[a];
    values[a] = of.d[i], values[of.n + a] = of.gain ? of.gain[i] : 0, values[2 * of.n + a] = of.mean ? of.mean[i] : 0;
    values[3 * of.n + a] = of.lower[i], values[4 * of.n + a] = of.upper[i];
  }
  few.d = values, few.gain = values + of.n, few.mean = of.mean ? values + 2 * of.n : nullptr, few.lower = values + 3 * of.n,
  few.upper = values + 4 * of.n;
  few.v = s.few_v;
  few.step = padded(count) < of.step ? padded(count) : of.step;
  for (i64 a = 0; a < count; a++) {
    const f64* row = of.v + items[a] * of.step;
    f64* to = s.few_v + a * few.step;
    if (few.step == of.step) {
      for (i64 j = 0; j < of.step; j++) to[j] = row[j];
      continue;
    }
    f64 own = dot(row, row, of.step), left = own;
    for (i64 b = 0; b < a; b++) {
      const f64* other = s.few_v + b * few.step;
      to[b] = other[b] > 0 ? (dot(row, of.v + items[b] * of.step, of.step) - dot(to, other, b)) / other[b] : 0;
      left -= to[b] * to[b];
    }
    to[a] = left > 1e-14 * own ? __builtin_sqrt(left) : 0;
    for (i64 j = a + 1; j < few.step; j++) to[j] = 0;
  }
}

// Whether bounds let the support meet budget and return: weights at `lower`, the rest where the mean is highest.
inline bool support_feasible(const Choice& of, const i8* decision, f64* space) {
  f64 low = 0, high = 0;
  for (i64 i = 0; i < of.n; i++)
    if (decision[i] == IN) low += of.lower[i], high += of.upper[i];
  const f64 slack = 1e-12 * of.budget;
  if (low > of.budget + slack || high < of.budget - slack) return false;
  if (!of.mean) return true;
  f64 rest = of.budget - low, reached = 0;
  i64 count = 0;
  for (i64 i = 0; i < of.n; i++)
    if (decision[i] == IN) reached += of.mean[i] * of.lower[i], space[count++] = static_cast<f64>(i);
  for (; rest > slack && count > 0; count--) {
    i64 top = 0;
    for (i64 at = 1; at < count; at++)
      if (of.mean[static_cast<i64>(space[at])] > of.mean[static_cast<i64>(space[top])]) top = at;
    const i64 i = static_cast<i64>(space[top]);
    const f64 more = of.upper[i] - of.lower[i] < rest ? of.upper[i] - of.lower[i] : rest;
    reached += of.mean[i] * more, rest -= more;
    space[top] = space[count - 1];
  }
  return reached >= of.asked - 1e-12 * __builtin_fabs(of.asked);
}

// Best weights where exactly the assets that are IN are held; infinite where there are none, or they were not found to 1e-9.
inline f64 solve_support(Search& s, const f64* from) {
  const Choice& of = *s.of;
  Relaxed& r = s.support;
  if (!support_feasible(of, s.chosen, r.space)) return __builtin_inf();
  gather_support(s);
  const i64 count = s.few.n, k = s.few.step;
  i64* assets = s.support.items + of.n;  // `items` are places among the few
  for (i64 a = 0; a < count; a++) assets[a] = r.items[a], r.items[a] = a, r.center[a] = of.budget / static_cast<f64>(count);
  r.count = r.inside = count, r.limited = false;
  for (i64 j = 0; j < multipliers(s.few); j++) r.y[j] = 0;
  r.y[k] = from[of.step], r.y[k + 1] = from[of.step + 1];
  r.near = s.smooth ? 0 : s.near;
  bool solved = maximize(r, 1e-11, 60);
  for (int round = 0; round < 40 && !s.smooth; round++) {
    f64 moved = 0;
    for (i64 a = 0; a < count; a++) {
      moved += __builtin_fabs(r.w[a] - r.center[a]);
      r.center[a] = r.w[a];
    }
    if (moved <= 1e-11 * of.budget) break;
    r.near *= 0.5;
    solved = maximize(r, 1e-11, 60);
  }
  if (!solved && residual(r) > 1e-9) return __builtin_inf();
  for (i64 i = 0; i < of.n; i++) s.weights[i] = 0;
  for (i64 a = 0; a < count; a++) s.weights[assets[a]] = r.w[a];
  const f64 value = value_of(of, s.weights, s.exposure);
  for (i64 j = 0; j < of.step; j++) s.multipliers[j] = 2 * s.exposure[j];
  s.multipliers[of.step] = r.y[k], s.multipliers[of.step + 1] = r.y[k + 1], s.multipliers[of.step + 2] = 0;
  return value;
}

inline bool keep_if_better(Search& s, f64 value) {
  if (!(value < s.value - 1e-12 * __builtin_fabs(value))) return false;
  s.value = value;
  for (i64 i = 0; i < s.of->n; i++) s.best[i] = s.weights[i], s.kept[i] = s.chosen[i];
  f64* y = s.multipliers + multipliers(*s.of);
  for (i64 j = 0; j < multipliers(*s.of); j++) y[j] = s.multipliers[j];
  return true;
}

// The `count` places of smallest `keys`, ascending, among those that `holds` takes.
template <class Key> inline i64 best_places(i64 n, i64 count, i64* places, f64* keys, Key key) {
  i64 found = 0;
  for (i64 i = 0; i < n; i++) {
    const f64 k = key(i);
    if (!(k < __builtin_inf()) || (found == count && k >= keys[found - 1])) continue;
    i64 at = found < count ? found++ : found - 1;
    for (; at > 0 && keys[at - 1] > k; at--) keys[at] = keys[at - 1], places[at] = places[at - 1];
    keys[at] = k, places[at] = i;
  }
  return found;
}

static constexpr i64 entrants = 16, leavers = 10, small_support = 24;

// Assets that may enter or leave a support, and what each costs at the multipliers of the best, cheapest first.
template <i64 most> struct Movers {
  i64 asset[most], count = 0;
  f64 cost[most];
  bool has(i64 i) const {
    for (i64 a = 0; a < count; a++)
      if (asset[a] == i) return true;
    return false;
  }
  // Half of them by one key, the rest by another, smallest first.
  template <class One, class Other> void choose(i64 n, One one, Other other) {
    count = best_places(n, most / 2, asset, cost, one);
    count += best_places(n, most - count, asset + count, cost + count, [&](i64 i) { return has(i) ? __builtin_inf() : other(i); });
  }
  template <class Cost> void price(Cost of) {
    for (i64 a = 0; a < count; a++) {
      const i64 i = asset[a];
      const f64 own = of(i);
      i64 at = a;
      for (; at > 0 && cost[at - 1] > own; at--) cost[at] = cost[at - 1], asset[at] = asset[at - 1];
      cost[at] = own, asset[at] = i;
    }
  }
};

// One exchange, entry or exit that lowers the best, of two assets for two where supports are small: assets outside by what they would cost at the multipliers of the
// best, assets inside by what they save. The same costs say what no weights of a support are below: most exchanges need not be solved.
inline bool improve(Search& s, bool pairs = true) {
  const Choice& of = *s.of;
  const f64* y = s.multipliers + multipliers(of);
  const auto cost = [&](i64 i) { return cost_in(of, i, slope_of(of, y, i)); };
  f64 bound = -0.25 * dot(y, y, of.step) + y[of.step] * of.budget + y[of.step + 1] * of.asked;
  i64 held = 0;
  for (i64 i = 0; i < of.n; i++) {
    s.chosen[i] = s.kept[i];
    if (s.kept[i] == IN) held++, bound += cost(i);
  }
  // Half of each by the multipliers of the best, half by the parts of the relaxation, which knows what the best has not tried.
  const f64* part = s.relaxed.z;
  Movers<entrants> enter;
  Movers<leavers> leave;
  const auto outside = [&](i64 i) { return s.kept[i] != IN && of.upper[i] > 0; };
  enter.choose(
      of.n, [&](i64 i) { return outside(i) ? cost(i) : __builtin_inf(); },
      [&](i64 i) { return outside(i) && part[i] > 0 ? -part[i] : __builtin_inf(); });
  enter.price(cost);
  leave.choose(
      of.n, [&](i64 i) { return s.kept[i] == IN ? -(of.d[i] * s.best[i] + slope_of(of, y, i)) * s.best[i] : __builtin_inf(); },
      [&](i64 i) { return s.kept[i] == IN ? part[i] : __builtin_inf(); });
  leave.price(cost);
  const f64 enough = s.value - 1e-12 * __builtin_fabs(s.value);
  // -1: nobody.
  const auto attempt = [&](i64 one, i64 two, i64 first, i64 second) {
    const i64 change = (first >= 0) + (second >= 0) - (one >= 0) - (two >= 0);
    if (held + change > of.most || held + change < 1) return false;
    const f64 more = (first >= 0 ? enter.cost[first] : 0) + (second >= 0 ? enter.cost[second] : 0),
              less = (one >= 0 ? leave.cost[one] : 0) + (two >= 0 ? leave.cost[two] : 0);
    if (bound + more - less >= enough) return false;
    const auto set = [&](i8 out, i8 in) {
      if (one >= 0) s.chosen[leave.asset[one]] = out;
      if (two >= 0) s.chosen[leave.asset[two]] = out;
      if (first >= 0) s.chosen[enter.asset[first]] = in;
      if (second >= 0) s.chosen[enter.asset[second]] = in;
    };
    set(OUT, IN);
    if (keep_if_better(s, solve_support(s, y))) return true;
    set(IN, OUT);
    return false;
  };
  for (i64 a = 0; a < enter.count; a++)
    if (attempt(-1, -1, a, -1)) return true;
  for (i64 b = leave.count - 1; b >= 0; b--)
    if (attempt(b, -1, -1, -1)) return true;
  for (i64 b = leave.count - 1; b >= 0; b--)
    for (i64 a = 0; a < enter.count; a++)
      if (attempt(b, -1, a, -1)) return true;
  if (held > small_support || !pairs) return false;
  for (i64 b = 0; b < leave.count; b++)
    for (i64 c = b + 1; c <= leave.count; c++)  // the last: b alone
      for (i64 a = 0; a < enter.count; a++)
        for (i64 e = a + 1; e <= enter.count; e++) {
          if (c == leave.count && e == enter.count) continue;
          if (attempt(b, c == leave.count ? -1 : c, a, e == enter.count ? -1 : e)) return true;
        }
  return false;
}

// The support of the `size` assets whose parts are largest, those that are in among them; false where so many are not there.
inline bool round_parts(Search& s, i64 size) {
  const Choice& of = *s.of;
  const Relaxed& r = s.relaxed;
  i64 some = 0;
  for (i64 i = 0; i < of.n; i++) {
    r.space[i] = r.decision[i] == IN ? -2 : r.decision[i] == FREE && r.z[i] > 1e-9 ? -r.z[i] : 0;
    r.slope[i] = r.space[i];  // not needed until the next relaxation
    some += r.space[i] < 0;
  }
  if (size < r.inside || size < 1 || size > some || size > of.most) return false;
  select_smallest(r.slope, of.n, size);
  f64 limit = r.slope[0];
  for (i64 i = 1; i < size; i++) limit = r.slope[i] > limit ? r.slope[i] : limit;
  i64 taken = 0;
  for (i64 i = 0; i < of.n; i++) s.chosen[i] = OUT;
  for (int pass = 0; pass < 2; pass++)  // those beyond the limit first, then as many at it as there is room for
    for (i64 i = 0; i < of.n; i++)
      if (s.chosen[i] == OUT && taken < size && (pass == 0 ? r.space[i] < limit : r.space[i] == limit)) s.chosen[i] = IN, taken++;
  return true;
}

// The best so far, while another support is improved apart from it; it comes back unless that ended below it.
inline void put_aside(Search& s) {
  const i64 n = s.of->n, m = multipliers(*s.of);
  for (i64 i = 0; i < n; i++) s.aside[i] = s.best[i], s.kept_aside[i] = s.kept[i];
  for (i64 j = 0; j < m; j++) s.aside[n + j] = s.multipliers[m + j];
}
inline void take_back(Search& s, f64 value) {
  if (s.value < value) return;
  const i64 n = s.of->n, m = multipliers(*s.of);
  s.value = value;
  for (i64 i = 0; i < n; i++) s.best[i] = s.aside[i], s.kept[i] = s.kept_aside[i];
  for (i64 j = 0; j < m; j++) s.multipliers[m + j] = s.aside[n + j];
}

// Exchanges from a support just tried, of pairs where those of one for another lead to within a share `near` of the best.
inline void improve_apart(Search& s, f64 value, int rounds, f64 near = __builtin_inf()) {
  const f64 before = s.value, pairs_below = before < __builtin_inf() ? before + near * __builtin_fabs(before) : before;
  put_aside(s);
  s.value = __builtin_inf();
  keep_if_better(s, value);
  int round = 0;
  while (round < rounds && improve(s, false)) round++;
  while (round < rounds && s.value <= pairs_below && improve(s)) round++;
  take_back(s, before);
}

// How many assets the parts add up to.
inline i64 parts_held(const Search& s) {
  f64 parts = 0;
  for (i64 i = 0; i < s.of->n; i++) parts += s.relaxed.z[i];
  return static_cast<i64>(parts + 0.5);
}

// Supports of about as many assets as the parts add up to, and exchanges: `rounds` at most, from each of them where they are small, else from the best.
inline void round_and_improve(Search& s, i64 around, int rounds) {
  const i64 middle = parts_held(s);
  const bool each = middle <= small_support && around > 1;
  bool better = false;
  for (i64 size = middle + 1; size >= middle - around; size--) {
    if (!round_parts(s, size)) continue;
    const f64 value = solve_support(s, s.relaxed.y);
    if (each && value < __builtin_inf()) improve_apart(s, value, rounds, 0.02);
    else better |= keep_if_better(s, value);
  }
  for (int round = 0; better && round < rounds && improve(s); round++) {}
}

}  // namespace tickforge::TICKFORGE_ISA
