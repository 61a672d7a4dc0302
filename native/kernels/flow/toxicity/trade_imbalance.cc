// Contract: src/kernels/flow/toxicity/trade_imbalance.ts. Both sums as rolling.h makes them: they differ by the order of adding.
#include "kernels/parts/returns.h"
#include "kernels/parts/rolling.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "size, side", .options = "window", .state = "terms, rows", .outputs = "imbalance"};

struct Volumes {  // signed volume, volume
  template <class V> static void expand(const V* in, V* out) { out[0] = in[0], out[1] = in[1]; }
};

template <class T>
Status trade_imbalance(In<T> size, In<i8> side, i32 window, State<f64> terms, State<f64> rows_seen, Out<T> imbalance) {
  Rolling<2, 2, Volumes> rolling{terms.data, window, count_of(rows_seen[0])};
  f64 fresh[2][rolling_rows], sums[2][rolling_rows];
  const i64 rows = size.length, seen = rolling.seen;
  for (i64 i = 0, count; i < rows; i += count) {
    count = rolling.piece(rows - i);
    for (i64 k = 0; k < count; k++) {
      fresh[1][k] = static_cast<f64>(size[i + k]);
      fresh[0][k] = static_cast<f64>(side[i + k]) * fresh[1][k];
    }
    rolling.add(fresh, count, sums);
    for (i64 k = 0; k < count; k++) imbalance[i + k] = static_cast<T>(sums[0][k] / sums[1][k]);
  }
  no_value_before(window - 1, seen, imbalance.data, rows);
  rows_seen[0] = static_cast<f64>(seen + rows);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(trade_imbalance)
