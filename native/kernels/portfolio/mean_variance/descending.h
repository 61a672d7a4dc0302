// Places in falling order of a key, equal ones as they come: by a heap, in the memory of the places.
#pragma once
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

// `places` [count] hold indices of `key` as numbers.
inline void sort_descending(f64* places, i64 count, const f64* key) {
  const auto later = [key](f64 a, f64 b) {
    const f64 x = key[static_cast<i64>(a)], y = key[static_cast<i64>(b)];
    return x < y || (x == y && a > b);
  };
  const auto sink = [&](i64 at, i64 end) {
    for (i64 child = 2 * at + 1; child < end; child = 2 * at + 1) {
      if (child + 1 < end && later(places[child + 1], places[child])) child++;
      if (!later(places[child], places[at])) return;
      const f64 other = places[at];
      places[at] = places[child], places[child] = other;
      at = child;
    }
  };
  for (i64 at = count / 2 - 1; at >= 0; at--) sink(at, count);
  for (i64 end = count - 1; end > 0; end--) {
    const f64 last = places[0];
    places[0] = places[end], places[end] = last;
    sink(0, end);
  }
}

}  // namespace tickforge::TICKFORGE_ISA
