// Single linkage is the spanning tree of the nearest pairs, which Prim's method finds with one row of distances at a time: memory grows with
// the assets, not with their pairs.
#pragma once
#include "kernels/portfolio/parts/alike.h"
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
  f64 *best = scratch, *rho = best + room;  // of each slot: how near the tree is
  i32* nearest = reinterpret_cast<i32*>(rho + room);  // to which of its assets
  for (i64 s = 0; s < room; s++) best[s] = -__builtin_inf(), nearest[s] = 0;
  i64 slot = 0;
  for (i64 left = n - 1; left >= 0; left--) {
    const i32 newest = alike.asset[slot];
    if (left < n - 1) {
      const i32 other = nearest[slot];
      joins[n - 2 - left] = {best[slot], newest < other ? newest : other, newest < other ? other : newest};
    }
    alike.choose(slot);
    alike.drop(slot, left);
    best[slot] = best[left], nearest[slot] = nearest[left], best[left] = -__builtin_inf();
    alike.fill(left, rho);
    f64x8 top = broadcast<f64x8>(-__builtin_inf());
    for (i64 s = 0; s < left; s += 8) {
      // Most are too far away to be looked at closely.
      const f64x8 now = load<f64x8>(rho + s) + alike.slack;
      if (any(greater_equal(now, load<f64x8>(best + s))))
        for (i64 l = s; l < s + 8 && l < left; l++) {
          if (!(rho[l] + alike.slack >= best[l])) continue;
          const f64 exact = alike.exact(l);
          if (exact > best[l] || (exact == best[l] && before(newest, alike.asset[l], nearest[l], alike.asset[l])))
            best[l] = exact, nearest[l] = newest;
        }
      top = max(top, load<f64x8>(best + s));
    }
    f64 nearest_of_all = top[0];
    for (i64 l = 1; l < 8; l++) nearest_of_all = nearest_of_all < top[l] ? top[l] : nearest_of_all;
    slot = -1;
    for (i64 s = 0; s < left; s += 8) {
      if (!any(equal(load<f64x8>(best + s), broadcast<f64x8>(nearest_of_all)))) continue;
      for (i64 l = s; l < s + 8 && l < left; l++)
        if (best[l] == nearest_of_all && (slot < 0 || before(nearest[l], alike.asset[l], nearest[slot], alike.asset[slot]))) slot = l;
    }
  }
}

}  // namespace tickforge::TICKFORGE_ISA
