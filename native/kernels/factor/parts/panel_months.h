// Months of a panel: fixed numbers of dates, counted back from each.
#pragma once
#include "panel_window.h"

namespace tickforge::TICKFORGE_ISA {

// For each line of a strip from `month` - 1 on: the sum of the last `month` lines, and how many of their values are not missing (NaN). Each
// is added up anew, so that nothing of older lines stays in it.
inline void month_sums(const f64* lines, i64 rows, i64 month, f64* sums, f64* counts) {
  for (i64 k = month - 1; k < rows; k++)
    for (i64 half = 0; half < strip_assets; half += 8) {
      f64x8 sum{}, count{};
      for (i64 j = k - month + 1; j <= k; j++) {
        const f64x8 x = load<f64x8>(lines + j * strip_assets + half);
        sum += select(is_number(x), x), count += select(is_number(x), broadcast<f64x8>(1.0));
      }
      store(sums + k * strip_assets + half, sum);
      store(counts + k * strip_assets + half, count);
    }
}

}  // namespace tickforge::TICKFORGE_ISA
