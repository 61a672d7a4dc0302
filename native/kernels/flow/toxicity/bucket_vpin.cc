// Contract: src/kernels/flow/toxicity/bucket_vpin.ts. The two sums of a window cost the same for every length: the tape is cut into
// blocks as long as the window, which is then a suffix of one block and a prefix of the next. All terms are >= 0 and none
// is subtracted, so nothing drifts; short windows are summed anew.
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "buy, sell", .options = "window", .outputs = "vpin"};

constexpr i64 part = 512;       // suffix sums held at once
constexpr i64 short_window = 12;

struct Both {
  f64x8 imbalance, volume;
};

template <class T> struct Sides {
  const T *buy, *sell;
  i64 rows;

  // Rows i to i + 7; 0 before the first and after the last.
  Both read(i64 i) const {
    if (i >= 0 && i + 8 <= rows) return both(load<f64x8>(buy + i), load<f64x8>(sell + i));
    f64 b[8] = {}, s[8] = {};
    for (i64 k = 0; k < 8; k++)
      if (i + k >= 0 && i + k < rows) b[k] = static_cast<f64>(buy[i + k]), s[k] = static_cast<f64>(sell[i + k]);
    return both(load<f64x8>(b), load<f64x8>(s));
  }
  static Both both(f64x8 b, f64x8 s) { return {abs(b - s), b + s}; }
};

// Outputs start + first to start + last - 1 of the block that begins at `start`: suffixes of the block before, the sums of
// rows from `from` on, and prefixes of this one, from `before` on.
template <class T>
static void window_part(const Sides<T>& sides, T* vpin, i64 start, i64 window, i64 first, i64 last, Both from, Both& before) {
  f64 imbalance[part + 16], volume[part + 16];
  const i64 low = start - window + 1 + first, high = start - window + 1 + last;
  const i64 count = (high < start ? high : start) - low;
  store(imbalance + 8 + count, from.imbalance), store(volume + 8 + count, from.volume);
  for (i64 k = count - 8; k > -8; k -= 8) {
    const Both x = sides.read(low + k);
    const f64x8 i = suffix_sums(x.imbalance), v = suffix_sums(x.volume);
    store(imbalance + 8 + k, i + from.imbalance), store(volume + 8 + k, v + from.volume);
    from = {from.imbalance + broadcast_first(i), from.volume + broadcast_first(v)};
  }
  for (i64 k = 0; k < last - first; k += 8) {  // what is written past `last` is written again
    const Both x = sides.read(start + first + k);
    const f64x8 i = prefix_sums(x.imbalance), v = prefix_sums(x.volume);
    const f64x8 ratio = (i + before.imbalance + load<f64x8>(imbalance + 8 + k)) / (v + before.volume + load<f64x8>(volume + 8 + k));
    store_first(vpin + start + first + k, ratio, sides.rows - (start + first + k));
    before = {before.imbalance + broadcast_last(i), before.volume + broadcast_last(v)};
  }
}

// Sums of rows `low` to `high` - 1, in all lanes.
template <class T> static Both total(const Sides<T>& sides, i64 low, i64 high) {
  f64 imbalance = 0, volume = 0;
  f64x8 sum_i{}, sum_v{};
  for (; high - low >= 8; low += 8) {
    const Both x = sides.read(low);
    sum_i += x.imbalance, sum_v += x.volume;
  }
  for (; low < high; low++) {
    const f64 b = static_cast<f64>(sides.buy[low]), s = static_cast<f64>(sides.sell[low]);
    imbalance += __builtin_fabs(b - s), volume += b + s;
  }
  return {broadcast<f64x8>(reduce_add(sum_i) + imbalance), broadcast<f64x8>(reduce_add(sum_v) + volume)};
}

// All outputs of the block that begins at `start`. What lies beyond each part of the block before is summed from its end on
// and waits where the part's outputs will be.
template <class T> static void window_block(const Sides<T>& sides, T* vpin, i64 start, i64 window) {
  const i64 end = sides.rows - start < window ? sides.rows - start : window, tail = (end - 1) / part * part;
  const i64 shift = start - window + 1;
  Both beyond = total(sides, shift + end, start);
  f64 sums[2] = {beyond.imbalance[0], beyond.volume[0]};
  for (i64 first = tail; first > 0; first -= part) {
    const i64 last = first + part < end ? first + part : end;
    const Both more = total(sides, shift + first, shift + last < start ? shift + last : start);
    if (first < tail) __builtin_memcpy(vpin + start + first, sums, sizeof sums);
    sums[0] += more.imbalance[0], sums[1] += more.volume[0];
  }
  Both before{};
  for (i64 first = 0; first < end; first += part) {
    if (first > 0 && first < tail) __builtin_memcpy(sums, vpin + start + first, sizeof sums);
    const Both from = first == tail ? beyond : Both{broadcast<f64x8>(sums[0]), broadcast<f64x8>(sums[1])};
    window_part(sides, vpin, start, window, first, first + part < end ? first + part : end, from, before);
  }
}

template <class T> static void window_direct(const Sides<T>& sides, T* vpin, i64 window) {
  for (i64 i = window - 1; i < sides.rows; i += 8) {
    Both sum{};
    for (i64 j = 1 - window; j <= 0; j++) {
      const Both x = sides.read(i + j);
      sum.imbalance += x.imbalance, sum.volume += x.volume;
    }
    store_first(vpin + i, sum.imbalance / sum.volume, sides.rows - i);
  }
}

template <class T> Status bucket_vpin(In<T> buy, In<T> sell, i32 window, Out<T> vpin) {
  const i64 rows = buy.length, first = window - 1 < rows ? window - 1 : rows;
  const Sides<T> sides{buy.data, sell.data, rows};
  if (window <= short_window) window_direct(sides, vpin.data, window);
  else
    for (i64 start = window - 1; start < rows; start += window) window_block(sides, vpin.data, start, window);
  for (i64 i = 0; i < first; i++) vpin[i] = static_cast<T>(__builtin_nan(""));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(bucket_vpin)
