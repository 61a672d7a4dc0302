/** Rows as they were recorded -> rows of a tape, by the kind of their file: many of one instrument at a time. */
import { DataError } from "../../core/contract/errors.js";
import { isStep } from "./grid.js";
import { LastQuote } from "./last_quote.js";
import type { Piece, Source } from "./piece.js";
import { closes, resets, rowKinds, type Tape } from "./tape.js";

/** Adds rows from `from` on, before `to`, until the tape has `most` of its own: the first that was not taken. */
export type Adder = (tape: Tape, from: number, to: number, most: number) => number;

/** One piece of a file, and what its rows are counted in. */
export interface Pouring {
  readonly source: Source;
  readonly piece: Piece;
  /** Its times, in halves: the lower one first. */
  readonly words: Int32Array;
  /** Rows of the file before it. */
  readonly rowsBefore: number;
  /** Trades of which the side was not told. */
  readonly unsided: { rows: number };
}

/** What rows hang on that may lie in a file before: levels that quotes told, and the side of the last trade by the tick rule. */
interface Memory {
  readonly quote: LastQuote;
  readonly sign: { price: number; side: number };
}
const memories = new WeakMap<Tape, Memory>();
function memoryOf(tape: Tape): Memory {
  let memory = memories.get(tape);
  if (!memory) memories.set(tape, (memory = { quote: new LastQuote(), sign: { price: Number.NaN, side: 1 } }));
  return memory;
}

/** What adds the rows of a piece; undefined where they are none of a market's. */
export function adderOf(of: Pouring): Adder | undefined {
  const kind = of.source.of;
  if (kind === "levels") return levels(of);
  if (kind === "trades") return trades(of);
  if (kind === "quotes") return one(of, quote(of));
  return kind === "orders" ? one(of, order(of)) : undefined;
}

/** When the trader hears of rows, where each bears it. */
const receivedOf = ({ piece }: Pouring, tape: Tape): BigInt64Array | undefined =>
  tape.feed === "recorded" ? (piece.columns.received as BigInt64Array) : undefined;

function levels(of: Pouring): Adder {
  const { words, piece } = of;
  const { side, price, size, flags } = piece.columns as { side: Int8Array; price: Float64Array; size: Float64Array; flags: Uint8Array };
  return (tape, from, to, most) => {
    const { columns, beside, heard, words: times } = tape;
    const { kind, side: sides, price: prices, size: sizes } = columns;
    const { ticksOf, lotsOf } = tape.grid;
    const received = receivedOf(of, tape);
    let row = tape.rows;
    let count = 0;
    let i = from;
    for (; i < to && row < most; i++) {
      const flag = flags[i]!;
      const way = side[i]!;
      if (flag & resets) {
        tape.rows = row;
        tape.add(rowKinds.reset, 0, 0, 0, way === 0 ? flag : resets);
        timed(of, tape, row++, i, received);
      }
      if (way === 0) continue;
      const ticks = price[i]! * ticksOf;
      const lots = size[i]! * lotsOf;
      const wholeTicks = Math.round(ticks);
      const wholeLots = Math.round(lots);
      if (!isStep(ticks, wholeTicks)) throw off(of, tape, "tick", price[i]!, i);
      if (!(lots >= 0 && isStep(lots, wholeLots))) throw off(of, tape, "lot", size[i]!, i);
      kind[row] = rowKinds.level;
      sides[row] = way;
      prices[row] = wholeTicks;
      sizes[row] = wholeLots;
      beside.of[row] = way;
      beside.flags[row] = flag & closes;
      beside.action[row] = 0;
      times[2 * row] = words[2 * i]!;
      times[2 * row + 1] = words[2 * i + 1]!;
      if (received) heard[row] = received[i]!;
      row++;
      count++;
    }
    tape.rows = row;
    tape.counts.levels += count;
    return i;
  };
}

function trades(of: Pouring): Adder {
  const { words, piece, unsided } = of;
  const { side, price, size } = piece.columns as { side: Int8Array; price: Float64Array; size: Float64Array };
  let [known, sign]: [Tape | undefined, Memory["sign"]] = [undefined, { price: Number.NaN, side: 1 }];
  return (tape, from, to, most) => {
    const { columns, beside, heard, words: times } = tape;
    const { ticksOf, lotsOf } = tape.grid;
    const received = receivedOf(of, tape);
    if (tape !== known) {
      known = tape;
      sign = memoryOf(tape).sign;
    }
    let row = tape.rows;
    let i = from;
    for (; i < to && row < most; i++) {
      if (!(size[i]! > 0)) continue;
      // Of one without a side: that of its price against the one before, as the tick rule has it.
      if (price[i]! > sign.price) sign.side = 1;
      else if (price[i]! < sign.price) sign.side = -1;
      sign.price = price[i]!;
      if (side[i] === 0) unsided.rows++;
      const ticks = price[i]! * ticksOf;
      const lots = size[i]! * lotsOf;
      const wholeTicks = Math.round(ticks);
      const wholeLots = Math.round(lots);
      if (!isStep(ticks, wholeTicks)) throw off(of, tape, "tick", price[i]!, i);
      if (!isStep(lots, wholeLots)) throw off(of, tape, "lot", size[i]!, i);
      columns.kind[row] = rowKinds.trade;
      columns.side[row] = side[i] === 0 ? sign.side : side[i]!;
      columns.price[row] = wholeTicks;
      columns.size[row] = wholeLots;
      beside.of[row] = 0;
      beside.flags[row] = 0;
      beside.action[row] = 0;
      times[2 * row] = words[2 * i]!;
      times[2 * row + 1] = words[2 * i + 1]!;
      if (received) heard[row] = received[i]!;
      row++;
    }
    tape.counts.trades += row - tape.rows;
    tape.rows = row;
    return i;
  };
}

/** Rows of which one may make many. */
function one(of: Pouring, add: (tape: Tape, i: number) => void): Adder {
  return (tape, from, to, most) => {
    const received = receivedOf(of, tape);
    let i = from;
    for (; i < to && tape.rows < most; i++) {
      const first = tape.rows;
      add(tape, i);
      for (let row = first; row < tape.rows; row++) timed(of, tape, row, i, received);
    }
    return i;
  };
}

function quote(of: Pouring): (tape: Tape, i: number) => void {
  const { bid, bidSize, ask, askSize } = of.piece.columns as Record<string, Float64Array>;
  return (tape, i) => {
    const price = (value: number) => (Number.isNaN(value) ? value : ticksOf(of, tape, value, i));
    const sized = (value: number) => (Number.isNaN(value) ? 0 : lotsOf(of, tape, value, i));
    memoryOf(tape).quote.take(tape, price(bid![i]!), sized(bidSize![i]!), price(ask![i]!), sized(askSize![i]!));
  };
}

function order(of: Pouring): (tape: Tape, i: number) => void {
  const {
    kind,
    order: id,
    side,
    price,
    size,
  } = of.piece.columns as Record<string, Float64Array> & { kind: Uint8Array; order: BigInt64Array };
  return (tape, i) => {
    const what = kind[i]!;
    if (what < rowKinds.trade || what > rowKinds.remove) throw noRow(of, what, i);
    const [ticks, lots] = [ticksOf(of, tape, price![i]!, i), lotsOf(of, tape, size![i]!, i)];
    const row = tape.add(what, side![i]!, ticks, lots, what === rowKinds.reset ? 3 : closes);
    tape.columns.order[row] = id[i]!;
  };
}

function timed({ words }: Pouring, { words: times, heard }: Tape, row: number, i: number, received: BigInt64Array | undefined): void {
  times[2 * row] = words[2 * i]!;
  times[2 * row + 1] = words[2 * i + 1]!;
  if (received) heard[row] = received[i]!;
}

function ticksOf(of: Pouring, tape: Tape, price: number, i: number): number {
  const ticks = price * tape.grid.ticksOf;
  const whole = Math.round(ticks);
  if (isStep(ticks, whole)) return whole;
  throw off(of, tape, "tick", price, i);
}
function lotsOf(of: Pouring, tape: Tape, size: number, i: number): number {
  const lots = size * tape.grid.lotsOf;
  const whole = Math.round(lots);
  if (size >= 0 && isStep(lots, whole)) return whole;
  throw off(of, tape, "lot", size, i);
}

const off = ({ source, rowsBefore }: Pouring, { grid }: Tape, step: "tick" | "lot", value: number, i: number): Error =>
  grid.off(step, value, source.file, rowsBefore + i);

function noRow({ source: { file }, rowsBefore }: Pouring, kind: number, i: number): DataError {
  const row = rowsBefore + i;
  return new DataError("E_BACKTEST_FILE", `${file}: row ${row} is of kind ${kind}, which no row of a market by orders has`, {
    ...{ file, row, value: kind },
    hint: "kinds are 2 a trade, 3 the book is cleared, 4 an order comes, 5 is executed, 6 is cut by its size, 7 is deleted",
  });
}
