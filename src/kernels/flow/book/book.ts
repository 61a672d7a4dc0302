import { kernel } from "../../../core/call/kernel.js";
import { countCheck } from "../../../core/contract/contract.js";
import { bookCompare, bookOutputs, bookParams, bookState, closes, flagsDoc, resets, ticks } from "../parts/book_ports.js";
import { clear, nothingTold, outcomes, setLevel, sideOf, tell } from "../parts/levels.js";
import { sampleChanges } from "../parts/sample_book.js";

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
      doc: flagsDoc,
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
    ...bookParams,
    beyond: {
      type: "enum",
      values: ["unknown", "sent_again"],
      default: "unknown",
      doc: "levels that fell off: unknown from then on, or sent again by the venue as soon as they are within its depth",
    },
  },
  state: {
    ...bookState,
    last: { dtype: "f64", shape: ["instruments"], init: -1, unit: "number", doc: "sequence of the last closed event, -1 for none" },
  },
  outputs: bookOutputs,
  compare: bookCompare,
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
      const close = (flag & closes) !== 0;
      if (flag & resets) {
        for (const one of sides) clear(one);
        horizon.fill(Number.NEGATIVE_INFINITY);
        state.last[id] = -1;
      }
      const old = sequence !== undefined && sequence[i]! <= state.last[id]!;
      const which = side[i] === 1 ? 0 : 1;
      let told = nothingTold;
      if (old) told = { ...nothingTold, outcome: outcomes.old };
      else if (side[i] !== 0)
        told = setLevel(sides[which], side[i]! * price[i]!, size[i]!, depth, beyond === "unknown" ? horizon : undefined, which);
      if (close && !old && sequence) state.last[id] = sequence[i]!;
      tell(out, i, told, sides[0], sides[1], horizon, close, levels);
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
