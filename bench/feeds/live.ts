/**
 * A feed from the socket to the topic, on loopback: microseconds from the write of a message in another process to its row in the slot, and
 * trades a second of its one thread from 20 connections. Every row is held against what was sent, in a run of its own before those that are
 * timed. One JSON row a case, with the goal beside it. `node dist/bench/feeds/live.js`.
 */
import { fork } from "node:child_process";
import { Socket } from "node:net";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { install } from "../../src/backends/index.js";
import type { Publisher, Views } from "../../src/bus/bus.js";
import { topic } from "../../src/bus/frame.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { binance } from "../../src/feeds/binance/spot.js";
import { LiveFeed } from "../../src/feeds/connect/live_feed.js";
import { liveColumns } from "../../src/feeds/kit/rows.js";

install();
const runs = 5;
/** `warm`: said at once before the paced ones, as much as a minute of a busy market. */
const [connections, perConnection, paced, warm] = [20, 15_000, 3000, 20_000];
const print = (path: string, has: object) => process.stdout.write(`${JSON.stringify({ path: `feeds/${path}`, ...has })}\n`);
const rounded = (value: number) => Math.round(value * 10) / 10;

type Trades = Views<typeof liveColumns.trades>;

/** When bytes came out of a socket last: what lies before is the sender's, the system's and libuv's, what lies behind is the feed's. */
let cameAt = 0;
const pushed = Socket.prototype.push;
Socket.prototype.push = function push(this: Socket, ...chunk: Parameters<typeof pushed>) {
  cameAt = Number(process.hrtime.bigint());
  return pushed.apply(this, chunk);
};

/** `rows`: told of each commit, before anybody else sees it; true: that was the last. */
async function run(
  mode: "paced" | "full",
  symbols: readonly string[],
  count: number,
  rows: (columns: Trades, rows: number) => boolean,
): Promise<void> {
  const child = fork(fileURLToPath(new URL("./blaster.js", import.meta.url)), [mode, count, symbols.length, warm].map(String));
  const port = await new Promise((resolve) => child.once("message", resolve));
  const bus = new MemoryBus();
  const of = topic({ name: "trades", columns: liveColumns.trades, rows: 1024, slots: 64, backpressure: "block", symbols });
  const inner = bus.publisher(of);
  const subscription = bus.subscribe(of);
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let columns: Trades;
  const publisher = Object.assign(Object.create(inner) as Publisher<typeof liveColumns.trades>, {
    claim() {
      const slot = inner.claim();
      if (slot) columns = slot.columns;
      return slot;
    },
    commit(committed: number) {
      inner.commit(committed);
      const done = rows(columns, committed);
      subscription.poll(() => {});
      if (done) end();
    },
  });
  // A connection a symbol, as busy markets have them.
  const venue = {
    ...binance,
    links: (wanted: Parameters<typeof binance.links>[0], url?: string) => wanted.flatMap((one) => binance.links([one], url)),
  };
  const feed = new LiveFeed({
    ...{ venue, symbols, instruments: symbols.map((_, i) => i), url: `ws://127.0.0.1:${port}`, rest: `http://127.0.0.1:${port}` },
    ...{ topics: { trades: publisher }, timing: { backoffMs: 10 }, log: () => {} },
  });
  await ended;
  feed.close(true);
  child.kill();
  await new Promise((resolve) => child.once("exit", resolve));
}

const symbols = Array.from({ length: connections }, (_, of) => `SYM${of}USDT`);
const all = connections * perConnection;

async function verify(): Promise<void> {
  const next = new Float64Array(connections).fill(1);
  let seen = 0;
  await run("full", symbols, perConnection, ({ instrument, id, price, size, side }, count) => {
    for (let row = 0; row < count; row++) {
      const of = instrument[row]!;
      if (Number(id[row]) !== next[of]!++ || price[row] !== 61_837.63 || size[row] !== 0.02 || side[row] !== -1)
        throw new Error(`row ${seen + row} is not what was sent: ${symbols[of]} ${id[row]} ${price[row]} ${size[row]} ${side[row]}`);
    }
    seen += count;
    return seen >= all;
  });
  if (seen !== all) throw new Error(`${seen} rows of ${all}`);
}

/** Microseconds from the write to the row, and from the bytes in this process to the row. */
async function latency(): Promise<{ whole: number[]; ours: number[] }> {
  const [whole, ours]: [number[], number[]] = [[], []];
  let seen = 0;
  await run("paced", ["BTCUSDT"], paced, ({ size }, count) => {
    const now = Number(process.hrtime.bigint());
    for (let row = 0; row < count; row++)
      if (seen++ >= warm) {
        whole.push((now - size[row]!) / 1000);
        ours.push((now - cameAt) / 1000);
      }
    return seen >= warm + paced;
  });
  const sorted = (took: number[]) => took.sort((a, b) => a - b);
  return { whole: sorted(whole), ours: sorted(ours) };
}

/** Trades a second by the clock and by processor time. */
async function rate(): Promise<{ byClock: number; byProcessor: number }> {
  let [seen, began] = [0, 0];
  let cpu = process.cpuUsage();
  await run("full", symbols, perConnection, (_, count) => {
    if (seen === 0) {
      began = performance.now();
      cpu = process.cpuUsage();
    }
    seen += count;
    return seen >= all;
  });
  const { user, system } = process.cpuUsage(cpu);
  return { byClock: seen / ((performance.now() - began) / 1000), byProcessor: seen / ((user + system) / 1e6) };
}

await verify();
const latencies: Awaited<ReturnType<typeof latency>>[] = [];
const rates: Awaited<ReturnType<typeof rate>>[] = [];
for (let i = 0; i < runs; i++) {
  latencies.push(await latency());
  rates.push(await rate());
}
const about = { verifiedRows: all, runs, load: rounded(loadavg()[0]!), cores: availableParallelism(), processor: cpus()[0]?.model };
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
const at = (of: "whole" | "ours", share: number) => {
  const values = latencies.map((took) => took[of][Math.floor(took[of].length * share)]!);
  return { least: rounded(Math.min(...values)), median: rounded(median(values)) };
};
print("socket to slot, us", {
  ...{ p50: at("whole", 0.5), p99: at("whole", 0.99), goal: { p50: 25, p99: 150 } },
  ofTheFeed: { p50: at("ours", 0.5), p99: at("ours", 0.99) },
  ...{ messages: paced, ...about },
});
const spread = (values: number[]) => ({ most: Math.round(Math.max(...values)), median: Math.round(median(values)) });
print(`trades a second, ${connections} connections`, {
  ...{ byClock: spread(rates.map(({ byClock }) => byClock)), goal: 300_000 },
  byProcessorTime: spread(rates.map(({ byProcessor }) => byProcessor)),
  ...{ trades: all, ...about },
});
