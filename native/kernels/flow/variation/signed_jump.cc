// Contract: src/kernels/flow/variation/signed_jump.ts. Sums of squares of log returns with their signs as rolling.h makes them; the logarithm is that of elementary.h.
#include "kernels/parts/rolling_sum.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price", .options = "window", .state = "terms, rows, lastPrice", .outputs = "jump"};

template <class T>
Status signed_jump(In<T> price, i32 window, State<f64> terms, State<f64> rows_seen, State<f64> last_price, Out<T> jump) {
  rolling_sum(terms.data, window, rows_seen.data, window, 1, price.length, jump.data, [&](i64 i, i64 count, f64* term) {
    returns_of(&price[i], count, last_price.data, term);
    for (i64 k = 0; k < count; k++) term[k] *= __builtin_fabs(term[k]);
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(signed_jump)
