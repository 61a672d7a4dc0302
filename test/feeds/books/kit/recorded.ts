/** What venues really sent, read by plain JSON into rows of depth: an oracle apart from the parser of feeds. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { DepthRows } from "../../../../src/feeds/books/books.js";
import { rowState } from "../../../../src/feeds/kit/rows.js";

export const folder = join(process.env.MARKET_DATA ?? "../shared/data", "feeds");
export const missingData = existsSync(folder) ? undefined : `no ${folder}: set MARKET_DATA`;

export interface Message {
  symbol: string;
  /** Seconds of receipt. */
  at: number;
  first?: number;
  id?: number;
  previous?: number;
  snapshot?: boolean;
  checksum?: number;
  levels: readonly (readonly [side: 1 | -1, price: string, size: string])[];
}

const lines = (file: string) =>
  gunzipSync(readFileSync(join(folder, file)))
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
const both = (bids: string[][], asks: string[][]) => [
  ...bids.map(([price, size]) => [1, price!, size!] as const),
  ...asks.map(([price, size]) => [-1, price!, size!] as const),
];
const received = (line: string) => /^(\d+\.\d+): (.*)$/.exec(line);

/** Snapshots and changes in the order in which they were received. */
export function binance(name: "BINANCE" | "BINANCE_FUTURES"): Message[] {
  const snapshots = lines(`${name}.http.0.0.gz`).map((line): Message => {
    const [, symbol, at, json] = /symbol=(\w+)&.*? -> (\d+\.\d+): (.*)$/.exec(line)!;
    const { lastUpdateId, bids, asks } = JSON.parse(json!);
    return { symbol: symbol!, at: Number(at), id: lastUpdateId, snapshot: true, levels: both(bids, asks) };
  });
  const changes = lines(`${name}.ws.1.0.gz`).flatMap((line): Message[] => {
    const [, at, json] = received(line) ?? [];
    const data = json && JSON.parse(json).data;
    if (data?.e !== "depthUpdate") return [];
    const { s: symbol, U: first, u: id, pu: previous, b, a } = data;
    return [{ symbol, at: Number(at), first, id, ...(previous !== undefined && { previous }), levels: both(b, a) }];
  });
  return [...snapshots, ...changes].sort((a, b) => a.at - b.at);
}

export const coinbase = (): Message[] =>
  lines("COINBASE.ws.28.0.gz").flatMap((line): Message[] => {
    const [, at, json] = received(line) ?? [];
    const { type, product_id: symbol, bids, asks, changes } = json ? JSON.parse(json) : ({} as any);
    if (type === "snapshot") return [{ symbol, at: Number(at), snapshot: true, levels: both(bids, asks) }];
    if (type !== "l2update") return [];
    return [{ symbol, at: Number(at), levels: changes.map(([side, price, size]: string[]) => [side === "buy" ? 1 : -1, price!, size!]) }];
  });

export const kraken = (): Message[] =>
  lines("KRAKEN.ws.50.0.gz").flatMap((line): Message[] => {
    const [, at, json] = received(line) ?? [];
    const message = json ? JSON.parse(json) : undefined;
    if (!Array.isArray(message)) return [];
    const { as, bs, a = [], b = [], c } = Object.assign({}, ...message.slice(1, -2));
    const symbol = message.at(-1);
    if (as || bs) return [{ symbol, at: Number(at), snapshot: true, levels: both(bs ?? [], as ?? []) }];
    return [{ symbol, at: Number(at), checksum: Number(c), levels: both(b, a) }];
  });

const decimals = (text: string) => text.split(".")[1]?.length ?? 0;

/** The rows that a parser of feeds makes of messages. */
export function rowsOf(messages: readonly Message[], symbols: readonly string[]): DepthRows {
  const rows = messages.flatMap((message) => {
    const levels = message.levels.length > 0 ? message.levels : [undefined];
    return levels.map((level, i) => ({ message, level, first: i === 0, last: i === levels.length - 1 }));
  });
  const column = <V extends { [i: number]: number | bigint }>(
    make: new (length: number) => V,
    of: (row: (typeof rows)[number]) => number | bigint,
  ): V => {
    const view = new make(rows.length);
    rows.forEach((row, i) => {
      view[i] = of(row);
    });
    return view;
  };
  const time = ({ message }: (typeof rows)[number]) => BigInt(Math.round(message.at * 1e6)) * 1000n;
  return {
    time: column(BigInt64Array, time),
    received: column(BigInt64Array, time),
    instrument: column(Uint32Array, ({ message }) => symbols.indexOf(message.symbol)),
    side: column(Int8Array, ({ level }) => level?.[0] ?? 0),
    price: column(Float64Array, ({ level }) => Number(level?.[1] ?? Number.NaN)),
    size: column(Float64Array, ({ level }) => Number(level?.[2] ?? 0)),
    priceDigits: column(Uint8Array, ({ level }) => decimals(level?.[1] ?? "")),
    sizeDigits: column(Uint8Array, ({ level }) => decimals(level?.[2] ?? "")),
    first: column(BigInt64Array, ({ message }) => BigInt(message.first ?? -1)),
    id: column(BigInt64Array, ({ message }) => BigInt(message.id ?? -1)),
    previous: column(BigInt64Array, ({ message }) => BigInt(message.previous ?? -1)),
    checksum: column(Uint32Array, ({ message }) => message.checksum ?? 0),
    state: column(
      Uint8Array,
      ({ message, level, first, last }) =>
        (first ? rowState.first : 0) +
        (last ? rowState.last : 0) +
        (message.snapshot ? rowState.snapshot : 0) +
        (message.checksum === undefined ? 0 : rowState.checksum) +
        (level ? 0 : rowState.empty),
    ),
  };
}
