/** Both forms of Kraken's messages: what they say, as texts, and what texts of the older one hold. */
import { crc32 } from "node:zlib";
import type { SaidDepth, SaidLevel, SaidTrade } from "./said.js";

export interface KrakenForm {
  readonly name: string;
  readonly greeting: string;
  readonly heartbeat: string;
  /** Names of channels, by those of the dialect. */
  readonly trades: string;
  readonly quotes: string;
  book(symbol: string, levels: number, depth: SaidDepth, ms: number): string;
  tradesOf(symbol: string, trades: readonly SaidTrade[], past: boolean): string;
  notices: readonly string[];
}

/** Best levels that a checksum is over. */
const summed = 10;
const digits = (text: string): string => text.replace(".", "").replace(/^0+/, "");
/** Of a book whose best levels these are. */
const checksumOf = ({ bids, asks }: SaidDepth): number =>
  crc32([...asks.slice(0, summed), ...bids.slice(0, summed)].map(([price, size]) => digits(price) + digits(size)).join(""));

const seconds = (ms: number): string => (ms / 1000).toFixed(6);
const iso = (ms: number): string => new Date(ms).toISOString().replace("Z", "000Z");

/** Levels of the older form: a time with each, `r` where they only came in sight again. */
const olderLevels = (levels: readonly SaidLevel[], ms: number) => levels.map(([price, size, time = seconds(ms)]) => [price, size, time]);

export const olderForm: KrakenForm = {
  name: "kraken-v1",
  greeting: '{"connectionID":17843232920108168701,"event":"systemStatus","status":"online","version":"1.9.2"}',
  heartbeat: '{"event":"heartbeat"}',
  trades: "trade",
  quotes: "spread",
  book(symbol, levels, { bids, asks, whole, checksum }, ms) {
    const sides = [asks.length > 0 && { a: olderLevels(asks, ms) }, bids.length > 0 && { b: olderLevels(bids, ms) }].filter(Boolean);
    const last = sides.pop() || {};
    const changes = whole ? [{ as: olderLevels(asks, ms), bs: olderLevels(bids, ms) }] : [...sides, { ...last, c: checksum }];
    return JSON.stringify([1360, ...changes, `book-${levels}`, symbol]);
  },
  tradesOf: (symbol, trades) =>
    JSON.stringify([
      337,
      trades.map(({ price, size, ms, buyerIsMaker }) => [price, size, seconds(ms), buyerIsMaker ? "s" : "b", "l", ""]),
      "trade",
      symbol,
    ]),
  notices: [
    '{"errorMessage":"Malformed request","event":"error"}',
    '{"event":"somethingNew","x":{"y":[1,2,{"z":null}]}}',
    '{"connectionID":1,"event":"systemStatus","status":"post_only","version":"1.9.2"}',
    '[1,{"a":[]},"somethingNew","XBT/USD"]',
  ],
};

const newerLevels = (levels: readonly SaidLevel[]): string =>
  `[${levels.map(([price, size]) => `{"price":${price},"qty":${size}}`).join(",")}]`;

export const newerForm: KrakenForm = {
  name: "kraken",
  greeting:
    '{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2","connection_id":13834774380200032777}]}',
  heartbeat: '{"channel":"heartbeat"}',
  trades: "trade",
  quotes: "ticker",
  book(symbol, _, depth, ms) {
    const { bids, asks, whole, checksum = checksumOf(depth) } = depth;
    const data = `"symbol":"${symbol}","bids":${newerLevels(bids)},"asks":${newerLevels(asks)},"checksum":${checksum}`;
    // A book whole tells no time.
    return `{"channel":"book","type":"${whole ? "snapshot" : "update"}","data":[{${data}${whole ? "" : `,"timestamp":"${iso(ms)}"`}}]}`;
  },
  tradesOf(symbol, trades, past) {
    const told = trades.map(
      ({ id, price, size, ms, buyerIsMaker }) =>
        `{"symbol":"${symbol}","side":"${buyerIsMaker ? "sell" : "buy"}","price":${price},"qty":${size},"ord_type":"limit","trade_id":${id},"timestamp":"${iso(ms)}"}`,
    );
    return `{"channel":"trade","type":"${past ? "snapshot" : "update"}","data":[${told.join(",")}]}`;
  },
  notices: [
    '{"error":"Malformed request","success":false,"time_in":"2023-09-25T07:49:37.708706Z","time_out":"2023-09-25T07:49:37.708706Z"}',
    '{"channel":"somethingNew","type":"update","data":[{"y":[1,2,{"z":null}]}]}',
    '{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"post_only","api_version":"v2","connection_id":1}]}',
  ],
};
