// Contract: src/kernels/flow/bars/volume_buckets.ts. Rows well inside a bucket are added in vector blocks, the one at the border
// as the reference does; where buckets are small, many borders are found at once in whole units. The buyer-initiated part
// is a plain sum: exact for integer lots.
#include "kernels/flow/parts/bucket.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "size, buyFraction, time, price",
                             .options = "bucketVolume",
                             .state = "bucket, startTime, lastTime, rows, emitted",
                             .outputs = "buy, sell, endIndex, startTime, endTime, lastPrice"};

template <class T> struct SignedSizes {
  const T* size;
  i64 behind;  // how far the rows of the next execution lie; 0: not worth fetching
  // Memory works while this execution computes: its rows are in cache; those behind them will then be. A hint, never a fault.
  void fetch_behind(i64 i, i64 rows) const {
    if (behind)
      for (i64 k = 0; k < rows; k += 64 / static_cast<i64>(sizeof(T))) __builtin_prefetch(size + i + behind + k, 0, 2);
  }
  f64 volume(i64 i) const { return __builtin_fabs(static_cast<f64>(size[i])); }
  f64 fraction(i64 i) const { return size[i] > 0 ? 1 : 0; }
  void read(i64 i, f64x8& volume, f64x8& buy) const {
    const f64x8 x = load<f64x8>(size + i);
    volume = abs(x);
    buy = select(greater(x, 0), x);
  }
};

template <class T> struct Fractions {
  const T *size, *buy_fraction;
  f64 volume(i64 i) const { return static_cast<f64>(size[i]); }
  f64 fraction(i64 i) const { return static_cast<f64>(buy_fraction[i]); }
  void read(i64 i, f64x8& volume, f64x8& buy) const {
    volume = load<f64x8>(size + i);
    buy = volume * load<f64x8>(buy_fraction + i);
  }
};

template <class T> struct Tape {
  const i64* time;
  const T* price;
  T *buy, *sell, *last_price;
  f64* end_index;
  i64 *start_time, *end_time;
  i64 capacity, produced;
};

// Writes what row i fills; false when the outputs are full: `emitted` then tells how far it came.
template <class T>
static bool emit(Tape<T>& t, i64 i, f64 row, f64 fraction, const Border& border, f64 buy_before, i64 begun, f64 capacity, f64& emitted) {
  while (emitted < border.filled) {
    if (t.produced == t.capacity) return false;
    const bool first = emitted == 0;
    f64 buy = first ? buy_before + fraction * border.used : fraction * capacity;
    if (buy > capacity) buy = capacity;
    t.buy[t.produced] = static_cast<T>(buy);
    t.sell[t.produced] = static_cast<T>(capacity - buy);
    t.end_index[t.produced] = row;
    if (t.time) t.start_time[t.produced] = first ? begun : t.time[i], t.end_time[t.produced] = t.time[i];
    if (t.price) t.last_price[t.produced] = t.price[i];
    t.produced++;
    emitted += 1;
  }
  return true;
}

// The bucket that is being filled: `begun` is the time of the trade that began it.
struct Open {
  Fill now;
  i64 begun;
  bool started;
};

// Takes rows from i on up to the last border that is sure; returns the first row not taken.
template <class T, class Source>
static i64 take_small(const Source& source, i64 i, i64 rows, f64 capacity, f64 counted, Open& open, Tape<T>& t, Borders& borders) {
  find_borders(source, i, rows, capacity, open.now, borders);
  const i64 room = t.capacity - t.produced, count = borders.count < room ? borders.count : room;
  if (count <= 0) return i;
  const f64 unit = borders.unit;
  T *const buy = t.buy + t.produced, *const sell = t.sell + t.produced;
  f64* const end_index = t.end_index + t.produced;
  f64 own[Borders::most], carried[Borders::most + 1];  // bought by the row at each border: its part before, its part after
  i64 after[Borders::most + 1];                        // bought up to and with that row, in units
  carried[0] = open.now.buy, after[0] = 0;
#pragma GCC ivdep
  for (i64 k = 0; k < count; k++) {
    const i64 row = borders.row[k], left = borders.left[k];
    const f64 fraction = source.fraction(i + row);
    own[k] = fraction * (static_cast<f64>(borders.lots[row] - left) * unit);
    carried[k + 1] = fraction * (static_cast<f64>(left) * unit);
    after[k + 1] = static_cast<i64>(static_cast<u64>(borders.before[k]) + static_cast<u64>(borders.bought[row]));
  }
#pragma GCC ivdep
  for (i64 k = 0; k < count; k++) {
    // Running totals may wrap; what lies between two of them does not.
    const i64 between = static_cast<i64>(static_cast<u64>(borders.before[k]) - static_cast<u64>(after[k]));
    const f64 bought = static_cast<f64>(between) * unit + carried[k] + own[k];
    const f64 most = bought < capacity ? bought : capacity;
    buy[k] = static_cast<T>(most);
    sell[k] = static_cast<T>(capacity - most);
    end_index[k] = counted + static_cast<f64>(i + borders.row[k]);
  }
  for (i64 k = 0, first = 0; t.time && k < count; k++) {
    const i64 at = t.produced + k, row = borders.row[k];
    while (!open.started && source.volume(i + first) == 0) first++;
    t.start_time[at] = open.started ? open.begun : t.time[i + first];
    t.end_time[at] = open.begun = t.time[i + row];
    open.started = borders.left[k] > 0, first = row + 1;
  }
  for (i64 k = 0; t.price && k < count; k++) t.last_price[t.produced + k] = t.price[i + borders.row[k]];
  open.now = {static_cast<f64>(borders.left[count - 1]) * unit, 0, carried[count]};
  open.started = open.now.sum > 0;
  t.produced += count;
  return i + borders.row[count - 1] + 1;
}

// Takes row i; OK, or why not, and then the bucket is as before. `closed` tells whether a border lay in it.
template <class T, class Source>
static Code take(const Source& source, i64 i, f64 capacity, f64 counted, Open& open, f64& emitted, Tape<T>& t, bool& closed) {
  const f64 volume = source.volume(i);
  closed = false;
  if (volume == 0) return OK;
  if (!(volume > 0)) return BAD_VALUE;
  const i64 now_time = t.time ? t.time[i] : 0, began = open.started ? open.begun : now_time;
  Fill next = open.now;
  const f64 over = pour(next, volume, capacity), fraction = source.fraction(i);
  if (over < -capacity * dust) {
    next.buy += fraction * volume;
    open = {next, began, true};
    return OK;
  }
  const Border border = cross(over, volume, capacity);
  if (!(border.filled <= most_buckets)) return TOO_MANY;
  if (!emit(t, i, counted + static_cast<f64>(i), fraction, border, next.buy, began, capacity, emitted)) return OUTPUT_FULL;
  emitted = 0;
  open = {{border.left, 0, fraction * border.left}, now_time, border.left > 0};
  closed = true;
  return OK;
}

// Takes the rows; returns the first not taken, and why in `code`.
template <class T, class Source> static i64 fill(const Source& source, i64 rows, f64 capacity, f64 counted, Open& open, f64& emitted, Tape<T>& t,
                                                 Code& code) {
  constexpr i64 small = 32;  // rows a bucket below which borders are looked for many at once
  Borders borders;
  bool quick = false, closed;
  i64 patience = 0, since = 0;  // rows taken one by one before the next try of many at once; rows since the last border
  for (i64 i = 0; i < rows; i++, since++) {
    if (patience > 0) {
      patience--;
    } else if (quick && emitted == 0) {
      const i64 next = take_small(source, i, rows, capacity, counted, open, t, borders);
      quick = borders.count * small >= borders.rows;
      if (next > i) {
        i = next - 1, since = -1;
        continue;
      }
      if (quick || borders.rows < Borders::most) patience = 16;
    }
    if (open.started && patience == 0) {
      const i64 next = add_below_border(source, i, rows, capacity, open.now);
      since += next - i;
      i = next;
      if (i == rows) return i;
    }
    code = take(source, i, capacity, counted, open, emitted, t, closed);
    if (code != OK) return i;
    if (closed) quick = since < small, since = -1;
  }
  return rows;
}

template <class T>
Status volume_buckets(In<T> size, OptionalIn<T> buy_fraction, OptionalIn<i64> time, OptionalIn<T> price, f64 bucket_volume, State<f64> bucket,
                      State<i64> start_time, State<i64> last_time, State<f64> rows, State<f64> emitted, Out<T> buy, Out<T> sell, Out<f64> end_index,
                      OptionalOut<i64> out_start, OptionalOut<i64> out_end, OptionalOut<T> last_price) {
  Tape<T> tape{.time = time.data,
               .price = price.data,
               .buy = buy.data,
               .sell = sell.data,
               .last_price = last_price.data,
               .end_index = end_index.data,
               .start_time = out_start.data,
               .end_time = out_end.data,
               .capacity = buy.length,
               .produced = 0};
  mend_emitted(emitted[0]);
  Open open{{bucket[0], bucket[1], bucket[2]}, start_time[0], bucket[3] > 0};
  Code code = OK;
  const i64 taken = buy_fraction ? fill(Fractions<T>{size.data, buy_fraction.data}, size.length, bucket_volume, rows[0], open, emitted[0], tape, code)
                                 : fill(SignedSizes<T>{size.data, size.length >= 8192 ? size.length : 0}, size.length, bucket_volume, rows[0], open,
                                        emitted[0], tape, code);
  bucket[0] = open.now.sum, bucket[1] = open.now.error, bucket[2] = open.now.buy, bucket[3] = open.started;
  start_time[0] = open.begun;
  rows[0] += static_cast<f64>(taken);
  if (time && taken > 0) last_time[0] = time[taken - 1];
  return code == OK || code == OUTPUT_FULL ? took(taken, tape.produced) : refuse(code, names.input("size"), taken, tape.produced);
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(volume_buckets)
