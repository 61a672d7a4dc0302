// Contract: src/kernels/math/log.ts. log(2^k m) with m near 1, by its series in (m - 1) / (m + 1).
#include "simd/elementary_lanes.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "x", .outputs = "y"};

// Of numbers that are not normal, infinite or below 0, one of the two has its first bit set.
inline f64xn unusual(f64xn seen, f64xn x) {
  constexpr u64 least_normal = u64{1} << 52;
  return as_f64(as_u64(seen) | (as_u64(x) - least_normal) | (as_u64(x) + least_normal));
}

template <class T> Status log(In<T> x, Out<T> y) {
  const auto quick = [](f64xn v) { return log_positive<Rounding::SAME>(v); };
  map_lanes(x, y, unusual, [](f64xn seen) { return reinterpret_cast<i64xn>(seen); }, quick, log_any<Rounding::SAME>);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(log)
