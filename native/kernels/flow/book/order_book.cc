// Contract: src/kernels/flow/book/order_book.ts. The same moves of the same arrays, so that states are equal to the bit.
#include "abi/kernel.h"
#include "kernels/flow/parts/levels.h"
#include "kernels/flow/parts/order_table.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "action, order, side, price, size, flags, instrument",
                             .options = "depth, levels, instruments, room, orders, places",
                             .state = "held, ends, horizon, ids, resting, count",
                             .outputs =
                                 "before, place, outcome, crossed, bids, asks, bid, bidSize, ask, askSize, found, rest, levelSide, "
                                 "levelPrice, levelSize"};

enum Action : u8 { ADD = 1, TAKE = 2, DELETE = 3 };
enum Found : u8 { NONE, NEW, KNOWN, BY_LEVEL, UNKNOWN, TWICE, NO_ROOM, LESS_RESTED };

struct Event {
  Action action;
  i64 order;
  i8 side;
  f64 price, size;
  u32 instrument;
};

// What a row does to the level of `side` at `key`; 0: nothing.
struct Change {
  f64 key, change, left;
  i8 side;
  Found found;
};

static Change added(const Orders& orders, const Event& row, i64 most) {
  const f64 key = row.side > 0 ? row.price : -row.price;
  const i64 place = orders.find(row.order, row.instrument);
  if (place >= 0 && orders.taken(place)) return {key, 0, orders.resting[place].size, row.side, TWICE};
  if (place < 0 || orders.count[0] >= static_cast<f64>(most)) return {key, row.size, 0, row.side, NO_ROOM};
  orders.keep(place, row.order, {key, row.size, static_cast<f64>(row.side), static_cast<f64>(row.instrument)});
  return {key, row.size, row.size, row.side, NEW};
}

static Change taken(const Orders& orders, const Event& row) {
  const i64 place = orders.find(row.order, row.instrument);
  if (place < 0 || !orders.taken(place)) {
    if (row.side == 0) return {0, 0, 0, 0, UNKNOWN};
    return {row.side > 0 ? row.price : -row.price, row.size > 0 ? -row.size : 0, 0, row.side, BY_LEVEL};
  }
  Resting& resting = orders.resting[place];
  const f64 part = row.action == DELETE || row.size > resting.size ? resting.size : row.size;
  const Found found = row.action == TAKE && row.size > resting.size ? LESS_RESTED : KNOWN;
  const Change change{resting.key, -part, resting.size - part, static_cast<i8>(resting.side > 0 ? 1 : -1), found};
  resting.size = change.left;
  if (change.left == 0) orders.drop(place);
  return change;
}

Status order_book(In<u8> action, In<i64> order, In<i8> side, In<f64> price, In<f64> size, OptionalIn<u8> flags, OptionalIn<u32> instrument, i32 depth,
                  i32 levels, i32, i32 room, i32 most, i32, State<f64> held, State<f64> ends, State<f64> horizon, State<i64> ids, State<f64> resting,
                  State<f64> count, Out<f64> before, Out<i32> place, Out<u8> outcome, Out<u8> crossed, Out<i32> bids, Out<i32> asks, Out<f64> bid,
                  Out<f64> bid_size, Out<f64> ask, Out<f64> ask_size, Out<u8> found, Out<f64> rest, Out<i8> level_side, Out<f64> level_price,
                  Out<f64> level_size) {
  const i64 line = 4 * static_cast<i64>(room);
  const Orders orders{ids.data, reinterpret_cast<Resting*>(resting.data), count.data, ids.length};
  count[0] = static_cast<f64>(count_of(count[0]));
  const BookOut out{.before = before.data,
                    .place = place.data,
                    .outcome = outcome.data,
                    .crossed = crossed.data,
                    .bids = bids.data,
                    .asks = asks.data,
                    .bid = bid.data,
                    .bid_size = bid_size.data,
                    .ask = ask.data,
                    .ask_size = ask_size.data};
  for (i64 i = 0; i < price.length; i++) {
    const u32 id = instrument ? instrument[i] : 0;
    f64* const own = held.data + id * line;
    Side both[2] = {Side::of(own, ends.data + 4 * i64{id}, room, depth), Side::of(own + 2 * room, ends.data + 4 * i64{id} + 2, room, depth)};
    f64* const fell = horizon.data + 2 * i64{id};
    const i32 flag = flags ? i32{flags[i]} : i32{CLOSES};
    if (flag & RESETS) {
      for (Side& one : both) one.clear(), one.keep();
      fell[0] = fell[1] = nowhere;
      orders.drop_all(id);
    }
    const Event row{static_cast<Action>(action[i]), order[i], side[i], price[i], size[i], id};
    Change change{0, 0, 0, 0, NONE};
    if (row.action == ADD && row.side != 0 && row.size > 0) change = added(orders, row, most);
    if (row.action == TAKE || row.action == DELETE) change = taken(orders, row);
    Told told{0, -1, NOTHING};
    f64 after = 0;
    if (change.change != 0) {
      const i64 which = change.side > 0 ? 0 : 1;
      Side& of = both[which];
      const i64 at = level_at(of, change.key, of.better(change.key));
      const f64 sum = (at < 0 ? 0 : of.sizes[of.first + at]) + change.change;
      after = sum > 0 ? sum : 0;
      i64 better = 0;
      told = set_level(of, fell + which, change.key, after, depth, better);
      of.keep();
    }
    found[i] = change.found;
    rest[i] = change.left;
    level_side[i] = change.change == 0 ? i8{0} : change.side;
    level_price[i] = change.change == 0 ? 0 : change.side > 0 ? change.key : -change.key;
    level_size[i] = after;
    tell(out, i, told, both, fell, flag & CLOSES, levels);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(order_book)
