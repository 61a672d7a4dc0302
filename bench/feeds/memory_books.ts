/**
 * Memory of a feed of 1,000 symbols with their books, over sockets: trades and changes of books of Binance's form from a process beside this
 * one, 1,000 levels a side from its REST, each book held by the feed and shown with its ten best levels. `node --expose-gc dist/bench/feeds/memory_books.js [symbols]`:
 * the peak, in which messages wait for the books of REST, and twenty rounds after the last book came; the goal is 200 MB.
 */
import { fork } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { install } from "../../src/backends/index.js";
import type { Columns, Topic } from "../../src/bus/bus.js";
import { topic } from "../../src/bus/frame.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { binance } from "../../src/feeds/binance/spot.js";
import { bookTopic } from "../../src/feeds/books/book_topics.js";
import { LiveFeed } from "../../src/feeds/connect/live_feed.js";
import { liveColumns } from "../../src/feeds/kit/rows.js";

const count = Number(process.argv[2] ?? 1000);
const symbols = Array.from({ length: count }, (_, i) => `SYM${i}USDT`);
const perSide = 1000;
const rounds = 20;
/** Until all books must have come. */
const mostMs = 120_000;
const cents = (ticks: number) => (ticks / 100).toFixed(2);

/** Says a trade and a change of three levels of every symbol, again and again; the changes stay inside the book. */
function venue(): void {
  const side = (from: number, step: number) => Array.from({ length: perSide }, (_, i) => [cents(from + step * i), "1.00000000"]);
  const answer = JSON.stringify({ lastUpdateId: 0, bids: side(500_000, -1), asks: side(500_001, 1) });
  const server = createServer((_, response) => response.end(answer));
  new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (client, { url }) => {
    const streams = /streams=(.*)/.exec(url!)![1]!.split("/");
    let round = 0;
    const say = () => {
      round++;
      for (const stream of streams) {
        const s = stream.slice(0, stream.indexOf("@")).toUpperCase();
        const T = Date.now();
        const level = (ticks: number) => [cents(ticks), (1 + (round % 7)).toFixed(8)];
        const data = stream.endsWith("@trade")
          ? { e: "trade", E: T, s, t: round, p: "5000.00", q: "1.00000000", T, m: true }
          : {
              e: "depthUpdate",
              E: T,
              s,
              U: round,
              u: round,
              b: [level(500_000 - round), level(499_500 - round)],
              a: [level(500_001 + round)],
            };
        client.send(JSON.stringify({ stream, data }));
      }
    };
    const timer = setInterval(() => (client.readyState === 1 ? say() : clearInterval(timer)), 1000);
  });
  server.listen(0, "127.0.0.1", () => process.send!((server.address() as AddressInfo).port));
}

const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;

async function measure(): Promise<void> {
  install();
  const before = process.memoryUsage.rss();
  const child = fork(fileURLToPath(import.meta.url), [String(count), "venue"]);
  const port = await new Promise((resolve) => child.once("message", resolve));
  const bus = new MemoryBus();
  const end = <C extends Columns>(of: Topic<C>) => ({ publisher: bus.publisher(of), subscription: bus.subscribe(of) });
  const trades = end(topic({ name: "trades", columns: liveColumns.trades, rows: 1024, slots: 64, backpressure: "block", symbols }));
  const book = end({ ...bookTopic({ levels: 10, rows: 256, slots: 64 }), symbols });
  const feed = new LiveFeed({
    // A venue allows 120 books a minute: a thousand would take eight minutes.
    venue: { ...binance, rest: { ...binance.rest, weight: { ...binance.rest.weight, allowed: 1e9 } } },
    ...{ symbols, instruments: symbols.map((_, i) => i), url: `ws://127.0.0.1:${port}`, rest: `http://127.0.0.1:${port}` },
    ...{ topics: { trades: trades.publisher, book: book.publisher }, log: () => {} },
  });
  let [given, shown, peak] = [0, 0, 0];
  const best = new Float64Array(count).fill(NaN);
  const until = performance.now() + mostMs;
  /** Rows of trades when the last book came: so many rounds more. */
  let whole = Number.POSITIVE_INFINITY;
  for (let last = performance.now(); given < whole + rounds * count && performance.now() < until; ) {
    if (whole === Number.POSITIVE_INFINITY && !best.some(Number.isNaN)) whole = given;
    trades.subscription.poll(({ rows }) => void (given += rows));
    book.subscription.poll(({ columns, rows }) => {
      shown += rows;
      for (let row = 0; row < rows; row++) best[columns.instrument[row]!] = columns.bid[10 * row]!;
    });
    if (performance.now() - last > 1000) {
      last = performance.now();
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    await pause(2);
  }
  const wrong = best.findIndex((bid) => bid !== 5000);
  if (wrong >= 0) throw new Error(`the best bid of ${symbols[wrong]} is ${best[wrong]}: ${JSON.stringify(feed.stats())}`);
  globalThis.gc?.();
  const { rss, arrayBuffers, heapUsed } = process.memoryUsage();
  const row = {
    ...{ path: "feeds/memory with books", symbols: count, rssMB: megabytes(rss), peakMB: megabytes(Math.max(peak, rss)), goalMB: 200 },
    ...{ beforeMB: megabytes(before), buffersMB: megabytes(arrayBuffers), heapMB: megabytes(heapUsed) },
    ...{ levelsASide: perSide, trades: given, changesShown: shown, left: feed.stats().left },
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
  feed.close(true);
  child.kill();
}

if (process.argv[3] === "venue") venue();
else await measure();
