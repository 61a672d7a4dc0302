import { kernel } from "../../../core/call/kernel.js";
import { countCheck } from "../../../core/contract/contract.js";
import { ticks } from "../parts/book_ports.js";
import { answersOfOne, askedBy, Exchange, kinds, mostTaken, reasons, told, types } from "../parts/exchange.js";
import { roomFor, sideOf } from "../parts/levels.js";
import {
  type Answer,
  alarmCount,
  alarms,
  answerNumbers,
  answerTimes,
  later,
  Mailbox,
  never,
  requestNumbers,
  requestTimes,
} from "../parts/mailbox.js";
import { fields, placesFor } from "../parts/order_table.js";
import { OwnSide, ownFields } from "../parts/own_orders.js";
import { sampleTape } from "../parts/sample_tape.js";

const lots = { min: 0, max: 2 ** 53, integer: true } as const;
const latency = { dtype: "f64", shape: ["row"], optional: true, check: countCheck, unit: "ns" } as const;
const constantLatency = { type: "f64", min: 0, max: 2 ** 53, default: 0, unit: "ns" } as const;
const early = -(2n ** 63n);
/** Where a ring begins and how many it holds. */
const ends = (most: string) => ({ dtype: "f64", shape: [2], check: { min: 0, upTo: most, integer: true } }) as const;
const exact = { f64: { exact: true }, f32: { exact: true } } as const;
/** Kinds of rows that mean nothing without a side. */
const needsSide = (kind: number) =>
  kind === kinds.level ||
  kind === kinds.trade ||
  kind === kinds.add ||
  (kind >= kinds.submit && kind < kinds.cancel) ||
  kind === kinds.watch;

/** A recorded market and own requests in the order of time in; what the trader is told, fills among it, out. One instrument. */
export const matching = kernel({
  name: "matching",
  rows: "row",
  produces: "event",
  doc:
    "Own orders in a recorded market: rows of the market and own requests in, acknowledgements and fills out as they are told, with latencies, " +
    "queue positions and fees. The market's rows stay as they were recorded; whatever a fill hangs on is taken against the trader.",
  source:
    "Rigtorp (2013), Estimating order queue position (power); Huang & Polak (2011), LOBSTER (orders by id); risk-averse: what trades print moves the queue alone",
  inputs: {
    time: {
      dtype: "i64",
      shape: ["row"],
      check: { ascending: "lastTime" },
      expects: "a time up to which answers find room: more are on their way than the option answers says",
      unit: "ns UTC",
      doc: "when it happened at the venue, of a request when it was sent; never falling, nor before what was told last. Rows of one time happen in their order",
    },
    kind: {
      dtype: "u8",
      shape: ["row"],
      check: { min: 0, max: kinds.watch },
      unit: "code",
      doc:
        "of the market: 0 time passes, 1 a level holds `size` now, 2 a trade, 3 the book is cleared, 4 an order comes, 5 is executed, 6 is cut by " +
        "`size`, 7 is deleted; own orders: 8 limit, rests; 9 market; 10 limit that only makes; 11 limit of which the rest goes at once (IOC); 12 " +
        "limit at once and whole or not at all (FOK); 13 cancel; 14 replace by price and size left, 15 the same and only makes; 16 wake at the time " +
        "in `order`, 17 wake when the best price of `side` is `price` or better",
    },
    order: {
      dtype: "i64",
      shape: ["row"],
      expects: "an order that does not rest yet, and no more of them than the option orders says",
      unit: "id",
      doc: "order of the market (4 to 7) or own one (8 to 15), ids apart; of 16 a time in ns",
    },
    side: {
      dtype: "i8",
      shape: ["row"],
      check: { min: -1, max: 1 },
      expects: "+1 or -1, and 0 only where the row's kind has no side",
      unit: "sign",
      doc: "+1 bid or buyer, -1 ask or seller, of a trade its aggressor; 0 where the kind has none. Orders that are known need none",
    },
    price: { dtype: "f64", shape: ["row"], check: ticks, unit: "ticks", doc: "whole ticks within 2^53; of a market order not read" },
    size: { dtype: "f64", shape: ["row"], check: lots, unit: "lots", doc: "whole lots" },
    delay: {
      ...latency,
      doc: "how long this row takes: a request to the venue, instead of entryLatency; one of the market to the trader, instead of feedLatency",
    },
    answer: { ...latency, doc: "how long all that is told of the request of this row takes back, instead of answerLatency" },
  },
  params: {
    depth: { type: "i32", min: 1, max: 1_000_000, default: 1000, unit: "levels", doc: "levels held of each side; the worst falls off" },
    room: {
      type: "i32",
      min: 0,
      default: 0,
      derived: ({ depth }: Readonly<Record<string, any>>): number => roomFor(depth),
      doc: "places for levels of one side: depth, and half as many to move in",
    },
    orders: {
      type: "i32",
      min: 1,
      max: 50_000_000,
      default: 1000,
      unit: "orders",
      doc: "orders of the market that rest, where they come by id",
    },
    places: {
      type: "i32",
      min: 0,
      default: 0,
      derived: ({ orders }: Readonly<Record<string, any>>): number => placesFor(orders),
      doc: "places for orders: a power of two, twice as many at least",
    },
    own: {
      type: "i32",
      min: 1,
      max: 100_000,
      default: 64,
      unit: "orders",
      doc: "own orders that rest on a side, and requests on their way",
    },
    answers: { type: "i32", min: 1, max: 1_000_000, default: 1024, unit: "answers", doc: "answers on their way to the trader" },
    queue: {
      type: "enum",
      values: ["risk_averse", "power", "exact"],
      default: "risk_averse",
      doc:
        "what moves an own order up: trades at its price alone; also a share of what is cancelled, b^power / (b^power + a^power) of it behind, of a " +
        "lots ahead and b behind; or the very orders ahead, for orders by id",
    },
    power: { type: "i32", min: 1, max: 16, default: 3, doc: "of queue 'power'" },
    beyond: {
      type: "enum",
      values: ["unknown", "empty"],
      default: "unknown",
      doc:
        "what lies beyond the worst level held: unknown, so that an own order there waits until its level is told or prices trade through it; " +
        "empty, so that it is the first. Trades without a book fill when they print beyond the price, or at it",
    },
    entryLatency: { ...constantLatency, doc: "how long a request takes to the venue" },
    answerLatency: { ...constantLatency, doc: "how long an answer takes back" },
    feedLatency: { ...constantLatency, doc: "how long a row of the market takes to the trader: delays kind 17 and everyRows" },
    everyRows: { type: "i32", min: 0, default: 0, unit: "rows", doc: "wake after so many rows of the market; 0: never" },
    stop: {
      type: "enum",
      values: ["never", "told"],
      default: "never",
      doc: "told: an execution of a bound kernel ends behind what is told at one time, so that requests of that time can follow; results are the same",
    },
    tick: { type: "f64", above: 0, default: 1, unit: "price", doc: "a tick, for fees" },
    lot: { type: "f64", above: 0, default: 1, unit: "volume", doc: "a lot, for fees" },
    maker: { type: "f64", min: -1000, max: 1000, default: 0, doc: "fee of a fill that rested; below 0 a rebate" },
    taker: { type: "f64", min: -1000, max: 1000, default: 0, doc: "fee of a fill that took" },
    feeOf: { type: "enum", values: ["value", "size"], default: "value", doc: "what fees are a share of: price times volume, or volume" },
  },
  state: {
    held: {
      dtype: "f64",
      shape: [4, "room"],
      unit: "mixed",
      doc: "bid prices, bid sizes, negative ask prices, ask sizes; the best level last",
    },
    ends: { dtype: "f64", shape: [4], check: { min: 0, upTo: "room", integer: true }, unit: "places", doc: "where levels begin, how many" },
    horizon: { dtype: "f64", shape: [2], init: Number.NEGATIVE_INFINITY, unit: "ticks", doc: "best bid, best negative ask that fell off" },
    ids: { dtype: "i64", shape: ["places"], unit: "id", doc: "ids of the market's orders, where their hash leads" },
    resting: {
      dtype: "f64",
      shape: ["places", fields],
      places: { 2: { min: -(2 ** 53), max: 2 ** 53, integer: true }, 3: { min: 0, max: 0 } },
      unit: "mixed",
      doc: "of each: price times side, lots left, rank by time times side (0: the place is free), 0",
    },
    count: { dtype: "f64", shape: [1], check: countCheck, unit: "orders", doc: "orders of the market that rest" },
    taken: { dtype: "f64", shape: [2, mostTaken, 2], unit: "mixed", doc: "levels of which own orders took: price times side, lots" },
    takenCount: {
      dtype: "f64",
      shape: [2],
      check: { min: 0, max: mostTaken, integer: true },
      unit: "levels",
      doc: "how many of each side",
    },
    ownIds: { dtype: "i64", shape: [2, "own"], unit: "id", doc: "own orders that rest, the best price and the earliest first" },
    ownOrders: {
      dtype: "f64",
      shape: [2, "own", ownFields],
      places: { 5: countCheck },
      unit: "mixed",
      doc: "of each: price times side, lots left, lots ahead, lots printed since its level was told, rank by time, ns to answer",
    },
    ownCount: { dtype: "f64", shape: [2], check: { min: 0, upTo: "own", integer: true }, unit: "orders", doc: "how many of each side" },
    requestTimes: { dtype: "i64", shape: ["own", requestTimes], unit: "mixed", doc: "ring of requests on their way: arrival, id" },
    requests: {
      dtype: "f64",
      shape: ["own", requestNumbers],
      places: { 0: { min: 0, max: kinds.replace, integer: true }, 4: { min: 0, max: types.whole, integer: true }, 5: countCheck },
      unit: "mixed",
      doc: "kind, side, price, size, type, ns to answer",
    },
    requestEnds: { ...ends("own"), unit: "requests", doc: "where the first lies, how many there are" },
    answerTimes: { dtype: "i64", shape: ["answers", answerTimes], unit: "mixed", doc: "ring of answers on their way: told, happened, id" },
    answered: {
      dtype: "f64",
      shape: ["answers", answerNumbers],
      places: {
        0: { min: 0, max: told.woken, integer: true },
        1: { min: 0, max: reasons.noSize, integer: true },
        6: { min: 0, max: 1, integer: true },
      },
      unit: "mixed",
      doc: "their numbers, in the order of the outputs behind `order`",
    },
    answerEnds: { ...ends("answers"), unit: "answers", doc: "where the first lies, how many there are" },
    channel: { dtype: "i64", shape: [2], init: early, unit: "ns UTC", doc: "when the last request arrives, when the last answer is told" },
    alarms: {
      dtype: "i64",
      shape: [alarmCount],
      init: never,
      unit: "ns UTC",
      doc: "when the trader is woken: timer, best bid, best ask, rows",
    },
    watched: {
      dtype: "f64",
      shape: [2],
      init: Number.POSITIVE_INFINITY,
      unit: "ticks",
      doc: "bid from which on, negative ask from which on",
    },
    account: { dtype: "f64", shape: [3], unit: "mixed", doc: "position in lots, cash in ticks times lots without fees, fees" },
    counts: {
      dtype: "f64",
      shape: [4],
      check: countCheck,
      unit: "mixed",
      doc: "last rank by time, rows, rows since an alarm, whether the next row is in the book",
    },
    lastTime: { dtype: "i64", shape: [1], init: early, unit: "ns UTC", doc: "time of the last row, or of what was told last" },
  },
  outputs: {
    time: { dtype: "i64", shape: ["event"], unit: "ns UTC", doc: "when the trader is told; never falling" },
    happened: { dtype: "i64", shape: ["event"], unit: "ns UTC", doc: "when it happened at the venue" },
    order: { dtype: "i64", shape: ["event"], unit: "id", doc: "own order; of 6 which alarm: 0 timer, 1 best bid, 2 best ask, 3 rows" },
    kind: {
      dtype: "u8",
      shape: ["event"],
      unit: "code",
      doc: "1 accepted: rests, 2 filled, 3 cancelled, 4 rejected, 5 replaced: rests, 6 woken",
    },
    reason: {
      dtype: "u8",
      shape: ["event"],
      unit: "code",
      doc: "0 asked for, 1 no such order, 2 its id rests, 3 would take, 4 no room, 5 the rest of an order that does not rest, 6 not to be had whole, 7 no size",
    },
    side: { dtype: "i8", shape: ["event"], unit: "sign", doc: "+1 buy, -1 sell; of 6 0" },
    price: { dtype: "f64", shape: ["event"], unit: "ticks", doc: "of the fill, else of the order" },
    size: { dtype: "f64", shape: ["event"], unit: "lots", doc: "filled; 0 where nothing was" },
    left: { dtype: "f64", shape: ["event"], unit: "lots", doc: "left of the order then" },
    maker: { dtype: "u8", shape: ["event"], unit: "flag", doc: "1: a fill that rested" },
    fee: { dtype: "f64", shape: ["event"], unit: "price times volume, or volume", doc: "fee of the fill; below 0 a rebate" },
    queue: { dtype: "f64", shape: ["event"], unit: "lots", doc: "lots of the market ahead of the order then; Infinity: not known" },
    position: { dtype: "f64", shape: ["event"], unit: "lots", doc: "lots held when it happened" },
    cash: {
      dtype: "f64",
      shape: ["event"],
      unit: "ticks times lots",
      doc: "what all fills so far brought, without fees; whole within 2^53",
    },
    fees: { dtype: "f64", shape: ["event"], unit: "as fee", doc: "all fees so far" },
    row: { dtype: "f64", shape: ["event"], unit: "row", doc: "row of the tape, counted from its first, that it happened before or with" },
  },
  compare: {
    ...{ time: exact, happened: exact, order: exact, kind: exact, reason: exact, side: exact, price: exact, size: exact, left: exact },
    ...{ maker: exact, fee: exact, queue: exact, position: exact, cash: exact, fees: exact, row: exact },
  },
  refuse: ({ own, answers }) =>
    answers < 2 * own + answersOfOne ? `answers is ${answers}: own ${own} needs ${2 * own + answersOfOne} at least` : undefined,
  cost: ({ row = 0 }) => ({ flops: 20 * row, bytes: 34 * row }),
  reference({ in: given, params, state, out }) {
    const { time, kind, order, side, price, size, delay, answer } = given;
    const { depth, room, own: most, queue, power, beyond, orders, tick, lot, maker, taker, feeOf } = params;
    const sides = [sideOf(state.held, state.ends, room, 0, 0), sideOf(state.held, state.ends, room, 0, 1)] as const;
    const ownOf = (which: 0 | 1) =>
      new OwnSide(
        which === 0 ? 1 : -1,
        state.ownIds.subarray(which * most, (which + 1) * most),
        state.ownOrders.subarray(which * most * ownFields, (which + 1) * most * ownFields),
        state.ownCount,
      );
    const mail = new Mailbox({ ...state, answers: state.answered }, params.answers, most);
    const terms = { depth, queue, power, beyond, marketOrders: orders, tick, lot, maker, taker, feeOf };
    const exchange = new Exchange(terms, state, sides, [ownOf(0), ownOf(1)], state, mail);
    const { counts, lastTime } = state;
    const stops = params.stop === "told";
    let produced = 0;

    const woken = (when: bigint, alarm: number): Answer => {
      const [position, cash, fees] = state.account;
      return {
        ...{ told: when, happened: when, id: BigInt(alarm), kind: told.woken, reason: reasons.none, side: 0, price: 0, size: 0, left: 0 },
        ...{ maker: 0, fee: 0, queue: 0, position: position!, cash: cash!, fees: fees!, row: counts[1]! },
      };
    };
    const write = ({ told: when, happened, id, ...numbers }: Answer): void => {
      out.time[produced] = when;
      out.happened[produced] = happened;
      out.order[produced] = id;
      for (const [name, value] of Object.entries(numbers)) (out[name as "price"] as Float64Array)[produced] = value;
      produced++;
    };
    /** All that happens up to `now` beside rows; how it ended. */
    const settle = (now: bigint): "done" | "full" | "stop" | "noRoom" => {
      for (;;) {
        const next = mail.nextTold;
        if (mail.arrives(now) && mail.nextArrival <= next) {
          if (!exchange.roomy) return "noRoom";
          const { time: arrival, request } = mail.receive();
          exchange.arrive(arrival, request);
          continue;
        }
        if (next > now || next === never) return "done";
        if (produced === out.time.length) return "full";
        const said = mail.take(next);
        write(typeof said === "number" ? woken(next, said) : said);
        if (next > lastTime[0]!) lastTime[0] = next;
        if (stops && mail.nextTold > next) return "stop";
      }
    };
    /** What a row of the trader sends, or sets. */
    const request = (i: number): void => {
      const now = time[i]!;
      const way = side[i]! > 0 ? 0 : 1;
      if (kind[i] === kinds.wake) state.alarms[alarms.timer] = order[i]! > now ? order[i]! : now;
      else if (kind[i] === kinds.watch) exchange.watch(way, side[i]! * price[i]!, now, delay ? delay[i]! : params.feedLatency);
      else {
        const asked = { ...askedBy(kind[i]!), id: order[i]!, side: side[i]!, price: price[i]!, size: size[i]! };
        const one = { ...asked, answer: answer ? answer[i]! : params.answerLatency };
        if (mail.requestsFull) exchange.turnAway(now, one);
        else mail.send(later(now, delay ? delay[i]! : params.entryLatency), one);
      }
    };
    const refused = (input: string, row: number) => ({ consumed: row, produced, refused: { code: "badValue" as const, input, row } });

    for (let i = 0; i < time.length; i++) {
      const now = time[i]!;
      if (counts[3] === 0) {
        if (side[i] === 0 && needsSide(kind[i]!)) return refused("side", i);
        const ended = settle(now);
        if (ended === "noRoom" || (ended === "done" && !exchange.roomy)) return refused("time", i);
        if (ended !== "done") return { consumed: i, produced };
        if (kind[i] === kinds.add && size[i]! > 0 && !exchange.takes(order[i]!)) return refused("order", i);
        if (kind[i]! >= kinds.submit) request(i);
        else {
          const feed = delay ? delay[i]! : params.feedLatency;
          exchange.row(kind[i]!, now, order[i]!, side[i]!, price[i]!, size[i]!, feed);
          exchange.countRow(params.everyRows, now, feed);
        }
        lastTime[0] = now;
        counts[3] = 1;
      }
      const ended = settle(now);
      if (ended === "full" || ended === "noRoom") return ended === "full" ? { consumed: i, produced } : refused("time", i);
      counts[3] = 0;
      counts[1]!++;
      if (ended === "stop") return { consumed: i + 1, produced };
    }
    return { consumed: time.length, produced };
  },
  sample: ({ row = 0 }, random, params, without) => sampleTape(row, random, params, without),
  golden: [
    {
      source:
        "hand calculation: a bid behind five lots, two trades that reach it, one through it; a sale that takes nine lots of ten at once; cancelled, twice",
      inputs: {
        time: [1n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n],
        kind: [1, 1, 8, 2, 1, 2, 2, 11, 13, 13],
        order: [0n, 0n, 7n, 0n, 0n, 0n, 0n, 8n, 7n, 7n],
        side: [1, -1, 1, -1, 1, -1, -1, -1, 0, 0],
        price: [100, 102, 100, 100, 100, 100, 99, 100, 0, 0],
        size: [5, 3, 4, 3, 9, 4, 1, 10, 0, 0],
      },
      options: { maker: -0.5, taker: 1, feeOf: "size" },
      outputs: {
        time: [2n, 5n, 6n, 7n, 7n, 8n, 9n],
        happened: [2n, 5n, 6n, 7n, 7n, 8n, 9n],
        order: [7n, 7n, 7n, 8n, 8n, 7n, 7n],
        kind: [1, 2, 2, 2, 3, 3, 4],
        reason: [0, 0, 0, 0, 5, 0, 1],
        side: [1, 1, 1, -1, -1, 1, 0],
        price: [100, 100, 100, 100, 100, 100, 0],
        size: [0, 2, 1, 9, 0, 0, 0],
        left: [4, 2, 1, 1, 1, 1, 0],
        maker: [0, 1, 1, 0, 0, 0, 0],
        fee: [0, -1, -0.5, 9, 0, 0, 0],
        queue: [5, 0, 0, 0, 0, 0, 0],
        position: [0, 2, 3, -6, -6, -6, -6],
        cash: [0, -200, -300, 600, 600, 600, 600],
        fees: [0, -1, -1.5, 7.5, 7.5, 7.5, 7.5],
        row: [2, 5, 6, 7, 7, 8, 9],
      },
      relative: 0,
    },
    {
      source:
        "hand calculation: orders by id; ten lots ahead on arrival, one cut and nine executed before it, two gone behind it; a fill that is faster than the cancel on its way",
      inputs: {
        time: [0n, 0n, 5n, 12n, 20n, 21n, 22n, 30n, 31n, 31n, 31n, 33n, 50n],
        kind: [4, 8, 4, 4, 6, 7, 13, 5, 5, 4, 5, 0, 0],
        order: [1n, 1n, 2n, 3n, 1n, 3n, 1n, 1n, 2n, 4n, 4n, 0n, 0n],
        side: [1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        price: [50, 50, 50, 50, 0, 0, 0, 0, 0, 50, 0, 0, 0],
        size: [4, 3, 6, 2, 1, 0, 0, 3, 6, 5, 2, 0, 0],
      },
      options: { queue: "exact", entryLatency: 10, answerLatency: 5 },
      outputs: {
        time: [15n, 36n, 37n],
        happened: [10n, 31n, 32n],
        order: [1n, 1n, 1n],
        kind: [1, 2, 3],
        reason: [0, 0, 0],
        side: [1, 1, 1],
        price: [50, 50, 50],
        size: [0, 2, 0],
        left: [3, 1, 1],
        maker: [0, 1, 0],
        fee: [0, 0, 0],
        queue: [10, 0, 0],
        position: [0, 2, 2],
        cash: [0, -100, -100],
        fees: [0, 0, 0],
        row: [3, 10, 11],
      },
      relative: 0,
    },
    {
      source:
        "hand calculation: eight lots ahead and four behind, of three cancelled two thirds are ahead; orders that would take, find too little, enough, nothing; alarms",
      inputs: {
        time: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, 11n, 12n, 120n],
        kind: [1, 8, 1, 1, 14, 1, 10, 12, 12, 9, 16, 17, 0],
        order: [0n, 1n, 0n, 0n, 1n, 0n, 2n, 3n, 4n, 5n, 100n, 0n, 0n],
        side: [1, 1, 1, 1, 0, -1, 1, 1, 1, 1, 0, -1, 0],
        price: [100, 100, 100, 100, 100, 101, 101, 101, 101, 0, 0, 101, 0],
        size: [8, 2, 12, 9, 1, 3, 1, 4, 3, 1, 0, 0, 0],
      },
      options: { queue: "power", power: 1 },
      outputs: {
        time: [2n, 5n, 7n, 8n, 9n, 10n, 12n, 100n],
        happened: [2n, 5n, 7n, 8n, 9n, 10n, 12n, 100n],
        order: [1n, 1n, 2n, 3n, 4n, 5n, 2n, 0n],
        kind: [1, 5, 4, 3, 2, 3, 6, 6],
        reason: [0, 0, 3, 6, 0, 5, 0, 0],
        side: [1, 1, 1, 1, 1, 1, 0, 0],
        price: [100, 100, 101, 101, 101, 0, 0, 0],
        size: [0, 0, 0, 0, 3, 0, 0, 0],
        left: [2, 1, 1, 4, 0, 1, 0, 0],
        maker: [0, 0, 0, 0, 0, 0, 0, 0],
        fee: [0, 0, 0, 0, 0, 0, 0, 0],
        queue: [8, 6, 0, 0, 0, 0, 0, 0],
        position: [0, 0, 0, 0, 3, 3, 3, 3],
        cash: [0, 0, 0, 0, -303, -303, -303, -303],
        fees: [0, 0, 0, 0, 0, 0, 0, 0],
        row: [1, 4, 6, 7, 8, 9, 11, 12],
      },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: { row: 0 }, options: { own: 4, answers: 80 }, without: ["delay", "answer"] },
    { dims: { row: 1 }, options: { own: 4, answers: 80 } },
    {
      dims: { row: 1_003 },
      options: { own: 8, answers: 90, depth: 12, maker: -0.0001, taker: 0.0004, tick: 0.01, everyRows: 40 },
      without: ["delay", "answer"],
    },
    {
      dims: { row: 5_003 },
      options: { queue: "power", power: 2, beyond: "empty", own: 30, feeOf: "size", maker: 0.5, taker: 1 },
    },
    {
      dims: { row: 5_003 },
      options: { queue: "exact", entryLatency: 2e6, answerLatency: 1e6, feedLatency: 5e5 },
      without: ["delay", "answer"],
    },
    { dims: { row: 3_001 }, options: { queue: "exact", own: 16, beyond: "empty" } },
  ],
  bench: [
    { dims: { row: 1_000_000 }, options: { own: 256 }, label: "levels and trades, 8 % requests", without: ["delay", "answer"] },
    {
      dims: { row: 1_000_000 },
      options: { own: 256, queue: "exact" },
      label: "orders by id, 8 % requests",
      without: ["delay", "answer"],
    },
  ],
});
