// Mills ratio of the normal distribution with one division instead of two: last bits less exact than normal_cdf.
#pragma once
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

// Beyond 38.6 exp(-a^2 / 2) is 0.
[[gnu::always_inline]] inline f64 bounded(f64 size) { return size < 38.6 ? size : 38.6; }

// exp(a^2 / 2) Phi(-a) for a in [0, 38.6], given 1 / ((a + 5) (a + 1.25)).
[[gnu::always_inline]] inline f64 mills_over(f64 a, f64 both) { return mills((a - 5.0) * (a + 1.25) * both) * ((a + 5.0) * both); }

// The same for a >= 0; beyond 38.6 that of 38.6.
inline f64 mills_ratio(f64 size) {
  const f64 a = bounded(size);
  return mills_over(a, 1.0 / ((a + 5.0) * (a + 1.25)));
}

// exp(-d^2 / 2) times `whole` for the size of d. Beyond 37 it is 0: it would be below 1e-297 of it, and products of so small a number
// leave the normal ones, which processors are slow with.
[[gnu::always_inline]] inline f64 gaussian_of(f64 size, f64 whole) {
  const Gauss g = gauss(size < 37.0 ? size : 37.0);
  return size < 37.0 ? whole * scale_down(1.0 + g.s, g.shifted) : 0.0;
}

// `gaussian` Phi(x) / phi: the tail where x < 0, else what the tail leaves of `whole`.
[[gnu::always_inline]] inline f64 normal_part(f64 x, f64 gaussian, f64 whole) {
  const f64 size = __builtin_fabs(x), tail = gaussian * mills_ratio(size);
  return x > 0.0 ? whole - tail : tail;
}

}  // namespace tickforge::TICKFORGE_ISA
