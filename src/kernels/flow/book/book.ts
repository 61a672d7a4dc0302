import { kernel } from "../../../core/call/kernel.js";
import { countCheck } from "../../../core/contract/contract.js";
import { clear, insert, placeOf, remove, roomFor, type Side, sideOf } from "../parts/levels.js";
import { sampleChanges } from "../parts/sample_book.js";

/** What a row of `book` did. */
const outcomes = { nothing: 0, added: 1, changed: 2, removed: 3, notThere: 4, beyondDepth: 5, addedOneFell: 6, old: 7 } as const;
/** Bits of a row's `flags`. */
const resets = 1;
const closes = 2;

const ticks = { min: -(2 ** 53), max: 2 ** 53, integer: true } as const;
const ofLevels = { dtype: "f64", shape: ["change", "levels"] } as const;
const unread = "NaN where there is no such level, and in rows that do not close their event";

const none = { key: Number.NaN, size: Number.NaN };
/** The k-th best level of a side. */
const level = ({ keys, sizes, ends }: Side, k: number) => {
  const at = ends[0]! + ends[1]! - 1 - k;
  return k < ends[1]! ? { key: keys[at]!, size: sizes[at]! } : none;
};
/** Levels better than the best that fell off. */
const sure = ({ keys, ends }: Side, horizon: number) => {
  let beyond = 0;
  while (beyond < ends[1]! && keys[ends[0]! + beyond]! <= horizon) beyond++;
  return ends[1]! - beyond;
};

/** Changes of price levels in, the book after each event out; one instrument or many, told apart by an id column. */
export const book = kernel({
  name: "book",
  rows: "change",
  doc:
    "Limit order book by price levels: each row sets the size of one level (0 takes it away), a row that resets clears both sides first. " +
    "Depth is bounded; a crossed book, a level that was not there and one that fell off are told by row, and nothing is repaired.",
  source: "Gould, Porter, Williams, McDonald, Fenn & Howison (2013), Quantitative Finance 13(11), section 3",
  inputs: {
    side: { dtype: "i8", shape: ["change"], check: { min: -1, max: 1 }, unit: "sign", doc: "+1 bid, -1 ask, 0 no level: flags only" },
    price: { dtype: "f64", shape: ["change"], check: ticks, unit: "ticks", doc: "price of the level, whole ticks within 2^53" },
    size: {
      dtype: "f64",
      shape: ["change"],
      check: { min: 0 },
      unit: "volume",
      doc: "what the level holds from now on, >= 0; 0: it is gone",
    },
    flags: {
      dtype: "u8",
      shape: ["change"],
      optional: true,
      check: { min: 0, max: 3 },
      unit: "bits",
      doc: "1: both sides are cleared first (a snapshot begins); 2: last row of its event. Each row is an event where left out",
    },
    sequence: {
      dtype: "f64",
      shape: ["change"],
      optional: true,
      check: countCheck,
      unit: "number",
      doc: "number of the row's event; one not above that of the instrument's last closed event is old and not applied, unless it resets",
    },
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
    depth: { type: "i32", min: 1, max: 1_000_000, default: 1000, unit: "levels", doc: "levels held of each side; the worst falls off" },
    levels: { type: "i32", min: 1, max: 1000, default: 1, unit: "levels", doc: "levels of each side in the results; 1: the best" },
    beyond: {
      type: "enum",
      values: ["unknown", "sent_again"],
      default: "unknown",
      doc: "levels that fell off: unknown from then on, or sent again by the venue as soon as they are within its depth",
    },
    instruments: { type: "i32", min: 1, max: 1_000_000, default: 1, doc: "instruments; ids are 0 to instruments - 1" },
    room: {
      type: "i32",
      min: 0,
      default: 0,
      derived: ({ depth }: Readonly<Record<string, any>>): number => roomFor(depth),
      doc: "places for levels of one side: depth, and half as many to move in",
    },
  },
  state: {
    held: {
      dtype: "f64",
      shape: ["instruments", 4, "room"],
      unit: "mixed",
      doc: "bid prices, bid sizes, negative ask prices, ask sizes; each side ascending, the best level last",
    },
    ends: {
      dtype: "f64",
      shape: ["instruments", 4],
      check: { min: 0, upTo: "room", integer: true },
      unit: "places",
      doc: "where the worst bid lies and how many there are, the same of asks",
    },
    horizon: {
      dtype: "f64",
      shape: ["instruments", 2],
      init: Number.NEGATIVE_INFINITY,
      unit: "ticks",
      doc: "best bid, best negative ask that fell off since the last reset: beyond it the side is not whole",
    },
    last: { dtype: "f64", shape: ["instruments"], init: -1, unit: "number", doc: "sequence of the last closed event, -1 for none" },
  },
  outputs: {
    before: { dtype: "f64", shape: ["change"], unit: "volume", doc: "size of the row's level before it, 0 where it was not held" },
    place: { dtype: "i32", shape: ["change"], unit: "levels", doc: "where the row's level is or was, 0 the best of its side; -1 nowhere" },
    outcome: {
      dtype: "u8",
      shape: ["change"],
      unit: "code",
      doc:
        "0 no level in the row, 1 added, 2 size changed, 3 removed, 4 size 0 of a level that is not there, 5 worse than a full side: not kept, " +
        "6 added and the worst level fell off, 7 old: not applied",
    },
    crossed: {
      dtype: "u8",
      shape: ["change"],
      unit: "code",
      doc: "of rows that close an event: 1 best bid at best ask, 2 above it; else 0",
    },
    bids: { dtype: "i32", shape: ["change"], unit: "levels", doc: "bid levels that are held and better than all that fell off" },
    asks: { dtype: "i32", shape: ["change"], unit: "levels", doc: "ask levels that are held and better than all that fell off" },
    bid: { ...ofLevels, unit: "ticks", doc: `bids from the best down; ${unread}` },
    bidSize: { ...ofLevels, unit: "volume", doc: `their sizes; ${unread}` },
    ask: { ...ofLevels, unit: "ticks", doc: `asks from the best up; ${unread}` },
    askSize: { ...ofLevels, unit: "volume", doc: `their sizes; ${unread}` },
  },
  compare: {
    before: { f64: { exact: true }, f32: { exact: true } },
    place: { f64: { exact: true }, f32: { exact: true } },
    outcome: { f64: { exact: true }, f32: { exact: true } },
    crossed: { f64: { exact: true }, f32: { exact: true } },
    bids: { f64: { exact: true }, f32: { exact: true } },
    asks: { f64: { exact: true }, f32: { exact: true } },
    bid: { f64: { exact: true }, f32: { exact: true } },
    bidSize: { f64: { exact: true }, f32: { exact: true } },
    ask: { f64: { exact: true }, f32: { exact: true } },
    askSize: { f64: { exact: true }, f32: { exact: true } },
  },
  refuse({ instruments }, _how, given) {
    if (given !== undefined && instruments > 1 && !given.has("instrument")) return "instruments > 1 needs the column instrument";
    return undefined;
  },
  cost: ({ change = 0 }, { levels }) => ({ flops: 20 * change, bytes: (52 + 32 * levels) * change }),
  reference({ in: { side, price, size, flags, sequence, instrument }, params: { depth, levels, beyond, room }, state, out }) {
    for (let i = 0; i < price.length; i++) {
      const id = instrument ? instrument[i]! : 0;
      const sides = [sideOf(state.held, state.ends, room, id, 0), sideOf(state.held, state.ends, room, id, 1)] as const;
      const horizon = state.horizon.subarray(2 * id, 2 * id + 2);
      const flag = flags ? flags[i]! : closes;
      if (flag & resets) {
        for (const one of sides) clear(one);
        horizon.fill(Number.NEGATIVE_INFINITY);
        state.last[id] = -1;
      }
      const old = sequence !== undefined && sequence[i]! <= state.last[id]!;
      out.before[i] = 0;
      out.place[i] = -1;
      out.outcome[i] = old ? outcomes.old : outcomes.nothing;
      if (!old && side[i] !== 0) {
        const which = side[i] === 1 ? 0 : 1;
        const { keys, sizes, ends } = sides[which];
        const key = side[i]! * price[i]!;
        let place = placeOf(sides[which], key);
        const at = ends[0]! + place;
        if (place < ends[1]! && keys[at] === key) {
          out.before[i] = sizes[at]!;
          out.place[i] = ends[1]! - 1 - place;
          out.outcome[i] = size[i] === 0 ? outcomes.removed : outcomes.changed;
          if (size[i] === 0) remove(sides[which], place);
          else sizes[at] = size[i]!;
        } else if (size[i] === 0) {
          out.outcome[i] = outcomes.notThere;
        } else {
          const full = ends[1] === depth;
          if (full && beyond === "unknown") horizon[which] = Math.max(horizon[which]!, place === 0 ? key : keys[ends[0]!]!);
          out.outcome[i] = full ? (place === 0 ? outcomes.beyondDepth : outcomes.addedOneFell) : outcomes.added;
          if (full && place > 0) {
            ends[0]!++;
            ends[1]!--;
            place--;
          }
          if (out.outcome[i] !== outcomes.beyondDepth) {
            insert(sides[which], place, key, size[i]!);
            out.place[i] = ends[1]! - 1 - place;
          }
        }
      }
      const close = (flag & closes) !== 0;
      if (close && !old && sequence) state.last[id] = sequence[i]!;
      out.bids[i] = sure(sides[0], horizon[0]!);
      out.asks[i] = sure(sides[1], horizon[1]!);
      for (let k = 0; k < levels; k++) {
        const bid = close ? level(sides[0], k) : none;
        const ask = close ? level(sides[1], k) : none;
        out.bid[i * levels + k] = bid.key;
        out.bidSize[i * levels + k] = bid.size;
        out.ask[i * levels + k] = -ask.key;
        out.askSize[i * levels + k] = ask.size;
      }
      const bid = out.bid[i * levels]!;
      const ask = out.ask[i * levels]!;
      out.crossed[i] = bid > ask ? 2 : bid === ask ? 1 : 0;
    }
    return undefined;
  },
  sample: ({ change = 0 }, random, params, without) => sampleChanges(change, random, params, without),
  golden: [
    {
      source:
        "hand calculation: a snapshot of two and two levels, a level between, one removed that is not there, one removed, a crossed book, a locked one",
      inputs: {
        side: [1, 1, -1, -1, 1, 1, -1, 1, -1, 0],
        price: [100, 99, 102, 103, 101, 98, 102, 103, 104, 0],
        size: [5, 4, 6, 7, 2, 0, 0, 1, 3, 0],
        flags: [1, 0, 0, 2, 2, 2, 0, 2, 2, 3],
        sequence: [10, 10, 10, 10, 11, 12, 13, 13, 13, 5],
      },
      options: { depth: 8, levels: 2 },
      outputs: {
        before: [0, 0, 0, 0, 0, 0, 6, 0, 0, 0],
        place: [0, 1, 0, 1, 0, -1, 0, 0, -1, -1],
        outcome: [1, 1, 1, 1, 1, 4, 3, 1, 7, 0],
        crossed: [0, 0, 0, 0, 0, 0, 0, 1, 1, 0],
        bids: [1, 2, 2, 2, 3, 3, 3, 4, 4, 0],
        asks: [0, 0, 1, 2, 2, 2, 1, 1, 1, 0],
        bid: [
          ...[Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 100, 99, 101, 100],
          ...[101, 100, Number.NaN, Number.NaN, 103, 101, 103, 101, Number.NaN, Number.NaN],
        ],
        bidSize: [
          ...[Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 5, 4, 2, 5],
          ...[2, 5, Number.NaN, Number.NaN, 1, 2, 1, 2, Number.NaN, Number.NaN],
        ],
        ask: [
          ...[Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 102, 103, 102, 103],
          ...[102, 103, Number.NaN, Number.NaN, 103, Number.NaN, 103, Number.NaN, Number.NaN, Number.NaN],
        ],
        askSize: [
          ...[Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 6, 7, 6, 7],
          ...[6, 7, Number.NaN, Number.NaN, 7, Number.NaN, 7, Number.NaN, Number.NaN, Number.NaN],
        ],
      },
      relative: 0,
    },
    {
      source: "hand calculation: two levels a side; the third bid falls off, and what lies beyond it is unknown after the best is gone",
      inputs: {
        side: [1, 1, 1, 1, 1, -1, 1],
        price: [100, 99, 98, 101, 101, 100, 97],
        size: [1, 2, 3, 4, 0, 5, 6],
        instrument: [1, 1, 1, 1, 1, 0, 1],
      },
      options: { depth: 2, levels: 1, instruments: 2 },
      outputs: {
        before: [0, 0, 0, 0, 4, 0, 0],
        place: [0, 1, -1, 0, 0, 0, 1],
        outcome: [1, 1, 5, 6, 3, 1, 1],
        crossed: [0, 0, 0, 0, 0, 0, 0],
        bids: [1, 2, 2, 2, 1, 0, 1],
        asks: [0, 0, 0, 0, 0, 1, 0],
        bid: [100, 100, 100, 101, 100, Number.NaN, 100],
        bidSize: [1, 1, 1, 4, 1, Number.NaN, 1],
        ask: [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 100, Number.NaN],
        askSize: [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 5, Number.NaN],
      },
      relative: 0,
    },
  ],
  parity: [
    { dims: { change: 0 } },
    { dims: { change: 1 }, options: { depth: 20, levels: 3 } },
    { dims: { change: 1_003 }, options: { depth: 5, levels: 2 }, without: ["instrument", "sequence"] },
    { dims: { change: 5_003 }, options: { depth: 40, levels: 10, instruments: 7, beyond: "sent_again" } },
    { dims: { change: 5_003 }, options: { depth: 300, instruments: 2 }, without: ["flags"] },
    { dims: { change: 1_003 }, options: { depth: 1, levels: 1 }, without: ["flags", "sequence", "instrument"] },
    { dims: { change: 20_011 }, options: { depth: 120, levels: 5 }, without: ["instrument"] },
  ],
  bench: [
    { dims: { change: 1_000_000 }, options: { depth: 1000 }, label: "1 instrument, best quotes" },
    { dims: { change: 1_000_000 }, options: { depth: 1000, levels: 10 }, label: "1 instrument, ten levels" },
    { dims: { change: 1_000_000 }, options: { depth: 1000, instruments: 1000 }, label: "1,000 instruments at random" },
  ],
});
