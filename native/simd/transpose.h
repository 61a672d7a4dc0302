// Lanes of registers become registers of lanes.
#pragma once
#include "simd.h"

namespace tickforge::TICKFORGE_ISA {

// Lane j of r[i] becomes lane i of r[j].
[[gnu::always_inline]] inline void transpose8(V8 (&r)[8]) {
  V8 t[8], u[8];
  for (i64 k = 0; k < 8; k += 2) {
    t[k] = __builtin_shufflevector(r[k], r[k + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    t[k + 1] = __builtin_shufflevector(r[k], r[k + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (i64 k = 0; k < 8; k += 4)
    for (i64 j = 0; j < 2; j++) {
      u[k + j] = __builtin_shufflevector(t[k + j], t[k + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      u[k + j + 2] = __builtin_shufflevector(t[k + j], t[k + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (i64 k = 0; k < 4; k++) {
    r[k] = __builtin_shufflevector(u[k], u[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[k + 4] = __builtin_shufflevector(u[k], u[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

}  // namespace tickforge::TICKFORGE_ISA
