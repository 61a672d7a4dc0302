/** Rows as they were recorded -> rows of a tape, by the kind of their file: many of one instrument at a time. */
import { DataError } from "../../core/contract/errors.js";
import { isStep } from "./grid.js";
import { LastQuote } from "./last_quote.js";
import type { Piece, RowsOf, Source } from "./piece.js";
import { closes, resets, rowKinds, type Tape } from "./tape.js";

/** Adds rows of a piece from `from` on, before `to`, until the tape has `most` of its own: the first that was not taken. */
export type Adder = (of: Pouring, tape: Tape, from: number, to: number, most: number) => number;

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

/** Levels that quotes told, by tape: they may lie in a file before. */
const lastQuotes = new WeakMap<Tape, LastQuote>();
function lastQuoteOf(tape: Tape): LastQuote {
  let quote = lastQuotes.get(tape);
  if (!quote) lastQuotes.set(tape, (quote = new LastQuote()));
  return quote;
}

/** When the trader hears of rows, where each bears it. */
const receivedOf = ({ piece }: Pouring, tape: Tape): BigInt64Array | undefined =>
  tape.feed === "recorded" ? (piece.columns.received as BigInt64Array) : undefined;

function levels(of: Pouring, tape: Tape, from: number, to: number, most: number): number {
  const { words, piece } = of;
  const { side, price, size, flags } = piece.columns as { side: Int8Array; price: Float64Array; size: Float64Array; flags: Uint8Array };
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
}

function trades(of: Pouring, tape: Tape, from: number, to: number, most: number): number {
  const { words, piece, unsided } = of;
  const { side, price, size } = piece.columns as { side: Int8Array; price: Float64Array; size: Float64Array };
  const { columns, beside, heard, words: times } = tape;
  const { ticksOf, lotsOf } = tape.grid;
  const received = receivedOf(of, tape);
  const { sign } = tape;
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
}

function quotes(of: Pouring, tape: Tape, from: number, to: number, most: number): number {
  const { bid, bidSize, ask, askSize } = of.piece.columns as Record<string, Float64Array>;
  const quote = lastQuoteOf(tape);
  const received = receivedOf(of, tape);
  const price = (value: number, i: number) => (Number.isNaN(value) ? value : ticksOf(of, tape, value, i));
  const sized = (value: number, i: number) => (Number.isNaN(value) ? 0 : lotsOf(of, tape, value, i));
  let i = from;
  for (; i < to && tape.rows < most; i++) {
    const first = tape.rows;
    quote.take(tape, price(bid![i]!, i), sized(bidSize![i]!, i), price(ask![i]!, i), sized(askSize![i]!, i));
    // One row of a file may make many.
    for (let row = first; row < tape.rows; row++) timed(of, tape, row, i, received);
  }
  return i;
}

function orders(of: Pouring, tape: Tape, from: number, to: number, most: number): number {
  const { kind, order, side, price, size } = of.piece.columns as {
    kind: Uint8Array;
    order: BigInt64Array;
    side: Int8Array;
    price: Float64Array;
    size: Float64Array;
  };
  const received = receivedOf(of, tape);
  let i = from;
  for (; i < to && tape.rows < most; i++) {
    const what = kind[i]!;
    if (what < rowKinds.trade || what > rowKinds.remove) throw noRow(of, what, i);
    const [ticks, lots] = [ticksOf(of, tape, price[i]!, i), lotsOf(of, tape, size[i]!, i)];
    const row = tape.add(what, side[i]!, ticks, lots, what === rowKinds.reset ? 3 : closes);
    tape.columns.order[row] = order[i]!;
    timed(of, tape, row, i, received);
  }
  return i;
}

/** What adds the rows of a file; none where they are none of a market's. One function for all runs: the engine's fast code of it stays. */
export const adders: Readonly<Record<RowsOf, Adder | undefined>> = { levels, trades, quotes, orders, told: undefined };

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
