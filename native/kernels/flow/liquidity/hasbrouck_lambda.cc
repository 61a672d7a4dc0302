// Contract: src/kernels/flow/liquidity/hasbrouck_lambda.ts. As kyle_lambda, on logarithmic returns and signed roots of value.
#include "kernels/flow/parts/regression.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price, signedVolume", .options = "window", .state = "terms, rows, lastPrice", .outputs = "lambda"};

template <class T>
Status hasbrouck_lambda(In<T> price, In<T> signed_volume, i32 window, State<f64> terms, State<f64> rows_seen, State<f64> last_price, Out<T> lambda) {
  rolling_slope(terms.data, window, rows_seen.data, price.length, lambda.data, [&](i64 i, i64 count, f64* x, f64* y) {
    for (i64 k = 0; k < count; k++) {
      const f64 volume = static_cast<f64>(signed_volume[i + k]);
      const f64 root = __builtin_sqrt(static_cast<f64>(price[i + k]) * __builtin_fabs(volume));
      x[k] = volume < 0 ? -root : root;
    }
    log_returns(&price[i], last_price[0] > 0 ? last_price[0] : 1, y, count);
    last_price[0] = static_cast<f64>(price[i + count - 1]);
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(hasbrouck_lambda)
