// Contract: src/kernels/flow/book/matching.ts. What meets what is in native/kernels/flow/parts/exchange.h; here is the order of things.
#include "kernels/flow/parts/exchange.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "time, kind, order, side, price, size, delay, answer",
    .options =
        "depth, room, orders, places, own, answers, queue, power, beyond, entryLatency, answerLatency, feedLatency, everyRows, stop, tick, lot, "
        "maker, taker, feeOf",
    .state =
        "held, ends, horizon, ids, resting, count, taken, takenCount, ownIds, ownOrders, ownCount, requestTimes, requests, requestEnds, "
        "answerTimes, answered, answerEnds, channel, alarms, watched, account, counts, lastTime",
    .outputs = "time, happened, order, kind, reason, side, price, size, left, maker, fee, queue, position, cash, fees, row"};
CHOICE(Stop, never, told)

enum class Ended { DONE, FULL, STOP, NO_ROOM };

struct Events {
  i64 *time, *happened, *order;
  u8 *kind, *reason;
  i8* side;
  f64 *price, *size, *left;
  u8* maker;
  f64 *fee, *queue, *position, *cash, *fees, *row;
  i64 room, produced;

  void write(i64 told, i64 when, i64 id, const Answer& one) {
    const i64 at = produced++;
    time[at] = told, happened[at] = when, order[at] = id;
    kind[at] = static_cast<u8>(length_of(count_of(one.kind), WOKEN)), reason[at] = static_cast<u8>(length_of(count_of(one.reason), NO_SIZE));
    side[at] = one.side > 0 ? i8{1} : one.side < 0 ? i8{-1} : i8{0};
    price[at] = one.price, size[at] = one.size, left[at] = one.left;
    maker[at] = one.maker > 0 ? 1 : 0;
    fee[at] = one.fee, queue[at] = one.queue, position[at] = one.position, cash[at] = one.cash, fees[at] = one.fees, row[at] = one.row;
  }
};

// What is told at `told`: the first answer, or the first alarm.
static void take(Exchange& venue, Events& out, i64 told) {
  auto& answers = venue.mail.answers;
  if (answers.count > 0 && answers.times[answers.first].told == told) {
    out.write(told, answers.times[answers.first].happened, answers.times[answers.first].id, answers.numbers[answers.first]);
    return answers.drop();
  }
  i64 alarm = 0;
  while (alarm < ALARMS - 1 && venue.mail.alarms[alarm] != told) alarm++;
  venue.mail.alarms[alarm] = never;
  out.write(told, told, alarm,
            {.kind = WOKEN,
             .reason = 0,
             .side = 0,
             .price = 0,
             .size = 0,
             .left = 0,
             .maker = 0,
             .fee = 0,
             .queue = 0,
             .position = venue.account[0],
             .cash = venue.account[1],
             .fees = venue.account[2],
             .row = venue.counts[1]});
}

// All that happens up to `now` beside rows. Each turn takes a request, an answer or an alarm.
static Ended settle(Exchange& venue, Events& out, i64 now, bool stops, i64& last_time) {
  for (;;) {
    const i64 next = venue.mail.next_told();
    auto& requests = venue.mail.requests;
    if (venue.mail.arrives(now) && venue.mail.next_arrival() <= next) {
      if (!venue.roomy()) return Ended::NO_ROOM;
      const RequestTimes when = requests.times[requests.first];
      const Request request = requests.numbers[requests.first];
      requests.drop();
      venue.arrive(when.arrival, when.id, request);
      continue;
    }
    if (next > now || next == never) return Ended::DONE;
    if (out.produced >= out.room) return Ended::FULL;
    take(venue, out, next);
    last_time = larger(last_time, next);
    if (stops && venue.mail.next_told() > next) return Ended::STOP;
  }
}

static bool needs_side(u8 kind) { return kind == LEVEL || kind == TRADE || kind == ADD_ORDER || (kind >= SUBMIT && kind < CANCEL) || kind == WATCH; }

Status matching(In<i64> time, In<u8> kind, In<i64> order, In<i8> side, In<f64> price, In<f64> size, OptionalIn<f64> delay, OptionalIn<f64> answer,
                i32 depth, i32 room, i32 most_orders, i32, i32 most, i32 most_answers, Queue queue, i32 power, Beyond beyond, f64 entry_latency,
                f64 answer_latency, f64 feed_latency, i32 every_rows, Stop stop, f64 tick, f64 lot, f64 maker, f64 taker, FeeOf fee_of,
                State<f64> held, State<f64> ends, State<f64> horizon, State<i64> ids, State<f64> resting, State<f64> count, State<f64> taken,
                State<f64> taken_count, State<i64> own_ids, State<f64> own_orders, State<f64> own_count, State<i64> request_times,
                State<f64> requests, State<f64> request_ends, State<i64> answer_times, State<f64> answered, State<f64> answer_ends,
                State<i64> channel, State<i64> alarms, State<f64> watched, State<f64> account, State<f64> counts, State<i64> last_time, Out<i64> told,
                Out<i64> happened, Out<i64> id, Out<u8> what, Out<u8> reason, Out<i8> way, Out<f64> at_price, Out<f64> filled, Out<f64> left,
                Out<u8> made, Out<f64> fee, Out<f64> before, Out<f64> position, Out<f64> cash, Out<f64> fees, Out<f64> row) {
  constexpr i64 fields = sizeof(OwnOrder) / sizeof(f64);
  count[0] = static_cast<f64>(count_of(count[0]));
  Exchange venue{.terms = {.depth = depth,
                           .queue = queue,
                           .power = power,
                           .beyond = beyond,
                           .market_orders = most_orders,
                           .tick = tick,
                           .lot = lot,
                           .maker = maker,
                           .taker = taker,
                           .fee_of = fee_of},
                 .horizon = horizon.data,
                 .taken = reinterpret_cast<Taken*>(taken.data),
                 .taken_count = taken_count.data,
                 .account = account.data,
                 .watched = watched.data,
                 .counts = counts.data,
                 .sides = {Side::of(held.data, ends.data, room, depth), Side::of(held.data + 2 * i64{room}, ends.data + 2, room, depth)},
                 .own = {OwnSide::of(1, own_ids.data, own_orders.data, own_count.data, most),
                         OwnSide::of(-1, own_ids.data + most, own_orders.data + fields * most, own_count.data + 1, most)},
                 .orders = {ids.data, reinterpret_cast<Resting*>(resting.data), count.data, ids.length},
                 .mail = {.requests = Ring<RequestTimes, Request>::of(request_times.data, requests.data, request_ends.data, most),
                          .answers = Ring<AnswerTimes, Answer>::of(answer_times.data, answered.data, answer_ends.data, most_answers),
                          .channel = channel.data,
                          .alarms = alarms.data},
                 .last_better = {}};
  Events out{.time = told.data,
             .happened = happened.data,
             .order = id.data,
             .kind = what.data,
             .reason = reason.data,
             .side = way.data,
             .price = at_price.data,
             .size = filled.data,
             .left = left.data,
             .maker = made.data,
             .fee = fee.data,
             .queue = before.data,
             .position = position.data,
             .cash = cash.data,
             .fees = fees.data,
             .row = row.data,
             .room = told.length,
             .produced = 0};
  const bool stops = stop == Stop::told;
  const auto refused = [&](i32 input, i64 at) {
    venue.keep();
    return refuse(BAD_VALUE, input, at, out.produced);
  };
  const auto ended_at = [&](i64 at) {
    venue.keep();
    return took(at, out.produced);
  };

  for (i64 i = 0; i < time.length; i++) {
    const i64 now = time[i];
    const u8 code = kind[i];
    if (counts[3] == 0) {
      if (side[i] == 0 && needs_side(code)) return refused(names.input("side"), i);
      const Ended ended = settle(venue, out, now, stops, last_time[0]);
      if (ended == Ended::NO_ROOM || (ended == Ended::DONE && !venue.roomy())) return refused(names.input("time"), i);
      if (ended != Ended::DONE) return ended_at(i);
      const f64 feed = delay ? delay[i] : feed_latency, sign = side[i];
      if (code == ADD_ORDER && size[i] > 0 && !venue.takes(order[i])) return refused(names.input("order"), i);
      if (code < SUBMIT) {
        venue.row(static_cast<RowKind>(code), now, order[i], sign, price[i], size[i], feed);
        venue.count_row(every_rows, now, feed);
      } else if (code == WAKE) {
        alarms[TIMER] = larger(order[i], now);
      } else if (code == WATCH) {
        venue.watch(sign > 0 ? 0 : 1, sign * price[i], now, feed);
      } else {
        const i32 asked = code < CANCEL ? SUBMIT : code == REPLACE_MAKING ? REPLACE : static_cast<RowKind>(code);
        const Request request{.kind = static_cast<f64>(asked),
                              .side = sign,
                              .price = price[i],
                              .size = size[i],
                              .type = static_cast<f64>(code < CANCEL            ? code - SUBMIT
                                                       : code == REPLACE_MAKING ? POST_ONLY
                                                                                : LIMIT),
                              .answer = answer ? answer[i] : answer_latency};
        if (venue.mail.requests.count >= most) venue.turn_away(now, order[i], request);
        else venue.mail.send(later(now, delay ? delay[i] : entry_latency), order[i], request);
      }
      last_time[0] = now;
      counts[3] = 1;
    }
    const Ended ended = settle(venue, out, now, stops, last_time[0]);
    if (ended == Ended::NO_ROOM) return refused(names.input("time"), i);
    if (ended == Ended::FULL) return ended_at(i);
    counts[3] = 0;
    counts[1] += 1;
    if (ended == Ended::STOP) return ended_at(i + 1);
  }
  return ended_at(time.length);
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(matching)
