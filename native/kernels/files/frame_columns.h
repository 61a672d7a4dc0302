// Rows of a frame on their way into columns, by one or by many that differ in price and size alone. Contract: src/files/frames/feed_frames.ts.
#pragma once
#include "frame_pairs.h"

namespace tickforge::TICKFORGE_ISA {

enum RowKind : u8 { TRADE_ROW, QUOTE_ROW, DEPTH_ROW, DROPPED_ROW, NOTICE_ROW, REFUSED_ROW };
enum RowState : u8 { FIRST_ROW = 1, LAST_ROW = 2, SNAPSHOT = 4, UNTIMED = 8, CLOCK = 16, AGGREGATE = 32, CHECKSUM = 64, NO_LEVEL = 128 };
constexpr u32 no_instrument = 0xFFFFFFFF;
constexpr f64 nan = __builtin_nan("");

struct FrameRow {
  u8 kind, state = 0;
  i8 side = 0;
  u8 price_digits = 0, size_digits = 0;
  u32 instrument = no_instrument, checksum = 0;
  i64 time = 0, id = -1, first = -1, previous = -1;
  f64 price = nan, size = nan, ask = nan, ask_size = nan;
};

template <class T> static inline void fill(Out<T> column, i64 at, i64 count, T value) {
  T* p = column.data + at;
  for (i64 i = 0; i < count; i++) p[i] = value;
}
template <class T> static inline void copy(Out<T> column, i64 at, i64 count, const T* from) {
  __builtin_memcpy(column.data + at, from, static_cast<size_t>(count) * sizeof(T));
}

struct Columns {
  Out<u8> kind, state;
  Out<i8> side;
  Out<u8> price_digits, size_digits;
  Out<u32> instrument, frame, checksum;
  Out<i64> time, received, id, first, previous;
  Out<f64> price, size, ask, ask_size;

  void put(i64 at, const FrameRow& row, u32 of_frame, i64 received_at) const {
    kind[at] = row.kind;
    state[at] = row.state;
    side[at] = row.side;
    price_digits[at] = row.price_digits;
    size_digits[at] = row.size_digits;
    instrument[at] = row.instrument;
    frame[at] = of_frame;
    checksum[at] = row.checksum;
    time[at] = row.time;
    received[at] = received_at;
    id[at] = row.id;
    first[at] = row.first;
    previous[at] = row.previous;
    price[at] = row.price;
    size[at] = row.size;
    ask[at] = row.ask;
    ask_size[at] = row.ask_size;
  }
  // The same row so often, but for price, size and their digits.
  void put(i64 at, i64 count, const FrameRow& row, u32 of_frame, i64 received_at, const Pairs& pairs, i64 pair) const {
    fill(kind, at, count, row.kind);
    fill(state, at, count, row.state);
    fill(side, at, count, row.side);
    copy(price_digits, at, count, pairs.price_digits + pair);
    copy(size_digits, at, count, pairs.size_digits + pair);
    fill(instrument, at, count, row.instrument);
    fill(frame, at, count, of_frame);
    fill(checksum, at, count, row.checksum);
    fill(time, at, count, row.time);
    fill(received, at, count, received_at);
    fill(id, at, count, row.id);
    fill(first, at, count, row.first);
    fill(previous, at, count, row.previous);
    copy(price, at, count, pairs.price + pair);
    copy(size, at, count, pairs.size + pair);
    fill(ask, at, count, row.ask);
    fill(ask_size, at, count, row.ask_size);
  }
};

// Rows of one frame; those before `skip` were given by a call before, those behind `room` will be by the next.
struct Rows {
  const Columns& out;
  i64 base, skip, room;
  u32 frame;
  i64 received;
  i64 count = 0;

  i64 place(i64 row) const { return row >= skip && row - skip < room ? base + row - skip : -1; }
  void add(const FrameRow& row) {
    const i64 at = place(count);
    if (at >= 0) {
      out.put(at, row, frame, received);
      if (count == 0) out.state[at] |= FIRST_ROW;
    }
    count++;
  }
  void add(const FrameRow& row, const Pairs& pairs, i64 pair, i64 more) {
    const i64 from = count < skip ? skip : count, to = count + more < skip + room ? count + more : skip + room;
    if (from < to) {
      out.put(base + from - skip, to - from, row, frame, received, pairs, pair + from - count);
      if (from == 0) out.state[base] |= FIRST_ROW;
    }
    count += more;
  }
  // Bits of the row that was added last, where it lies in this call.
  void mark(u8 bits) const {
    const i64 at = count > 0 ? place(count - 1) : -1;
    if (at >= 0) out.state[at] |= bits;
  }
  void sum(u32 checksum) const {
    const i64 at = place(count - 1);
    if (at >= 0) out.checksum[at] = checksum, out.state[at] |= CHECKSUM;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
