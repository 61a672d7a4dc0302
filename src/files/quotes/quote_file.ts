/** Files of quotes by themselves -> quotes in order of time, a piece of the file at a time. */

import { openTable } from "../binary/open_table.js";
import { openSources, peek, type Source } from "../bytes/source.js";
import { problem } from "../bytes/unpack.js";
import { isDbn } from "../dbn/dbn.js";
import type { ColumnOptions } from "../layout/layout.js";
import { recognise } from "../layout/recognise.js";
import { layoutOfTable } from "../trades/columns.js";
import { factsOf, type Quote, type QuoteFileFacts, QuoteIntake, type Refuse } from "./quote_batch.js";
import { openDbnQuotes } from "./quote_dbn.js";
import { type QuoteLayout, quoteLayout } from "./quote_layout.js";
import { QuoteLines, tableQuotes } from "./quote_rows.js";

/** Columns of the quotes, where names do not tell them; how times and numbers are written is found. */
export type QuoteOptions = Pick<
  ColumnOptions,
  "time" | "bid" | "ask" | "bidSize" | "askSize" | "symbol" | "timeFormat" | "zone" | "date" | "decimal"
>;

/** A source that was recognised. */
interface Opened {
  facts: QuoteFileFacts;
  read(refuse: Refuse): AsyncGenerator<Quote[]>;
  close(): Promise<unknown>;
}

/** A path, which may hold several files. */
export class QuoteFile {
  /** Of the files in it that were opened. */
  readonly facts: QuoteFileFacts[] = [];

  private constructor(
    private readonly sources: AsyncGenerator<Source>,
    private open: Opened,
    private readonly options: QuoteOptions,
  ) {
    this.facts.push(open.facts);
  }

  static async open(path: string, options: QuoteOptions = {}): Promise<QuoteFile> {
    const sources = openSources(path);
    const { value } = await sources.next();
    try {
      return new QuoteFile(sources, await openOne(value as Source, options), options);
    } catch (error) {
      await sources.return(undefined);
      throw error;
    }
  }

  /** Quotes, each not before the one in front of it. */
  async *batches(refuse: Refuse): AsyncGenerator<Quote[]> {
    for (;;) {
      const { facts } = this.open;
      yield* this.open.read(refuse);
      if (facts.quotes === 0)
        throw problem(
          "E_QUOTES_FILE",
          facts.file,
          `has no quote in it (${facts.format})`,
          "check that it is the right file, and holds quotes",
        );
      const next = await this.sources.next();
      if (next.done) return;
      this.open = await openOne(next.value, this.options);
      this.open.facts.lastTime = facts.lastTime; // its quotes go on from there
      this.facts.push(this.open.facts);
    }
  }

  async close(): Promise<void> {
    await this.open.close();
    await this.sources.return(undefined);
  }
}

async function openOne(source: Source, options: QuoteOptions): Promise<Opened> {
  const { head, chunks } = await peek(source.chunks, 4);
  source.chunks = chunks;
  const close = () => chunks.return();
  if (isDbn(head)) {
    const { facts, read } = await openDbnQuotes(source);
    return { facts, close, read: (refuse) => taken(new QuoteIntake(facts, "record", refuse), read) };
  }
  const table = await openTable(source);
  if (!table) return openText(source, options);
  try {
    const layout = layoutOfTable(source.name, table, {}, (own) => quoteLayout(own, options)) as QuoteLayout;
    const facts = factsOf(source.name, layout);
    const read = async function* (into: QuoteIntake) {
      let rows = 0;
      for await (const batch of table.batches()) {
        tableQuotes(batch, layout, into, rows);
        rows += batch.rows;
        yield;
      }
    };
    return { facts, close: () => table.close(), read: (refuse) => taken(new QuoteIntake(facts, "row", refuse), read) };
  } catch (error) {
    await table.close();
    throw error;
  }
}

async function openText(source: Source, options: QuoteOptions): Promise<Opened> {
  const found = await recognise(source, {}, (table) => quoteLayout(table, options));
  const layout = found.layout as QuoteLayout;
  const facts = factsOf(source.name, layout);
  const read = async function* (into: QuoteIntake) {
    const lines = new QuoteLines(layout, into, found.skipped);
    let skip = found.start;
    for await (const chunk of found.chunks) {
      lines.feed(skip > 0 ? chunk.subarray(skip) : chunk);
      skip = Math.max(0, skip - chunk.length);
      yield;
    }
    lines.end();
    yield;
  };
  const unit = layout.json?.depth === undefined ? "line" : "record";
  return { facts, close: () => found.chunks.return(undefined), read: (refuse) => taken(new QuoteIntake(facts, unit, refuse), read) };
}

async function* taken(into: QuoteIntake, read: (into: QuoteIntake) => AsyncGenerator<void>): AsyncGenerator<Quote[]> {
  for await (const _ of read(into)) {
    const batch = into.take();
    if (batch.length > 0) yield batch;
  }
  const rest = into.take();
  if (rest.length > 0) yield rest;
}
