// Contract: src/kernels/risk/performance/relative_performance.ts. Eight portfolios at once, one a lane.
#include "kernels/risk/parts/performance.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, benchmark",
                             .options = "portfolios, periodsPerYear, riskFreeRate",
                             .outputs = "beta, alpha, correlation, upCapture, downCapture, trackingError, informationRatio"};

static i64 scratch_size(const Sizes& of) {
  const i64 days = of.length(names.input("returns")) / of.option(names.option("portfolios"));
  return (taken + 8) * days;
}

template <class T>
Status relative_performance(In<T> returns, In<T> benchmark, i32 portfolios, f64 periods, f64 risk_free, Workspace scratch, Out<T> beta, Out<T> alpha,
                            Out<T> correlation, Out<T> up_capture, Out<T> down_capture, Out<T> tracking_error, Out<T> information_ratio) {
  const i64 days = benchmark.length;
  const Terms terms = terms_of(periods, risk_free, 0.95, YesNo::yes);
  f64 *own = scratch.data, *other = own + taken * days;
  for (i64 d = 0; d < days; d++) store(other + 8 * d, broadcast<f64x8>(static_cast<f64>(benchmark[d])));
  const Beside beside = beside_of(other, days, terms.rate);
  for (i64 p = 0, left = 0; p < portfolios; p += 8, left -= 8) {
    if (left <= 0) own = scratch.data, left = take_eights(returns.data, days, portfolios, p, own);
    else own += 8 * days;
    const i64 lanes = left < 8 ? left : 8;
    Relative found;
    for (i64 l = 0; l < lanes; l += register_lanes) relate_lanes(own, other, beside, days, l, lanes, terms, found);
    for (i64 l = 0; l < lanes; l++) {
      beta[p + l] = static_cast<T>(found.beta[l]);
      alpha[p + l] = static_cast<T>(found.alpha[l]);
      correlation[p + l] = static_cast<T>(found.correlation[l]);
      up_capture[p + l] = static_cast<T>(found.up_capture[l]);
      down_capture[p + l] = static_cast<T>(found.down_capture[l]);
      tracking_error[p + l] = static_cast<T>(found.tracking_error[l]);
      information_ratio[p + l] = static_cast<T>(found.information_ratio[l]);
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(relative_performance)
