// Scratch memory handed out piece by piece, each at a line of the cache: counted from nothing it says how much there must be.
#pragma once
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

struct Room {
  f64* data = nullptr;
  i64 used = 0;
  f64* take(i64 count) {
    f64* piece = data ? data + used : nullptr;
    used += (count + 7) / 8 * 8;
    return piece;
  }
  template <class... Pieces> void each(i64 count, Pieces&... pieces) { ((pieces = take(count)), ...); }
};

}  // namespace tickforge::TICKFORGE_ISA
