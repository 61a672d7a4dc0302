/** The quotes of DBN records: each update of the best bid and ask, as the book is after it. */

import type { Source } from "../bytes/source.js";
import { problem } from "../bytes/unpack.js";
import { endsWithin, readHead } from "../dbn/dbn_head.js";
import type { DbnMetadata } from "../dbn/dbn_metadata.js";
import { headBytes, lengthUnit, quoteAt, snapshots, undefinedPrice, undefinedSize, withQuotes } from "../kernels/dbn_record.js";
import type { QuoteFileFacts, QuoteIntake } from "./quote_batch.js";

const kinds = new Set([...withQuotes, ...snapshots]);
const recvAt = 32;
const quoteEnd = 72;
const quoteSchemas = ["mbp-1", "mbp-10", "tbbo", "cmbp-1", "cbbo-1s", "cbbo-1m", "tcbbo", "bbo-1s", "bbo-1m"];

export interface DbnQuoteFile {
  facts: QuoteFileFacts;
  /** Reads to the end; yields after each piece. */
  read(into: QuoteIntake): AsyncGenerator<void>;
}

export async function openDbnQuotes(source: Source): Promise<DbnQuoteFile> {
  const head = await readHead(source, (file, schema) => {
    if (schema === undefined || quoteSchemas.includes(schema[0])) return undefined;
    const hint = "download one of mbp-1, bbo-1s, cmbp-1, cbbo-1s, tbbo or mbp-10";
    throw problem("E_QUOTES_FILE", file, `holds ${schema[0]} records, in which there are no quotes`, hint);
  });
  const { version, dataset, schema } = head.metadata;
  const format = `databento ${schema ?? "records"} of ${dataset}, DBN version ${version}, time is ts_recv`;
  const facts: QuoteFileFacts = {
    ...{ file: source.name, format, quotes: 0, passed: 0, refused: 0, firstTime: undefined, lastTime: undefined },
    ...{ hasSizes: true, hasSymbols: true },
  };
  return {
    facts,
    async *read(into) {
      const records = new Records(head.metadata, into, head.start);
      records.feed(head.first);
      yield;
      for await (const chunk of head.chunks) {
        records.feed(chunk);
        yield;
      }
      records.end();
    },
  };
}

class Records {
  private begun: Uint8Array = new Uint8Array(0);
  private count = 0;

  constructor(
    private readonly metadata: DbnMetadata,
    private readonly into: QuoteIntake,
    /** Byte of the file at which `begun` begins. */
    private at: number,
  ) {}

  feed(piece: Uint8Array): void {
    const all = this.begun.length > 0 ? Buffer.concat([this.begun, piece]) : piece;
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    let from = 0;
    while (from < all.length) {
      const length = all[from]! * lengthUnit;
      if (length < headBytes) throw this.damaged(from, length);
      if (from + length > all.length) break;
      this.count++;
      if (kinds.has(all[from + 1]!)) {
        if (length < quoteEnd) throw this.damaged(from, length);
        this.one(view, from);
      } else this.into.facts.passed++;
      from += length;
    }
    this.begun = all.slice(from);
    this.at += from;
  }

  end(): void {
    if (this.begun.length > 0) throw endsWithin(this.into.facts.file, this.count + 1, this.at, this.begun.length);
  }

  private damaged(from: number, length: number) {
    const what = `record ${this.count + 1} at byte ${this.at + from} says it has ${length} bytes, which no such record has`;
    return problem("E_DBN_RECORD", this.into.facts.file, what, "the file is damaged from there on: download or copy it again");
  }

  private one(view: DataView, from: number): void {
    const time = view.getBigUint64(from + recvAt, true);
    if (time >= 2n ** 63n) {
      this.into.refuse(this.count, "time_range", "its ts_recv is undefined, or after 2262", "");
      return;
    }
    const price = (at: number): number => {
      const value = view.getBigInt64(from + at, true);
      return value === undefinedPrice ? Number.NaN : Number(value) / 1e9;
    };
    const size = (at: number): number => {
      const value = view.getUint32(from + at, true);
      return value === undefinedSize ? Number.NaN : value;
    };
    const quote = {
      ...{ time, bid: price(quoteAt.bid), ask: price(quoteAt.ask) },
      ...{ bidSize: size(quoteAt.bidSize), askSize: size(quoteAt.askSize) },
      symbol: this.nameOf(view.getUint32(from + 4, true), time),
    };
    this.into.add(quote, this.count, () => "");
  }

  private nameOf(instrument: number, time: bigint): string {
    const names = this.metadata.instruments.get(instrument) ?? [];
    const one = names.length < 2 ? names[0] : names.find(({ from, to }) => from <= time && time < to);
    return one?.name || String(instrument);
  }
}
