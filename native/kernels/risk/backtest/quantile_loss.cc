// Contract: src/kernels/risk/backtest/quantile_loss.ts. Summed in eight lanes.
#include "simd/simd.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, var", .options = "confidence", .outputs = "score, mean"};

template <class T> Status quantile_loss(In<T> loss, In<T> var, f64 confidence, Out<T> score, Out<T> mean) {
  const f64 alpha = tail_probability(confidence), beyond = 1 - alpha;
  f64 sums[8] = {};
  for (i64 t = 0; t < loss.length; t++) {
    const f64 over = static_cast<f64>(loss[t]) - static_cast<f64>(var[t]), value = over > 0 ? beyond * over : alpha * -over;
    score[t] = static_cast<T>(value);
    sums[t % 8] += value;
  }
  const f64 total = ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
  mean[0] = static_cast<T>(total / static_cast<f64>(loss.length));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(quantile_loss)
