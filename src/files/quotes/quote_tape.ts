/** Files of quotes -> one tape of them in order of time; of quotes at one time, those of the file that was named first come first. */
import { BadRowError } from "../trades/bad_row.js";
import type { Quote, QuoteFileFacts, Refuse } from "./quote_batch.js";
import { QuoteFile, type QuoteOptions } from "./quote_file.js";

const never = 2n ** 64n;

class Cursor {
  private batch: Quote[] = [];
  private at = 0;
  private readonly batches: AsyncGenerator<Quote[]>;
  ended = false;

  constructor(
    readonly file: QuoteFile,
    refuse: Refuse,
  ) {
    this.batches = file.batches(refuse);
  }

  /** Of the quote at hand. */
  get time(): bigint {
    return this.batch[this.at]?.time ?? never;
  }
  next(): Quote {
    return this.batch[this.at++]!;
  }
  get empty(): boolean {
    return this.at === this.batch.length && !this.ended;
  }
  async fill(): Promise<void> {
    const next = await this.batches.next();
    this.at = 0;
    this.batch = next.done ? [] : next.value;
    this.ended = next.done === true;
  }
}

export class QuoteTape {
  /** No quote is left before this time. */
  nextTime = 0n;
  /** Of the quotes that were taken. */
  lastTime = 0n;

  private constructor(private readonly cursors: readonly Cursor[]) {}

  /** `stop`: a row that cannot be read ends the read; else it is counted. */
  static async open(paths: readonly string[], options: QuoteOptions, stop: boolean): Promise<QuoteTape> {
    const files: QuoteFile[] = [];
    const refuse: Refuse = (bad) => {
      if (stop) throw new BadRowError(bad);
    };
    try {
      for (const path of paths) files.push(await QuoteFile.open(path, options));
    } catch (error) {
      await Promise.all(files.map((file) => file.close()));
      throw error;
    }
    return new QuoteTape(files.map((file) => new Cursor(file, refuse)));
  }

  get facts(): QuoteFileFacts[] {
    return this.cursors.flatMap(({ file }) => file.facts);
  }
  get ended(): boolean {
    return this.cursors.every(({ ended }) => ended);
  }

  /** Hands over the quotes up to a time, that included. */
  async until(time: bigint, take: (quote: Quote) => void): Promise<void> {
    for (;;) {
      for (const cursor of this.cursors) while (cursor.empty) await cursor.fill();
      const first = this.cursors.reduce((a, b) => (b.time < a.time ? b : a));
      this.nextTime = first.time;
      if (first.time > time) return;
      const place = this.cursors.indexOf(first);
      // Up to the next of the others: at the same time, those named before it come first.
      const others = this.cursors.reduce(
        (least, c, i) => (c !== first && c.time - (i < place ? 1n : 0n) < least ? c.time - (i < place ? 1n : 0n) : least),
        never,
      );
      const limit = time < others ? time : others;
      while (first.time <= limit) {
        this.lastTime = first.time;
        take(first.next());
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.cursors.map(({ file }) => file.close()));
  }
}
