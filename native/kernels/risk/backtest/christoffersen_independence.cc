// Contract: src/kernels/risk/backtest/christoffersen_independence.ts. Transitions follow from the hits, their ends and the pairs among them.
#include "kernels/risk/parts/backtest.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, var", .outputs = "transitions, statistic, pValue"};

template <class T> Status christoffersen_independence(In<T> loss, In<T> var, Out<T> transitions, Out<T> statistic, Out<T> p_value) {
  const Transitions n = transitions_of(hits_of(loss.data, var.data, loss.length));
  const f64 ratio = independence_ratio(n);
  transitions[0] = static_cast<T>(n.n00), transitions[1] = static_cast<T>(n.n01);
  transitions[2] = static_cast<T>(n.n10), transitions[3] = static_cast<T>(n.n11);
  statistic[0] = static_cast<T>(ratio);
  p_value[0] = static_cast<T>(chi_square_survival(ratio, 1));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(christoffersen_independence)
