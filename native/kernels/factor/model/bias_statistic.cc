// Contract: src/kernels/factor/model/bias_statistic.ts. The same two passes, all columns at once.
#include "kernels/parts/cross_section.h"
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, forecast", .options = "columns, window", .state = "ring, seen", .outputs = "bias"};

static i64 scratch_size(const Sizes& of) { return 2 * of.option(names.option("columns")); }

template <class T>
Status bias_statistic(In<T> returns, In<T> forecast, i32 columns, i32 window, State<f64> ring, State<f64> seen, Workspace scratch, Out<f64> bias) {
  const i64 n = columns;
  f64 *mean = scratch.data, *squares = mean + n;
  i64 count = count_of(seen[0]);
  for (i64 t = 0; t * n < returns.length; t++) {
    f64* now = ring.data + count % window * n;
    for (i64 c = 0; c < n; c++) {
      const f64 sigma = static_cast<f64>(forecast[t * n + c]), z = static_cast<f64>(returns[t * n + c]) / sigma;
      now[c] = sigma > 0 ? z : missing;
      mean[c] = squares[c] = 0;
    }
    count++;
    for (i64 k = 0; k < window && count >= window; k++)
      for (i64 c = 0; c < n; c++) mean[c] += ring[k * n + c];
    for (i64 c = 0; c < n; c++) mean[c] /= window;
    for (i64 k = 0; k < window && count >= window; k++)
      for (i64 c = 0; c < n; c++) {
        const f64 away = ring[k * n + c] - mean[c];
        squares[c] += away * away;
      }
    for (i64 c = 0; c < n; c++) bias[t * n + c] = count >= window ? __builtin_sqrt(squares[c] / (window - 1)) : missing;
  }
  seen[0] = static_cast<f64>(count);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(bias_statistic)
