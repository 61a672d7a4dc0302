// The order of one date's values: radix sort of the 32 leading bits of their range, then whatever those leave open by insertion.
#pragma once
#include "cross_section.h"

namespace tickforge::TICKFORGE_ISA {

// An integer in the order of the values; both zeros are one.
inline u64 sort_key(f64 x) {
  const u64 bits = __builtin_bit_cast(u64, x + 0.0);
  return bits ^ (static_cast<u64>(static_cast<i64>(bits) >> 63) | 0x8000000000000000u);
}

// Stable, by the upper 32 bits; the lower ones go with them. Result in `a`; b is scratch of the same length.
inline void sort_upper_half(u64* a, u64* b, i64 count) {
  constexpr int digits = 3, bits = 11, buckets = 1 << bits;
  u32 starts[digits][buckets] = {};
  for (i64 i = 0; i < count; i++) {
    const u64 key = a[i] >> 32;
    starts[0][key & (buckets - 1)]++, starts[1][(key >> bits) & (buckets - 1)]++, starts[2][key >> (2 * bits)]++;
  }
  u64* const result = a;
  for (int d = 0; d < digits; d++) {
    const int shift = 32 + bits * d;
    const auto digit = [=](u64 word) { return (word >> shift) & (buckets - 1); };
    if (starts[d][digit(a[0])] == static_cast<u32>(count)) continue;
    u32 sum = 0;
    for (u32& start : starts[d]) {
      const u32 size = start;
      start = sum, sum += size;
    }
    for (i64 i = 0; i < count; i++) b[starts[d][digit(a[i])]++] = a[i];
    u64* const other = a;
    a = b, b = other;
  }
  if (a != result) __builtin_memcpy(result, a, static_cast<size_t>(count) * sizeof(u64));
}

// Values by insertion, with what belongs to them; gives up and says so once `most` moves are not enough.
inline bool insert_sorted(f64* sorted, u32* order, i64 count, i64 most) {
  for (i64 i = 1; i < count; i++) {
    const f64 x = sorted[i];
    if (!(x < sorted[i - 1])) continue;
    const u32 at = order[i];
    i64 k = i;
    for (; k > 0 && x < sorted[k - 1]; k--) sorted[k] = sorted[k - 1], order[k] = order[k - 1];
    sorted[k] = x, order[k] = at;
    most -= i - k;
    if (most < 0) return false;
  }
  return true;
}

// f64 values of scratch that `sort_section` needs.
inline i64 sort_room(i64 assets) { return 2 * assets + 16; }

// The values that are not NaN in rising order, and where each stood; returns how many there are.
inline i64 sort_section(const f64* x, i64 assets, f64* sorted, u32* order, f64* scratch) {
  u64 *a = reinterpret_cast<u64*>(scratch), *b = a + assets + 8, low = ~u64{0}, high = 0;
  i64 count = 0;
  for (i64 i = 0; i < assets; i++) {
    order[count] = static_cast<u32>(i);
    count += x[i] == x[i];
  }
  if (count == 0) return 0;
  for (i64 i = 0; i < count; i++) {
    const u64 key = sort_key(x[order[i]]);
    low = key < low ? key : low, high = key > high ? key : high;
    b[i] = key;
  }
  const int used = 64 - __builtin_clzll((high - low) | 1), shift = used > 32 ? used - 32 : 0;
  for (i64 i = 0; i < count; i++) a[i] = ((b[i] - low) >> shift) << 32 | order[i];
  const auto take = [&] {
    for (i64 i = 0; i < count; i++) {
      order[i] = static_cast<u32>(a[i]);
      sorted[i] = x[order[i]];
    }
  };
  sort_upper_half(a, b, count);
  take();
  if (insert_sorted(sorted, order, count, 8 * count)) return count;
  // Too much hides in the lower bits: those first, then the upper ones.
  const auto again = [&](int from) {
    for (i64 i = 0; i < count; i++) a[i] = ((sort_key(x[order[i]]) - low) >> from) << 32 | order[i];
    sort_upper_half(a, b, count);
    take();
  };
  again(0);
  again(32);
  return count;
}

// Ranks from 1 on, ties at their average, over `divisor`.
template <class X> inline void average_ranks(const f64* sorted, const u32* order, i64 count, f64 divisor, X* ranks) {
  for (i64 i = 0; i < count;) {
    i64 end = i + 1;
    while (end < count && sorted[end] == sorted[i]) end++;
    const f64 rank = 0.5 * static_cast<f64>(i + 1 + end) / divisor;
    for (; i < end; i++) ranks[order[i]] = static_cast<X>(rank);
  }
}

// The values of the universe that are not NaN; NaN for the others.
template <class T> inline void take_ordered(const T* values, const u8* universe, i64 assets, f64* to) {
  if (!universe)
    for (i64 i = 0; i < assets; i++) to[i] = static_cast<f64>(values[i]);
  else
    for (i64 i = 0; i < assets; i++) to[i] = universe[i] ? static_cast<f64>(values[i]) : missing;
}

// Room needed: 3.5 times the assets and 24.
// Ranks over (count + 1), or from 1 on where `whole`; NaN where x is. Returns the count.
template <class X> inline i64 rank_section(const f64* x, i64 assets, bool whole, f64* scratch, X* ranks) {
  f64 *sorted = scratch, *room = scratch + assets;
  u32* const order = reinterpret_cast<u32*>(room + sort_room(assets));
  const i64 count = sort_section(x, assets, sorted, order, room);
  for (i64 i = 0; i < assets; i++) ranks[i] = static_cast<X>(missing);
  average_ranks(sorted, order, count, whole ? 1.0 : static_cast<f64>(count + 1), ranks);
  return count;
}

// Ranks over (count + 1) of the date whose values begin at `at`.
template <class T, class X>
inline void rank_date(In<T> values, OptionalIn<u8> universe, i64 at, i64 assets, f64* scratch, X* ranks) {
  take_ordered(values.data + at, universe ? universe.data + at : nullptr, assets, scratch);
  rank_section(scratch, assets, false, scratch + assets, ranks);
}

}  // namespace tickforge::TICKFORGE_ISA
