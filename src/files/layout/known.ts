/** Trade files that exchanges and vendors publish, by the names of their columns or, where they have none, by the shape of them. */

import { type Known, makerWords } from "../guess/layouts.js";
import type { KindWords, SideWords } from "../kernels/words.js";
import { lobster, lobsterNames, lobsterValues } from "./known_lobster.js";

const maker = (column: string) => ({ words: makerWords, sideText: `${column}, true = seller was aggressor` });
const sided: SideWords = { buy: ["buy", "b"], sell: ["sell", "s"], unknown: ["unknown", "n", "none"] };
const takerText = "side of the aggressor";
const newYork = "America/New_York";

/** Columns of a file without names. */
const binance = (name: string, shape: Known["shape"], columns: Known["columns"], side: string): Known => ({
  name,
  form: "delimited",
  shape: shape!,
  columns,
  ...maker(`${side} (column ${Number(columns.side) + 1})`),
});

/** Correction indicators of the consolidated tape: a trade that was corrected stands there with what it was corrected to. */
const corrections: KindWords = {
  take: ["0", "00", "1", "01", "2", "02", ""],
  pass: {
    "7": "later signified as error",
    "07": "later signified as error",
    "8": "later cancelled",
    "08": "later cancelled",
    "10": "cancel record",
    "11": "error record",
    "12": "correction record",
  },
  others: "refuse",
};

/** Messages of Binance's streams. The same trades come as trade and, put together, as aggTrade: one of the two is read. */
function feedKinds(events: readonly string[]): KindWords {
  const take = events.includes("trade") || !events.includes("aggTrade") ? "trade" : "aggTrade";
  const pass = { trade: "trade", aggTrade: "aggTrade", depthUpdate: "depth", bookTicker: "bookTicker", "": "without an event type" };
  return { take: [take], pass: Object.fromEntries(Object.entries(pass).filter(([word]) => word !== take)), others: "pass" };
}

const feed = (name: string, at: string): Known => ({
  name,
  form: "json",
  header: [`${at}e`, `${at}s`],
  when: (value) => value(`${at}e`).some((e) => /^(trade|aggTrade|depthUpdate|bookTicker)$/.test(e)),
  columns: { time: `${at}T`, price: `${at}p`, size: `${at}q`, side: `${at}m`, symbol: `${at}s`, kind: `${at}e` },
  kinds: feedKinds,
  timeFormat: "ms",
  ...maker("m"),
});

/** Every layout that is recognised, in the order in which they are tried. */
export const known: readonly Known[] = [
  binance("binance spot trades", ["i", "d", "d", "d", "t", "b", "b"], { time: 4, price: 1, size: 2, side: 5 }, "isBuyerMaker"),
  binance("binance spot aggTrades", ["i", "d", "d", "i", "i", "t", "b", "b"], { time: 5, price: 1, size: 2, side: 6 }, "isBuyerMaker"),
  binance("binance futures aggTrades", ["i", "d", "d", "i", "i", "t", "b"], { time: 5, price: 1, size: 2, side: 6 }, "is_buyer_maker"),
  binance("binance futures trades", ["i", "d", "d", "d", "t", "b"], { time: 4, price: 1, size: 2, side: 5 }, "is_buyer_maker"),
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
  feed("binance stream messages", "data."),
  feed("binance stream messages, one stream", ""),
  { name: "bitcoincharts or kraken trades", shape: ["u", "d", "d"], columns: { time: 0, price: 1, size: 2 }, timeFormat: "s" },
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
    name: "databento trades",
    header: ["ts_event", "rtype", "publisher_id", "action", "side", "price", "size"],
    columns: {
      time: ["ts_recv", "ts_event"],
      price: "price",
      size: "size",
      side: "side",
      kind: "action",
      symbol: ["symbol", "instrument_id"],
    },
    words: { buy: ["b"], sell: ["a"], unknown: ["n"] },
    sideText: "side of the aggressor, A = ask (seller), B = bid (buyer)",
    kinds: {
      take: ["t"],
      pass: { a: "order added", c: "order cancelled", m: "order modified", r: "book cleared", f: "fill of a resting order", n: "none" },
      others: "refuse",
    },
    priceScale: (prices) => (prices.length > 0 && prices.every((v) => /^-?\d*$/.test(v)) ? 9 : 0),
  },
  {
    name: "lobster messages",
    form: "delimited",
    shape: ["n", /^[1-7]$/, "i", "i", "i", /^(-1|0|1)$/],
    columns: { time: 0, kind: 1, size: 3, price: 4, side: 5 },
    ...lobster("column 6", [""]),
    priceScale: 4,
  },
  {
    name: "lobster messages with names",
    form: "delimited",
    header: Object.values(lobsterNames),
    when: lobsterValues,
    columns: lobsterNames,
    ...lobster("by its name", ["", ".0"]),
    // As they come prices are whole numbers of 1e-4, and of whole cents; some are divided before they are written again.
    priceScale: (prices) => (prices.length > 0 && prices.every((v) => /^\d{5,}(\.0*)?$/.test(v) && Number(v) % 100 === 0) ? 4 : 0),
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
  ...(["bitmex", "bybit"] as const).map(
    (exchange): Known => ({
      name: `${exchange} trades`,
      header: ["timestamp", "symbol", "side", "size", "price", "tickdirection"],
      when: (value) => exchange === "bybit" || value("timestamp").some((v) => /^\d{4}-/.test(v)),
      columns: { time: "timestamp", price: "price", size: "size", side: "side", symbol: "symbol" },
      words: { ...sided, unknown: [...sided.unknown!, ""] },
      sideText: takerText,
    }),
  ),
  {
    name: "polygon trades",
    header: ["conditions", "exchange", "id", "participant_timestamp", "price", "sip_timestamp", "size"],
    columns: { time: "sip_timestamp", price: "price", size: "size", symbol: "ticker", kind: "correction" },
    kinds: corrections,
    timeFormat: "ns",
  },
  {
    name: "alpaca trades",
    header: ["symbol", "timestamp", "exchange", "price", "size", "id", "conditions", "tape"],
    columns: { time: "timestamp", price: "price", size: "size", symbol: "symbol" },
    timeFormat: "iso",
  },
  {
    name: "alpaca trades",
    form: "json",
    header: ["t", "x", "p", "s", "c", "i", "z"],
    columns: { time: "t", price: "p", size: "s", symbol: "S", kind: "T" },
    kinds: { take: ["t"], pass: { q: "quote", b: "bar", d: "daily bar", u: "updated bar", c: "correction", x: "cancel" }, others: "pass" },
    timeFormat: "iso",
  },
  {
    name: "TAQ trades of WRDS",
    header: ["date", "time_m", "sym_root", "size", "price", "tr_corr"],
    columns: { time: "date", clock: "time_m", price: "price", size: "size", symbol: "sym_root", kind: "tr_corr" },
    kinds: corrections,
    zone: newYork,
  },
  {
    name: "kaiko trades",
    header: ["id", "exchange", "symbol", "date", "price", "amount", "sell"],
    whole: true,
    columns: { time: "date", price: "price", size: "amount", side: "sell", symbol: "symbol" },
    words: makerWords,
    sideText: "sell, true = seller was aggressor",
  },
  {
    name: "upbit trades",
    header: ["ask_bid", "trade_price", "trade_volume", ["market", "code"]],
    columns: {
      time: ["trade_timestamp", "timestamp"],
      price: "trade_price",
      size: "trade_volume",
      side: "ask_bid",
      symbol: ["market", "code"],
    },
    words: { buy: ["bid"], sell: ["ask"] },
    sideText: "ask_bid, BID = buyer was aggressor, ASK = seller",
  },
  {
    name: "TAQ trades",
    header: ["dt", "ex", "symbol", "cond", "size", "price", "corr"],
    columns: { time: "dt", price: "price", size: "size", symbol: "symbol", kind: "corr" },
    kinds: corrections,
    timeFormat: "iso",
    zone: newYork,
  },
  ...([6, 4] as const).map(
    (columns): Known => ({
      name: columns === 6 ? "kibot ticks with bid and ask" : "kibot ticks",
      form: "delimited",
      shape: [/^\d{2}\/\d{2}\/\d{4}$/, /^\d{2}:\d{2}:\d{2}(\.\d+)?$/, ...Array.from({ length: columns - 2 }, () => "d" as const)],
      columns: { time: 0, clock: 1, price: 2, size: columns - 1 },
      ...(columns === 6 && { quotes: { bid: 3, ask: 4 } }),
      timeFormat: "mdy",
      zone: newYork,
    }),
  ),
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
  ...([7, 6] as const).map(
    (places): Known => ({
      name: "kraken REST trades",
      shape: ["d", "d", "u", /^[bs]$/, /^[ml]$/, /^/, ...(places === 7 ? (["i"] as const) : [])],
      columns: { time: 2, price: 0, size: 1, side: 3 },
      words: { buy: ["b"], sell: ["s"] },
      sideText: "b = buyer was aggressor, s = seller",
      timeFormat: "s",
    }),
  ),
  {
    name: "coinbase trades",
    header: ["time", "trade_id", "price", "size", "side"],
    when: (value) => value("side").every((v) => /^(buy|sell|)$/i.test(v)) && !value("time").some((v) => /^\d+(\.\d*)?$/.test(v)),
    columns: { time: "time", price: "price", size: "size", side: "side", symbol: "product_id", kind: "type" },
    words: { buy: ["sell"], sell: ["buy"] },
    sideText: "side of the maker, sell = buyer was aggressor",
    kinds: { take: ["match"], pass: { last_match: "match before the subscription" }, others: "pass" },
    timeFormat: "iso",
  },
  {
    name: "ccxt trades",
    header: ["timestamp", "datetime", "symbol", "side", "price", "amount"],
    columns: { time: "timestamp", price: "price", size: "amount", side: "side", symbol: "symbol", kind: "takerOrMaker" },
    words: { buy: ["buy"], sell: ["sell"] },
    sideText: "side of the taker",
    kinds: { take: ["taker", ""], pass: {}, others: "refuse" },
    timeFormat: "ms",
  },
];
