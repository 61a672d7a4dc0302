// Which quote is in force at each trade: two sorted tapes walked by several cursors at once, each waiting on its own loads alone.
#pragma once
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

// Whether `time` less `lag` lies before all times there are.
inline bool before_all(i64 time, i64 lag) {
  i64 then;
  return lag > 0 && __builtin_sub_overflow(time, lag, &then);
}

// `time` less `lag`, or the end of all times that it lies past.
inline i64 at_lag(i64 time, i64 lag) {
  i64 then;
  if (!__builtin_sub_overflow(time, lag, &then)) return then;
  return lag > 0 ? -0x7fffffffffffffff - 1 : 0x7fffffffffffffff;
}

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

// The same where it is likely near `from`: steps that double, then the search between the last two.
inline i64 last_near(const i64* time, i64 from, i64 count, i64 limit) {
  i64 base = from, step = 64;
  while (base + step < count && time[base + step] <= limit) base += step, step *= 2;
  return last_at(time, base, base + step < count ? base + step : count, limit);
}

constexpr i64 quoted_rows = 512, cursors = 8;

// Where the quotes in force lie for `cursors` parts of `each` trades. No branch depends on the tapes: a step moves a cursor past up to
// eight quotes, and on to its next trade where it saw a later one. Quotes up to `last` + 8 can be read.
struct Walk {
  i64 limit[quoted_rows + 1], at[cursors][quoted_rows / cursors + 1];

  void run(const i64* time, i64 first, i64 last, i64 each) {
    i64 next[cursors], trade[cursors] = {};
    for (i64 c = 0; c < cursors; c++) next[c] = c == 0 ? first : last_at(time, first, last + 1, limit[c * each]) + 1;
    for (bool busy = true; busy;) {
      for (int steps = 0; steps < 8; steps++)
#pragma GCC unroll 8
        for (i64 c = 0; c < cursors; c++) {
          const i64 passed = count_eight_at_most(time + next[c], limit[c * each + trade[c]]);
          next[c] += passed;
          at[c][trade[c]] = next[c] - 1;
          trade[c] += (passed < 8) & (trade[c] < each);
        }
      busy = false;
      for (i64 c = 0; c < cursors; c++) busy |= trade[c] < each;
    }
  }
};

struct QuoteTimes {
  const i64* time;
  i64 count;

  // Rows of the quotes in force for `rows` trades, `quoted_rows` at most, -1 before the first; returns the last of them. `q` was in force
  // before, -1 for none.
  i64 find(const i64* trade_time, i64 rows, i64 lag, i64 q, i64* at) const {
    i64 first = 0;
    if (q < 0) {
      for (; first < rows && (count == 0 || before_all(trade_time[first], lag) || at_lag(trade_time[first], lag) < time[0]); first++) at[first] = -1;
      if (first == rows) return -1;
      q = 0;
    }
    const i64 last = last_near(time, q, count, at_lag(trade_time[rows - 1], lag)), each = last + 9 <= count ? (rows - first) / cursors : 0;
    if (each > 0) {
      Walk walk;
      for (i64 k = 0; k < rows - first; k++) walk.limit[k] = at_lag(trade_time[first + k], lag);
      walk.limit[rows - first] = walk.limit[rows - first - 1];
      walk.run(time, q, last, each);
      for (i64 c = 0; c < cursors; c++)
        for (i64 k = 0; k < each; k++) at[first++] = walk.at[c][k];
      q = walk.at[cursors - 1][each - 1];
    }
    for (; first < rows; first++) at[first] = q = advance(time, q, count, at_lag(trade_time[first], lag));
    return last;
  }
};

template <class T> struct QuoteTape {
  QuoteTimes times;
  const T *bid, *ask;
  f64 carried_bid, carried_ask;  // in force before the first quote of the tape

  // Bids and asks in force for `rows` trades, and the last quote used; `q` was in force before, -1 for none.
  i64 find(const i64* trade_time, i64 rows, i64 lag, i64 q, f64* bids, f64* asks) const {
    i64 at[quoted_rows];
    const i64 last = times.find(trade_time, rows, lag, q, at);
    i64 i = 0;
    for (; i < rows && at[i] < 0; i++) bids[i] = carried_bid, asks[i] = carried_ask;
    for (; i < rows; i++) bids[i] = static_cast<f64>(bid[at[i]]), asks[i] = static_cast<f64>(ask[at[i]]);
    return last;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
