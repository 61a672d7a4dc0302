/** Trade files that exchanges and vendors publish, by their header or, where there is none, by the shape of their columns. */
import type { SideWords } from "./words.js";

export type TimeFormat = "s" | "ms" | "us" | "ns" | "iso" | "iso_us";
export type Role = "time" | "clock" | "price" | "size" | "side" | "symbol";

export interface Known {
  name: string;
  separator?: string;
  /** Names that the header begins with, lower case; or, where `whole` is set, all of them. */
  header?: readonly string[];
  whole?: true;
  /** What each column of a headerless file looks like. */
  shape?: readonly Kind[];
  columns: Partial<Record<Role, string | number>>;
  words?: SideWords;
  sideText?: string;
  timeFormat?: TimeFormat;
  signedSize?: true;
}

/** i: whole number; d: number; t: count of s, ms, us or ns since 1970 in this century; u: the same in s; b: true or false. */
export type Kind = "i" | "d" | "t" | "u" | "b";

const makerWords: SideWords = { buy: ["false"], sell: ["true"] };
const maker = (column: string) => ({ words: makerWords, sideText: `${column}, true = seller was aggressor` });
const sided: SideWords = { buy: ["buy", "b"], sell: ["sell", "s"], unknown: ["unknown", "n", "none"] };
const takerText = "side of the aggressor";

export const known: readonly Known[] = [
  {
    name: "binance spot trades",
    shape: ["i", "d", "d", "d", "t", "b", "b"],
    columns: { time: 4, price: 1, size: 2, side: 5 },
    ...maker("isBuyerMaker (column 6)"),
  },
  {
    name: "binance spot aggTrades",
    shape: ["i", "d", "d", "i", "i", "t", "b", "b"],
    columns: { time: 5, price: 1, size: 2, side: 6 },
    ...maker("isBuyerMaker (column 7)"),
  },
  {
    name: "binance futures aggTrades",
    shape: ["i", "d", "d", "i", "i", "t", "b"],
    columns: { time: 5, price: 1, size: 2, side: 6 },
    ...maker("is_buyer_maker (column 7)"),
  },
  {
    name: "binance futures trades",
    shape: ["i", "d", "d", "d", "t", "b"],
    columns: { time: 4, price: 1, size: 2, side: 5 },
    ...maker("is_buyer_maker (column 6)"),
  },
  { name: "bitcoincharts", shape: ["u", "d", "d"], columns: { time: 0, price: 1, size: 2 }, timeFormat: "s" },
  {
    name: "binance USD-M trades",
    header: ["id", "price", "qty", "quote_qty", "time", "is_buyer_maker"],
    whole: true,
    columns: { time: "time", price: "price", size: "qty", side: "is_buyer_maker" },
    ...maker("is_buyer_maker"),
  },
  {
    name: "binance COIN-M trades (sizes in contracts)",
    header: ["id", "price", "qty", "base_qty", "time", "is_buyer_maker"],
    whole: true,
    columns: { time: "time", price: "price", size: "qty", side: "is_buyer_maker" },
    ...maker("is_buyer_maker"),
  },
  {
    name: "binance futures aggTrades",
    header: ["agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id", "transact_time", "is_buyer_maker"],
    whole: true,
    columns: { time: "transact_time", price: "price", size: "quantity", side: "is_buyer_maker" },
    ...maker("is_buyer_maker"),
  },
  {
    name: "mtgox 2013",
    header: ["t", "d.price_int", "d.amount_int", "d.type_str"],
    columns: { time: "t", price: "d.price_int", size: "d.amount_int", side: "d.type_str" },
    words: { buy: ["0"], sell: ["1"] },
    sideText: "d.type_str, 0 = buyer was aggressor, 1 = seller",
    timeFormat: "iso",
  },
  {
    name: "sierra chart ticks",
    separator: ";",
    header: ["date", "time", "sequence", "depthsequence", "price", "volume", "tradetype"],
    columns: { time: "date", clock: "time", price: "price", size: "volume", side: "tradetype" },
    words: { buy: ["2"], sell: ["1"], unknown: ["0"] },
    sideText: "TradeType, 1 = at the bid (seller), 2 = at the ask (buyer)",
    timeFormat: "iso_us",
  },
  {
    name: "tardis trades",
    header: ["exchange", "symbol", "timestamp", "local_timestamp", "id", "side", "price", "amount"],
    whole: true,
    columns: { time: "timestamp", price: "price", size: "amount", side: "side", symbol: "symbol" },
    words: sided,
    sideText: takerText,
    timeFormat: "us",
  },
  {
    name: "bybit or bitmex trades",
    header: ["timestamp", "symbol", "side", "size", "price", "tickdirection"],
    columns: { time: "timestamp", price: "price", size: "size", side: "side", symbol: "symbol" },
    words: sided,
    sideText: takerText,
  },
  {
    name: "polygon trades",
    header: [
      "ticker",
      "conditions",
      "correction",
      "exchange",
      "id",
      "participant_timestamp",
      "price",
      "sequence_number",
      "sip_timestamp",
      "size",
    ],
    columns: { time: "sip_timestamp", price: "price", size: "size", symbol: "ticker" },
    timeFormat: "ns",
  },
  {
    name: "bitstamp trades",
    header: ["id", "time", "amount", "price", "type"],
    whole: true,
    columns: { time: "time", price: "price", size: "amount", side: "type" },
    words: { buy: ["0"], sell: ["1"] },
    sideText: "Type, 0 = buyer was aggressor, 1 = seller",
  },
  {
    name: "bitfinex trades",
    header: ["id", "time", "amount", "price"],
    whole: true,
    columns: { time: "time", price: "price", size: "amount" },
    signedSize: true,
    sideText: "sign of the amount, negative = seller was aggressor",
  },
  {
    name: "kraken trades",
    header: ["timestamp", "price", "volume"],
    whole: true,
    columns: { time: "timestamp", price: "price", size: "volume" },
  },
];

/** Names that a column of any other file may have. */
export const synonyms: Readonly<Record<Exclude<Role, "clock">, readonly string[]>> = {
  time: ["time", "timestamp", "ts", "datetime", "date_time", "transact_time", "trade_time", "unix", "time_ns", "time_us", "time_ms"],
  price: ["price", "px", "trade_price"],
  size: ["size", "qty", "quantity", "amount", "volume", "trade_size"],
  side: ["side", "aggressor_side", "taker_side", "is_buyer_maker", "isbuyermaker"],
  symbol: ["symbol", "ticker", "instrument"],
};

/** Nine in ten values, or all but one of a few, so that a bad row among the first does not hide what the file is. */
export function most<T>(values: readonly T[], test: (value: T) => boolean): boolean {
  const wrong = values.length - values.filter(test).length;
  return values.length > 0 && (wrong <= 0.1 * values.length || (wrong === 1 && values.length > 2));
}

/** The words of a side column by its name and values; undefined where they do not say it. */
export function wordsFor(name: string, values: readonly string[]): { words: SideWords; text: string } | undefined {
  if (/^is_?buyer_?maker$/i.test(name))
    return { words: { buy: ["false", "0"], sell: ["true", "1"] }, text: `${name}, true = seller was aggressor` };
  const all = (set: readonly string[]) => values.length === 0 || most(values, (v) => v === "" || set.includes(v.toLowerCase()));
  const plain: SideWords = { buy: ["buy", "b"], sell: ["sell", "s"], unknown: ["unknown", "none", "n"] };
  if (all([...plain.buy, ...plain.sell, ...plain.unknown!]))
    return { words: plain, text: `${name}, buy or sell, taken as the aggressor's` };
  if (all(["1", "-1", "0", "+1"]))
    return { words: { buy: ["1", "+1"], sell: ["-1"], unknown: ["0"] }, text: `${name}, 1 = buyer was aggressor, -1 = seller` };
  return undefined;
}
