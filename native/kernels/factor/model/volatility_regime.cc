// Contract: src/kernels/factor/model/volatility_regime.ts. The same sums, eight columns at a time.
#include "kernels/factor/parts/factor_sums.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, forecast, weights", .options = "columns, halfLife", .state = "sums", .outputs = "bias, multiplier"};

template <class T>
Status volatility_regime(In<T> returns, In<T> forecast, OptionalIn<T> weights, i32 columns, f64 half_life, State<f64> sums, Out<f64> bias,
                         Out<f64> multiplier) {
  const i64 n = columns;
  const f64 fade = exp_minus(0.6931471805599453 / half_life);
  for (i64 t = 0; t < returns.length / n; t++) {
    f64x8 squares{}, totals{};
    for (i64 i = 0; i < n; i += 8) {
      const i64 at = t * n + i, count = n - i;
      const f64x8 sigma = load_first(forecast.data + at, count), z = load_first(returns.data + at, count) / sigma;
      const f64x8 w = weights ? load_first(weights.data + at, count) : broadcast<f64x8>(1.0);
      const i64x8 in = greater(sigma, 0) & greater(w, 0) & less_equal(abs(z), largest) & less_equal(w, largest);
      squares += select(in, w * z * z);
      totals += select(in, w);
    }
    const f64 total = reduce_add(totals), square = reduce_add(squares) / total;
    if (total > 0) sums[0] = fade * sums[0] + square, sums[1] = fade * sums[1] + 1;
    bias[t] = __builtin_sqrt(square);
    multiplier[t] = __builtin_sqrt(sums[0] / sums[1]);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(volatility_regime)
