// Contract: src/kernels/factor/model/volatility_regime.ts. The same sums, eight columns at a time.
#include "kernels/factor/parts/factor_sums.h"
#include "simd/vector_math.h"

namespace tickforge::TICKFORGE_ISA {

template <class T>
Status volatility_regime(In<T> returns, In<T> forecast, OptionalIn<T> weights, i32 columns, f64 half_life, State<f64> sums, Out<f64> bias,
                         Out<f64> multiplier) {
  const i64 n = columns;
  const f64 fade = exp_minus(0.6931471805599453 / half_life);
  for (i64 t = 0; t < returns.length / n; t++) {
    V8 squares{}, totals{};
    for (i64 i = 0; i < n; i += 8) {
      const i64 at = t * n + i, count = n - i;
      const V8 sigma = load_up_to(forecast.data + at, count), z = load_up_to(returns.data + at, count) / sigma;
      const V8 w = weights ? load_up_to(weights.data + at, count) : splat(1.0);
      const M8 in = above8(sigma, 0) & above8(w, 0) & at_most8(abs8(z), largest) & at_most8(w, largest);
      squares += only(in, w * z * z);
      totals += only(in, w);
    }
    const f64 total = sum8(totals), square = sum8(squares) / total;
    if (total > 0) sums[0] = fade * sums[0] + square, sums[1] = fade * sums[1] + 1;
    bias[t] = __builtin_sqrt(square);
    multiplier[t] = __builtin_sqrt(sums[0] / sums[1]);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(volatility_regime)
