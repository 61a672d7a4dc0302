// What vpin does with a tape of trades; the reference is src/kernels/flow/toxicity/vpin.ts. Runs of one instrument go through vector
// blocks up to the border of its bucket, the rest row by row; each instrument's running bucket is one cache line. The window
// is summed anew at each bucket: a running difference would drift.
#pragma once
#include "bucket.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "time, price, size, side, instrument, buyFraction, bucketVolumes",
                             .options = "bucketVolume, window, history, instruments, classify",
                             .state = "hot, imbalances, earlier, startTime, lastTime, rows, emitted",
                             .outputs = "vpin, cdf, imbalance, buy, sell, startTime, endTime, endIndex, lastPrice, instrument"};
CHOICE(Classify, given, tick_rule)

constexpr f64 tie = 1e-12;

enum Hot { SUM, ERROR, BUY, STARTED, LAST_PRICE, LAST_SIGN, FILLED, BUY_ERROR, LINE = 8 };

template <class T> struct Sides {
  static constexpr bool cuts_buys = true;
  const T* size;
  const i8* side;
  f64 volume(i64 i) const { return static_cast<f64>(size[i]); }
  f64 fraction(i64 i) const { return 0.5 + 0.5 * side[i]; }
  void read(i64 i, f64x8& volume, f64x8& buy) const {
    volume = load<f64x8>(size + i);
    buy = select_by_sign(side + i, volume, 0.5 * volume);
  }
};

template <class T> struct Shares {
  static constexpr bool cuts_buys = true;
  const T *size, *buy_fraction;
  f64 volume(i64 i) const { return static_cast<f64>(size[i]); }
  f64 fraction(i64 i) const { return static_cast<f64>(buy_fraction[i]); }
  void read(i64 i, f64x8& volume, f64x8& buy) const {
    volume = load<f64x8>(size + i);
    buy = volume * load<f64x8>(buy_fraction + i);
  }
};

template <class T> struct Trades {
  const T* size;
  const i8* side;
  const T* buy_fraction;
  i64 count, instruments;
  bool by_tick_rule;
};

template <class T> struct Tape {
  const i64* time;
  const T* price;
  const u32* instrument;
  const f64* bucket_volumes;
  f64 bucket_volume;
  i64 window, history;
  f64 *hot, *imbalances, *earlier;
  i64* begun;
  f64 rows, *emitted;
  T *vpin, *cdf, *imbalance, *buy, *sell, *last_price;
  i64 *start_time, *end_time;
  f64* end_index;
  u32* whose;
  i64 room, produced;

  f64 capacity(u32 id) const { return bucket_volumes ? bucket_volumes[id] : bucket_volume; }
};

// VPIN and its rank once a bucket of `id` with this |imbalance| is filled.
template <class T> static void measure(Tape<T>& t, u32 id, f64 share, f64& value, f64& rank) {
  f64& filled = t.hot[LINE * id + FILLED];
  f64* const ring = t.imbalances + t.window * id;
  const i64 closed = count_of(filled);
  ring[closed % t.window] = share;
  filled = static_cast<f64>(closed + 1);
  const i64 before = closed + 1 - t.window;  // values that there were
  value = rank = __builtin_nan("");
  if (before < 0) return;
  f64x8 sums{};
  i64 k = 0;
  for (; k + 8 <= t.window; k += 8) sums += load<f64x8>(ring + k);
  f64 sum = reduce_add(sums);
  for (; k < t.window; k++) sum += ring[k];
  value = sum / static_cast<f64>(t.window);
  if (t.history == 0) return;
  f64* const past = t.earlier + t.history * id;
  const i64 count = before < t.history ? before : t.history;
  i64 below = 0;
  for (i64 j = 0; j < count; j++) below += past[j] <= value + tie;
  rank = static_cast<f64>(below) / static_cast<f64>(count);
  past[before % t.history] = value;
}

// Writes the buckets that row i fills, the first with what buyers took of it; false when the outputs are full: `emitted` then tells how
// far it came.
template <class T> static bool emit(Tape<T>& t, i64 i, u32 id, f64 fraction, const Border& border, f64 first_bought, i64 begun, f64 capacity) {
  for (f64& emitted = *t.emitted; emitted < border.filled; emitted += 1) {
    if (t.produced == t.room) return false;
    const i64 at = t.produced++;
    const bool first = emitted == 0;
    f64 bought = first ? first_bought : fraction * capacity;
    if (bought > capacity) bought = capacity;
    const f64 imbalance = (2 * bought - capacity) / capacity;
    f64 value, rank;
    measure(t, id, __builtin_fabs(imbalance), value, rank);
    t.vpin[at] = static_cast<T>(value);
    t.cdf[at] = static_cast<T>(rank);
    t.imbalance[at] = static_cast<T>(imbalance);
    t.buy[at] = static_cast<T>(bought);
    t.sell[at] = static_cast<T>(capacity - bought);
    t.start_time[at] = first ? begun : t.time[i];
    t.end_time[at] = t.time[i];
    t.end_index[at] = t.rows + static_cast<f64>(i);
    t.last_price[at] = t.price[i];
    t.whose[at] = id;
  }
  *t.emitted = 0;
  return true;
}

// Begins the next bucket of `id` with what row i leaves.
template <class T> static inline void begin_with(Tape<T>& t, i64 i, u32 id, f64 left, f64 fraction) {
  f64* const hot = t.hot + LINE * id;
  hot[SUM] = left, hot[ERROR] = 0, hot[BUY] = fraction * left, hot[BUY_ERROR] = 0;
  hot[STARTED] = left > 0;
  t.begun[id] = t.time[i];
}

// Takes row i; OK, OUTPUT_FULL or TOO_MANY, and in those two cases the instrument's bucket is as before.
template <class T, class Source> static inline Code take(Tape<T>& t, const Source& source, i64 i, u32 id) {
  const f64 volume = source.volume(i);
  if (volume == 0) return OK;
  f64* const hot = t.hot + LINE * id;
  const f64 capacity = t.capacity(id), fraction = source.fraction(i);
  Fill fill{hot[SUM], hot[ERROR], hot[BUY], hot[BUY_ERROR]};
  const f64 over = pour(fill, volume, capacity);
  const bool started = hot[STARTED] > 0;
  if (over < -capacity * dust) {
    add_buy(fill, fraction * volume);
    hot[SUM] = fill.sum, hot[ERROR] = fill.error, hot[BUY] = fill.buy, hot[BUY_ERROR] = fill.buy_error;
    if (!started) hot[STARTED] = 1, t.begun[id] = t.time[i];
    return OK;
  }
  const Border border = cross(over, volume, capacity);
  if (!(border.filled <= most_buckets)) return TOO_MANY;
  add_buy(fill, fraction * border.used);
  if (!emit(t, i, id, fraction, border, fill.buy + fill.buy_error, started ? t.begun[id] : t.time[i], capacity)) return OUTPUT_FULL;
  begin_with(t, i, id, border.left, fraction);
  return OK;
}

// First row from i on that is not of instrument `id`.
inline i64 run_end(const u32* instrument, i64 i, i64 end, u32 id) {
  for (; end - i >= 64; i += 64) {
    u32 other = 0;
    for (i64 k = 0; k < 64; k++) other |= instrument[i + k] ^ id;
    if (other) break;
  }
  while (i < end && instrument[i] == id) i++;
  return i;
}

// Takes rows i to end, all of one instrument; returns the first row not taken.
template <class T, class Source> static i64 take_run(Tape<T>& t, const Source& source, i64 i, i64 end, u32 id, Code& code) {
  f64* const hot = t.hot + LINE * id;
  const f64 capacity = t.capacity(id);
  i64 patience = 0, since = 0;  // rows taken one by one before the next try of many at once; rows since the last border
  for (; i < end; i++, since++) {
    if (patience > 0) {
      patience--;
    } else if (hot[STARTED] > 0) {
      Fill now{hot[SUM], hot[ERROR], hot[BUY], hot[BUY_ERROR]};
      const i64 next = add_below_border(source, i, end, capacity, now);
      hot[SUM] = now.sum, hot[ERROR] = now.error, hot[BUY] = now.buy, hot[BUY_ERROR] = now.buy_error;
      since += next - i;
      i = next;
      if (i == end) break;
    }
    const f64 filled = hot[FILLED];
    if ((code = take(t, source, i, id)) != OK) return i;
    if (hot[FILLED] != filled) patience = since < 12 ? 24 : 0, since = 0;
  }
  return i;
}

// Takes rows i to i + mixed - 1 of any instruments while each stays clear of its border; returns the first row not taken.
constexpr i64 mixed = 32;
template <class T, class Source> static i64 take_mixed(Tape<T>& t, const Source& source, i64 i) {
  const f64* const volumes = t.bucket_volumes;
  const u32* const instrument = t.instrument + i;
  f64* const lines = t.hot;
  const f64 clear = t.bucket_volume * (1 - 1e-9);
  f64 volume[mixed], bought[mixed];
  for (i64 k = 0; k < mixed; k += 8) {
    f64x8 size, part;
    source.read(i + k, size, part);
    store(volume + k, size), store(bought + k, part);
  }
  i64 k = 0;
  for (; k < mixed; k++) {
    f64* const hot = lines + LINE * instrument[k];
    const f64 sum = hot[SUM], total = sum + volume[k], part = total - sum;
    if (!(sum > 0 && total < (volumes ? volumes[instrument[k]] * (1 - 1e-9) : clear))) break;
    hot[ERROR] += (sum - (total - part)) + (volume[k] - part);
    hot[SUM] = total;
    const f64 buy = hot[BUY], buys = buy + bought[k], share = buys - buy;
    hot[BUY_ERROR] += (buy - (buys - share)) + (bought[k] - share);
    hot[BUY] = buys;
  }
  return i + k;
}

// Takes rows i to end; returns the first row not taken.
template <class T, class Source> static i64 fill(Tape<T>& t, const Source& source, i64 i, i64 end, Code& code) {
  if (!t.instrument) return take_run(t, source, i, end, 0, code);
  while (i < end) {
    const u32 id = t.instrument[i];
    if (end - i >= mixed) {
      const bool run = t.instrument[i + 1] == id && t.instrument[i + mixed - 1] == id;
      const i64 stop = run ? run_end(t.instrument, i, end, id) : i;
      if (stop - i >= mixed) {
        i = take_run(t, source, i, stop, id, code);
        if (code != OK) return i;
        continue;
      }
      const i64 next = take_mixed(t, source, i);
      const bool all = next - i == mixed;
      i = next;
      if (all) continue;
    }
    if ((code = take(t, source, i, t.instrument[i])) != OK) return i;
    i++;
  }
  return i;
}

// Signs of rows start to end by the tick rule, and what each instrument's last price and sign were before, to go back to.
template <class T> struct TickRule {
  i8* side;
  f64 *price_before, *sign_before;

  void run(Tape<T>& t, i64 start, i64 end) {
    for (i64 i = start; i < end; i++) {
      f64* const hot = t.hot + LINE * (t.instrument ? t.instrument[i] : 0);
      const f64 price = static_cast<f64>(t.price[i]), last = hot[LAST_PRICE], sign = hot[LAST_SIGN];
      price_before[i - start] = last, sign_before[i - start] = sign;
      const f64 now = last == 0 ? 0 : price > last ? 1 : price < last ? -1 : sign > 0 ? 1 : sign < 0 ? -1 : 0;
      side[i - start] = static_cast<i8>(now);
      hot[LAST_PRICE] = price, hot[LAST_SIGN] = now;
    }
  }
  void undo(Tape<T>& t, i64 start, i64 from, i64 end) {
    for (i64 i = end - 1; i >= from; i--) {
      f64* const hot = t.hot + LINE * (t.instrument ? t.instrument[i] : 0);
      hot[LAST_PRICE] = price_before[i - start], hot[LAST_SIGN] = sign_before[i - start];
    }
  }
};

// The kernel; `pour(tape, trades, code)` takes the rows that it can and tells how many, and why not all.
template <class T, auto pour>
Status vpin_by(In<i64> time, In<T> price, In<T> size, OptionalIn<i8> side, OptionalIn<u32> instrument, OptionalIn<T> buy_fraction,
               OptionalIn<f64> bucket_volumes, f64 bucket_volume, i32 window, i32 history, i32 instruments, Classify classify, State<f64> hot,
               State<f64> imbalances, State<f64> earlier, State<i64> begun, State<i64> last_time, State<f64> rows, State<f64> emitted,
               Out<T> out_vpin, Out<T> cdf, Out<T> imbalance, Out<T> buy, Out<T> sell, Out<i64> start_time, Out<i64> end_time, Out<f64> end_index,
               Out<T> last_price, Out<u32> whose) {
  Tape<T> t{.time = time.data,
            .price = price.data,
            .instrument = instrument.data,
            .bucket_volumes = bucket_volumes.data,
            .bucket_volume = bucket_volume,
            .window = window,
            .history = history,
            .hot = hot.data,
            .imbalances = imbalances.data,
            .earlier = earlier.data,
            .begun = begun.data,
            .rows = rows[0],
            .emitted = emitted.data,
            .vpin = out_vpin.data,
            .cdf = cdf.data,
            .imbalance = imbalance.data,
            .buy = buy.data,
            .sell = sell.data,
            .last_price = last_price.data,
            .start_time = start_time.data,
            .end_time = end_time.data,
            .end_index = end_index.data,
            .whose = whose.data,
            .room = out_vpin.length,
            .produced = 0};
  mend_emitted(emitted[0]);
  Code code = OK;
  const i64 taken = pour(t, Trades<T>{size.data, side.data, buy_fraction.data, size.length, instruments, classify == Classify::tick_rule}, code);
  rows[0] += static_cast<f64>(taken);
  if (taken > 0) last_time[0] = time[taken - 1];
  if (code == OK || code == OUTPUT_FULL) return took(taken, t.produced);
  return refuse(code, names.input("size"), taken, t.produced);
}

}  // namespace tickforge::TICKFORGE_ISA
