/**
 * A feed from the socket to the topic, on loopback: microseconds from the write of a message in another process to its row in the slot, and
 * trades a second of its one thread from 20 connections. One JSON row a case. `node dist/bench/feeds/live.js`.
 */
import { fork } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { install } from "../../src/backends/index.js";
import type { Publisher } from "../../src/bus/bus.js";
import { topic } from "../../src/bus/frame.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { binance } from "../../src/feeds/binance/spot.js";
import { LiveFeed } from "../../src/feeds/connect/live_feed.js";
import { liveColumns } from "../../src/feeds/kit/rows.js";

install();
const runs = 5;
const [connections, perConnection, paced] = [20, 15_000, 3000];
const print = (path: string, has: object) => process.stdout.write(`${JSON.stringify({ path: `feeds/${path}`, ...has })}\n`);
const rounded = (value: number) => Math.round(value * 10) / 10;

/** `rows`: told of each commit, before anybody else sees it. */
async function run(
  mode: "paced" | "full",
  symbols: readonly string[],
  count: number,
  rows: (sizes: Float64Array, rows: number) => boolean,
): Promise<void> {
  const child = fork(fileURLToPath(new URL("./blaster.js", import.meta.url)), [mode, String(count), String(symbols.length)]);
  const port = await new Promise((resolve) => child.once("message", resolve));
  const bus = new MemoryBus();
  const of = topic({ name: "trades", columns: liveColumns.trades, rows: 1024, slots: 64, backpressure: "block", symbols });
  const inner = bus.publisher(of);
  const subscription = bus.subscribe(of);
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let columns: Float64Array;
  const publisher = Object.assign(Object.create(inner) as Publisher<typeof liveColumns.trades>, {
    claim() {
      const slot = inner.claim();
      if (slot) columns = slot.columns.size;
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

const [latencies, rates, busy]: [number[][], number[], number[]] = [[], [], []];
for (let i = 0; i < runs; i++) {
  const took: number[] = [];
  await run("paced", ["BTCUSDT"], paced, (sizes, count) => {
    const now = Number(process.hrtime.bigint());
    for (let row = 0; row < count; row++) took.push((now - sizes[row]!) / 1000);
    return took.length >= paced;
  });
  latencies.push(took.slice(paced / 5).sort((a, b) => a - b));

  const symbols = Array.from({ length: connections }, (_, of) => `SYM${of}USDT`);
  let [seen, began] = [0, 0];
  let cpu = process.cpuUsage();
  await run("full", symbols, perConnection, (_, count) => {
    if (seen === 0) {
      began = performance.now();
      cpu = process.cpuUsage();
    }
    seen += count;
    return seen >= connections * perConnection;
  });
  const { user, system } = process.cpuUsage(cpu);
  rates.push(seen / ((performance.now() - began) / 1000));
  busy.push(seen / ((user + system) / 1e6));
}
const about = { runs, load: rounded(loadavg()[0]!), cores: availableParallelism() };
const at = (share: number) => latencies.map((seen) => seen[Math.floor(seen.length * share)]!).sort((a, b) => a - b);
const middle = runs >> 1;
print("socket to slot", {
  p50us: rounded(at(0.5)[0]!),
  p50usMedian: rounded(at(0.5)[middle]!),
  p99us: rounded(at(0.99)[0]!),
  p99usMedian: rounded(at(0.99)[middle]!),
  messages: paced,
  ...about,
});
const best = (values: number[]) => values.sort((a, b) => b - a);
print(`trades a second, ${connections} connections`, {
  ...{ best: Math.round(best(rates)[0]!), median: Math.round(rates[middle]!) },
  ...{
    bestOfProcessorTime: Math.round(best(busy)[0]!),
    medianOfProcessorTime: Math.round(busy[middle]!),
    trades: connections * perConnection,
    ...about,
  },
});
