// Contract: src/kernels/risk/performance/performance_measures.ts. Eight portfolios at once, one a lane; percentiles and the conditional drawdown by
// selection.
#include "kernels/risk/parts/performance.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns",
                             .options = "portfolios, periodsPerYear, riskFreeRate, confidence, compounded",
                             .outputs =
                                 "annualReturn, annualVolatility, sharpe, sortino, calmar, omega, tailRatio, maxDrawdown, cdar, "
                                 "stability, ulcerIndex, peak, trough, recovery"};

static i64 scratch_size(const Sizes& of) {
  const i64 days = of.length(names.input("returns")) / of.option(names.option("portfolios"));
  return eight_series(days) + (taken - 8) * days;
}

template <class T>
Status performance_measures(In<T> returns, i32 portfolios, f64 periods, f64 risk_free, f64 confidence, YesNo compounded, Workspace scratch,
                            Out<T> annual_return, Out<T> annual_volatility, Out<T> sharpe, Out<T> sortino, Out<T> calmar, Out<T> omega,
                            Out<T> tail_ratio, Out<T> max_drawdown, Out<T> cdar, Out<T> stability, Out<T> ulcer_index, Out<i32> peak, Out<i32> trough,
                            Out<i32> recovery) {
  const i64 days = returns.length / portfolios;
  const Terms terms = terms_of(periods, risk_free, confidence, compounded);
  Scratch s = scratch_of(scratch.data + (taken - 8) * days, days);
  for (i64 p = 0, left = 0; p < portfolios; p += 8, left -= 8) {
    if (left <= 0) s.returns = scratch.data, left = take_eights(returns.data, days, portfolios, p, scratch.data);
    else s.returns += 8 * days;
    const i64 lanes = left < 8 ? left : 8;
    Measures found;
    measures_of(s, days, lanes, terms, found);
    for (i64 l = 0; l < lanes; l++) {
      annual_return[p + l] = static_cast<T>(found.annual_return[l]);
      annual_volatility[p + l] = static_cast<T>(found.annual_volatility[l]);
      sharpe[p + l] = static_cast<T>(found.sharpe[l]);
      sortino[p + l] = static_cast<T>(found.sortino[l]);
      calmar[p + l] = static_cast<T>(found.calmar[l]);
      omega[p + l] = static_cast<T>(found.omega[l]);
      tail_ratio[p + l] = static_cast<T>(found.tail_ratio[l]);
      max_drawdown[p + l] = static_cast<T>(found.max_drawdown[l]);
      cdar[p + l] = static_cast<T>(found.cdar[l]);
      stability[p + l] = static_cast<T>(found.stability[l]);
      ulcer_index[p + l] = static_cast<T>(found.ulcer_index[l]);
      peak[p + l] = static_cast<i32>(found.peak[l]);
      trough[p + l] = static_cast<i32>(found.trough[l]);
      recovery[p + l] = static_cast<i32>(found.recovery[l]);
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(performance_measures)
