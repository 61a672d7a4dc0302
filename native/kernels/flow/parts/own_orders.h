// Own orders that rest on one side: src/kernels/flow/parts/own_orders.ts says how they lie.
#pragma once
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

struct OwnOrder {
  f64 key, left, ahead, traded, rank, answer;
};

struct OwnSide {
  f64 sign;
  i64* ids;
  OwnOrder* orders;
  f64* kept;
  i64 most, count;

  static OwnSide of(f64 sign, i64* ids, f64* orders, f64* kept, i64 most) {
    return {sign, ids, reinterpret_cast<OwnOrder*>(orders), kept, most, length_of(count_of(*kept), most)};
  }
  void keep() const { *kept = static_cast<f64>(count); }

  i64 find(i64 id) const {
    for (i64 place = 0; place < count; place++)
      if (ids[place] == id) return place;
    return -1;
  }

  void move(i64 to, i64 from) const {
    const size_t moved = static_cast<size_t>(count - from);
    __builtin_memmove(ids + to, ids + from, moved * sizeof(i64));
    __builtin_memmove(orders + to, orders + from, moved * sizeof(OwnOrder));
  }

  // Behind all of its price.
  void insert(i64 id, const OwnOrder& order) {
    i64 place = count;
    while (place > 0 && orders[place - 1].key < order.key) place--;
    move(place + 1, place);
    ids[place] = id;
    orders[place] = order;
    count++;
  }

  void remove(i64 place) {
    move(place, place + 1);
    count--;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
