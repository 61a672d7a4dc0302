// A venue of which the market's rows are a recording: src/kernels/flow/parts/exchange.ts, move for move, so that states are equal to the bit.
#pragma once
#include "abi/kernel.h"
#include "kernels/flow/parts/levels.h"
#include "kernels/flow/parts/mailbox.h"
#include "kernels/flow/parts/order_table.h"
#include "kernels/flow/parts/own_orders.h"

namespace tickforge::TICKFORGE_ISA {

enum RowKind : u8 {
  CLOCK,
  LEVEL,
  TRADE,
  CLEAR,
  ADD_ORDER,
  TAKE_ORDER,
  CUT_ORDER,
  REMOVE_ORDER,
  SUBMIT,
  CANCEL = 13,
  REPLACE,
  REPLACE_MAKING,
  WAKE,
  WATCH
};
enum OrderType : u8 { LIMIT, MARKET, POST_ONLY, IMMEDIATE, WHOLE };
enum ToldKind : u8 { ACCEPTED = 1, FILLED, CANCELLED_OWN, REJECTED, REPLACED, WOKEN };
enum Reason : u8 { ASKED, NO_SUCH_ORDER, IN_USE, WOULD_TAKE, NO_PLACE, NOT_RESTING, NOT_WHOLE, NO_SIZE };
CHOICE(Queue, risk_averse, power, exact)
CHOICE(Beyond, unknown, empty)
CHOICE(FeeOf, value, size)

constexpr i64 most_taken = 64, answers_of_one = most_taken + 2;
constexpr f64 everywhere = __builtin_inf();

struct Terms {
  i64 depth;
  Queue queue;
  i32 power;
  Beyond beyond;
  i64 market_orders;
  f64 tick, lot, maker, taker;
  FeeOf fee_of;
};

struct Taken {
  f64 key, size;
};

// What an answer is about.
struct Subject {
  i64 id;
  f64 side, price, left, answer;
};

struct Exchange {
  Terms terms;
  f64* horizon;
  Taken* taken;
  f64 *taken_count, *account, *watched, *counts;
  Side sides[2];
  OwnSide own[2];
  Orders orders;
  Mailbox mail;
  i64 last_better[2];

  void keep() const {
    for (const Side& side : sides) side.keep();
    for (const OwnSide& side : own) side.keep();
    mail.keep();
  }
  bool roomy() const { return mail.room_for(own[0].count + own[1].count + answers_of_one); }
  // Whether an order of the market is new, and finds a place.
  bool takes(i64 id) const {
    const i64 place = orders.find(id, 0);
    return place >= 0 && !orders.taken(place) && orders.count[0] < static_cast<f64>(terms.market_orders);
  }

  void tell(i64 time, ToldKind kind, Reason reason, const Subject& of, f64 size, f64 queue, bool maker = false, f64 fee = 0) {
    mail.answer(later(time, of.answer), time, of.id,
                {.kind = static_cast<f64>(kind),
                 .reason = static_cast<f64>(reason),
                 .side = of.side,
                 .price = of.price,
                 .size = size,
                 .left = of.left,
                 .maker = maker ? 1.0 : 0.0,
                 .fee = fee,
                 .queue = queue,
                 .position = account[0],
                 .cash = account[1],
                 .fees = account[2],
                 .row = counts[1]});
  }

  void fill(i64 time, const Subject& of, f64 size, bool maker, f64 queue) {
    const f64 quantity = size * terms.lot * (terms.fee_of == FeeOf::value ? of.price * terms.tick : 1);
    const f64 fee = quantity * (maker ? terms.maker : terms.taker);
    account[0] += of.side * size;
    account[1] -= of.side * of.price * size;
    account[2] += fee;
    tell(time, FILLED, ASKED, of, size, queue, maker, fee);
  }

  // An own order that rests is filled by `size`; whether it is gone.
  bool make(i64 time, i64 which, i64 place, f64 size) {
    OwnSide& side = own[which];
    OwnOrder& order = side.orders[place];
    order.left -= size;
    if (size > 0) fill(time, {side.ids[place], side.sign, side.sign * order.key, order.left, order.answer}, size, true, order.ahead);
    const bool gone = order.left == 0;
    if (gone) side.remove(place);
    return gone;
  }

  static f64 least(f64 a, f64 b) { return a < b ? a : b; }
  static f64 not_below_0(f64 a) { return a > 0 ? a : 0; }

  // Volume sold into (or bought from) a level: what own orders at better prices would have had of it, and those at the front. `rank` of the
  // order of the market that was executed; below 0: none is told.
  void hit(i64 which, f64 key, f64 volume, i64 time, f64 rank) {
    OwnSide& side = own[which];
    f64 left = volume;
    for (i64 place = 0; place < side.count && side.orders[place].key >= key;) {
      OwnOrder& order = side.orders[place];
      f64 size = least(order.left, left);
      if (order.key == key && terms.queue == Queue::exact) {
        const bool first = rank >= 0 && rank < order.rank;
        if (first) order.ahead = not_below_0(order.ahead - volume);
        else if (rank >= 0) order.ahead = 0;
        if (first || order.ahead > 0) size = 0;
      } else if (order.key == key) {
        size = not_below_0(least(__builtin_floor(left - order.ahead), order.left));
        order.ahead -= least(order.ahead, left);
        order.traded += volume;
      }
      left -= size;
      if (!make(time, which, place, size)) place++;
    }
  }

  // New volume of the market at a price that own orders of the other side would have met.
  void meet(i64 which, f64 key, f64 volume, i64 time) {
    OwnSide& side = own[which];
    f64 left = volume;
    while (side.count > 0 && left > 0 && side.orders[0].key + key >= 0) {
      const f64 size = least(side.orders[0].left, left);
      left -= size;
      if (!make(time, which, 0, size)) break;
    }
  }

  // Never further behind than it was, nor than the level is long.
  void moved(OwnOrder& order, f64 before, f64 next) const {
    const f64 ahead = order.ahead, traded = order.traded, cancelled = before - next - traded;
    order.traded = 0;
    if (terms.queue != Queue::power || cancelled < 0 || ahead == everywhere) {
      order.ahead = least(ahead, next);
      return;
    }
    const f64 behind = not_below_0(before - traded - ahead);
    f64 front = 1, back = 1;
    for (i32 i = 0; i < terms.power; i++) front *= ahead, back *= behind;
    const f64 share = front + back > 0 ? back / (front + back) : 1;
    const f64 left = ahead - (1 - share) * cancelled + least(behind - share * cancelled, 0);
    order.ahead = not_below_0(least(least(left, ahead), next));
  }

  // Wakes the trader where the best price of a side is as good as the one watched.
  void look(i64 which, i64 time, f64 feed) const {
    const Side& side = sides[which];
    if (side.count == 0 || !(side.keys[side.first + side.count - 1] >= watched[which])) return;
    watched[which] = everywhere;
    mail.alarms[which == 0 ? BEST_BID : BEST_ASK] = later(time, feed);
  }
  void watch(i64 which, f64 key, i64 time, f64 feed) const {
    watched[which] = key;
    mail.alarms[which == 0 ? BEST_BID : BEST_ASK] = never;
    look(which, time, feed);
  }
  void count_row(i32 every, i64 time, f64 feed) const {
    counts[2] += 1;
    if (every == 0 || counts[2] < every || mail.alarms[ROWS] != never) return;
    counts[2] = 0;
    mail.alarms[ROWS] = later(time, feed);
  }

  void level(i64 which, f64 key, f64 next, i64 time, f64 feed) {
    const Told told = set_level(sides[which], horizon + which, key, next, terms.depth, last_better[which]);
    keep_taken(which, key, next);
    OwnSide& side = own[which];
    for (i64 place = 0; place < side.count && side.orders[place].key >= key; place++)
      if (side.orders[place].key == key) moved(side.orders[place], told.before, next);
    if (next > told.before && told.outcome != BEYOND_DEPTH) meet(1 - which, key, next - told.before, time);
    look(which, time, feed);
  }
  f64 size_at(i64 which, f64 key) const {
    const Side& side = sides[which];
    const i64 at = level_at(side, key, side.better(key));
    return at < 0 ? 0 : side.sizes[side.first + at];
  }

  void add(i64 id, f64 side, f64 key, f64 size, i64 time, f64 feed) {
    const i64 which = side > 0 ? 0 : 1;
    orders.keep(orders.find(id, 0), id, {key, size, side * (counts[0] += 1), 0});
    level(which, key, size_at(which, key) + size, time, feed);
  }

  // Volume of rank `rank` is gone: own orders behind it move up.
  void leave(i64 which, f64 key, f64 size, f64 rank) {
    OwnSide& side = own[which];
    for (i64 place = 0; place < side.count && side.orders[place].key >= key; place++) {
      OwnOrder& order = side.orders[place];
      if (order.key == key && rank < order.rank) order.ahead = not_below_0(order.ahead - size);
    }
  }

  // An order of the market is executed, cut or gone. One from before the tape is ahead of all own ones, at the level that the row names.
  void shrink(RowKind kind, i64 id, f64 side, f64 key, f64 size, i64 time, f64 feed) {
    const i64 place = orders.find(id, 0);
    f64 rank = 0;
    if (place >= 0 && orders.taken(place)) {
      Resting& order = orders.resting[place];
      key = order.key;
      size = kind == REMOVE_ORDER ? order.size : least(size, order.size);
      side = order.side > 0 ? 1 : -1;
      rank = side * order.side;
      order.size -= size;
      if (order.size == 0) orders.drop(place);
    }
    if (side == 0 || size == 0) return;
    const i64 which = side > 0 ? 0 : 1;
    if (kind == TAKE_ORDER) hit(which, key, size, time, rank);
    else if (terms.queue == Queue::exact) leave(which, key, size, rank);
    const f64 before = size_at(which, key);
    if (before > 0) level(which, key, not_below_0(before - size), time, feed);
  }

  void clear() {
    for (Side& side : sides) side.clear();
    horizon[0] = horizon[1] = nowhere;
    taken_count[0] = taken_count[1] = 0;
    orders.drop_all(0);
  }

  // A row of the market.
  void row(RowKind kind, i64 time, i64 id, f64 side, f64 price, f64 size, f64 feed) {
    const i64 which = side > 0 ? 0 : 1;
    const f64 key = side * price;
    if (kind == LEVEL) level(which, key, size, time, feed);
    else if (kind == TRADE) hit(1 - which, -key, size, time, -1);
    else if (kind == CLEAR) clear();
    else if (kind == ADD_ORDER && size > 0) add(id, side, key, size, time, feed);
    else if (kind >= TAKE_ORDER && kind <= REMOVE_ORDER) shrink(kind, id, side, key, size, time, feed);
  }

  i64 taken_places(i64 which) const { return length_of(count_of(taken_count[which]), most_taken); }
  Taken* taken_at(i64 which, f64 key) const {
    Taken* const all = taken + most_taken * which;
    const i64 count = taken_places(which);
    for (i64 i = 0; i < count; i++)
      if (all[i].key == key) return all + i;
    return nullptr;
  }
  f64 taken_of(i64 which, f64 key) const {
    const Taken* const at = taken_at(which, key);
    return at ? at->size : 0;
  }
  // False where no more levels can be remembered.
  bool add_taken(i64 which, f64 key, f64 size) const {
    Taken* at = taken_at(which, key);
    const i64 count = taken_places(which);
    if (!at && count == most_taken) return false;
    if (!at) {
      at = taken + most_taken * which + count;
      *at = {key, 0};
      taken_count[which] = static_cast<f64>(count + 1);
    }
    at->size += size;
    return true;
  }
  // Of a level that holds `size` now no more can have been taken.
  void keep_taken(i64 which, f64 key, f64 size) const {
    Taken* const at = taken_at(which, key);
    if (!at) return;
    at->size = least(at->size, size);
    if (at->size > 0) return;
    const i64 last = taken_places(which) - 1;
    *at = taken[most_taken * which + last];
    taken_count[which] = static_cast<f64>(last);
  }

  // Places of levels, from the best down, that an order with this limit may take: from the end of the side to what this returns.
  i64 lowest_within(i64 which, f64 limit) const {
    const Side& side = sides[which];
    i64 place = side.count;
    while (place > 0 && side.keys[side.first + place - 1] + limit >= 0 && side.keys[side.first + place - 1] > horizon[which]) place--;
    return place;
  }

  // What an order could take, as far as `wanted`.
  f64 reach(i64 which, f64 limit, f64 wanted) const {
    const Side& side = sides[which];
    const i64 low = lowest_within(which, limit);
    f64 sum = 0;
    i64 fresh = most_taken - taken_places(which);
    for (i64 place = side.count - 1; place >= low && sum < wanted; place--) {
      const f64 key = side.keys[side.first + place], gone = taken_of(which, key), size = side.sizes[side.first + place] - gone;
      if (size == 0) continue;
      if (gone == 0 && fresh-- == 0) break;
      sum += size;
    }
    return sum;
  }

  void sweep(i64 time, i64 which, f64 limit, Subject& order) {
    const Side& side = sides[which];
    const i64 low = lowest_within(which, limit);
    for (i64 place = side.count - 1; place >= low && order.left > 0; place--) {
      const f64 key = side.keys[side.first + place], size = side.sizes[side.first + place] - taken_of(which, key);
      if (size == 0) continue;
      const f64 part = least(size, order.left);
      if (!add_taken(which, key, part)) return;
      order.left -= part;
      Subject filled = order;
      filled.price = -order.side * key;
      fill(time, filled, part, false, 0);
    }
  }

  // Lots of the market before an order that comes now.
  f64 ahead(i64 which, f64 key) const {
    const f64 size = size_at(which, key);
    if (size > 0) return size;
    const Side& side = sides[which];
    const bool behind = side.count == 0 || key < side.keys[side.first];
    return key <= horizon[which] || (behind && terms.beyond == Beyond::unknown) ? everywhere : 0;
  }

  // An order at the venue: it takes what it may, and rests or goes.
  void enter(i64 time, ToldKind kind, i64 id, f64 side, const Request& request) {
    const i64 which = side > 0 ? 0 : 1, other = 1 - which;
    const i64 type = count_of(request.type);
    const f64 limit = type == MARKET ? everywhere : side * request.price;
    Subject order{id, side, request.price, request.size, request.answer};
    const Side& against = sides[other];
    if (type == POST_ONLY && against.count > 0 && against.keys[against.first + against.count - 1] + limit >= 0)
      return tell(time, REJECTED, WOULD_TAKE, order, 0, 0);
    if (type == WHOLE && reach(other, limit, request.size) < request.size) return tell(time, CANCELLED_OWN, NOT_WHOLE, order, 0, 0);
    if (type != POST_ONLY) sweep(time, other, limit, order);
    if (order.left == 0) return;
    if (type != LIMIT && type != POST_ONLY) return tell(time, CANCELLED_OWN, NOT_RESTING, order, 0, 0);
    OwnSide& resting = own[which];
    if (resting.count >= resting.most) return tell(time, CANCELLED_OWN, NO_PLACE, order, 0, 0);
    const f64 before = ahead(which, side * request.price);
    resting.insert(id, {side * request.price, order.left, before, 0, counts[0] += 1, request.answer});
    tell(time, kind, ASKED, order, 0, before);
  }

  void turn_away(i64 time, i64 id, const Request& of) { tell(time, REJECTED, NO_PLACE, {id, of.side, of.price, of.size, of.answer}, 0, 0); }

  // What a request does once it is there.
  void arrive(i64 time, i64 id, const Request& request) {
    const i64 kind = count_of(request.kind);
    const Subject asked{id, request.side, request.price, request.size, request.answer};
    i64 which = 0, place = own[0].find(id);
    if (place < 0) which = 1, place = own[1].find(id);
    if (kind != CANCEL && request.size == 0) return tell(time, REJECTED, NO_SIZE, asked, 0, 0);
    if (kind == SUBMIT) {
      if (place >= 0) return tell(time, REJECTED, IN_USE, asked, 0, 0);
      return enter(time, ACCEPTED, id, request.side, request);
    }
    if (place < 0) return tell(time, REJECTED, NO_SUCH_ORDER, asked, 0, 0);
    OwnSide& side = own[which];
    OwnOrder& order = side.orders[place];
    Subject was{id, side.sign, side.sign * order.key, order.left, request.answer};
    if (kind == REPLACE && order.key == side.sign * request.price && request.size <= order.left) {
      order.left = was.left = request.size;
      order.answer = request.answer;
      return tell(time, REPLACED, ASKED, was, 0, order.ahead);
    }
    const f64 before = order.ahead;
    side.remove(place);
    if (kind == REPLACE) return enter(time, REPLACED, id, side.sign, request);
    tell(time, CANCELLED_OWN, ASKED, was, 0, before);
  }
};

}  // namespace tickforge::TICKFORGE_ISA
