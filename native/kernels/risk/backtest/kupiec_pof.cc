// Contract: src/kernels/risk/backtest/kupiec_pof.ts. The same likelihood ratio.
#include "kernels/risk/parts/backtest.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, var", .options = "confidence", .outputs = "hits, statistic, pValue"};

template <class T> Status kupiec_pof(In<T> loss, In<T> var, f64 confidence, Out<T> hits, Out<T> statistic, Out<T> p_value) {
  const f64 found = static_cast<f64>(hits_of(loss.data, var.data, loss.length).total);
  const f64 ratio = coverage_ratio(found, static_cast<f64>(loss.length), tail_probability(confidence));
  hits[0] = static_cast<T>(found);
  statistic[0] = static_cast<T>(ratio);
  p_value[0] = static_cast<T>(chi_square_survival(ratio, 1));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(kupiec_pof)
