// Contract: src/kernels/risk/backtest/kupiec_mixed.ts. The same sums; hits of 64 days at once as bytes, and each gap where one is.
#include "kernels/risk/parts/backtest.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, var", .options = "confidence", .outputs = "hits, gapStatistic, gapPValue, statistic, pValue"};

template <class T>
Status kupiec_mixed(In<T> loss, In<T> var, f64 confidence, Out<T> hits, Out<T> gap_statistic, Out<T> gap_p_value, Out<T> statistic, Out<T> p_value) {
  constexpr i64 block = 64;
  const f64 alpha = tail_probability(confidence);
  i64 found = 0, last = -1;
  f64 gaps = 0;
  for (i64 start = 0; start < loss.length; start += block) {
    const i64 days = loss.length - start < block ? loss.length - start : block;
    u8 hit[block];
    i64 any = 0;
    for (i64 i = 0; i < days; i++) any += hit[i] = loss[start + i] > var[start + i];
    found += any;
    for (i64 i = 0; any > 0; i++)
      if (hit[i]) {
        gaps += coverage_ratio(1, static_cast<f64>(start + i - last), alpha);
        last = start + i;
        any--;
      }
  }
  const f64 count = static_cast<f64>(found), mixed = gaps + coverage_ratio(count, static_cast<f64>(loss.length), alpha);
  hits[0] = static_cast<T>(count);
  gap_statistic[0] = static_cast<T>(gaps);
  gap_p_value[0] = static_cast<T>(found > 0 ? chi_square_survival(gaps, found) : __builtin_nan(""));
  statistic[0] = static_cast<T>(mixed);
  p_value[0] = static_cast<T>(chi_square_survival(mixed, found + 1));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(kupiec_mixed)
