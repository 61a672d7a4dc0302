// Kernels whose output is one sum over the last rows.
#pragma once
#include "returns.h"
#include "rolling.h"

namespace tickforge::TICKFORGE_ISA {

struct AsTheyAre {
  template <class V> static void expand(const V* in, V* out) { out[0] = in[0]; }
};

// fill(i, count, terms) sets the terms of rows i on; results are `scale` times their sum over `window` rows, NaN for the first
// `without` rows of the tape.
template <class T, class Fill>
void rolling_sum(f64* ring, i64 window, f64* rows_seen, i64 without, f64 scale, i64 rows, T* out, Fill fill) {
  Rolling<1, 1, AsTheyAre> rolling{ring, window, count_of(rows_seen[0])};
  f64 fresh[1][rolling_rows], sums[1][rolling_rows];
  const i64 seen = rolling.seen;
  for (i64 i = 0, count; i < rows; i += count) {
    count = rolling.piece(rows - i);
    fill(i, count, fresh[0]);
    rolling.add(fresh, count, sums);
    for (i64 k = 0; k < count; k++) out[i + k] = static_cast<T>(scale * sums[0][k]);
  }
  no_value_before(without, seen, out, rows);
  rows_seen[0] = static_cast<f64>(seen + rows);
}

// Log returns of rows i to i + count - 1; 0 for the first row of the tape.
template <class T> void returns_of(const T* price, i64 count, f64* last_price, f64* out) {
  log_returns(price, last_price[0] > 0 ? last_price[0] : static_cast<f64>(price[0]), out, count);
  last_price[0] = static_cast<f64>(price[count - 1]);
}

}  // namespace tickforge::TICKFORGE_ISA
