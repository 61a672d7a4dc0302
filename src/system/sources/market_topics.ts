/** Topics of market data, as sources give them. */
import type { Columns, Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { pricesTopic } from "../../engines/prices.js";
import { tradesTopic } from "../../engines/trades.js";
import { quoteColumns } from "../../market/trade_columns.js";

/**
 * 1,024 rows lie in the second cache and have nearly all of the gain of larger slots; 64 slots are a third of a second of the
 * partly filled ones that a paced source writes, and 65,536 rows of full ones.
 */
const room = { rows: 1024, slots: 64 };

/** The best quotes after each change of theirs. */
const quotesColumns = { time: { dtype: "i64" }, ...quoteColumns, instrument: { dtype: "u32" } } as const;
/** What was made of a stretch of the tape: where an episode of `kind` begins (`state` 1) and ends (0), and on which side its traders are. */
const labelsColumns = {
  time: { dtype: "i64" },
  instrument: { dtype: "u32" },
  kind: { dtype: "u8" },
  side: { dtype: "i8" },
  state: { dtype: "u8" },
} as const;
export const labelKinds = { informed: 0, crash: 1 } as const;

const symbols = <C extends Columns>(of: Topic<C>, instruments: readonly string[]): Topic<C> => ({ ...of, symbols: instruments });

export const marketTopics = (instruments: readonly string[]) => ({
  trades: symbols(tradesTopic(room), instruments),
  quotes: symbols(topic({ name: "quotes", columns: quotesColumns, ...room, backpressure: "block" }), instruments),
  prices: symbols(pricesTopic(room), instruments),
  labels: symbols(topic({ name: "labels", columns: labelsColumns, rows: 64, slots: 64, backpressure: "block" }), instruments),
});
type MarketTopics = ReturnType<typeof marketTopics>;
export type MarketColumns = { readonly [K in keyof MarketTopics]: MarketTopics[K]["columns"] };

export const marketDocs: Readonly<Record<keyof MarketColumns, string>> = {
  trades: "trades in order of time; side +1: the buyer was the aggressor",
  quotes: "best bid and ask after each change of theirs",
  prices: "price of the last trade",
  labels: "what was made of the tape, of which instrument: kind 0 informed traders, 1 flash crash; state 1 begins, 0 ends",
};
