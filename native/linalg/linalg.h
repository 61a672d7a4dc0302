// The one seam of matrix arithmetic. Which policy stands behind it is decided when the add-on is built: own tiles (tiles.h), or Apple's
// Accelerate (accelerate.h), whose Cholesky and eigenvectors cholesky.h and eigen.h take for large matrices. Kernels see no difference:
// they pack rows, and add products of what is packed.
#pragma once
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr i64 depth_block = 256;  // rows packed at a time: a panel of them stays in the nearest caches

// f64 of a packed block; 24 in every build, as src/kernels/parts/matrix.ts says.
inline i64 packed_size(i64 columns) { return (columns + 23) / 24 * 24 * depth_block; }

}  // namespace tickforge::TICKFORGE_ISA

#if defined(TICKFORGE_ACCELERATE)
#include "accelerate.h"
#else
#include "tiles.h"
#endif

namespace tickforge::TICKFORGE_ISA {

// Makes c[n][n] symmetric from what is on and above its diagonal, each value put through `of(i, j, value)` once.
template <class Of> void mirror(f64* c, i64 n, Of of) {
  constexpr i64 side = 16;
  for (i64 i = 0; i < n; i += side)
    for (i64 j = i; j < n; j += side) {
      const i64 below = i + side < n ? i + side : n, right = j + side < n ? j + side : n;
      for (i64 r = i; r < below; r++)
        for (i64 k = j > r ? j : r; k < right; k++) c[r * n + k] = of(r, k, c[r * n + k]);
      for (i64 k = j; k < right; k++)
        for (i64 r = i; r < below && r < k; r++) c[k * n + r] = c[r * n + k];
    }
}

}  // namespace tickforge::TICKFORGE_ISA
