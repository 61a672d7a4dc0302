/** What a DBN file is, in the words of all layouts, and what of it may be chosen. */

import { problem } from "../bytes/unpack.js";
import { plainly } from "../kernels/written.js";
import type { ColumnOptions, Layout } from "../layout/layout.js";
import type { readMetadata } from "./dbn_metadata.js";
import { hasQuotes } from "./dbn_quotes.js";

const columnNames = [
  "clock",
  "price",
  "size",
  "side",
  "symbol",
  "buy",
  "sell",
  "unknown",
  "bid",
  "ask",
  "bidSize",
  "askSize",
  "timeFormat",
  "separator",
  "header",
  "where",
] as const;

export function timeOf(file: string, options: ColumnOptions): "ts_recv" | "ts_event" {
  const { time } = options;
  const other = columnNames.find((name) => options[name] !== undefined);
  if (other === undefined && (time === undefined || time === "ts_recv" || time === "ts_event")) return time ?? "ts_recv";
  const what = other === undefined ? `there is no time '${time}'` : `its columns are fixed, so ${other} cannot be given`;
  throw problem("E_COLUMN_UNKNOWN", file, what, "of a DBN file, time alone may be chosen (--time): ts_recv or ts_event");
}

export function layoutOf({ version, dataset, schema, kind }: ReturnType<typeof readMetadata>, time: string): Layout {
  const quotes = hasQuotes(kind);
  const names = [time, "price", "size", "side", "symbol", ...(quotes ? ["bid_px_00", "ask_px_00", "bid_sz_00", "ask_sz_00"] : [])];
  return {
    name: `databento ${schema ?? "records"} of ${dataset}, DBN version ${version}`,
    separator: ",",
    header: true,
    names,
    columns: { time: 0, price: 1, size: 2, side: 3, symbol: 4 },
    ...(quotes && { quotes: { bid: 5, ask: 6, bidSize: 7, askSize: 8 } }),
    words: { buy: ["B"], sell: ["A"], unknown: ["N"] },
    signedSize: false,
    written: plainly,
    timeFormat: "ns",
    notes: [
      `time is ${time} in ns`,
      ...(quotes ? ["quotes: of each record, with sizes"] : []),
      "side: side of the aggressor, A = ask (seller), B = bid (buyer)",
    ],
  };
}
