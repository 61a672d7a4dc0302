/** Answers of a venue's REST -> rows that were missing. */
import type { FrameParser } from "../kit/frame_parser.js";
import { rowKinds } from "../kit/rows.js";
import type { Seen, Venue } from "../kit/venue.js";
import type { Clock } from "./clock.js";
import { endOfDepth, idOf, rowsOf } from "./order/feed_rows.js";
import { Refills } from "./refills.js";
import type { Sorter } from "./sorter.js";
import type { Timing } from "./timing.js";

export interface RestSink {
  failed(what: string, example: string): void;
  /** Rows were written. */
  shown(): void;
}

export class RestReader {
  private readonly refills: Refills;

  constructor(
    venue: Venue,
    url: string,
    timing: Timing,
    uniform: () => number,
    symbols: readonly string[],
    private readonly parser: FrameParser,
    private readonly sorter: Sorter,
    private readonly clock: Clock,
    private readonly sink: RestSink,
  ) {
    this.refills = new Refills(venue, url, timing, uniform, symbols, {
      hole: (instrument) => sorter.hole(instrument),
      read: (bytes, instrument) => this.read(bytes, instrument),
      answered: (instrument, newest) => {
        sorter.answered(instrument, newest);
        sink.shown();
      },
      partly: (instrument) => {
        sorter.partly(instrument);
        sink.shown();
      },
      release: (instrument) => {
        sorter.release(instrument);
        sink.shown();
      },
      failed: (what, example) => sink.failed(what, example),
    });
  }
  get requests(): number {
    return this.refills.requests;
  }
  want(instrument: number): void {
    this.refills.want(instrument);
  }
  snapshot(instrument: number): void {
    this.refills.snapshot(instrument);
  }
  close(): void {
    this.refills.close();
  }

  /** Nothing of an answer that is wrong anywhere is taken. */
  private read(bytes: Buffer, instrument: number): Seen | undefined {
    const { parser, sorter } = this;
    parser.push(bytes, this.clock.ns(), instrument);
    let [rows, lowest, highest, latestTime] = [0, Infinity, -1, 0n];
    let [readable, book] = [true, false];
    parser.run((columns, count) => {
      const of = rowsOf(columns);
      for (let row = 0; row < count; row++) {
        const kind = columns.kind[row]!;
        if (kind >= rowKinds.notice) {
          // An empty list is an answer: there are none.
          readable = kind === rowKinds.notice && /^\s*\[\s*\]\s*$/.test(bytes.toString("latin1", 0, 16));
          continue;
        }
        if (kind === rowKinds.depth) {
          book = true;
          const end = endOfDepth(columns, row, count);
          sorter.snapshot(of, row, end, instrument);
          row = end - 1;
          continue;
        }
        const id = idOf(of, row);
        rows++;
        lowest = Math.min(lowest, id);
        highest = Math.max(highest, id);
        if (columns.time[row]! > latestTime) latestTime = columns.time[row]!;
        sorter.refill(of, row, instrument);
      }
    });
    if (!readable) return undefined;
    if (book) this.sink.shown();
    return { rows, lowest: lowest === Infinity ? -1n : BigInt(lowest), highest: BigInt(highest), latestTime };
  }
}
