// What a bar gathers from its trades, and the columns that finished bars are written to; shared by the kernels that make bars.
#pragma once
#include "bucket.h"

namespace tickforge::TICKFORGE_ISA {

struct Bar {
  f64 high, low, volume, signed_volume;
};

template <class T, bool WITH_SIDE> inline void fold_row(Bar& bar, T price, T size, i8 side) {
  const f64 p = static_cast<f64>(price), v = static_cast<f64>(size);
  bar.high = p > bar.high ? p : bar.high;
  bar.low = p < bar.low ? p : bar.low;
  bar.volume += v;
  if constexpr (WITH_SIDE) bar.signed_volume += static_cast<f64>(side) * v;
}

template <class T, bool WITH_SIDE> inline void fold(Bar& bar, const T* price, const T* size, const i8* side, i64 rows) {
  constexpr i64 lanes = 32;
  i64 i = 0;
  if (rows >= 2 * lanes) {
    T high[lanes], low[lanes];
    f64 volume[lanes], signed_volume[lanes];
    for (i64 k = 0; k < lanes; k++) high[k] = low[k] = price[k], volume[k] = signed_volume[k] = 0;
    for (; i + lanes <= rows; i += lanes)
      for (i64 k = 0; k < lanes; k++) {
        const T p = price[i + k];
        const f64 v = static_cast<f64>(size[i + k]);
        high[k] = p > high[k] ? p : high[k];
        low[k] = p < low[k] ? p : low[k];
        volume[k] += v;
        if constexpr (WITH_SIDE) signed_volume[k] += static_cast<f64>(side[i + k]) * v;
      }
    Bar sum{static_cast<f64>(high[0]), static_cast<f64>(low[0]), volume[0], signed_volume[0]};
    for (i64 k = 1; k < lanes; k++) {
      sum.high = static_cast<f64>(high[k]) > sum.high ? static_cast<f64>(high[k]) : sum.high;
      sum.low = static_cast<f64>(low[k]) < sum.low ? static_cast<f64>(low[k]) : sum.low;
      sum.volume += volume[k];
      sum.signed_volume += signed_volume[k];
    }
    bar.high = sum.high > bar.high ? sum.high : bar.high;
    bar.low = sum.low < bar.low ? sum.low : bar.low;
    bar.volume += sum.volume;
    bar.signed_volume += sum.signed_volume;
  }
  for (; i < rows; i++) fold_row<T, WITH_SIDE>(bar, price[i], size[i], WITH_SIDE ? side[i] : i8{0});
}

template <class T> struct BarColumns {
  T *first, *last, *high, *low, *volume, *signed_volume;  // signed_volume may be null
  f64* trades;
  i64 *start_time, *end_time;
  f64* end_index;

  // prices: first, last, high, low
  void write(i64 bar, const f64* prices, f64 sum, f64 signed_sum, f64 count, i64 started, i64 ended, f64 row) const {
    first[bar] = static_cast<T>(prices[0]);
    last[bar] = static_cast<T>(prices[1]);
    high[bar] = static_cast<T>(prices[2]);
    low[bar] = static_cast<T>(prices[3]);
    volume[bar] = static_cast<T>(sum);
    if (signed_volume) signed_volume[bar] = static_cast<T>(signed_sum);
    trades[bar] = count;
    start_time[bar] = started;
    end_time[bar] = ended;
    end_index[bar] = row;
  }
};

// State of the open bar as the contracts declare it.
struct OpenBar {
  f64 *trades, *prices, *volumes;
  i64* start_time;

  void open(f64 price, i64 time) const {
    start_time[0] = time;
    prices[0] = prices[1] = prices[2] = prices[3] = price;
    volumes[0] = volumes[1] = 0;
  }

  template <class T> void add_rows(const T* price, const T* size, const i8* side, i64 rows) const {
    Bar bar{prices[2], prices[3], volumes[0], volumes[1]};
    if (side) fold<T, true>(bar, price, size, side, rows);
    else fold<T, false>(bar, price, size, nullptr, rows);
    prices[1] = static_cast<f64>(price[rows - 1]);
    prices[2] = bar.high, prices[3] = bar.low, volumes[0] = bar.volume, volumes[1] = bar.signed_volume;
    trades[0] += static_cast<f64>(rows);
  }

  void add(f64 price, f64 volume, i8 side) const {
    prices[1] = price;
    prices[2] = price > prices[2] ? price : prices[2];
    prices[3] = price < prices[3] ? price : prices[3];
    volumes[0] += volume;
    volumes[1] += static_cast<f64>(side) * volume;
    trades[0] += 1;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
