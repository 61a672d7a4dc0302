/** tickforge/files: trade files, rows and tables of other libraries -> columns. */
import "./set_up.js";

export { DataError, TickforgeError } from "../core/contract/errors.js";
export type { ColumnSource, ColumnSources, ColumnViews, Trades } from "../files/columns/column_spec.js";
export { type ArrowTable, type ArrowVector, fromArrow } from "../files/columns/from_arrow.js";
export { type CcxtOptions, type CcxtTrade, fromCcxt } from "../files/columns/from_ccxt.js";
export { fromRows } from "../files/columns/from_rows.js";
export { gather } from "../files/columns/gather.js";
export type { JoinOptions, QuoteFacts } from "../files/quotes/join_quotes.js";
export { collectTrades, joinQuotes, mergeTrades, readTrades } from "../files/readers.js";
export type { TradeSink } from "../files/trades/intake.js";
export type { FileFacts, ReadFacts, ReadOptions } from "../files/trades/reading.js";
export { Sessions } from "../market/sessions.js";
export type { TradeArrays } from "../market/trade_columns.js";
