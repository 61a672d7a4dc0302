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
  i8* kept_aside;
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

// One exchange, entry or exit that lowers the best, of two assets for two where supports are small: assets outside by what they would cost at the multipliers of the
// best, assets inside by what they save.
inline bool improve(Search& s) {
  const Choice& of = *s.of;
  const f64* y = s.multipliers + multipliers(of);
  i64 enter[entrants], leave[leavers], held = 0;
  f64 enter_cost[entrants], leave_cost[leavers];
  for (i64 i = 0; i < of.n; i++) held += s.kept[i] == IN;
  // Half of each by the multipliers of the best, half by the parts of the relaxation, which knows what the best has not tried.
  const f64* part = s.relaxed.z;
  const auto outside = [&](i64 i) { return s.kept[i] != IN && of.upper[i] > 0; };
  const auto listed = [](i64 i, const i64* list, i64 count) {
    bool there = false;
    for (i64 a = 0; a < count; a++) there |= list[a] == i;
    return there;
  };
  i64 in =
      best_places(of.n, entrants / 2, enter, enter_cost, [&](i64 i) { return outside(i) ? cost_in(of, i, slope_of(of, y, i)) : __builtin_inf(); });
  const i64 sure = in;
  in += best_places(of.n, entrants - in, enter + in, enter_cost + in,
                    [&](i64 i) { return outside(i) && part[i] > 0 && !listed(i, enter, sure) ? -part[i] : __builtin_inf(); });
  i64 out = best_places(of.n, leavers / 2, leave, leave_cost, [&](i64 i) {
    if (s.kept[i] != IN) return __builtin_inf();
    const f64 w = s.best[i];
    return -(of.d[i] * w + slope_of(of, y, i)) * w;
  });
  const i64 first_out = out;
  out += best_places(of.n, leavers - out, leave + out, leave_cost + out,
                     [&](i64 i) { return s.kept[i] == IN && !listed(i, leave, first_out) ? part[i] : __builtin_inf(); });
  for (i64 i = 0; i < of.n; i++) s.chosen[i] = s.kept[i];
  // -1: nobody.
  const auto attempt = [&](i64 one, i64 two, i64 first, i64 second) {
    const i64 change = (first >= 0) + (second >= 0) - (one >= 0) - (two >= 0);
    if (held + change > of.most || held + change < 1) return false;
    if (one >= 0) s.chosen[leave[one]] = OUT;
    if (two >= 0) s.chosen[leave[two]] = OUT;
    if (first >= 0) s.chosen[enter[first]] = IN;
    if (second >= 0) s.chosen[enter[second]] = IN;
    if (keep_if_better(s, solve_support(s, y))) return true;
    if (one >= 0) s.chosen[leave[one]] = IN;
    if (two >= 0) s.chosen[leave[two]] = IN;
    if (first >= 0) s.chosen[enter[first]] = OUT;
    if (second >= 0) s.chosen[enter[second]] = OUT;
    return false;
  };
  for (i64 a = 0; a < in; a++)
    if (enter_cost[a] < 0 && attempt(-1, -1, a, -1)) return true;
  for (i64 b = 0; b < out; b++)
    if (attempt(b, -1, -1, -1)) return true;
  for (i64 b = 0; b < out; b++)
    for (i64 a = 0; a < in; a++)
      if (attempt(b, -1, a, -1)) return true;
  if (held > small_support) return false;
  for (i64 b = 0; b < out; b++)
    for (i64 c = b + 1; c <= out; c++)  // the last: b alone
      for (i64 a = 0; a < in; a++)
        for (i64 e = a + 1; e <= in; e++) {
          if (c == out && e == in) continue;
          if (attempt(b, c == out ? -1 : c, a, e == in ? -1 : e)) return true;
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

// Exchanges from a support just tried, apart from the best so far, which stays unless they end below it.
inline void improve_apart(Search& s, f64 value, int rounds) {
  const i64 n = s.of->n, m = multipliers(*s.of);
  const f64 before = s.value;
  f64* other = s.aside;
  for (i64 i = 0; i < n; i++) other[i] = s.best[i], s.kept_aside[i] = s.kept[i];
  for (i64 j = 0; j < m; j++) other[n + j] = s.multipliers[m + j];
  s.value = __builtin_inf();
  keep_if_better(s, value);
  for (int round = 0; round < rounds && improve(s); round++) {}
  if (s.value < before) return;
  s.value = before;
  for (i64 i = 0; i < n; i++) s.best[i] = other[i], s.kept[i] = s.kept_aside[i];
  for (i64 j = 0; j < m; j++) s.multipliers[m + j] = other[n + j];
}

// Supports of about as many assets as the parts add up to, and exchanges: `rounds` at most, from each of them where they are small, else from the best.
inline void round_and_improve(Search& s, i64 around, int rounds) {
  f64 parts = 0;
  for (i64 i = 0; i < s.of->n; i++) parts += s.relaxed.z[i];
  const i64 middle = static_cast<i64>(parts + 0.5);
  const bool each = middle <= small_support && around > 1;
  bool better = false;
  for (i64 size = middle + 1; size >= middle - around; size--) {
    if (!round_parts(s, size)) continue;
    const f64 value = solve_support(s, s.relaxed.y);
    if (each && value < __builtin_inf()) improve_apart(s, value, rounds);
    else better |= keep_if_better(s, value);
  }
  for (int round = 0; better && round < rounds && improve(s); round++) {}
}

}  // namespace tickforge::TICKFORGE_ISA
