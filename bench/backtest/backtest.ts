/**
 * What a back-test costs a row of the market, and what it holds: one line a case, processor time of this process. A seeded market of ten levels a
 * side, changed one level at a time, with trades that take from the best; written as recordings first, then run over. What is timed was checked:
 * the same hash in each run, and the quiet strategy without a fill. `node dist/bench/backtest/backtest.js [million rows]`
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { install } from "../../src/backends/index.js";
import { backtest } from "../../src/backtest/run/backtest.js";
import { type AnyStrategy, defineStrategy } from "../../src/backtest/strategy/strategy.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { RecordingWriter } from "../../src/bus/recording/recording_writer.js";
import { messageTopic } from "../../src/bus/routing/topology.js";
import { viewOf } from "../../src/core/contract/contract.js";
import { seeded } from "../../src/kernels/parts/sample.js";

const depth = 10;
const runs = 5;
const tick = 0.1;
const stepNs = 50_000n;
/** Of all rows. */
const tradesShare = 0.1;

/** Rows of one topic, frame by frame. */
function writing(path: string, type: "book_changes" | "trades") {
  const of = messageTopic(type);
  const bus = new MemoryBus();
  const [publisher, subscription] = [bus.publisher(of as never), bus.subscribe(of as never)];
  const writer = new RecordingWriter(path, of as never, publisher.symbols);
  publisher.symbols.add("ABC");
  let rows: Record<string, number | bigint>[] = [];
  const flush = () => {
    if (rows.length === 0) return;
    const columns = Object.entries(of.columns).map(([name, { dtype }]) => [
      name,
      (viewOf(dtype) as unknown as typeof Float64Array).from(rows.map((row) => row[name] ?? (dtype === "i64" ? 0n : 0)) as never),
    ]);
    publisher.publish(Object.fromEntries(columns));
    subscription.poll((batch) => void writer.append(batch as never));
    rows = [];
  };
  return {
    add(row: Record<string, number | bigint>) {
      rows.push(row);
      if (rows.length === of.rows) flush();
    },
    end() {
      flush();
      writer.close();
      bus.close();
    },
  };
}

/** Paths of recordings of so many rows in all. */
function market(folder: string, count: number): string[] {
  const random = seeded(1);
  const paths = ["book_changes", "trades"].map((type) => join(folder, `${count}.${type}.tfr`));
  const [changes, trades] = [writing(paths[0]!, "book_changes"), writing(paths[1]!, "trades")];
  let [bid, time, row] = [600_000, 1_725_000_000_000_000_000n, 0];
  const at = (ticks: number) => Math.round(ticks) / Math.round(1 / tick);
  const change = (side: 1 | -1, ticks: number, size: number, flags = 2) => {
    changes.add({ time, side, price: at(ticks), size, flags });
    row++;
  };
  const some = () => 1 + Math.floor(random() * 50);
  for (let i = 0; i < depth; i++) {
    change(1, bid - i, some(), i === 0 ? 3 : 2);
    change(-1, bid + 1 + i, some());
  }
  while (row < count) {
    time += stepNs;
    const side = random() < 0.5 ? 1 : -1;
    if (random() < tradesShare) {
      trades.add({ time, side, price: at(side > 0 ? bid + 1 : bid), size: 1 });
      row++;
    } else if (random() < 0.02) {
      // The best of one side goes, and the other side comes closer.
      change(-side as 1 | -1, side > 0 ? bid + 1 : bid, 0);
      bid += side;
      change(side, side > 0 ? bid : bid + 1, some());
      change(side, side > 0 ? bid - depth : bid + 1 + depth, 0);
      change(-side as 1 | -1, side > 0 ? bid + depth : bid + 1 - depth, some());
    } else {
      const level = Math.floor(random() * depth);
      change(side, side > 0 ? bid - level : bid + 1 + level, some());
    }
  }
  changes.end();
  trades.end();
  return paths;
}

const quiet = defineStrategy({ name: "quiet", doc: "Does nothing.", params: {}, begin: () => ({}) });
/** Asked every so many rows: joins the best of both sides, and moves when it has moved. */
const joiner = defineStrategy({
  ...{ name: "joiner", doc: "Rests at the best of both sides.", params: {} },
  begin: () => ({
    onStart: (context) => context.timer("look", context.now + 100n * stepNs),
    onTimer(context) {
      const { bid, ask } = context.book(0);
      const held = context.position(0);
      for (const [side, price] of [
        [1, bid],
        [-1, ask],
      ] as const) {
        const own = context.orders(0).find((order) => order.side === side);
        if (!own && side * held < 20) context.submit({ instrument: 0, side, price, size: 1, type: "post_only" });
        else if (own && own.price !== price && own.state === "resting") context.cancel(own.id);
      }
      context.timer("look", context.now + 100n * stepNs);
    },
  }),
});

/** Bytes of this process's own, without the recordings that it maps; what is resident where the system does not tell them apart. */
function ownBytes(): number {
  if (process.platform !== "linux") return process.memoryUsage.rss();
  return 1024 * Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]);
}

const rounded = (value: number) => Math.round(value * 100) / 100;

async function timed(name: string, strategy: AnyStrategy, files: readonly string[]): Promise<void> {
  const times: number[] = [];
  let [hash, rows, decisions, fills, most] = ["", 0, 0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage();
    const watch = setInterval(() => (most = Math.max(most, ownBytes())), 20);
    const result = await backtest(strategy, files, { latency: { entry: 1_000_000, answer: 1_000_000 } });
    clearInterval(watch);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1e6);
    if (hash !== "" && result.hash !== hash) throw new Error(`${name}: hash ${result.hash} after ${hash}`);
    [hash, rows, decisions, fills] = [result.hash, result.rows, result.decisions, result.fills.time.length];
  }
  if (strategy === quiet && fills > 0) throw new Error(`${name}: ${fills} fills without an order`);
  times.sort((a, b) => a - b);
  const perSecond = (time: number) => rounded(rows / time / 1e6);
  console.log(
    JSON.stringify({
      ...{
        path: `backtest/${name}`,
        rows,
        decisions,
        fills,
        millionRowsPerSecond: perSecond(times[0]!),
        median: perSecond(times[runs >> 1]!),
      },
      ...{ ownMegabytes: Math.round(most / 1e6), load: rounded(loadavg()[0]!), processor: cpus()[0]?.model },
    }),
  );
}

install();
const count = Number(process.argv[2] ?? 10) * 1e6;
const folder = mkdtempSync(join(tmpdir(), "tickforge-backtest-bench-"));
try {
  const [short, long] = [market(folder, count / 10), market(folder, count)];
  await timed("book only, a tenth of the rows", quiet, short);
  await timed("book only", quiet, long);
  await timed("queues, a decision each 100 rows, a tenth of the rows", joiner, short);
  await timed("queues, a decision each 100 rows", joiner, long);
} finally {
  rmSync(folder, { recursive: true });
}
