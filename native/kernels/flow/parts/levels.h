// One side of an order book in a state block: src/kernels/flow/parts/levels.ts says how it lies there. Changes come near the best prices,
// so a level is looked for from there, eight keys at a time, and then by halves.
#pragma once
#include "abi/state_values.h"

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

  // Levels with a key above `key`.
  i64 better(f64 key) const {
    const f64* const worst = keys + first;
    i64 left = count;
    for (i64 tries = 0; tries < 6 && left >= 8; tries++) {
      const f64* const block = worst + left - 8;
      i64 above = 0;
      for (i64 k = 0; k < 8; k++) above += block[k] > key;
      left -= above;
      if (above < 8) return count - left;
    }
    i64 low = 0;
    while (low < left) {
      const i64 middle = (low + left) >> 1;
      if (worst[middle] > key) left = middle;
      else low = middle + 1;
    }
    return count - low;
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
    return count == 0 || keys[first] > horizon ? count : better(horizon);
  }
};

}  // namespace tickforge::TICKFORGE_ISA
