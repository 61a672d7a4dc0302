// Contract: src/kernels/flow/liquidity/roll_spread.ts. Sums of products about 0 instead of about the means, as rolling.h makes them.
#include "kernels/parts/returns.h"
#include "kernels/parts/rolling.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price", .options = "window", .state = "terms, rows, lastPrice, lastChange", .outputs = "spread"};

struct Neighbours {  // change before, change -> both, product, its size
  static void expand(const f64* in, f64* out) { out[0] = in[0], out[1] = in[1], out[2] = in[0] * in[1], out[3] = __builtin_fabs(out[2]); }
  static void expand(const f64x8* in, f64x8* out) { out[0] = in[0], out[1] = in[1], out[2] = in[0] * in[1], out[3] = abs(out[2]); }
};

template <class T>
Status roll_spread(In<T> price, i32 window, State<f64> terms, State<f64> rows_seen, State<f64> last_price, State<f64> last_change, Out<T> spread) {
  Rolling<2, 4, Neighbours> rolling{terms.data, window, count_of(rows_seen[0])};
  f64 fresh[2][rolling_rows], sums[4][rolling_rows];
  const i64 rows = price.length, seen = rolling.seen;
  const f64 n = window;
  for (i64 i = 0, count; i < rows; i += count) {
    count = rolling.piece(rows - i);
    price_changes(&price[i], last_price[0] > 0 ? last_price[0] : static_cast<f64>(price[i]), fresh[1], count);
    fresh[0][0] = last_change[0];
    for (i64 k = 1; k < count; k++) fresh[0][k] = fresh[1][k - 1];
    rolling.add(fresh, count, sums);
    for (i64 k = 0; k < count; k++) {
      const f64 means = sums[0][k] * sums[1][k] / n, together = sums[2][k] - means;
      const f64 rounding = 0x1p-30 * (sums[3][k] + __builtin_fabs(means));
      const f64 root = 2 * __builtin_sqrt(-together / (n - 1));
      spread[i + k] = static_cast<T>(__builtin_fabs(together) <= rounding ? 0 : root);  // the root of a negative number is NaN
    }
    last_price[0] = static_cast<f64>(price[i + count - 1]);
    last_change[0] = fresh[1][count - 1];
  }
  no_value_before(static_cast<i64>(window) + 1, seen, spread.data, rows);
  rows_seen[0] = static_cast<f64>(seen + rows);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(roll_spread)
