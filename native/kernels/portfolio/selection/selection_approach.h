// Where a return is asked for that few supports can reach, exchanges from one to the next lead through supports that cannot. So less is asked for at first, and what is
// found there is brought back to all of it by halves.
#pragma once
#include "selection_search.h"

namespace tickforge::TICKFORGE_ISA {

// Of a support that does not reach the return the best exchange of one asset for another that does; the value stays infinite where there is none.
inline void mend(Search& s) {
  const Choice& of = *s.of;
  Movers<64> enter;
  Movers<24> leave;
  const auto outside = [&](i64 i) { return s.chosen[i] != IN && of.upper[i] > 0; };
  const auto cost = [&](i64 i) { return cost_in(of, i, slope_of(of, s.relaxed.y, i)); };
  enter.choose(
      of.n, [&](i64 i) { return outside(i) ? cost(i) : __builtin_inf(); },
      [&](i64 i) { return outside(i) && s.relaxed.z[i] > 0 ? -s.relaxed.z[i] : __builtin_inf(); });
  leave.choose(
      of.n, [&](i64 i) { return s.chosen[i] == IN ? -cost(i) : __builtin_inf(); },
      [&](i64 i) { return s.chosen[i] == IN ? s.relaxed.z[i] : __builtin_inf(); });
  for (i64 b = 0; b < leave.count; b++)
    for (i64 a = 0; a < enter.count; a++) {
      s.chosen[leave.asset[b]] = OUT, s.chosen[enter.asset[a]] = IN;
      keep_if_better(s, solve_support(s, s.relaxed.y));
      s.chosen[leave.asset[b]] = IN, s.chosen[enter.asset[a]] = OUT;
    }
}

inline void approach(Search& s, f64 ease) {
  const Choice& of = *s.of;
  const i64 n = of.n;
  Choice eased = of;
  const f64 before = s.value;
  for (i64 i = 0; i < n; i++) s.kept_before[i] = s.kept[i];
  s.of = s.relaxed.of = &eased, s.value = __builtin_inf();
  eased.asked = of.asked - ease;
  for (i64 i = 0; i < n; i++) s.relaxed.center[i] = s.relaxed.w[i];
  relax(s.relaxed, s.near, 1e-4, __builtin_inf(), 25);
  round_and_improve(s, 6, 50);
  for (int half = 0; ease > 0 && s.value < __builtin_inf(); half++) {
    ease = half < 7 ? 0.5 * ease : 0;
    eased.asked = of.asked - ease;
    for (i64 i = 0; i < n; i++) s.chosen[i] = s.kept[i];
    s.value = __builtin_inf();
    if (!keep_if_better(s, solve_support(s, s.multipliers + multipliers(of)))) mend(s);
    if (!(s.value < __builtin_inf())) break;
    for (int round = 0; round < 50 && improve(s, false); round++) {}
  }
  while (s.value < __builtin_inf() && improve(s)) {}
  s.of = s.relaxed.of = &of;
  if (s.value < before || !(before < __builtin_inf())) return;
  s.value = __builtin_inf();
  for (i64 i = 0; i < n; i++) s.chosen[i] = s.kept_before[i];
  keep_if_better(s, solve_support(s, s.relaxed.y));
}

// Several such ways, and the relaxation as it was.
inline void approach_return(Search& s) {
  const f64 room = s.of->mean ? 1 - s.of->asked : 0;  // the largest return is 1 in size
  if (!(room > 0) || !(s.relaxed.y[s.of->step + 1] > 0) || parts_held(s) > small_support) return;
  for (f64 share = 0.4; share > 0.04; share *= 0.5) approach(s, share * room);
  for (i64 i = 0; i < s.of->n; i++) s.relaxed.center[i] = s.relaxed.w[i];
  relax(s.relaxed, s.near, 1e-6, __builtin_inf(), 60);
}

}  // namespace tickforge::TICKFORGE_ISA
