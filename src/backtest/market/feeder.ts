/** One file on its way into the tapes of its instruments: rows as recorded -> rows of `matching`, up to a time. */
import { DataError } from "../../core/contract/errors.js";
import { isStep } from "./grid.js";
import { LastQuote } from "./last_quote.js";
import type { ColumnSeen, Piece, Source } from "./piece.js";
import { closes, resets, rowKinds, type Tape } from "./tape.js";

/** A time in halves: comparing BigInts for each row would cost more than the kernels. */
export interface Halves {
  high: number;
  low: number;
}
export const halvesOf = (time: bigint): Halves => ({ high: Number(time >> 32n), low: Number(time & 0xffff_ffffn) });
const isBefore = (high: number, low: number, than: Halves): boolean => high < than.high || (high === than.high && low < than.low);

/** Rows of recordings may bear a time a little before that of rows above them, as a snapshot asked for over REST does: they happen then. */
const slackNs = 60e9;

/** Where rows go. */
export interface Into {
  tapeOf(source: Source, id: number): Tape | undefined;
  /** No more rows find a place in this stretch. */
  readonly full: boolean;
  /** A row was added to a tape. */
  merged(tape: Tape, high: number, low: number): void;
  /** Rows of a topic, to be told as they are. */
  recorded(source: Source, piece: Piece, from: number, to: number): void;
}

/** What rows hang on that may lie in a file before: levels that quotes told, and the side of the last trade by the tick rule. */
interface Memory {
  readonly quote: LastQuote;
  sign?: { price: number; side: number };
}
const memories = new WeakMap<Tape, Memory>();
function memoryOf(tape: Tape): Memory {
  let memory = memories.get(tape);
  if (!memory) memories.set(tape, (memory = { quote: new LastQuote() }));
  return memory;
}

export class Feeder {
  private piece: Piece | undefined;
  private words: Int32Array = new Int32Array(0);
  at = 0;
  private toldTo = 0;
  private rowsBefore = 0;
  private ended = false;
  private readonly last: Halves = { high: -0x8000_0000, low: 0 };
  /** Rows whose clock went back a little, and by how much at most. */
  back = { rows: 0, ns: 0 };
  /** Trades of which the side was not told. */
  unsided = 0;
  /** By instrument; null: its rows are no part of the market. */
  private readonly tapes: (Tape | null | undefined)[] = [];

  constructor(
    readonly source: Source,
    private readonly into: Into,
  ) {}

  /** Whether a row is at hand. */
  async ready(): Promise<boolean> {
    while (!this.ended && (!this.piece || this.at === this.piece.rows)) {
      this.rowsBefore += this.piece?.rows ?? 0;
      this.piece = await this.source.next();
      this.at = 0;
      this.toldTo = 0;
      if (!this.piece) this.ended = true;
      else this.words = wordsOf(this.piece.time);
    }
    return !this.ended;
  }

  get high(): number {
    return isBefore(this.words[2 * this.at + 1]!, this.words[2 * this.at]! >>> 0, this.last)
      ? this.last.high
      : this.words[2 * this.at + 1]!;
  }
  get low(): number {
    const low = this.words[2 * this.at]! >>> 0;
    return isBefore(this.words[2 * this.at + 1]!, low, this.last) ? this.last.low : low;
  }
  get time(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }
  get row(): number {
    return this.rowsBefore + this.at;
  }

  /** Hands over rows before a limit, or at it too, as far as there is room; false where a tape is full. */
  pour(limit: Halves | undefined, alsoAt: boolean): boolean {
    const { piece, words, last, source } = this;
    const { rows, columns } = piece!;
    const instruments = columns.instrument as Uint32Array;
    const add = this.adder(columns);
    const received = columns.received as BigInt64Array | undefined;
    let room = true;
    for (; this.at < rows; this.at++) {
      const i = this.at;
      let high = words[2 * i + 1]!;
      let low = words[2 * i]! >>> 0;
      if (isBefore(high, low, last)) {
        this.wentBack(high, low, i);
        high = last.high;
        low = last.low;
      }
      if (limit && !isBefore(high, low, limit) && !(alsoAt && high === limit.high && low === limit.low)) break;
      if (source.of !== "told") {
        const id = instruments[i]!;
        let tape = this.tapes[id];
        if (tape === undefined) {
          tape = this.into.tapeOf(source, id) ?? null;
          this.tapes[id] = tape;
          if (tape?.feed === "recorded" && !received) throw this.unreceived(tape);
        }
        if (tape) {
          if (tape.full || this.into.full) {
            room = false;
            break;
          }
          const first = tape.rows;
          add(tape, i);
          for (let row = first; row < tape.rows; row++) {
            tape.words[2 * row] = low;
            tape.words[2 * row + 1] = high;
            if (tape.feed === "recorded") tape.heard[row] = received![i]!;
            this.into.merged(tape, high, low);
          }
        }
      }
      last.high = high;
      last.low = low;
    }
    return room;
  }

  /** Whether all rows of the piece at hand were taken. */
  get spent(): boolean {
    return this.piece === undefined || this.at === this.piece.rows;
  }
  /** Of the rows taken. */
  get lastTime(): bigint {
    return (BigInt(this.last.high) << 32n) | BigInt(this.last.low);
  }

  /** Hands on, as they were recorded, the rows of the piece that were taken since the last call. */
  tell(): void {
    if (this.at > this.toldTo) this.into.recorded(this.source, this.piece!, this.toldTo, this.at);
    this.toldTo = this.at;
  }

  private wentBack(high: number, low: number, i: number): void {
    const ns = (this.last.high - high) * 2 ** 32 + (this.last.low - low);
    if (ns > slackNs) {
      const { file } = this.source;
      const row = this.rowsBefore + i;
      throw new DataError("E_BACKTEST_CLOCK", `${file}: row ${row} is ${ns / 1e9} s before a row above it`, {
        ...{ file, row, value: ns },
        hint: "sort the rows by time, the oldest first, or record again",
      });
    }
    this.back.rows++;
    this.back.ns = Math.max(this.back.ns, ns);
  }

  private unreceived({ grid }: Tape): DataError {
    const { file, topic } = this.source;
    return new DataError(
      "E_BACKTEST_RECEIVED",
      `${file}: rows of ${topic} have no column 'received', by which ${grid.name} is to be told`,
      {
        ...{ file, column: "received", option: "latency.feed" },
        hint: "record with tickforge record, or give latency.feed in ns or as { edges, counts }",
      },
    );
  }

  private noRow(kind: number, i: number): DataError {
    const { file } = this.source;
    const row = this.rowsBefore + i;
    return new DataError("E_BACKTEST_FILE", `${file}: row ${row} is of kind ${kind}, which no row of a market by orders has`, {
      ...{ file, row, value: kind },
      hint: "kinds are 2 a trade, 3 the book is cleared, 4 an order comes, 5 is executed, 6 is cut by its size, 7 is deleted",
    });
  }

  private ticks(tape: Tape, price: number, i: number): number {
    const ticks = price * tape.grid.ticksOf;
    const whole = Math.round(ticks);
    if (isStep(ticks, whole)) return whole;
    throw tape.grid.off("tick", price, this.source.file, this.rowsBefore + i);
  }
  private lots(tape: Tape, size: number, i: number): number {
    const lots = size * tape.grid.lotsOf;
    const whole = Math.round(lots);
    if (size >= 0 && isStep(lots, whole)) return whole;
    throw tape.grid.off("lot", size, this.source.file, this.rowsBefore + i);
  }

  /** What a row of this kind of file becomes. */
  private adder(columns: Readonly<Record<string, ColumnSeen>>): (tape: Tape, i: number) => void {
    const { side, price, size, flags } = columns as Record<string, Float64Array>;
    if (this.source.of === "trades")
      return (tape, i) => {
        if (!(size![i]! > 0)) return;
        const way = this.sideOf(tape, side![i]!, price![i]!);
        tape.add(rowKinds.trade, way, this.ticks(tape, price![i]!, i), this.lots(tape, size![i]!, i), 0);
      };
    if (this.source.of === "levels")
      return (tape, i) => {
        const flag = flags![i]!;
        if (flag & resets) tape.add(rowKinds.reset, 0, 0, 0, side![i] === 0 ? flag : resets);
        if (side![i] === 0) return;
        tape.add(rowKinds.level, side![i]!, this.ticks(tape, price![i]!, i), this.lots(tape, size![i]!, i), flag & closes);
      };
    if (this.source.of === "quotes") {
      const { bid, bidSize, ask, askSize } = columns as Record<string, Float64Array>;
      return (tape, i) => {
        const whole = (value: number) => (Number.isNaN(value) ? value : this.ticks(tape, value, i));
        const sized = (value: number) => (Number.isNaN(value) ? 0 : this.lots(tape, value, i));
        memoryOf(tape).quote.take(tape, whole(bid![i]!), sized(bidSize![i]!), whole(ask![i]!), sized(askSize![i]!));
      };
    }
    const { kind, order } = columns as { kind: Uint8Array; order: BigInt64Array } & typeof columns;
    return (tape, i) => {
      const of = kind[i]!;
      if (of < rowKinds.trade || of > rowKinds.remove) throw this.noRow(of, i);
      const row = tape.add(
        of,
        side![i]!,
        this.ticks(tape, price![i]!, i),
        this.lots(tape, size![i]!, i),
        of === rowKinds.reset ? 3 : closes,
      );
      tape.columns.order[row] = order[i]!;
    };
  }

  /** Of a trade without a side: that of its price against the one before, as the tick rule has it. */
  private sideOf(tape: Tape, side: number, price: number): number {
    const memory = memoryOf(tape);
    memory.sign ??= { price, side: 1 };
    const { sign } = memory;
    if (price !== sign.price) sign.side = price > sign.price ? 1 : -1;
    sign.price = price;
    if (side !== 0) return side;
    this.unsided++;
    return sign.side;
  }
}

function wordsOf(time: BigInt64Array): Int32Array {
  return new Int32Array(time.buffer, time.byteOffset, 2 * time.length);
}
