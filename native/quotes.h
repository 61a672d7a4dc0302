// Which quote is in force at each trade: two sorted tapes walked by four cursors at once, each waiting on its own loads alone.
#pragma once
#include "kernel.h"

namespace tickforge::TICKFORGE_ISA {

// Index of the last quote of [from, count) at or before `limit`, from - 1 where there is none; a search without branches.
inline i64 last_at(const i64* time, i64 from, i64 count, i64 limit) {
  i64 base = from, left = count - from;
  if (left <= 0 || time[from] > limit) return from - 1;
  for (; left > 1; left -= left / 2) base = time[base + left / 2] <= limit ? base + left / 2 : base;
  return base;
}

// First row of (from, to] whose time lies before that of the row above, or -1.
inline i64 first_fall(const i64* time, i64 from, i64 to) {
  constexpr i64 step = 512;
  for (i64 start = from; start < to; start += step) {
    const i64 end = start + step < to ? start + step : to;
    int bad = 0;
    for (i64 q = start + 1; q <= end; q++) bad |= time[q] < time[q - 1];
    if (bad)
      for (i64 q = start + 1; q <= end; q++)
        if (time[q] < time[q - 1]) return q;
  }
  return -1;
}

// Moves `q` on to the last quote at or before `limit`; the one it stands on is.
inline i64 advance(const i64* time, i64 q, i64 count, i64 limit) {
  while (q + 4 < count) {
    const i64* t = time + q;
    const i64 passed = (t[1] <= limit) + (t[2] <= limit) + (t[3] <= limit) + (t[4] <= limit);
    q += passed;
    if (passed < 4) return q;
  }
  while (q + 1 < count && time[q + 1] <= limit) q++;
  return q;
}

template <class T> struct QuoteTape {
  const i64* time;
  const T *bid, *ask;
  i64 count;
  f64 carried_bid, carried_ask;  // in force before the first quote of the tape

  // Bids and asks in force for `rows` trades, and the last quote used; `q` was in force before, -1 for none.
  i64 find(const i64* trade_time, i64 rows, i64 lag, i64 q, f64* bids, f64* asks) const {
    i64 first = 0;
    if (q < 0) {
      for (; first < rows && (count == 0 || trade_time[first] - lag < time[0]); first++) bids[first] = carried_bid, asks[first] = carried_ask;
      if (first == rows) return -1;
      q = 0;
    }
    constexpr i64 cursors = 4;
    const i64 each = (rows - first) / cursors;
    i64 at[cursors];
    const i64 last = last_at(time, q, count, trade_time[rows - 1] - lag);
    for (i64 c = 0; c < cursors; c++) at[c] = c == 0 || each == 0 ? q : last_at(time, q, last + 1, trade_time[first + c * each] - lag);
    for (i64 k = 0; k < each; k++)
      for (i64 c = 0; c < cursors; c++) {
        const i64 row = first + c * each + k;
        at[c] = advance(time, at[c], count, trade_time[row] - lag);
        bids[row] = static_cast<f64>(bid[at[c]]);
        asks[row] = static_cast<f64>(ask[at[c]]);
      }
    for (i64 row = first + cursors * each; row < rows; row++) {
      at[cursors - 1] = advance(time, at[cursors - 1], count, trade_time[row] - lag);
      bids[row] = static_cast<f64>(bid[at[cursors - 1]]);
      asks[row] = static_cast<f64>(ask[at[cursors - 1]]);
    }
    return last;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
