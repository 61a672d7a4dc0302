// Contract: src/kernels/flow/liquidity/kyle_lambda.ts. Sums of products about 0 instead of about the means (regression.h): against the reference
// this loses digits only where signed volumes hardly differ.
#include "kernels/flow/parts/regression.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price, signedVolume", .options = "window", .state = "terms, rows, lastPrice", .outputs = "lambda"};

template <class T>
Status kyle_lambda(In<T> price, In<T> signed_volume, i32 window, State<f64> terms, State<f64> rows_seen, State<f64> last_price, Out<T> lambda) {
  rolling_slope(terms.data, window, rows_seen.data, price.length, lambda.data, [&](i64 i, i64 count, f64* x, f64* y) {
    for (i64 k = 0; k < count; k++) x[k] = static_cast<f64>(signed_volume[i + k]);
    price_changes(&price[i], last_price[0], y, count);
    last_price[0] = static_cast<f64>(price[i + count - 1]);
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(kyle_lambda)
