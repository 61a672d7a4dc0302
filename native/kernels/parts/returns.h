// Price changes and logarithmic returns of a run of rows.
#pragma once
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

// `before` is the price above the first row.
template <class T> void price_changes(const T* price, f64 before, f64* change, i64 rows) {
  change[0] = static_cast<f64>(price[0]) - before;
  for (i64 k = 1; k < rows; k++) change[k] = static_cast<f64>(price[k]) - static_cast<f64>(price[k - 1]);
}

// log(to / from) for prices above 0, exact to a few roundings of the result also where they are close.
inline f64 log_return(f64 from, f64 to) {
  const f64 low = from < to ? from : to;
  const f64 size = log1p_positive(__builtin_fabs(to - from) / low);
  return to < from ? -size : size;
}

template <class T> void log_returns(const T* price, f64 before, f64* out, i64 rows) {
  out[0] = log_return(before, static_cast<f64>(price[0]));
  for (i64 k = 1; k < rows; k++) out[k] = log_return(static_cast<f64>(price[k - 1]), static_cast<f64>(price[k]));
}

// The first `count` rows of the tape have no value.
template <class T> void no_value_before(i64 count, i64 seen, T* out, i64 rows) {
  for (i64 i = 0; i < rows && seen + i < count; i++) out[i] = static_cast<T>(__builtin_nan(""));
}

}  // namespace tickforge::TICKFORGE_ISA
