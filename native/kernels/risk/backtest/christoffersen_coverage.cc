// Contract: src/kernels/risk/backtest/christoffersen_coverage.ts. The same sum of likelihood ratios.
#include "kernels/risk/parts/backtest.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, var", .options = "confidence", .outputs = "hits, statistic, pValue"};

template <class T> Status christoffersen_coverage(In<T> loss, In<T> var, f64 confidence, Out<T> hits, Out<T> statistic, Out<T> p_value) {
  const Hits found = hits_of(loss.data, var.data, loss.length);
  const f64 total = static_cast<f64>(found.total);
  const f64 ratio = coverage_ratio(total, static_cast<f64>(loss.length), tail_probability(confidence)) + independence_ratio(transitions_of(found));
  hits[0] = static_cast<T>(total);
  statistic[0] = static_cast<T>(ratio);
  p_value[0] = static_cast<T>(chi_square_survival(ratio, 2));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(christoffersen_coverage)
