// Contract: src/kernels/risk/backtest/acerbi_szekely.ts. The same draws.
#include "kernels/risk/parts/backtest.h"
#include "kernels/parts/normal_quantile.h"
#include "kernels/parts/philox.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "loss, var, es", .options = "confidence, tail, simulations, seed", .outputs = "hits, statistic, pValue, standardError"};
CHOICE(NullTail, normal, exponential)

struct Null {
  bool normal;
  f64 alpha, border, per_excess, per_gap;
};

// The statistic of days drawn under the null.
template <class T> f64 simulate(u64 path, u32 seed, const T* risk, const T* es, i64 days, const Null& null) {
  f64 sum = 0, day = -1;
  for (u64 hit = 0;; hit++) {
    const Uniforms u = uniform_pair(path, hit, seed, 0);
    day += 1 + __builtin_floor(log_positive(u.first) / null.per_gap);
    if (day >= static_cast<f64>(days)) return sum / (static_cast<f64>(days) * null.alpha) - 1;
    const i64 t = static_cast<i64>(day);
    const f64 excess = null.normal ? (-quantile_of(null.alpha * u.second) - null.border) * null.per_excess : -log_positive(u.second);
    const f64 more = static_cast<f64>(es[t]) - static_cast<f64>(risk[t]);
    sum += (static_cast<f64>(risk[t]) + (more > 0 ? more : 0) * excess) / static_cast<f64>(es[t]);
  }
}

template <class T>
Status acerbi_szekely(In<T> loss, In<T> var, In<T> es, f64 confidence, NullTail tail, i32 simulations, i32 seed, Out<T> hits, Out<T> statistic,
                      Out<T> p_value, Out<T> standard_error) {
  const i64 days = loss.length;
  const f64 alpha = tail_probability(confidence), border = -quantile_of(alpha);
  const Null null{tail == NullTail::normal, alpha, border, 1 / (normal_pdf(border) / alpha - border), -log1p_positive(alpha / (1 - alpha))};
  f64 sum = 0;
  i64 found = 0, above = 0;
  for (i64 t = 0; t < days; t++) {
    const bool hit = loss[t] > var[t];
    found += hit;
    sum += hit ? static_cast<f64>(loss[t]) / static_cast<f64>(es[t]) : 0;
  }
  const f64 z = sum / (static_cast<f64>(days) * alpha) - 1;
  for (i32 path = 0; path < simulations; path++)
    above += simulate(static_cast<u64>(path), static_cast<u32>(seed), var.data, es.data, days, null) >= z;
  const f64 p = (1 + static_cast<f64>(above)) / (1 + static_cast<f64>(simulations));
  hits[0] = static_cast<T>(found);
  statistic[0] = static_cast<T>(z);
  p_value[0] = static_cast<T>(p);
  standard_error[0] = static_cast<T>(__builtin_sqrt(p * (1 - p) / simulations));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(acerbi_szekely)
