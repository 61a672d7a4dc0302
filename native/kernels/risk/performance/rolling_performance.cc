// Contract: src/kernels/risk/performance/rolling_performance.ts. Eight windows that follow each other at once, one a lane.
#include "kernels/risk/parts/performance.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, benchmark",
                             .options = "portfolios, periodsPerYear, riskFreeRate, confidence, compounded, window",
                             .outputs =
                                 "annualReturn, annualVolatility, sharpe, sortino, calmar, omega, tailRatio, maxDrawdown, cdar, "
                                 "stability, ulcerIndex, beta, alpha, correlation, upCapture, downCapture, trackingError, "
                                 "informationRatio"};

namespace {

// Rows of eight windows that begin one day after the other.
void take_windows(const f64* series, i64 window, f64* rows) {
  for (i64 d = 0; d < window; d++) store(rows + 8 * d, load<f64x8>(series + d));
}
// A column of the panel, and zeros behind it for windows that begin beyond the last.
template <class T> void take_column(const T* panel, i64 days, i64 portfolios, i64 p, f64* series) {
  for (i64 d = 0; d < days; d++) series[d] = static_cast<f64>(panel[d * portfolios + p]);
  for (i64 d = days; d < days + 8; d++) series[d] = 0;
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 days = of.length(names.input("returns")) / of.option(names.option("portfolios")), window = of.option(names.option("window"));
  return eight_series(window) + 8 * window + 2 * (days + 8);
}

template <class T>
Status rolling_performance(In<T> returns, OptionalIn<T> benchmark, i32 portfolios, f64 periods, f64 risk_free, f64 confidence, YesNo compounded,
                           i32 window, Workspace scratch, Out<T> annual_return, Out<T> annual_volatility, Out<T> sharpe, Out<T> sortino,
                           Out<T> calmar, Out<T> omega, Out<T> tail_ratio, Out<T> max_drawdown, Out<T> cdar, Out<T> stability, Out<T> ulcer_index,
                           OptionalOut<T> beta, OptionalOut<T> alpha, OptionalOut<T> correlation, OptionalOut<T> up_capture,
                           OptionalOut<T> down_capture, OptionalOut<T> tracking_error, OptionalOut<T> information_ratio) {
  const i64 days = returns.length / portfolios;
  const Terms terms = terms_of(periods, risk_free, confidence, compounded);
  f64* series = scratch.data;
  f64* other = series + days + 8;
  f64* other_rows = other + days + 8;
  const Scratch s = scratch_of(other_rows + 8 * window, window);
  T* const own_out[] = {annual_return.data, annual_volatility.data, sharpe.data, sortino.data,   calmar.data,     omega.data,
                        tail_ratio.data,    max_drawdown.data,      cdar.data,   stability.data, ulcer_index.data};
  T* const relative_out[] = {beta.data,         alpha.data,          correlation.data,      up_capture.data,
                             down_capture.data, tracking_error.data, information_ratio.data};
  const i64 empty = (days < window ? days : window - 1) * portfolios;
  for (T* out : own_out)
    for (i64 i = 0; i < empty; i++) out[i] = static_cast<T>(__builtin_nan(""));
  if (benchmark) {
    take_column(benchmark.data, days, 1, 0, other);
    for (T* out : relative_out)
      for (i64 i = 0; i < empty; i++) out[i] = static_cast<T>(__builtin_nan(""));
  }
  for (i64 p = 0; p < portfolios; p++) {
    take_column(returns.data, days, portfolios, p, series);
    for (i64 from = 0; from + window <= days; from += 8) {
      const i64 left = days - window - from + 1, lanes = left < 8 ? left : 8;
      const auto write = [&](T* out, const f64* values) {
        for (i64 l = 0; l < lanes; l++) out[(from + l + window - 1) * portfolios + p] = static_cast<T>(values[l]);
      };
      take_windows(series + from, window, s.returns);
      if (benchmark) {
        take_windows(other + from, window, other_rows);
        Relative r;
        for (i64 l = 0; l < lanes; l += register_lanes)
          relate_lanes(s.returns, other_rows, beside_of(other_rows + l, window, terms.rate), window, l, lanes, terms, r);
        const f64* const beside[] = {r.beta, r.alpha, r.correlation, r.up_capture, r.down_capture, r.tracking_error, r.information_ratio};
        for (int i = 0; i < 7; i++) write(relative_out[i], beside[i]);
      }
      Measures m;
      measures_of(s, window, lanes, terms, m);
      const f64* const own[] = {m.annual_return, m.annual_volatility, m.sharpe, m.sortino,   m.calmar,     m.omega,
                                m.tail_ratio,    m.max_drawdown,      m.cdar,   m.stability, m.ulcer_index};
      for (int i = 0; i < 11; i++) write(own_out[i], own[i]);
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(rolling_performance)
