// Contract: src/kernels/risk/relative_performance.ts. Eight portfolios at once, one a lane.
#include "performance.h"

namespace tickforge::TICKFORGE_ISA {

template <class T>
Status relative_performance(In<T> returns, In<T> benchmark, i32 portfolios, f64 periods, f64 risk_free, Workspace scratch, Out<T> beta, Out<T> alpha,
                            Out<T> correlation, Out<T> up_capture, Out<T> down_capture, Out<T> tracking_error, Out<T> information_ratio) {
  const i64 days = benchmark.length;
  const Terms terms = terms_of(periods, risk_free, 0.95);
  f64* own = scratch.data;
  f64* other = own + 8 * days;
  for (i64 d = 0; d < days; d++) store8(other + 8 * d, splat(static_cast<f64>(benchmark[d])));
  for (i64 p = 0; p < portfolios; p += 8) {
    const i64 lanes = take_eight(returns.data, days, portfolios, p, own);
    Relative found;
    relative_of(own, other, days, lanes, terms, found);
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
