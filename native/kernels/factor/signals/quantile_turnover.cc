// Contract: src/kernels/factor/signals/quantile_turnover.ts. One pass counts all groups.
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "quantile", .options = "assets, quantiles, period", .state = "ring, dates", .outputs = "turnover"};

Status quantile_turnover(In<i32> quantile, i32 assets, i32 quantiles, i32 period, State<i32> ring, State<f64> dates, Out<f64> turnover) {
  i64 members[101], fresh[101], seen = count_of(dates[0]);
  for (i64 t = 0; t * assets < quantile.length; t++, seen++) {
    i32* const before = ring.data + seen % period * assets;
    for (i64 q = 0; q <= quantiles; q++) members[q] = fresh[q] = 0;
    for (i64 i = 0; i < assets; i++) {
      const i32 own = quantile[t * assets + i], q = own <= quantiles ? own : 0;
      members[q]++, fresh[q] += before[i] != own;
      before[i] = own;
    }
    for (i64 q = 1; q <= quantiles; q++)
      turnover[t * quantiles + q - 1] = seen >= period ? static_cast<f64>(fresh[q]) / static_cast<f64>(members[q]) : __builtin_nan("");
  }
  dates[0] = static_cast<f64>(seen);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(quantile_turnover)
