/** What the importers know of a trade file: the terms that src/files/layout/known.ts describes each in. */
import type { Role } from "../kernels/line.js";
import type { TimeFormat } from "../kernels/line_time.js";
import type { KindWords, SideWords } from "../kernels/words.js";
import type { QuoteColumns } from "./quote_columns.js";

/** Lower case for delimited text, where case does not count; as they are for JSON alone. An array: the first of them that is there. */
type Column = string | number | readonly string[];

export interface Known {
  name: string;
  /** Where it is found in one form alone. */
  form?: "delimited" | "json";
  separator?: string;
  /** Names that are all there, in any order, each or one of several for it; where `whole` is set, no others are. */
  header?: readonly (string | readonly string[])[];
  whole?: true;
  /** What each column of a file without names looks like. */
  shape?: readonly (Kind | RegExp)[];
  /** What else its first rows show. */
  when?: (value: (column: string | number) => readonly string[]) => boolean;
  columns: Partial<Record<Role, Column>>;
  /** Of a file without names: where the best quote stands. */
  quotes?: QuoteColumns;
  words?: SideWords;
  sideText?: string;
  kinds?: KindWords | ((values: readonly string[]) => KindWords);
  timeFormat?: TimeFormat;
  /** Of times that do not name their zone; a name of the IANA database. */
  zone?: string;
  signedSize?: true;
  /** Prices are divided by 10 to this power. */
  priceScale?: number | ((prices: readonly string[]) => number);
  /** The date and symbol of the file, from its name, where its contents have none. */
  fromName?: RegExp;
}

/** i: whole number; d: number; t: count of s, ms, us or ns since 1970 in this century; u: the same in s; b: true or false; n: seconds of a day. */
export type Kind = "i" | "d" | "t" | "u" | "b" | "n";

/** Names that a column of any other file may have. */
export const synonyms: Readonly<Record<Exclude<Role, "clock" | "kind">, readonly string[]>> = {
  time: ["time", "timestamp", "ts", "datetime", "date_time", "transact_time", "trade_time", "unix", "time_ns", "time_us", "time_ms"],
  price: ["price", "px", "trade_price"],
  size: ["size", "qty", "quantity", "amount", "volume", "trade_size"],
  side: ["side", "aggressor_side", "taker_side", "is_buyer_maker", "isbuyermaker", "taker_side_sell"].concat(
    ["buyer", "seller"].flatMap((who) => [`${who}_initiated`, `is_${who}_initiated`, `${who}_aggressor`, `is_${who}_aggressor`]),
  ),
  symbol: ["symbol", "ticker", "instrument"],
};

const count = /^\d+(\.\d*)?$/;
const units = [
  ["s", 1],
  ["ms", 1e3],
  ["us", 1e6],
  ["ns", 1e9],
] as const;

/** The unit whose counts fall between 1990 and 2100. */
export function unitOf(values: readonly string[]): TimeFormat | undefined {
  return units.find(([, scale]) =>
    most(values, (v) => count.test(v) && Number(v) >= 631_152_000 * scale && Number(v) < 4_102_444_800 * scale),
  )?.[0];
}

const tests: Record<Kind, (v: string) => boolean> = {
  i: (v) => /^-?\d+$/.test(v),
  d: (v) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(v),
  t: (v) => count.test(v) && unitOf([v]) !== undefined,
  u: (v) => /^\d{9,10}(\.\d+)?$/.test(v),
  b: (v) => /^(true|false|t|f)$/i.test(v),
  n: (v) => count.test(v) && Number(v) < 86_400,
};
export const looksLike = (kind: Kind | RegExp, value: string): boolean =>
  typeof kind === "string" ? tests[kind](value) : kind.test(value);

/** Nine in ten values, or all but one of a few, so that a bad row among the first does not hide what the file is. */
export function most<T>(values: readonly T[], test: (value: T) => boolean): boolean {
  const wrong = values.length - values.filter(test).length;
  return values.length > 0 && (wrong <= 0.1 * values.length || (wrong === 1 && values.length > 2));
}

/** Every way to write whether the buyer was the maker; who was not the maker was the aggressor. */
export const makerWords: SideWords = { buy: ["false", "f", "0", "no", "n"], sell: ["true", "t", "1", "yes", "y"] };

/** The words of a side column by its name and values; undefined where they do not say it. */
export function wordsFor(name: string, values: readonly string[]): { words: SideWords; text: string } | undefined {
  if (/(^|\.)is_?buyer_?maker$/i.test(name)) return { words: makerWords, text: `${name}, true = seller was aggressor` };
  const whose = /(^|\.)(is_)?(buyer|seller)_(initiated|aggressor)$|(^|\.)taker_side_(sell)$/i.exec(name);
  if (whose) {
    const buyer = /buyer/i.test(whose[0]);
    const words = buyer ? { buy: makerWords.sell, sell: makerWords.buy } : makerWords;
    return { words, text: `${name}, true = ${buyer ? "buyer" : "seller"} was aggressor` };
  }
  const all = (set: readonly string[]) => values.length === 0 || most(values, (v) => v === "" || set.includes(v.toLowerCase()));
  const plain: SideWords = { buy: ["buy", "b", "buyer"], sell: ["sell", "s", "seller"], unknown: ["unknown", "none", "n"] };
  if (all([...plain.buy, ...plain.sell, ...plain.unknown!]))
    return { words: plain, text: `${name}, buy or sell, taken as the aggressor's` };
  if (all(["1", "-1", "0", "+1"]))
    return { words: { buy: ["1", "+1"], sell: ["-1"], unknown: ["0"] }, text: `${name}, 1 = buyer was aggressor, -1 = seller` };
  return undefined;
}
