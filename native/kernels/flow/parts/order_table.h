// Resting orders by id in a state block: src/kernels/flow/parts/order_table.ts says how they lie there.
#pragma once
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

struct Resting {
  f64 key, size, side, instrument;
};

struct Orders {
  i64* ids;
  Resting* resting;
  f64* count;
  i64 places;

  bool taken(i64 place) const { return resting[place].side != 0; }

  i64 home(i64 id, u32 instrument) const {
    const u32 low = static_cast<u32>(id), high = static_cast<u32>(static_cast<u64>(id) >> 32);
    const u32 mixed = (low ^ high * 0x9e3779b1u ^ instrument * 0x85ebca6bu) * 0xc2b2ae35u;
    return static_cast<i64>(mixed ^ mixed >> 15) & (places - 1);
  }

  // The place of an order, or the free one where it would lie; -1 where all are taken.
  i64 find(i64 id, u32 instrument) const {
    i64 place = home(id, instrument);
    for (i64 tries = 0; tries < places; tries++, place = (place + 1) & (places - 1)) {
      if (!taken(place)) return place;
      if (ids[place] == id && resting[place].instrument == static_cast<f64>(instrument)) return place;
    }
    return -1;
  }

  void keep(i64 place, i64 id, const Resting& order) const {
    ids[place] = id;
    resting[place] = order;
    count[0] += 1;
  }

  void drop(i64 place) const {
    const i64 mask = places - 1;
    i64 hole = place, next = place;
    for (i64 tries = 0; tries < mask; tries++) {
      next = (next + 1) & mask;
      if (!taken(next)) break;
      const i64 own = home(ids[next], static_cast<u32>(length_of(static_cast<i64>(count_of(resting[next].instrument)), 0xffffffff)));
      if (((next - own) & mask) < ((next - hole) & mask)) continue;
      ids[hole] = ids[next];
      resting[hole] = resting[next];
      hole = next;
    }
    ids[hole] = 0;
    resting[hole] = {};
    count[0] -= 1;
  }

  // Each turn of the inner loop frees a place.
  void drop_all(u32 instrument) const {
    for (i64 place = 0; place < places; place++)
      for (i64 tries = 0; tries < places && taken(place) && resting[place].instrument == static_cast<f64>(instrument); tries++) drop(place);
  }
};

}  // namespace tickforge::TICKFORGE_ISA
