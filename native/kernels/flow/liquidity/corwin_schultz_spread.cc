// Contract: src/kernels/flow/liquidity/corwin_schultz_spread.ts. log and exp are those of elementary.h; 1 - exp(-a) keeps its digits for small a.
#include "kernels/parts/returns.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "high, low", .options = "negative", .state = "last", .outputs = "spread"};
CHOICE(Negative, zero, keep)

static inline f64 square(f64 x) { return x * x; }
static inline f64 log_range(f64 high, f64 low) { return log1p_positive((high >= low ? high - low : 0) / low); }

// 2 (e^alpha - 1) / (1 + e^alpha)
static inline f64 spread_of(f64 alpha) {
  const f64 a = __builtin_fabs(alpha), e = exp_minus(a < 700 ? a : 700);
  const f64 gap = a < 0.34 ? a - a * a * exp_phi2(-a) : 1 - e;
  const f64 size = 2 * gap / (1 + e);
  return alpha < 0 ? -size : size;
}

template <class T>
Status corwin_schultz_spread(In<T> high, In<T> low, Negative negative, State<f64> last, Out<T> spread) {
  constexpr f64 root_2 = 1.4142135623730951, scale = 1 / (3 - 2 * root_2);
  const bool to_zero = negative == Negative::zero;
  f64 high_before = last[0], low_before = last[1];
  for (i64 i = 0; i < high.length; i++) {
    const f64 h0 = i == 0 ? high_before : static_cast<f64>(high[i - 1]), l0 = i == 0 ? low_before : static_cast<f64>(low[i - 1]);
    const f64 h = static_cast<f64>(high[i]), l = static_cast<f64>(low[i]);
    const bool given = (l0 > 0) & (h0 >= l0) & (h >= l);
    const f64 lowest = l < l0 ? l : l0;
    const f64 beta = square(log_range(h0, given ? l0 : h0 > 0 ? h0 : 1)) + square(log_range(h, l));
    const f64 gamma = square(log_range(h > h0 ? h : h0, given ? lowest : l));
    const f64 alpha = (root_2 - 1) * scale * __builtin_sqrt(beta) - __builtin_sqrt(gamma * scale);
    const f64 value = spread_of(to_zero && alpha < 0 ? 0 : alpha);
    spread[i] = static_cast<T>(given ? value : __builtin_nan(""));
  }
  if (high.length > 0) last[0] = static_cast<f64>(high[high.length - 1]), last[1] = static_cast<f64>(low[high.length - 1]);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(corwin_schultz_spread)
