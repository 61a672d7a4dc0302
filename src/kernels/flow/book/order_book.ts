import { kernel } from "../../../core/call/kernel.js";
import { countCheck, signCheck } from "../../../core/contract/contract.js";
import { bookCompare, bookOutputs, bookParams, bookState, closes, flagsDoc, resets, ticks } from "../parts/book_ports.js";
import { clear, nothingTold, setLevel, sideOf, sizeAt, type Told, tell } from "../parts/levels.js";
import { dropOrder, dropOrders, fields, keepOrder, type Orders, placeOfOrder, placesFor } from "../parts/order_table.js";
import { sampleOrders } from "../parts/sample_orders.js";

/** `action` of a row. */
const add = 1;
const take = 2;
const remove = 3;
/** What a row's order was. */
const found = { none: 0, added: 1, known: 2, byLevel: 3, unknown: 4, twice: 5, noRoom: 6, lessRested: 7 } as const;

const lots = { min: 0, max: 2 ** 53, integer: true } as const;
const exact = { f64: { exact: true }, f32: { exact: true } } as const;

/** Orders by id in, the levels that they make out; one instrument or many, told apart by an id column. */
export const orderBook = kernel({
  name: "order_book",
  rows: "change",
  doc:
    "Limit order book from single orders: each row adds an order, takes a part of one (an execution, a partial cancel) or deletes one; the level " +
    "that it changes is told as a row for `book`. Orders from before the first row are taken from the level that the row names.",
  source: "Huang & Polak (2011), LOBSTER: Limit Order Book Reconstruction System, section 3",
  inputs: {
    action: {
      dtype: "u8",
      shape: ["change"],
      check: { min: 0, max: 3 },
      unit: "code",
      doc: "1 add an order, 2 take `size` of one, 3 delete one, 0 none of it: flags only. One that is replaced: 3, then 1",
    },
    order: { dtype: "i64", shape: ["change"], unit: "id", doc: "id of the order, one among those of its instrument" },
    side: { dtype: "i8", shape: ["change"], check: signCheck, unit: "sign", doc: "+1 bid, -1 ask, 0 not told: of an order that rests" },
    price: { dtype: "f64", shape: ["change"], check: ticks, unit: "ticks", doc: "price of the order, whole ticks within 2^53" },
    size: { dtype: "f64", shape: ["change"], check: lots, unit: "lots", doc: "whole lots: added, taken, or deleted of one not known" },
    flags: { dtype: "u8", shape: ["change"], optional: true, check: { min: 0, max: 3 }, unit: "bits", doc: flagsDoc },
    instrument: {
      dtype: "u32",
      shape: ["change"],
      optional: true,
      check: { below: "instruments" },
      unit: "id",
      doc: "instrument of each row; 0 for all when left out",
    },
  },
  params: {
    ...bookParams,
    orders: { type: "i32", min: 1, max: 50_000_000, default: 10_000, unit: "orders", doc: "orders remembered of all instruments together" },
    places: {
      type: "i32",
      min: 0,
      default: 0,
      derived: ({ orders }: Readonly<Record<string, any>>): number => placesFor(orders),
      doc: "places for orders: a power of two, twice as many at least",
    },
  },
  state: {
    ...bookState,
    ids: { dtype: "i64", shape: ["places"], unit: "id", doc: "ids of the orders that rest, where their hash leads" },
    resting: {
      dtype: "f64",
      shape: ["places", fields],
      places: { 2: signCheck, 3: countCheck },
      unit: "mixed",
      doc: "of each: price times side, lots left, side (0: the place is free), instrument",
    },
    count: { dtype: "f64", shape: [1], check: countCheck, unit: "orders", doc: "orders that rest" },
  },
  outputs: {
    ...bookOutputs,
    found: {
      dtype: "u8",
      shape: ["change"],
      unit: "code",
      doc:
        "0 no order in the row, 1 added, 2 known, 3 not known: taken from the level that the row names, 4 not known and no level named: nothing " +
        "done, 5 rests already: not added, 6 no room: in its level, not remembered, 7 less rested than was taken: gone",
    },
    rest: { dtype: "f64", shape: ["change"], unit: "lots", doc: "what is left of the order after the row" },
    levelSide: { dtype: "i8", shape: ["change"], unit: "sign", doc: "side of the level that the row changed, 0 for none" },
    levelPrice: { dtype: "f64", shape: ["change"], unit: "ticks", doc: "its price, 0 for none" },
    levelSize: { dtype: "f64", shape: ["change"], unit: "lots", doc: "what it holds now" },
  },
  compare: { ...bookCompare, found: exact, rest: exact, levelSide: exact, levelPrice: exact, levelSize: exact },
  refuse({ instruments }, _how, given) {
    if (given !== undefined && instruments > 1 && !given.has("instrument")) return "instruments > 1 needs the column instrument";
    return undefined;
  },
  cost: ({ change = 0 }, { levels }) => ({ flops: 30 * change, bytes: (120 + 32 * levels) * change }),
  reference({ in: { action, order, side, price, size, flags, instrument }, params: { depth, levels, room, orders: most }, state, out }) {
    const orders: Orders = { ids: state.ids, resting: state.resting, count: state.count };
    for (let i = 0; i < price.length; i++) {
      const id = instrument ? instrument[i]! : 0;
      const sides = [sideOf(state.held, state.ends, room, id, 0), sideOf(state.held, state.ends, room, id, 1)] as const;
      const horizon = state.horizon.subarray(2 * id, 2 * id + 2);
      const flag = flags ? flags[i]! : closes;
      if (flag & resets) {
        for (const one of sides) clear(one);
        horizon.fill(Number.NEGATIVE_INFINITY);
        dropOrders(orders, id);
      }
      const place = placeOfOrder(orders, order[i]!, id);
      const resting = place < 0 ? undefined : state.resting.subarray(fields * place, fields * place + fields);
      const rests = resting !== undefined && resting[2] !== 0;
      const named = side[i] !== 0;
      let [which, key, change, left, told]: [number, number, number, number, number] = [side[i]!, side[i]! * price[i]!, 0, 0, found.none];
      if (action[i] === add && named && size[i]! > 0) {
        const full = place < 0 || orders.count[0]! >= most;
        told = rests ? found.twice : full ? found.noRoom : found.added;
        change = rests ? 0 : size[i]!;
        left = rests ? resting[1]! : told === found.added ? size[i]! : 0;
        if (told === found.added) keepOrder(orders, place, order[i]!, [key, size[i]!, side[i]!, id]);
      } else if ((action[i] === take || action[i] === remove) && rests) {
        const taken = action[i] === remove ? resting[1]! : Math.min(size[i]!, resting[1]!);
        told = action[i] === take && size[i]! > resting[1]! ? found.lessRested : found.known;
        [key, which, change, left] = [resting[0]!, resting[2]!, -taken, resting[1]! - taken];
        resting[1] = left;
        if (left === 0) dropOrder(orders, place);
      } else if (action[i] === take || action[i] === remove) {
        told = named ? found.byLevel : found.unknown;
        change = named ? -size[i]! : 0;
      }
      let row: Told = nothingTold;
      let after = 0;
      if (change !== 0) {
        const of = sides[which > 0 ? 0 : 1];
        after = Math.max(0, sizeAt(of, key) + change);
        row = setLevel(of, key, after, depth, horizon, which > 0 ? 0 : 1);
      }
      out.found[i] = told;
      out.rest[i] = left;
      out.levelSide[i] = change === 0 ? 0 : which;
      out.levelPrice[i] = change === 0 ? 0 : which * key;
      out.levelSize[i] = after;
      tell(out, i, row, sides[0], sides[1], horizon, (flag & closes) !== 0, levels);
    }
    return undefined;
  },
  sample: ({ change = 0 }, random, params, without) => sampleOrders(change, random, params, without),
  golden: [
    {
      source:
        "hand calculation: two orders at one bid, a part taken, one not known taken from its level, one deleted, twice, beyond what rests",
      inputs: {
        action: [1, 1, 1, 2, 2, 3, 1, 2, 3, 0],
        order: [7n, 8n, 9n, 7n, 99n, 8n, 9n, 9n, 55n, 0n],
        side: [1, 1, -1, 0, 1, 0, -1, 0, 0, 0],
        price: [100, 100, 102, 0, 100, 0, 101, 0, 0, 0],
        size: [5, 4, 6, 2, 1, 0, 1, 8, 3, 0],
      },
      options: { depth: 8, orders: 8 },
      outputs: {
        before: [0, 5, 0, 9, 7, 6, 0, 6, 0, 0],
        place: [0, 0, 0, 0, 0, 0, -1, 0, -1, -1],
        outcome: [1, 2, 1, 2, 2, 2, 0, 3, 0, 0],
        crossed: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        bids: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        asks: [0, 0, 1, 1, 1, 1, 1, 0, 0, 0],
        bid: [100, 100, 100, 100, 100, 100, 100, 100, 100, 100],
        bidSize: [5, 9, 9, 7, 6, 2, 2, 2, 2, 2],
        ask: [Number.NaN, Number.NaN, 102, 102, 102, 102, 102, Number.NaN, Number.NaN, Number.NaN],
        askSize: [Number.NaN, Number.NaN, 6, 6, 6, 6, 6, Number.NaN, Number.NaN, Number.NaN],
        found: [1, 1, 1, 2, 3, 2, 5, 7, 4, 0],
        rest: [5, 4, 6, 3, 0, 0, 6, 0, 0, 0],
        levelSide: [1, 1, -1, 1, 1, 1, 0, -1, 0, 0],
        levelPrice: [100, 100, 102, 100, 100, 100, 0, 102, 0, 0],
        levelSize: [5, 9, 6, 7, 6, 2, 0, 0, 0, 0],
      },
      relative: 0,
    },
  ],
  parity: [
    { dims: { change: 0 }, options: { orders: 8 } },
    { dims: { change: 1 }, options: { orders: 8, depth: 20, levels: 3 } },
    { dims: { change: 1_003 }, options: { orders: 50, depth: 5, levels: 2 }, without: ["instrument"] },
    { dims: { change: 5_003 }, options: { orders: 900, depth: 40, levels: 10, instruments: 7 } },
    { dims: { change: 20_011 }, options: { orders: 3_000, depth: 300 }, without: ["flags", "instrument"] },
  ],
  bench: [
    { dims: { change: 1_000_000 }, options: { depth: 1000, orders: 20_000 }, label: "1 instrument, best quotes" },
    { dims: { change: 1_000_000 }, options: { depth: 1000, orders: 200_000, instruments: 1000 }, label: "1,000 instruments at random" },
  ],
});
