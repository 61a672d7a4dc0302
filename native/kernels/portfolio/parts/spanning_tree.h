// Single linkage is the spanning tree of the nearest pairs, which Prim's method finds with one row of distances at a time: memory grows with
// the assets, not with their pairs.
#pragma once
#include "alike.h"
#include "tree.h"

namespace tickforge::TICKFORGE_ISA {

// Of equally alike pairs the one with the smaller asset comes first, then that with the smaller other one: with it all pairs have one order, and
// the tree is the same whichever way it grows.
inline bool before(i32 a, i32 b, i32 c, i32 d) {
  const i32 low = a < b ? a : b, high = a < b ? b : a, other_low = c < d ? c : d, other_high = c < d ? d : c;
  return low < other_low || (low == other_low && high < other_high);
}

// f64 of scratch memory that grow() needs.
inline i64 spanning_scratch(i64 n) { return 3 * (n + alike_group); }

// The n - 1 edges, as Prim finds them. `alike` has asset i in slot i.
template <class Alike> void grow(Alike& alike, i64 n, f64* scratch, Join* joins) {
  const i64 room = n + alike_group;
  f64 *best = scratch, *nearest = best + room, *rho = nearest + room;  // of each slot: how near the tree is, to which of its assets
  for (i64 s = 0; s < room; s++) best[s] = -__builtin_inf(), nearest[s] = 0;
  i64 left = n;
  i64 slot = 0;
  for (i64 edge = 0; edge < n; edge++) {
    const i32 newest = alike.asset[slot];
    if (edge > 0) {
      const i32 other = static_cast<i32>(nearest[slot]);
      joins[edge - 1] = {best[slot], newest < other ? newest : other, newest < other ? other : newest};
    }
    alike.choose(slot);
    left--;
    alike.drop(slot, left);
    best[slot] = best[left], nearest[slot] = nearest[left], best[left] = -__builtin_inf();
    alike.fill(left, rho);
    f64x8 top = broadcast<f64x8>(-__builtin_inf());
    for (i64 s = left; s < left + 8; s++) rho[s] = -__builtin_inf();
    for (i64 s = 0; s < left; s += 8) {
      const f64x8 now = load<f64x8>(rho + s), was = load<f64x8>(best + s);
      const auto nearer = greater(now, was);
      f64x8 to = select(nearer, static_cast<f64>(newest), load<f64x8>(nearest + s));
      if (any(equal(now, was))) [[unlikely]]
        for (i64 l = 0; l < 8 && s + l < left; l++)
          if (now[l] == was[l] && before(newest, alike.asset[s + l], static_cast<i32>(to[l]), alike.asset[s + l])) to[l] = newest;
      const f64x8 kept = max(now, was);
      store(best + s, kept);
      store(nearest + s, to);
      top = max(top, kept);
    }
    f64 nearest_of_all = top[0];
    for (i64 l = 1; l < 8; l++) nearest_of_all = nearest_of_all < top[l] ? top[l] : nearest_of_all;
    slot = -1;
    for (i64 s = 0; s < left; s += 8) {
      if (!any(equal(load<f64x8>(best + s), broadcast<f64x8>(nearest_of_all)))) continue;
      for (i64 l = s; l < s + 8 && l < left; l++)
        if (best[l] == nearest_of_all &&
            (slot < 0 || before(static_cast<i32>(nearest[l]), alike.asset[l], static_cast<i32>(nearest[slot]), alike.asset[slot])))
          slot = l;
    }
  }
}

}  // namespace tickforge::TICKFORGE_ISA
