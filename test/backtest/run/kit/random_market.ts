/** Seeded markets as recordings, by levels, quotes or orders; and what of them a plain map says. */
import { matching } from "../../../../src/index.js";
import { seeded } from "../../../../src/kernels/parts/sample.js";
import { type Level, type Order, record, type Trade } from "./record.js";

export const kindsOfMarket = ["levels", "quotes", "orders"] as const;
export type KindOfMarket = (typeof kindsOfMarket)[number];

export interface Quote {
  readonly time: bigint;
  readonly [side: string]: number | bigint;
}
export interface RandomMarket {
  readonly kind: KindOfMarket;
  readonly tick: number;
  readonly lot: number;
  readonly trades: readonly Trade[];
  readonly levels: readonly Level[];
  readonly quotes: readonly Quote[];
  readonly orders: readonly Order[];
  readonly end: bigint;
}

export function randomMarket(seed: number, kind: KindOfMarket, rows = 300): RandomMarket {
  const random = seeded(seed);
  // Doubles of ticks and lots, as a reader of decimals has them.
  const [perTick, perLot] = [[1, 100, 8][seed % 3]!, [1, 10, 1000][seed % 2 === 0 ? 0 : seed % 3]!];
  const queue = kind === "orders" ? "exact" : "risk_averse";
  const tape = matching.contract.sample({ row: rows }, random, { queue }, new Set()) as Record<string, { [row: number]: number | bigint }>;
  const [trades, levels, quotes, orders]: [Trade[], Level[], Quote[], Order[]] = [[], [], [], []];
  const book = new Map<number, number>();
  let end = 0n;
  for (let i = 0; i < rows; i++) {
    const of = Number(tape.kind![i]);
    if (of < 1 || of > 7) continue;
    const time = tape.time![i] as bigint;
    const [side, price, size] = [Number(tape.side![i]), Number(tape.price![i]) / perTick, Number(tape.size![i]) / perLot];
    end = time;
    if (kind === "orders") orders.push({ time, kind: of, order: tape.order![i] as bigint, side, price, size });
    else if (of === 2) trades.push({ time, side, price, size });
    else if (kind === "levels") levels.push({ time, side: of === 3 ? 0 : side, price, size, flags: of === 3 ? 1 : random() < 0.9 ? 2 : 0 });
    else {
      if (of === 3) book.clear();
      else if (size > 0) book.set(side * price, size);
      else book.delete(side * price);
      const [bid, ask] = [1, -1].map((which) => Math.max(...[...book.keys()].filter((key) => key * which > 0).map((key) => key)));
      const of2 = (key: number) => (Number.isFinite(key) ? Math.abs(key) : Number.NaN);
      quotes.push({ time, bid: of2(bid!), bidSize: book.get(bid!) ?? Number.NaN, ask: of2(ask!), askSize: book.get(ask!) ?? Number.NaN });
    }
  }
  return { kind, tick: 1 / perTick, lot: 1 / perLot, trades, levels, quotes, orders, end };
}

const upTo = <T extends { readonly time: bigint }>(rows: readonly T[], time: bigint | undefined) =>
  time === undefined ? rows : rows.filter((row) => row.time <= time);

export interface Cut {
  /** Rows of a frame, and how many files of one topic there are. */
  readonly frame?: number;
  readonly files?: number;
  /** Rows up to it alone. */
  readonly until?: bigint;
}

/** Writes it into recordings of `path()`. */
export function write(market: RandomMarket, path: () => string, { frame, files = 1, until }: Cut = {}): string[] {
  const one = (type: "book_changes" | "quotes" | "trades" | "market_orders", rows: readonly { readonly time: bigint }[]) => {
    const all = upTo(rows, until);
    // Files end where the time goes on: rows of one time lie in one file.
    const parts: object[][] = Array.from({ length: files }, () => []);
    let part = 0;
    for (const [i, row] of all.entries()) {
      if (i >= ((part + 1) * all.length) / files && row.time > all[i - 1]!.time) part++;
      parts[Math.min(part, files - 1)]!.push(row);
    }
    return parts.filter((rows) => rows.length > 0).map((rows) => record(path(), type, rows, [], frame));
  };
  if (market.kind === "orders") return one("market_orders", market.orders);
  const book = market.kind === "levels" ? one("book_changes", market.levels) : one("quotes", market.quotes);
  return [...book, ...one("trades", market.trades)];
}

/** The middle after the last row, or the last price that traded where a side is empty; NaN where there is neither. */
export function lastMid({ kind, lot, trades, levels, quotes, orders }: RandomMarket): number {
  const book = new Map<number, number>();
  const resting = new Map<bigint, { key: number; size: number }>();
  let traded = trades.at(-1)?.price ?? Number.NaN;
  let [bid, ask] = [Number.NaN, Number.NaN];
  const look = () => {
    const best = (which: 1 | -1) =>
      Math.max(...[...book.entries()].filter(([key, size]) => key * which > 0 && size > 0).map(([key]) => key));
    [bid, ask] = [best(1), -best(-1)].map((price) => (Number.isFinite(price) ? price : Number.NaN)) as [number, number];
  };
  const change = (key: number, by: number) => book.set(key, Math.max(0, (book.get(key) ?? 0) + by));
  for (const { side, price, size, flags } of levels) {
    if (flags & 1) book.clear();
    if (side !== 0) book.set(side * price, size);
    if (flags & 2) look();
  }
  for (const { kind: of, order, side, price, size: units } of orders) {
    const size = Math.round(units / lot);
    if (of === 3) {
      book.clear();
      resting.clear();
    } else if (of === 4 && size > 0) {
      resting.set(order, { key: side * price, size });
      change(side * price, size);
    } else if (of > 4) {
      const one = resting.get(order) ?? { key: side * price, size };
      const part = of === 7 ? one.size : Math.min(size, one.size);
      if (of === 5 && price > 0) traded = price;
      if (one.key !== 0) change(one.key, -part);
      one.size -= part;
      if (one.size <= 0) resting.delete(order);
    } else if (of === 2) traded = price;
    look();
  }
  if (kind === "quotes") [bid, ask] = [quotes.at(-1)!.bid as number, quotes.at(-1)!.ask as number];
  const middle = (bid + ask) / 2;
  return Number.isNaN(middle) ? traded : middle;
}
