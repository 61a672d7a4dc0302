/** Trade files and files of quotes -> trades with the quote in force beside each: the last one at or before it. */
import { needArray, needMethods, needObject } from "../../core/contract/arguments.js";
import { DataError } from "../../core/contract/errors.js";
import type { TradeArrays } from "../../market/trade_columns.js";
import { quoteRoles } from "../../market/trade_columns.js";
import { mergeTrades } from "../read/merge_trades.js";
import type { TradeSink, TradeSlot } from "../trades/intake.js";
import type { ReadFacts, ReadOptions } from "../trades/reading.js";
import type { Quote, QuoteFileFacts } from "./quote_batch.js";
import type { QuoteOptions } from "./quote_file.js";
import { QuoteInstruments } from "./quote_instruments.js";
import { QuoteTape } from "./quote_tape.js";

export interface JoinOptions extends ReadOptions {
  /** Columns of the quotes, where their names do not tell them. */
  quotes?: QuoteOptions | undefined;
  /** A quote counts from its time and so many ns on. */
  lag?: number | bigint | undefined;
}

/** How the quotes went with the trades. */
export interface QuoteFacts {
  files: QuoteFileFacts[];
  lagNs: bigint;
  trades: number;
  /** Trades before the first quote of their instrument: they have none. */
  before: number;
  /** Trades after the last quote. */
  after: number;
  /** Trades whose quote came within the millisecond before them. */
  sameMs: number;
  /** Trades whose quote is older than that. */
  stale: { overNs: bigint; trades: number; oldestNs: bigint };
  /** Instruments of the trades that have no quote at all. */
  unquoted: string[];
}

const staleNs = 60_000_000_000n;
const ms = 1_000_000n;
const farTimes = 10;
const most = 0.5;

/** As `mergeTrades`, with slots that have `bid` and `ask`; rows' own quotes are not read. A quote at a trade's very time counts, of several the last. */
export async function joinQuotes(
  files: readonly string[],
  quoteFiles: readonly string[],
  sink: TradeSink,
  options: JoinOptions = {},
): Promise<ReadFacts & { quotes: QuoteFacts }> {
  needArray("joinQuotes: files", files);
  needArray("joinQuotes: quoteFiles", quoteFiles);
  needMethods("joinQuotes: sink", sink, "a sink", "claim", "commit");
  needObject("joinQuotes: options", options);
  const join = await QuoteJoin.open(quoteFiles, sink, options);
  try {
    return await join.read(files, options);
  } finally {
    await join.close();
  }
}

/** Between the readers of trades and their sink: each slot waits until the quotes beside it are there. */
export class QuoteJoin implements TradeSink {
  readonly symbols: NonNullable<TradeSink["symbols"]>;
  private readonly views = new Map<TradeArrays, TradeSlot>();
  private readonly inForce = new Map<string, Quote>();
  private readonly names: string[] = [];
  private readonly who: QuoteInstruments;
  private slot: TradeSlot | undefined;
  private pending = 0;
  private failed = false;
  private readonly facts: Omit<QuoteFacts, "files" | "unquoted">;
  private far = 0;
  private lastTrade = 0n;

  private constructor(
    private readonly sink: TradeSink,
    private readonly tape: QuoteTape,
    private readonly lag: bigint,
  ) {
    const { names } = this;
    this.symbols = sink.symbols ?? {
      get size() {
        return names.length;
      },
      at: (id) => names[id],
      add: (symbol) => names.push(symbol) - 1,
    };
    this.who = new QuoteInstruments(tape, (id) => this.symbols.at(id));
    const stale = { overNs: staleNs, trades: 0, oldestNs: 0n };
    this.facts = { lagNs: lag, trades: 0, before: 0, after: 0, sameMs: 0, stale };
  }

  /** Recognises the files of quotes. */
  static async open(paths: readonly string[], sink: TradeSink, { quotes = {}, lag = 0, onBad }: JoinOptions): Promise<QuoteJoin> {
    if (typeof lag === "number" && !(Number.isSafeInteger(Math.round(lag)) && lag >= 0)) throw badLag(lag);
    const ns = typeof lag === "number" ? BigInt(Math.round(lag)) : lag;
    if (ns < 0n || ns > 2n ** 62n) throw badLag(lag);
    return new QuoteJoin(sink, await QuoteTape.open(paths, quotes, (onBad ?? "stop") === "stop"), ns);
  }

  get files(): QuoteFileFacts[] {
    return this.tape.facts;
  }

  async read(files: readonly string[], options: ReadOptions): Promise<ReadFacts & { quotes: QuoteFacts }> {
    const onFile: ReadOptions["onFile"] = (file) => {
      this.who.trades(file);
      options.onFile?.(file);
    };
    let facts: ReadFacts;
    try {
      facts = await mergeTrades(files, this, { ...options, onFile });
    } finally {
      if (!this.failed) await this.settle();
    }
    const unquoted = this.who.unquoted();
    this.refuse(files);
    return { ...facts, quotes: { ...this.facts, files: this.tape.facts, unquoted } };
  }

  close(): Promise<void> {
    return this.tape.close();
  }

  claim(): TradeSlot | undefined {
    if (this.pending > 0) return undefined;
    this.slot = this.sink.claim();
    return this.slot && this.view(this.slot.columns);
  }
  commit(rows: number): void {
    this.pending = rows;
  }
  abort(): void {
    this.sink.abort?.();
  }
  async room(): Promise<void> {
    if (this.pending > 0) return this.settle();
    if (this.sink.room) return this.sink.room();
    throw new DataError("E_SINK_FULL", "there is no room for more trades", { hint: "the sink needs room()" });
  }

  /** The slot without its quotes, which are not those of the row. */
  private view(columns: TradeArrays): TradeSlot {
    const known = this.views.get(columns);
    if (known) return known;
    if (!columns.bid || !columns.ask)
      throw new DataError("E_NO_QUOTES", "the sink has no columns for quotes", { hint: "tradesTopic({ quotes: true }) has them" });
    const { time, price, size, side, instrument } = columns;
    const made = { columns: { time, price, size, side, instrument } };
    this.views.set(columns, made);
    return made;
  }

  private readonly take = (quote: Quote): void => {
    this.inForce.set(this.who.ofQuote(quote), quote);
  };

  private async settle(): Promise<void> {
    const { pending: rows, slot, tape, lag } = this;
    if (rows === 0) return;
    const columns = slot!.columns;
    try {
      for (let i = 0; i < rows; i++) {
        const time = columns.time[i]!;
        if (tape.nextTime <= time - lag) await tape.until(time - lag, this.take);
        this.beside(columns, i, this.inForce.get(this.who.ofTrade(columns.instrument[i]!)));
      }
    } catch (error) {
      this.failed = true;
      throw error;
    }
    this.pending = 0;
    this.sink.commit(rows);
  }

  private beside(columns: TradeArrays, row: number, quote: Quote | undefined): void {
    const { facts, tape } = this;
    for (const role of quoteRoles) if (columns[role]) columns[role][row] = quote?.[role] ?? Number.NaN;
    const time = columns.time[row]!;
    this.lastTrade = time;
    facts.trades++;
    if (tape.ended && time > tape.lastTime + this.lag) facts.after++;
    if (!quote) {
      facts.before++;
      return;
    }
    const age = time - quote.time;
    if (age < ms) facts.sameMs++;
    if (age > staleNs) facts.stale.trades++;
    if (age > facts.stale.oldestNs) facts.stale.oldestNs = age;
    const price = columns.price[row]!;
    if (quote.bid > 0 && quote.ask > 0 && (quote.ask > farTimes * price || price > farTimes * quote.bid)) this.far++;
  }

  /** Quotes that are not those of the trades. */
  private refuse(files: readonly string[]): void {
    const { facts, far } = this;
    const named = this.tape.facts.map(({ file }) => file).join(", ");
    const quoted = facts.trades - facts.before;
    const fail = (what: string, hint: string) =>
      new DataError("E_QUOTES_APART", `${named}: ${what}`, { file: this.tape.facts[0]!.file, hint });
    if (facts.trades > 0 && quoted === 0) {
      const at = (ns: bigint) => new Date(Number(ns / ms)).toISOString();
      const first = this.tape.facts[0]!.firstTime;
      const from = first === undefined ? "" : `: they begin at ${at(first)}, and the last trade is at ${at(this.lastTrade)}`;
      throw fail(
        `no trade of ${files.join(", ")} has a quote at or before it${from}`,
        "are they of the same day, and their times of the same zone?",
      );
    }
    if (far > most * quoted)
      throw fail(
        `${far} of ${quoted} trades of ${files.join(", ")} have a price over ten times off the quote`,
        "these are quotes of another instrument, or prices in other units",
      );
  }
}

const badLag = (lag: number | bigint) =>
  new DataError("E_QUOTES_LAG", `lag is ${lag} ns, expected 0 or more`, { hint: "quotes count later by it: 20e6 is 20 ms" });
