/** One file on its way into the tapes of its instruments: its clock, and runs of rows of one instrument up to a time. */
import { DataError } from "../../core/contract/errors.js";
import type { Piece, Source } from "./piece.js";
import { adders, type Pouring } from "./rows.js";
import type { Tape } from "./tape.js";

/** A time in halves: comparing BigInts for each row would cost more than the kernels. */
export interface Halves {
  high: number;
  low: number;
}
export const halvesOf = (time: bigint): Halves => ({ high: Number(time >> 32n), low: Number(time & 0xffff_ffffn) });
export const timeOf = ({ high, low }: Halves): bigint => (BigInt(high) << 32n) | BigInt(low);
const isBefore = (high: number, low: number, than: Halves): boolean => high < than.high || (high === than.high && low < than.low);

/** Rows of recordings may bear a time a little before that of rows above them, as a snapshot asked for over REST does: they happen then. */
const slackNs = 60e9;

/** Where rows go. */
export interface Into {
  tapeOf(source: Source, id: number): Tape | undefined;
  /** Rows that find a place in this stretch. */
  readonly room: number;
  /** Rows from this one on were added to a tape. */
  merged(tape: Tape, from: number): void;
  /** Rows of a topic, to be told as they are. */
  recorded(source: Source, piece: Piece, from: number, to: number): void;
}

export class Feeder implements Halves {
  private piece: Piece | undefined;
  private words: Int32Array = new Int32Array(0);
  private instruments: Uint32Array = new Uint32Array(0);
  private readonly add;
  private pouring: Pouring | undefined;
  at = 0;
  private toldTo = 0;
  private rowsBefore = 0;
  private ended = false;
  /** When the row at hand happens. */
  high = 0;
  low = 0;
  /** Of the rows taken. */
  readonly last: Halves = { high: -0x8000_0000, low: 0 };
  /** Rows whose clock went back a little, and by how much at most. */
  back = { rows: 0, ns: 0 };
  /** Trades of which the side was not told. */
  readonly unsided = { rows: 0 };
  /** By instrument; null: its rows are no part of the market. */
  private readonly tapes: (Tape | null | undefined)[] = [];

  constructor(
    readonly source: Source,
    private readonly into: Into,
  ) {
    this.add = adders[source.of];
  }

  /** Whether a row is at hand; a promise where the file has to be waited for. */
  ready(): boolean | Promise<boolean> {
    while (!this.ended && this.spent) {
      const next = this.source.next();
      if (next instanceof Promise)
        return next.then((piece) => {
          this.begin(piece);
          return this.ready();
        });
      this.begin(next);
    }
    if (!this.ended) this.look();
    return !this.ended;
  }

  private begin(piece: Piece | undefined): void {
    this.rowsBefore += this.piece?.rows ?? 0;
    this.piece = piece;
    this.at = 0;
    this.toldTo = 0;
    this.ended = piece === undefined;
    if (!piece) return;
    const { source, rowsBefore, unsided } = this;
    this.words = wordsOf(piece.time);
    this.instruments = piece.columns.instrument as Uint32Array;
    this.pouring = { source, piece, words: this.words, rowsBefore, unsided };
  }

  /** When the row at hand happens: never before one above it. */
  private look(): void {
    const { words, at, last } = this;
    this.high = words[2 * at + 1]!;
    this.low = words[2 * at]! >>> 0;
    if (!isBefore(this.high, this.low, last)) return;
    this.high = last.high;
    this.low = last.low;
  }

  /** Hands over rows before a limit, or at it too, as far as there is room; false where a tape is full. The row at hand lies before it. */
  pour(limit: Halves | undefined, alsoAt: boolean): boolean {
    const { rows } = this.piece!;
    while (this.at < rows) {
      const from = this.at;
      const to = this.runEnd(limit, alsoAt);
      if (to === from) {
        if (!isBefore(this.words[2 * from + 1]!, this.words[2 * from]! >>> 0, this.last)) return true;
        if (!this.pourBack(from)) return false;
        continue;
      }
      const taken = this.take(from, to);
      this.takenTo(taken);
      if (taken < to) return false;
    }
    return true;
  }

  /** Where the rows of one instrument end that follow one another in time, before a limit. */
  private runEnd(limit: Halves | undefined, alsoAt: boolean): number {
    const { words, instruments, last } = this;
    const { rows } = this.piece!;
    const ofAll = this.add === undefined;
    const id = instruments[this.at]!;
    let { high, low } = last;
    let [untilHigh, untilLow] = [Number.POSITIVE_INFINITY, 0];
    if (limit) {
      untilHigh = limit.high;
      untilLow = alsoAt ? limit.low + 1 : limit.low;
    }
    let i = this.at;
    for (; i < rows; i++) {
      const nextHigh = words[2 * i + 1]!;
      const nextLow = words[2 * i]! >>> 0;
      if (nextHigh < high || (nextHigh === high && nextLow < low)) break;
      if (nextHigh > untilHigh || (nextHigh === untilHigh && nextLow >= untilLow)) break;
      if (instruments[i] !== id && !ofAll) break;
      high = nextHigh;
      low = nextLow;
    }
    return i;
  }

  /** Hands over rows of one instrument: the first that was not taken. */
  private take(from: number, to: number): number {
    const { into, add, pouring } = this;
    const tape = add && this.tapeOf(this.instruments[from]!);
    if (!tape) return to;
    const first = tape.rows;
    const taken = add(pouring!, tape, from, to, Math.min(tape.capacity, first + into.room));
    if (tape.rows > first) into.merged(tape, first);
    return taken;
  }

  /** A row whose clock went back happens with the one above it. */
  private pourBack(i: number): boolean {
    const { last, into, add, pouring } = this;
    const ns = this.behind(i);
    const tape = add && this.tapeOf(this.instruments[i]!);
    if (tape) {
      const first = tape.rows;
      if (add(pouring!, tape, i, i + 1, Math.min(tape.capacity, first + into.room)) === i) return false;
      for (let row = first; row < tape.rows; row++) {
        tape.words[2 * row] = last.low;
        tape.words[2 * row + 1] = last.high;
      }
      if (tape.rows > first) into.merged(tape, first);
    }
    this.back.rows++;
    this.back.ns = Math.max(this.back.ns, ns);
    this.at = i + 1;
    if (this.at < this.piece!.rows) this.look();
    return true;
  }

  private takenTo(at: number): void {
    const { words, last } = this;
    if (at > this.at) {
      last.high = words[2 * at - 1]!;
      last.low = words[2 * at - 2]! >>> 0;
    }
    this.at = at;
    if (at < this.piece!.rows) this.look();
  }

  private tapeOf(id: number): Tape | null {
    let tape = this.tapes[id];
    if (tape !== undefined) return tape;
    tape = this.into.tapeOf(this.source, id) ?? null;
    this.tapes[id] = tape;
    if (tape?.feed === "recorded" && !this.piece!.columns.received) throw this.unreceived(tape);
    return tape;
  }

  /** Whether all rows of the piece at hand were taken. */
  get spent(): boolean {
    return this.piece === undefined || this.at === this.piece.rows;
  }

  /** Hands on, as they were recorded, the rows of the piece that were taken since the last call. */
  tell(): void {
    if (this.at > this.toldTo) this.into.recorded(this.source, this.piece!, this.toldTo, this.at);
    this.toldTo = this.at;
  }

  /** By how many ns a row is before those above it. */
  private behind(i: number): number {
    const { words, last } = this;
    const ns = (last.high - words[2 * i + 1]!) * 2 ** 32 + (last.low - (words[2 * i]! >>> 0));
    if (ns <= slackNs) return ns;
    const { file } = this.source;
    const row = this.rowsBefore + i;
    throw new DataError("E_BACKTEST_CLOCK", `${file}: row ${row} is ${ns / 1e9} s before a row above it`, {
      ...{ file, row, value: ns },
      hint: "sort the rows by time, the oldest first, or record again",
    });
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
}

function wordsOf(time: BigInt64Array): Int32Array {
  return new Int32Array(time.buffer, time.byteOffset, 2 * time.length);
}
