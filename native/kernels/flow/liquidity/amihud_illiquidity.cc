// Contract: src/kernels/flow/liquidity/amihud_illiquidity.ts. The sums over the window are those of rolling.h, with the number of terms as one
// of them: they differ from the reference's by the order of adding.
#include "kernels/parts/rolling.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "price, volume", .options = "window", .state = "terms, rows, lastPrice", .outputs = "illiquidity"};

static constexpr f64 left_out = -1;

struct Mean {  // a term, or left_out
  static void expand(const f64* term, f64* sums) { sums[0] = term[0] < 0 ? 0 : term[0], sums[1] = term[0] < 0 ? 0 : 1; }
  static void expand(const f64x8* term, f64x8* sums) {
    const i64x8 there = ~less(term[0], 0);
    sums[0] = select(there, term[0]);
    sums[1] = select(there, broadcast<f64x8>(1));
  }
};

template <class T> static void find_terms(const T* price, const T* volume, f64 before, f64* fresh, i64 rows) {
  f64 last[rolling_rows];
  last[0] = before;
  for (i64 k = 1; k < rows; k++) last[k] = static_cast<f64>(price[k - 1]);
  for (i64 k = 0; k < rows; k++) {
    const f64 p = static_cast<f64>(price[k]), value = p * static_cast<f64>(volume[k]);
    const f64 term = __builtin_fabs(p / last[k] - 1) / value;
    fresh[k] = value == 0 ? left_out : term;
  }
}

template <class T>
Status amihud_illiquidity(In<T> price, In<T> volume, i32 window, State<f64> terms, State<f64> rows_seen, State<f64> last_price, Out<T> illiquidity) {
  Rolling<1, 2, Mean> rolling{terms.data, window, count_of(rows_seen[0])};
  f64 fresh[1][rolling_rows], sums[2][rolling_rows];
  const i64 rows = price.length, seen = rolling.seen;
  for (i64 i = 0, count; i < rows; i += count) {
    count = rolling.piece(rows - i);
    find_terms(&price[i], &volume[i], last_price[0], fresh[0], count);
    if (seen + i == 0) fresh[0][0] = left_out;
    rolling.add(fresh, count, sums);
    for (i64 k = 0; k < count; k++) illiquidity[i + k] = static_cast<T>(sums[0][k] / sums[1][k]);
    last_price[0] = static_cast<f64>(price[i + count - 1]);
  }
  for (i64 i = 0; i < rows && seen + i < window; i++) illiquidity[i] = static_cast<T>(__builtin_nan(""));
  rows_seen[0] = static_cast<f64>(seen + rows);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(amihud_illiquidity)
