/** Flags that say how a file of trades is read, for every command that reads one. */
import { decimalFlag } from "./common_flags.js";
import type { Flag, FlagLine } from "./flag.js";

const column = (name: string): Flag => ({ name, value: "COL", doc: "columns, by name or number from 0" });
const word = (name: string): Flag => ({ name, value: "WORD", doc: "what the side column says, or several with commas" });
const quoteColumn = (name: string): Flag => ({ name, value: "COL", doc: "quotes in the row, where their names do not tell them" });

export const tradeColumns: readonly FlagLine[] = [
  ["time", "price", "size", "side", "symbol"].map(column),
  ["buy", "sell", "unknown"].map(word),
  [
    { name: "time-format", value: "HOW", doc: "such as '%Y%m%d %H:%M:%S.%f'" },
    { name: "where", value: "COL=VALUE,VALUE", many: true, doc: "rows that are read" },
  ],
  [
    { name: "zone", value: "NAME", doc: "of times, such as America/New_York" },
    { name: "date", value: "DATE", doc: "of times since midnight" },
  ],
  [{ name: "only", value: "SYMBOL", doc: "symbol that is read" }, decimalFlag],
];

export const quoteColumns: FlagLine = ["bid", "ask", "bid-size", "ask-size"].map(quoteColumn);

export const sessionFlag: Flag = { name: "session", value: "HOURS", doc: "hours: 09:30-16:00@America/New_York" };
