// Contract: src/kernels/risk/backtest/traffic_light.ts. The same sums of terms.
#include "kernels/risk/parts/backtest.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, var", .options = "confidence", .outputs = "hits, cumulative, zone, plusFactor"};

// Probability of at most `hits`: terms relative to the largest, over their sum.
inline f64 binomial_cdf(i64 hits, i64 days, f64 alpha) {
  const i64 guess = static_cast<i64>(__builtin_floor(static_cast<f64>(days + 1) * alpha)), most = guess < days ? guess : days;
  const f64 odds = alpha / (1 - alpha), n = static_cast<f64>(days);
  f64 all = 0, below = 0, term = 1;
  const auto add = [&](i64 k) { all += term, below += k <= hits ? term : 0; };
  for (i64 k = most; k >= 0 && term > 0; k--) {
    add(k);
    term *= static_cast<f64>(k) / ((n - static_cast<f64>(k) + 1) * odds);
  }
  term = (n - static_cast<f64>(most)) / static_cast<f64>(most + 1) * odds;
  for (i64 k = most + 1; k <= days && term > 0; k++) {
    add(k);
    term *= (n - static_cast<f64>(k)) / static_cast<f64>(k + 1) * odds;
  }
  return below / all;
}

template <class T>
Status traffic_light(In<T> loss, In<T> var, f64 confidence, Out<T> hits, Out<T> cumulative, Out<u8> zone, Out<T> plus_factor) {
  constexpr f64 plus_factors[] = {0, 0, 0, 0, 0, 0.4, 0.5, 0.65, 0.75, 0.85, 1};
  const i64 found = hits_of(loss.data, var.data, loss.length).total;
  const f64 alpha = tail_probability(confidence), probability = binomial_cdf(found, loss.length, alpha);
  hits[0] = static_cast<T>(found);
  cumulative[0] = static_cast<T>(probability);
  zone[0] = found == 0 || probability < 0.95 ? 0 : probability < 0.9999 ? 1 : 2;
  plus_factor[0] = static_cast<T>(loss.length == 250 && alpha == 0.01 ? plus_factors[found < 10 ? found : 10] : __builtin_nan(""));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(traffic_light)
