// Branch and bound over which assets are held, depth first, the likelier side first. A node is the relaxation with some assets decided.
#pragma once
#include "selection_search.h"

namespace tickforge::TICKFORGE_ISA {

// Assets decided on the way to a node, the bound of the node above each, and whether its other side was begun.
struct Path {
  f64 *asset, *bound, *turned;
  i64 depth;
};

// Whether the decisions leave room for the budget.
inline bool node_feasible(const Choice& of, const i8* node) {
  f64 low = 0, high = 0;
  i64 inside = 0;
  for (i64 i = 0; i < of.n; i++)
    if (node[i] == IN) low += of.lower[i], inside++;
  for (i64 i = 0; i < of.n; i++)
    if (node[i] == IN || (node[i] == FREE && inside < of.most)) high += of.upper[i];
  return low <= of.budget * (1 + 1e-12) && high >= of.budget * (1 - 1e-12);
}

// The free asset whose part is furthest from 0 and 1, else the one that weighs most; -1 where none is free.
inline i64 asset_to_decide(const Search& s) {
  const Relaxed& r = s.relaxed;
  i64 found = -1;
  f64 most = -1;
  for (i64 i = 0; i < s.of->n; i++) {
    if (s.node[i] != FREE || (r.inside >= s.of->most)) continue;
    const f64 apart = r.z[i] < 1 - r.z[i] ? r.z[i] : 1 - r.z[i], key = apart > 1e-9 ? 1 + apart : r.w[i] / (s.of->budget + 1e-300);
    if (key > most) most = key, found = i;
  }
  return found;
}

// The other side of the last decision that is still to be looked at; false where nothing is left.
inline bool turn_back(Search& s, Path& path, f64 cut) {
  for (; path.depth > 0; path.depth--) {
    const i64 top = path.depth - 1, i = static_cast<i64>(path.asset[top]);
    if (path.turned[top] == 0 && path.bound[top] < cut) {
      path.turned[top] = 1;
      s.node[i] = s.node[i] == IN ? OUT : IN;
      return true;
    }
    s.node[i] = FREE;
  }
  return false;
}

// Improves the best and returns a bound of every portfolio; `whole` tells whether all nodes were looked at. anneal() is called once, behind the first
// relaxation.
template <class Anneal> f64 search_tree(Search& s, Path& path, i64 nodes, f64 tolerance, Anneal anneal, bool& whole) {
  const Choice& of = *s.of;
  const auto cut = [&] { return s.value < __builtin_inf() ? s.value - tolerance * __builtin_fabs(s.value) : s.value; };
  f64 lowest = __builtin_inf();  // of nodes that were closed
  whole = false;
  path.depth = 0;
  f64 above = -__builtin_inf();  // bound of the node above
  for (i64 count = 0; count < nodes; count++) {
    bool open = node_feasible(of, s.node);
    f64 bound = __builtin_inf();
    if (open) {
      for (i64 i = 0; i < of.n; i++) s.relaxed.center[i] = s.relaxed.w[i];
      bound = relax(s.relaxed, s.near, count == 0 ? 1e-6 : 1e-5, cut(), count == 0 ? 60 : 25);
      if (count == 0 && !(bound > -__builtin_inf())) bound = -__builtin_inf();
      bound = bound > above ? bound : above;
      open = bound < cut();
    }
    if (open) {
      round_and_improve(s, count == 0 ? 6 : 1, count == 0 ? 200 : 20);
      if (count == 0) anneal();
      open = bound < cut();
    }
    const i64 next = open ? asset_to_decide(s) : -1;
    if (next < 0) {
      if (open) {  // everything is decided: a quadratic programme, of which the bound is sharp
        for (i64 i = 0; i < of.n; i++) s.chosen[i] = s.node[i] == IN ? IN : OUT;
        const f64 value = solve_support(s, s.relaxed.y);
        keep_if_better(s, value);
        const f64 sharp = value < __builtin_inf()                           ? lagrangian_bound(of, s.chosen, s.multipliers, s.support.space)
                          : support_feasible(of, s.chosen, s.support.space) ? bound
                                                                            : value;
        bound = sharp > bound ? sharp : bound;
      }
      lowest = bound < lowest ? bound : lowest;
      if (!turn_back(s, path, cut())) {
        whole = true;
        break;
      }
      above = path.bound[path.depth - 1];
      continue;
    }
    path.asset[path.depth] = static_cast<f64>(next), path.bound[path.depth] = bound, path.turned[path.depth] = 0;
    path.depth++;
    s.node[next] = s.relaxed.z[next] >= 0.5 && node_feasible(of, s.node) ? IN : OUT;
    above = bound;
  }
  for (i64 top = 0; top < path.depth && !whole; top++)
    if (path.turned[top] == 0 && path.bound[top] < lowest) lowest = path.bound[top];
  if (!whole && above < lowest) lowest = above;
  return lowest < s.value ? lowest : s.value;
}

}  // namespace tickforge::TICKFORGE_ISA
