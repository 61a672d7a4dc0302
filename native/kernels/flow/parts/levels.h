// One side of an order book in a state block: src/kernels/flow/parts/levels.ts says how it lies there. Changes come near the best prices,
// so a level is looked for there first.
#pragma once
#include "abi/state_values.h"
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

struct Side {
  f64 *keys, *sizes, *ends;
  i64 room, first, count;

  // `depth` and the ends are taken as they can be: nothing is touched outside the room.
  static Side of(f64* held, f64* ends, i64 room, i64 depth) {
    Side side{held, held + room, ends, room, length_of(count_of(ends[0]), room), length_of(count_of(ends[1]), depth)};
    if (side.first + side.count > room) side.first = (room - side.count) >> 1;
    return side;
  }
  void keep() const { ends[0] = static_cast<f64>(first), ends[1] = static_cast<f64>(count); }

  // Levels with a key above `key`: among the sixteen best, else beside those of which the search before told (rows of a message are sorted), else
  // by halves without a branch on what is compared. Where there are fewer than sixteen, what lies before them is none of the book's.
  i64 better(f64 key, i64 before = 0) const {
    const f64* const worst = keys + first;
    i64 left = count;
    if (first + count >= 16) {
      const i64 near = count < 16 ? count : 16;
      const f64* const best = worst + count;
      const u32 all = which_above(best - 8, key) << 8 | which_above(best - 16, key);
      const i64 above = __builtin_popcount(all & (0xffffu << (16 - near)));
      if (above < near || near == count) return above;
      left -= near;
      if (before >= 4 && before + 4 <= count) {
        const i64 beside = __builtin_popcount(which_above(best - before - 4, key));
        if (beside > 0 && beside < 8) return before - 4 + beside;
      }
    }
    const f64* low = worst;
    while (left > 1) {
      const i64 half = left >> 1;
      low += -static_cast<i64>(!(low[half - 1] > key)) & half;
      left -= half;
    }
    if (left == 1 && !(*low > key)) low++;
    return count - (low - worst);
  }

  void move(i64 to, i64 from, i64 end) const {
    const size_t bytes = static_cast<size_t>(end - from) * sizeof(f64);
    __builtin_memmove(keys + to, keys + from, bytes);
    __builtin_memmove(sizes + to, sizes + from, bytes);
  }

  void insert(i64 place, f64 key, f64 size) {
    const bool above = count - place <= place;
    if (above ? first + count == room : first == 0) {
      const i64 middle = (room - count) >> 1;
      move(middle, first, first + count);
      first = middle;
    }
    const i64 at = first + place;
    if (above) move(at + 1, at, first + count);
    else move(first - 1, first, at), first--;
    keys[first + place] = key, sizes[first + place] = size;
    count++;
  }

  void remove(i64 place) {
    const i64 at = first + place;
    if (count - 1 - place <= place) move(at, at + 1, first + count);
    else move(first + 1, first, at), first++;
    count--;
  }

  void clear() { first = room >> 1, count = 0; }

  // Levels better than the best that fell off.
  i64 sure(f64 horizon) const {
    if (count == 0 || keys[first] > horizon) return count;
    return keys[first + count - 1] > horizon ? better(horizon) : 0;
  }
};

enum Flag : i32 { RESETS = 1, CLOSES = 2 };
enum Outcome : u8 { NOTHING, ADDED, CHANGED, REMOVED, NOT_THERE, BEYOND_DEPTH, ADDED_ONE_FELL, OLD };
constexpr f64 nowhere = -__builtin_inf();

struct Told {
  f64 before;
  i64 place;
  Outcome outcome;
};

// Where a level lies, counted from the worst, or -1; `better` levels are before it.
inline i64 level_at(const Side& side, f64 key, i64 better) {
  const i64 place = side.count - better - 1;
  return place >= 0 && side.keys[side.first + place] == key ? place : -1;
}

// Gives a level its size, 0 takes it away. `horizon` (null: nobody asks) becomes the best key that fell off; `last` is what the search found.
inline Told set_level(Side& side, f64* horizon, f64 key, f64 size, i64 depth, i64& last) {
  const i64 better = last = side.better(key, last), at = level_at(side, key, better);
  if (at >= 0) {
    f64& held = side.sizes[side.first + at];
    const Told told{held, better, size == 0 ? REMOVED : CHANGED};
    if (size == 0) side.remove(at);
    else held = size;
    return told;
  }
  if (size == 0) return {0, -1, NOT_THERE};
  i64 place = side.count - better;  // of the first level that is better
  const bool full = side.count >= depth;
  if (full && horizon) {
    const f64 fell = place == 0 ? key : side.keys[side.first];
    *horizon = fell > *horizon ? fell : *horizon;
  }
  if (full && place == 0) return {0, -1, BEYOND_DEPTH};
  if (full) side.first++, side.count--, place--;
  side.insert(place, key, size);
  return {0, better, full ? ADDED_ONE_FELL : ADDED};
}

// The best levels of a side from the best on; NaN behind its last.
inline void write_levels(const Side& side, f64 sign, bool close, i64 levels, f64* price, f64* size) {
  const i64 held = !close ? 0 : side.count < levels ? side.count : levels;
  const i64 best = side.first + side.count - 1;
  for (i64 k = 0; k < held; k++) price[k] = sign * side.keys[best - k], size[k] = side.sizes[best - k];
  for (i64 k = held; k < levels; k++) price[k] = size[k] = __builtin_nan("");
}

struct BookOut {
  f64* before;
  i32* place;
  u8 *outcome, *crossed;
  i32 *bids, *asks;
  f64 *bid, *bid_size, *ask, *ask_size;
};

inline void tell(const BookOut& out, i64 i, const Told& told, const Side* both, const f64* fell, bool close, i64 levels) {
  out.before[i] = told.before;
  out.place[i] = static_cast<i32>(told.place);
  out.outcome[i] = told.outcome;
  out.bids[i] = static_cast<i32>(both[0].sure(fell[0]));
  out.asks[i] = static_cast<i32>(both[1].sure(fell[1]));
  const i64 at = i * levels;
  write_levels(both[0], 1, close, levels, out.bid + at, out.bid_size + at);
  write_levels(both[1], -1, close, levels, out.ask + at, out.ask_size + at);
  out.crossed[i] = out.bid[at] > out.ask[at] ? 2 : out.bid[at] == out.ask[at] ? 1 : 0;
}

}  // namespace tickforge::TICKFORGE_ISA
