/** A venue on this machine, a feed connected to it, and all that came of it. */

import "../../../src/entries/set_up.js";
import type { Batch, Publisher, Subscription, Topic } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { bookTopic } from "../../../src/feeds/books/book_topics.js";
import { LiveFeed } from "../../../src/feeds/connect/live_feed.js";
import type { Timing } from "../../../src/feeds/connect/timing.js";
import type { FeedChannel } from "../../../src/feeds/from_feed.js";
import { type FeedState, feedStates, liveColumns } from "../../../src/feeds/kit/rows.js";
import type { Venue } from "../../../src/feeds/kit/venue.js";
import { type VenueOptions, VenueServer } from "../../../src/feeds/venue_server/venue_server.js";

/** Waits of a feed on loopback, where tests want to see many of them. */
export const quick: Partial<Timing> = {
  ...{ backoffMs: 20, mostBackoffMs: 500, steadyMs: 2000, handshakeMs: 1000 },
  ...{ settleMs: 10, giveUpMs: 20_000, restMs: 500, staleMs: 400, overlapMs: 200, accountMs: 3000 },
};
export interface Row {
  readonly instrument: number;
  readonly id: number;
  readonly price: number;
  readonly size: number;
  readonly side: number;
}
export interface Told {
  readonly state: FeedState;
  readonly instrument: number;
  readonly channel: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly seconds: number;
}
export interface BookRow {
  readonly id: number;
  readonly bid: readonly number[];
  readonly bidSize: readonly number[];
  readonly ask: readonly number[];
  readonly askSize: readonly number[];
}
const stateNames = Object.keys(feedStates) as FeedState[];

export interface Running {
  readonly server: VenueServer;
  readonly feed: LiveFeed;
  readonly trades: Row[];
  readonly told: Told[];
  /** Bid, its size, ask, its size of each row, of each instrument. */
  readonly quotes: number[][][];
  /** Each row of a book, of each instrument. */
  readonly books: BookRow[][];
  readonly log: string[];
  readonly port: number;
  /** Takes nothing meanwhile. */
  hold(on: boolean): void;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly venue: Venue;
  readonly serve: VenueOptions;
  readonly symbols: readonly string[];
  readonly channels?: readonly FeedChannel[];
  readonly timing?: Partial<Timing>;
  readonly slots?: number;
  readonly rest?: string;
  /** Where trades and what the feed tells go, in place of `trades` and `told`. */
  readonly into?: { trade(row: Row): void; told(row: Told): void };
}

export async function run(options: RunOptions): Promise<Running> {
  const { venue, serve, symbols, channels = ["trades"], timing, slots = 64, rest, into } = options;
  const server = new VenueServer(serve);
  const port = await server.listen();
  const bus = new MemoryBus();
  const end = (name: FeedChannel | "feed_status") => {
    const room = { rows: 256, slots };
    const of: Topic<any> =
      name === "book"
        ? { ...bookTopic({ levels: 10, ...room }), symbols }
        : topic({ name, columns: liveColumns[name], ...room, backpressure: "block", symbols });
    return { publisher: bus.publisher(of) as Publisher<any>, subscription: bus.subscribe(of) as Subscription<any> };
  };
  const ends = Object.fromEntries([...channels, "feed_status" as const].map((name) => [name, end(name)]));
  const [trades, told, log]: [Row[], Told[], string[]] = [[], [], []];
  const quotes: number[][][] = symbols.map(() => []);
  const books: BookRow[][] = symbols.map(() => []);
  const feed = new LiveFeed({
    ...{ venue, symbols, instruments: symbols.map((_, i) => i), url: `ws://127.0.0.1:${port}`, rest: rest ?? `http://127.0.0.1:${port}` },
    topics: Object.fromEntries(Object.entries(ends).map(([name, { publisher }]) => [name, publisher])),
    ...{ timing: { ...quick, ...timing }, seed: 1, log: (line) => void log.push(line) },
  });
  let held = false;
  const poll = () => {
    if (held) return;
    for (let some = 1; some > 0; ) {
      some =
        ends.trades?.subscription.poll((batch: Batch<any>) => takeTrades(batch, (row) => (into ? into.trade(row) : trades.push(row)))) ?? 0;
      some += ends.quotes?.subscription.poll((batch: Batch<any>) => takeQuotes(batch, quotes)) ?? 0;
      some += ends.depth?.subscription.poll(() => {}) ?? 0;
      some += ends.book?.subscription.poll((batch: Batch<any>) => takeBooks(batch, books)) ?? 0;
      some += ends.book_changes?.subscription.poll(() => {}) ?? 0;
      some += ends.feed_status!.subscription.poll((batch: Batch<any>) =>
        takeTold(batch, (row) => (into ? into.told(row) : told.push(row))),
      );
    }
  };
  const timer = setInterval(poll, 2);
  return {
    ...{ server, feed, trades, told, quotes, books, log, port, hold: (on: boolean) => void (held = on) },
    async close() {
      clearInterval(timer);
      feed.close(true);
      poll();
      await server.close();
    },
  };
}
function takeTrades({ columns, rows }: Batch<any>, into: (row: Row) => void): void {
  for (let row = 0; row < rows; row++)
    into({
      ...{ instrument: columns.instrument[row], id: Number(columns.id[row]), price: columns.price[row] },
      ...{ size: columns.size[row], side: columns.side[row] },
    });
}
function takeQuotes({ columns, rows }: Batch<any>, into: number[][][]): void {
  const { instrument, bid, bidSize, ask, askSize } = columns;
  for (let row = 0; row < rows; row++) into[instrument[row]]!.push([bid[row], bidSize[row], ask[row], askSize[row]]);
}
function takeBooks({ columns, rows }: Batch<any>, into: BookRow[][]): void {
  const side = (name: string, row: number) =>
    Array.from(columns[name].subarray(10 * row, 10 * row + 10) as Float64Array).filter((value) => !Number.isNaN(value));
  for (let row = 0; row < rows; row++)
    into[columns.instrument[row]]!.push({
      ...{ id: Number(columns.id[row]), bid: side("bid", row), bidSize: side("bidSize", row) },
      ...{ ask: side("ask", row), askSize: side("askSize", row) },
    });
}
function takeTold({ columns, rows }: Batch<any>, into: (row: Told) => void): void {
  for (let row = 0; row < rows; row++)
    into({
      ...{ state: stateNames[columns.state[row]]!, instrument: columns.instrument[row], channel: columns.channel[row] },
      ...{ from: Number(columns.from[row]), to: Number(columns.to[row]), count: columns.count[row], seconds: columns.seconds[row] },
    });
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
export async function until(done: () => boolean, mostMs = 20_000): Promise<boolean> {
  for (const end = performance.now() + mostMs; performance.now() < end; await pause(5)) if (done()) return true;
  return done();
}

/** Ids that should be there and are not, and are in no row that says so; rows that come twice, out of order or with other values. */
export function faultsOf({ trades, told, server }: Running, symbols: readonly string[]) {
  const wrong = {
    missing: [] as string[],
    twice: [] as string[],
    disordered: [] as string[],
    other: [] as string[],
    unknown: [] as string[],
  };
  for (const [instrument, symbol] of symbols.entries()) {
    const past = server.history.of(symbol);
    const truth = new Map([...past.trades.from(0, Infinity), ...past.aggregates.from(0, Infinity)].map((trade) => [trade.id, trade]));
    const rows = trades.filter((row) => row.instrument === instrument);
    const lost = told.filter((one) => one.instrument === instrument && one.state === "lost");
    const seen = new Set<number>();
    let before = -1;
    for (const { id, price, size, side } of rows) {
      const of = truth.get(id);
      if (seen.has(id)) wrong.twice.push(`${symbol} ${id}`);
      if (id < before) wrong.disordered.push(`${symbol} ${id} after ${before}`);
      before = id;
      seen.add(id);
      if (!of) wrong.unknown.push(`${symbol} ${id}`);
      else if (Number(of.price) !== price || Number(of.size) !== size || (of.buyerIsMaker ? -1 : 1) !== side)
        wrong.other.push(`${symbol} ${id}: ${price} ${size} ${side}, ${JSON.stringify(of)}`);
    }
    const first = rows[0]?.id ?? NaN;
    for (const id of truth.keys())
      if (id >= first && !seen.has(id) && !lost.some(({ from, to }) => id >= from && id <= to)) wrong.missing.push(`${symbol} ${id}`);
  }
  return wrong;
}
export const none = { missing: [], twice: [], disordered: [], other: [], unknown: [] };
