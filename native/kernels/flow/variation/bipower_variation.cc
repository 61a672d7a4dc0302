// Contract: src/kernels/flow/variation/bipower_variation.ts. Sums of products of neighbouring log returns as rolling.h makes them; the logarithm is that of elementary.h.
#include "kernels/parts/rolling_sum.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price", .options = "window", .state = "terms, rows, lastPrice, lastReturn", .outputs = "variation"};

template <class T>
Status bipower_variation(In<T> price, i32 window, State<f64> terms, State<f64> rows_seen, State<f64> last_price, State<f64> last_return,
                         Out<T> variation) {
  rolling_sum(terms.data, window - 1, rows_seen.data, window, 1.5707963267948966, price.length, variation.data, [&](i64 i, i64 count, f64* term) {
    returns_of(&price[i], count, last_price.data, term);
    f64 size[rolling_rows + 1];
    size[0] = last_return[0];
    for (i64 k = 0; k < count; k++) size[k + 1] = __builtin_fabs(term[k]);
    for (i64 k = 0; k < count; k++) term[k] = size[k] * size[k + 1];
    last_return[0] = size[count];
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(bipower_variation)
