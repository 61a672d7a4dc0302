// Contract: src/kernels/risk/backtest/kupiec_tuff.ts. The same likelihood ratio.
#include "kernels/risk/parts/backtest.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, var", .options = "confidence", .outputs = "first, statistic, pValue"};

template <class T> Status kupiec_tuff(In<T> loss, In<T> var, f64 confidence, Out<T> first, Out<T> statistic, Out<T> p_value) {
  const f64 alpha = tail_probability(confidence);
  i64 day = 0;
  while (day < loss.length && !(loss[day] > var[day])) day++;
  const bool found = day < loss.length;
  const f64 ratio = coverage_ratio(found ? 1 : 0, static_cast<f64>(found ? day + 1 : day), alpha);
  first[0] = static_cast<T>(found ? day + 1 : 0);
  statistic[0] = static_cast<T>(ratio);
  p_value[0] = static_cast<T>(chi_square_survival(ratio, 1));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(kupiec_tuff)
