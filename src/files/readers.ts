/** The readers of trade files, loaded with the first file: who computes from arrays waits for none of them. */

import type { TradeArrays } from "../market/trade_columns.js";
import type { JoinOptions, QuoteFacts } from "./quotes/join_quotes.js";
import type { TradeSink } from "./trades/intake.js";
import type { ReadFacts, ReadOptions } from "./trades/reading.js";

/** Reads the files in order, as one series: times go on from one file to the next. "-" is stdin. */
export async function readTrades(files: string | readonly string[], sink: TradeSink, options?: ReadOptions): Promise<ReadFacts> {
  return (await import("./read/trades.js")).readTrades(files, sink, options);
}

/** All trades of the files in memory, for files that fit; with the quotes of their rows, or what was bought of bars, where any file has some. */
export async function collectTrades(
  files: string | readonly string[],
  options?: ReadOptions,
): Promise<{ columns: TradeArrays; facts: ReadFacts }> {
  return (await import("./read/trades.js")).collectTrades(files, options);
}

/** Merges the files by the times of their trades; each must be in order by itself. "-" is stdin. */
export async function mergeTrades(files: readonly string[], sink: TradeSink, options?: ReadOptions): Promise<ReadFacts> {
  return (await import("./read/merge_trades.js")).mergeTrades(files, sink, options);
}

/** As `mergeTrades`, with slots that have `bid` and `ask`; rows' own quotes are not read. A quote at a trade's very time counts, of several the last. */
export async function joinQuotes(
  files: readonly string[],
  quoteFiles: readonly string[],
  sink: TradeSink,
  options?: JoinOptions,
): Promise<ReadFacts & { quotes: QuoteFacts }> {
  return (await import("./quotes/join_quotes.js")).joinQuotes(files, quoteFiles, sink, options);
}
