/**
 * What the page costs who looks and who serves: one JSON row a case, and `--json FILE` for all with the machine.
 * `node dist/bench/page/page.js [cases] [--json FILE] [--rows 100000000]`.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { packageRoot } from "../../src/addon/addon.js";
import { install } from "../../src/backends/index.js";
import { RecordingWriter } from "../../src/bus/recording/recording_writer.js";
import { Dictionary } from "../../src/bus/symbols.js";
import { checksum } from "../../src/engines/checksum.js";
import { tradesTopic } from "../../src/engines/trades.js";
import { describeMachine } from "../machine.js";
import { browse, connect, openTab } from "./client.js";
import { Market } from "./market.js";
import type { Cost, Said } from "./serve.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "string" },
    /** Of the recording in which is sought. */
    rows: { type: "string", default: "100000000" },
    /** How long a tab is watched for its memory. */
    minutes: { type: "string", default: "3" },
  },
});
install();
const folder = mkdtempSync(join(tmpdir(), "tickforge-page-bench-"));
const names = ["A", "B", "C", "D"];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const rounded = (value: number) => Math.round(value * 100) / 100;
const at = (of: readonly number[], share: number) =>
  [...of].sort((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * share))] ?? Number.NaN;
const results: object[] = [];
function print(path: string, has: Readonly<Record<string, number | string>>): void {
  const line = {
    path: `page/${path}`,
    ...Object.fromEntries(Object.entries(has).map(([name, value]) => [name, typeof value === "number" ? rounded(value) : value])),
    load: rounded(loadavg()[0]!),
  };
  results.push(line);
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

interface Served {
  readonly url: string;
  cost(): Promise<Cost>;
  /** Of recordings: read to their end. */
  readonly whole: Promise<void>;
  close(): void;
}
const children: ChildProcess[] = [];
async function serve(of: object): Promise<Served> {
  const child = fork(fileURLToPath(new URL("./serve.js", import.meta.url)), [JSON.stringify(of)], { execArgv: ["--expose-gc"] });
  children.push(child);
  const hear = <K extends "url" | "whole" | "cost">(key: K) =>
    new Promise<any>((resolve, reject) => {
      const listen = (said: Said) => {
        if (!(key in said)) return;
        child.off("message", listen);
        resolve((said as Record<string, unknown>)[key]);
      };
      child.on("message", listen).once("exit", reject);
    });
  const whole = hear("whole").catch(() => {}) as Promise<void>;
  return {
    ...{ url: (await hear("url")) as string, whole },
    cost() {
      const cost = hear("cost") as Promise<Cost>;
      child.send("cost");
      return cost;
    },
    close: () => void child.kill(),
  };
}
let markets = 0;
async function live(): Promise<{ market: Market; served: Served; end(): void }> {
  const market = new Market(join(folder, `market${markets++}`), names);
  const served = await serve({ live: market.job });
  const end = () => {
    served.close();
    market.close();
  };
  return { market, served, end };
}
/** Trades and buckets at a pace; their time runs `speed` times as fast as the clock. */
function feed(market: Market, trades: number, buckets: number, speed = 1, from = Date.now()): () => void {
  let [last, time, owed] = [performance.now(), from, 0];
  const timer = setInterval(() => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    const to = time + 1000 * speed * seconds;
    market.trade(time, to, Math.round(trades * seconds));
    owed += buckets * seconds;
    if (owed >= 1) market.buckets(time, to, Math.floor(owed));
    [last, time, owed] = [now, to, owed % 1];
  }, 5);
  return () => clearInterval(timer);
}
/** The last ten minutes with so many rows of each line. */
function fill(market: Market, points: number): void {
  const now = Date.now();
  for (let at = 0; at < points; at += 1000) {
    const [from, to] = [now - 600_000 * (1 - at / points), now - 600_000 * (1 - (at + 1000) / points)];
    market.trade(from, to, 1000 * names.length);
    market.buckets(from, to, 1000 * names.length);
  }
}
const all = names.map((name) => `i=${name}`).join("&");

const cases: Record<string, () => Promise<void>> = {
  async size() {
    const folder = join(packageRoot(), "dist/lib/page");
    const zipped = readdirSync(folder).map((file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length);
    print("size", { kilobytes: zipped.reduce((sum, one) => sum + one, 0) / 1000 });
  },

  /** Eight panels with 10,000 rows each in what they show, and more all the time. */
  async frames() {
    const browser = await browse();
    for (let run = 0; run < 3; run++) {
      const { market, served, end } = await live();
      fill(market, 10_000);
      await pause(1000);
      const stop = feed(market, 400, 400);
      const { tab, frames, metrics, close } = await openTab(browser, `${served.url}#view=market&${all}`);
      await tab.locator("canvas").nth(7).waitFor();
      await pause(2000);
      await frames();
      const before = await metrics();
      const from = performance.now();
      await pause(8000);
      const seconds = (performance.now() - from) / 1000;
      const [seen, after] = [await frames(), await metrics()];
      print("frames", {
        ...{ panels: await tab.locator("canvas").count(), framesPerSecond: seen.length / seconds },
        ...{ p50ms: at(seen, 0.5), p95ms: at(seen, 0.95), worstMs: Math.max(...seen) },
        processorMsPerFrame: (1000 * (after.TaskDuration! - before.TaskDuration!)) / seen.length,
      });
      stop();
      await close();
      end();
    }
    await browser.close();
  },

  /** A million rows a second, eight lines of a thousand columns, a client. */
  async rate() {
    const { market, served, end } = await live();
    fill(market, 4000);
    const client = await connect(served.url);
    const stop = feed(market, 1e6, 4000);
    await pause(2000);
    await served.cost();
    const [bytes, from] = [client.bytes, performance.now()];
    await pause(10_000);
    const seconds = (performance.now() - from) / 1000;
    const cost = await served.cost();
    print("rate", {
      ...{
        rowsPerSecond: 1_004_000,
        missed: cost.missed,
        lines: client.series,
        kilobytesPerSecond: (client.bytes - bytes) / seconds / 1000,
      },
      ...{ serverProcessorShare: cost.processorMs / 1000 / seconds, takeP50ms: at(cost.takes, 0.5), takeP99ms: at(cost.takes, 0.99) },
      ...{ drawP50ms: at(cost.draws, 0.5), drawP99ms: at(cost.draws, 0.99), framesPerSecond: client.gaps.length / (seconds + 2) },
    });
    stop();
    client.close();
    end();
  },

  /** From the commit of a trade to the picture that shows it, four panels beside it. */
  async "event to pixel"() {
    const browser = await browse();
    for (let run = 0; run < 3; run++) {
      const { market, served, end } = await live();
      fill(market, 2000);
      const { tab, seen, close } = await openTab(browser, `${served.url}#view=market&i=A&i=B`);
      await tab.locator("canvas").nth(3).waitFor();
      await pause(2000);
      const sent = new Map<number, number>();
      for (let i = 0; i < 400; i++) {
        const price = 300_000 + 10 * i;
        sent.set(price, performance.timeOrigin + performance.now());
        market.one(Date.now(), price);
        await pause(30 + ((i * 7919) % 31));
      }
      await pause(500);
      const shown = await seen();
      // One that came with the next in the same frame was shown with it.
      const times = [...sent].flatMap(([price, from]) => {
        const to = [...shown].filter(([one]) => one >= price).map(([, time]) => time);
        return to.length > 0 ? [Math.min(...to) - from] : [];
      });
      print("event to pixel", { events: times.length, p50ms: at(times, 0.5), p99ms: at(times, 0.99), worstMs: Math.max(...times) });
      await close();
      end();
    }
    await browser.close();
  },

  /** Twenty clients, one of which reads nothing. */
  async clients() {
    const { market, served, end } = await live();
    fill(market, 4000);
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect(served.url)));
    const stop = feed(market, 10_000, 400);
    await pause(3000);
    const before = await served.cost();
    clients[0]!.socket.pause();
    const others = clients.slice(1);
    for (const { gaps } of others) gaps.length = 0;
    const from = performance.now();
    await pause(15_000);
    const seconds = (performance.now() - from) / 1000;
    const after = await served.cost();
    const gaps = others.flatMap((one) => one.gaps);
    print("clients", {
      ...{ clients: clients.length, stalledMegabytes: (after.heapBytes - before.heapBytes) / 1e6 },
      ...{ framesPerSecond: gaps.length / others.length / seconds, gapP99ms: at(gaps, 0.99), gapWorstMs: Math.max(...gaps) },
      ...{ serverProcessorShare: after.processorMs / 1000 / seconds, drawP50ms: at(after.draws, 0.5), drawP99ms: at(after.draws, 0.99) },
    });
    stop();
    for (const one of clients) one.close();
    end();
  },

  /** Any stretch of a long recording, asked for on the socket. */
  async seek() {
    const rows = Number(values.rows);
    const path = join(folder, "long.tfr");
    const [begin, endTime] = record(path, rows);
    const first = await serve({ recordings: [path] });
    const began = performance.now();
    await first.whole;
    const indexed = (performance.now() - began) / 1000;
    first.close();
    const served = await serve({ recordings: [path] });
    await served.whole;
    const client = await connect(served.url);
    await served.cost();
    const times: number[] = [];
    for (let i = 0; i < 300; i++) {
      const length = (endTime - begin) * 10 ** (-6 * (((i * 7919) % 1000) / 1000));
      const from = begin + (endTime - begin - length) * (((i * 104_729) % 1000) / 1000);
      times.push(await client.seek([from, from + length]));
    }
    const cost = await served.cost();
    print("seek", {
      ...{ rows, indexSeconds: indexed, p50ms: at(times, 0.5), p99ms: at(times, 0.99), worstMs: Math.max(...times) },
      ...{ drawP50ms: at(cost.draws, 0.5), drawP99ms: at(cost.draws, 0.99), drawWorstMs: Math.max(...cost.draws) },
      residentMegabytes: cost.residentBytes / 1e6,
    });
    client.close();
    served.close();
    rmSync(path);
  },

  /** The heap of a tab, collected, after the first third and at the end of some minutes at twenty times the market's speed. */
  async memory() {
    const browser = await browse();
    const { market, served, end } = await live();
    const stop = feed(market, 2000, 200, 20);
    const { tab, devtools, metrics, close } = await openTab(browser, `${served.url}#view=market&${all}`);
    await tab.locator("canvas").nth(7).waitFor();
    const collected = async () => {
      await tab.evaluate("frames60.length = 0; seen.clear()");
      await devtools.send("HeapProfiler.collectGarbage");
      const { JSHeapUsedSize, Nodes, JSEventListeners } = await metrics();
      return { bytes: JSHeapUsedSize!, nodes: Nodes!, listeners: JSEventListeners! };
    };
    const minutes = Number(values.minutes);
    const heaps = [];
    for (let i = 0; i < 3; i++) {
      await pause((minutes * 60_000) / 3);
      heaps.push(await collected());
    }
    const [first, , last] = heaps as [(typeof heaps)[0], unknown, (typeof heaps)[0]];
    const cost = await served.cost();
    print("memory", {
      ...{ minutes, marketMinutes: 20 * minutes, firstMegabytes: first.bytes / 1e6, lastMegabytes: last.bytes / 1e6 },
      ...{ firstNodes: first.nodes, lastNodes: last.nodes, firstListeners: first.listeners, lastListeners: last.listeners },
      serverMegabytes: cost.heapBytes / 1e6,
    });
    stop();
    await close();
    end();
    await browser.close();
  },
};

/** Trades of four instruments a millisecond apart; its first and last time, ms UTC. */
function record(path: string, rows: number): [number, number] {
  const each = 16_384;
  const topic = tradesTopic({ rows: each });
  const writer = new RecordingWriter(path, topic, new Dictionary(names), { crc32c: checksum() });
  const begin = Date.UTC(2026, 0, 12);
  const columns = {
    ...{ time: new BigInt64Array(each), price: new Float64Array(each), size: new Float64Array(each).fill(1) },
    ...{ side: new Int8Array(each).fill(1), instrument: Uint32Array.from({ length: each }, (_, i) => i % names.length) },
  };
  let [seed, price, time] = [1, 100, BigInt(begin) * 1_000_000n];
  for (let sequence = 0; sequence < rows; sequence += each) {
    for (let i = 0; i < each; i++) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      price += seed / 0x7fff_ffff - 0.5;
      columns.price[i] = price;
      columns.time[i] = time;
      time += 1_000_000n;
    }
    const frame = { slot: 0, from: 0, rows: Math.min(each, rows - sequence), sequence, timeNs: 0n, producer: 1, epoch: 1, lost: 0 };
    writer.append({ ...frame, columns, intact: () => true } as never);
  }
  writer.close();
  return [begin, begin + rows];
}

try {
  const wanted = positionals.length > 0 ? positionals : Object.keys(cases);
  for (const name of wanted) {
    const run = cases[name];
    if (!run) throw new Error(`there is no case '${name}'; there are ${Object.keys(cases).join(", ")}`);
    await run();
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine: describeMachine(false), results }, null, 1)}\n`);
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
