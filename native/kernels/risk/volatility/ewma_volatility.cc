// Contract: src/kernels/risk/volatility/ewma_volatility.ts. The same sums; divisions and roots of a block follow together.
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "returns", .options = "decay, halfLife, start, periodsPerYear", .state = "sum, weight", .outputs = "volatility"};
CHOICE(EwmaStart, normalized, first)

template <class T>
Status ewma_volatility(In<T> returns, f64 decay, f64 half_life, EwmaStart start, f64 periods_per_year, State<f64> sum, State<f64> weight,
                       Out<T> volatility) {
  constexpr i64 block = 256;
  f64 sums[block], weights[block];
  const f64 lambda = decay > 0 ? decay : exp_minus(0.6931471805599453 / half_life), rest = 1 - lambda;
  const bool first = start == EwmaStart::first;
  f64 s = sum[0], w = weight[0];
  for (i64 from = 0; from < returns.length; from += block) {
    const i64 count = returns.length - from < block ? returns.length - from : block;
    for (i64 i = 0; i < count; i++) {
      const f64 r = static_cast<f64>(returns[from + i]), fresh = first && w == 0 ? 1.0 : rest;
      const f64 next = lambda * s + fresh * (r * r);
      s = next < 1e-300 ? 0.0 : next;
      w = lambda * w + fresh;
      sums[i] = s, weights[i] = first ? 1.0 : w;
    }
    for (i64 i = 0; i < count; i++) volatility[from + i] = static_cast<T>(__builtin_sqrt(periods_per_year * sums[i] / weights[i]));
  }
  sum[0] = s, weight[0] = w;
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(ewma_volatility)
