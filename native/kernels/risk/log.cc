// Contract: src/kernels/risk/log.ts. log(2^k m) with m near 1, by its series in (m - 1) / (m + 1).
#include "lane_math.h"

namespace tickforge::TICKFORGE_ISA {

// Of numbers that are not normal, infinite or below 0, one of the two has its first bit set.
inline Truth not_normal(Lanes x) {
  constexpr u64 least_normal = u64{1} << 52;
  return reinterpret_cast<Truth>((bits_of(x) - least_normal) | (bits_of(x) + least_normal));
}

template <class T> Status log(In<T> x, Out<T> y) {
  map_lanes(x, y, not_normal, log_within<Rounding::SAME>, log_all<Rounding::SAME>);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(log)
