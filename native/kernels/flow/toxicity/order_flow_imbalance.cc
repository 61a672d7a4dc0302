// Contract: src/kernels/flow/toxicity/order_flow_imbalance.ts. The four comparisons without branches; sums over a window as rolling.h makes them.
#include "kernels/parts/rolling_sum.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "bid, bidSize, ask, askSize", .options = "window", .state = "terms, rows, last", .outputs = "imbalance"};

static inline f64 contribution(f64 bid, f64 bid_size, f64 ask, f64 ask_size, const f64* last) {
  const f64 bids = (bid >= last[0] ? bid_size : 0) - (bid <= last[0] ? last[1] : 0);
  const f64 asks = (ask <= last[2] ? ask_size : 0) - (ask >= last[2] ? last[3] : 0);
  return bids - asks;
}

template <class T>
Status order_flow_imbalance(In<T> bid, In<T> bid_size, In<T> ask, In<T> ask_size, i32 window, State<f64> terms, State<f64> rows_seen, State<f64> last,
                            Out<T> imbalance) {
  const i64 rows = bid.length;
  const auto fill = [&](i64 i, i64 count, f64* out) {
    const T *b = &bid[i], *bs = &bid_size[i], *a = &ask[i], *as = &ask_size[i];
    const auto at = [&](i64 k, const f64* before) {
      return contribution(static_cast<f64>(b[k]), static_cast<f64>(bs[k]), static_cast<f64>(a[k]), static_cast<f64>(as[k]), before);
    };
    out[0] = rows_seen[0] == 0 && i == 0 ? 0 : at(0, last.data);
    for (i64 k = 1; k < count; k++) {
      const f64 before[] = {static_cast<f64>(b[k - 1]), static_cast<f64>(bs[k - 1]), static_cast<f64>(a[k - 1]), static_cast<f64>(as[k - 1])};
      out[k] = at(k, before);
    }
    const i64 end = count - 1;
    last[0] = static_cast<f64>(b[end]), last[1] = static_cast<f64>(bs[end]), last[2] = static_cast<f64>(a[end]), last[3] = static_cast<f64>(as[end]);
  };
  if (window > 1) {
    rolling_sum(terms.data, window, rows_seen.data, window, 1, rows, imbalance.data, fill);
    return done();
  }
  f64 fresh[rolling_rows];
  for (i64 i = 0, count; i < rows; i += count) {
    count = rows - i < rolling_rows ? rows - i : rolling_rows;
    fill(i, count, fresh);
    for (i64 k = 0; k < count; k++) imbalance[i + k] = static_cast<T>(fresh[k]);
    terms[0] = fresh[count - 1];
  }
  no_value_before(1, count_of(rows_seen[0]), imbalance.data, rows);
  rows_seen[0] += static_cast<f64>(rows);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(order_flow_imbalance)
