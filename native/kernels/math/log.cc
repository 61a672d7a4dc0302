// Contract: src/kernels/math/log.ts. log(2^k m) with m near 1, by its series in (m - 1) / (m + 1).
#include "simd/lane_math.h"

namespace tickforge::TICKFORGE_ISA {

// Of numbers that are not normal, infinite or below 0, one of the two has its first bit set.
inline Lanes unusual(Lanes seen, Lanes x) {
  constexpr u64 least_normal = u64{1} << 52;
  return lanes_of(bits_of(seen) | (bits_of(x) - least_normal) | (bits_of(x) + least_normal));
}

template <class T> Status log(In<T> x, Out<T> y) {
  const auto quick = [](Lanes v) { return log_within<Rounding::SAME>(v); };
  map_lanes(x, y, unusual, [](Lanes seen) { return reinterpret_cast<Truth>(seen); }, quick, log_all<Rounding::SAME>);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(log)
