/**
 * What a system costs around its engines, and how it comes back: one JSON row a case, microseconds from the commit of a price to its end in the last
 * engine, rows a second, milliseconds to a first bucket and from a kill to the next row. `node dist/bench/system/system.js [cases]`.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSystem } from "../../src/system/plan/read_system.js";
import { Supervisor } from "../../src/system/supervisor/supervisor.js";
import { alarmToWeights } from "./alarm_to_weights.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-system-bench-"));
const module = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));
const print = (path: string, has: object) => process.stdout.write(`${JSON.stringify({ path: `system/${path}`, ...has })}\n`);
const rounded = (value: number) => Math.round(value * 10) / 10;

async function start(engines: object, instruments = ["ALPHA"]): Promise<Supervisor> {
  const plan = await readSystem({ system: { instruments, engines }, folder: join(folder, "system"), cores: 8 });
  return Supervisor.start(plan, { fresh: true });
}

interface Chain {
  readonly place?: "thread" | "process";
  readonly spin?: number;
  readonly group?: string;
}
/** Engines between the first price and the stopwatch. */
async function trip(
  name: string,
  middle: Record<string, object>,
  topic: string,
  { place = "thread", spin = 0, group }: Chain,
): Promise<void> {
  const file = join(folder, "times.json");
  const common = { place, ...(spin > 0 && { spin }), ...(group && { group }) };
  const runs: number[][] = [];
  for (let run = 0; run < 3; run++) {
    const system = await start({
      beat: { module: module("beat"), options: { everyUs: 200, count: 10_000, trades: middle === paper }, place, ...(group && { group }) },
      ...Object.fromEntries(Object.entries(middle).map(([engine, entry]) => [engine, { ...entry, ...common }])),
      stopwatch: { module: module("stopwatch"), options: { file }, takes: { rows: topic }, ...common },
    });
    await system.ended;
    runs.push((JSON.parse(readFileSync(file, "utf8")) as number[]).slice(2000).sort((a, b) => a - b));
  }
  const at = (share: number) => runs.map((seen) => seen[Math.floor(seen.length * share)]!).sort((a, b) => a - b);
  const [p50, p99] = [at(0.5), at(0.99)];
  print(name, {
    place,
    spin,
    p50us: rounded(p50[0]!),
    p50usMedian: rounded(p50[1]!),
    p99us: rounded(p99[0]!),
    p99usMedian: rounded(p99[1]!),
    prices: runs[0]!.length,
  });
}

const pass = { pass: { module: module("pass") } };
const margin = {
  ...pass,
  collateral: { takes: { prices: "passed" }, options: { interval: 0, distance: false, cash: 1000 } },
};

/** A strategy that asks for something at every trade, and the venue on paper that answers. */
const paper = {
  strategy: { options: { strategy: module("taker"), book: "none", tick: 0.01, lot: 1 } },
  execution: { options: { book: "none", tick: 0.01, lot: 1, ownOrders: 256 } },
};

const cases: Record<string, () => Promise<void>> = {
  "trade to order/threads": () => trip("trade to order/threads", paper, "orders", {}),
  "trade to answer/threads": () => trip("trade to answer/threads", paper, "order_news", {}),
  "trade to answer/one thread": () => trip("trade to answer/one thread", paper, "order_news", { group: "all" }),
  "hop/sleeping": () => trip("hop/sleeping", {}, "prices", {}),
  "hop/spinning": () => trip("hop/spinning", {}, "prices", { spin: 5000 }),
  "hop/one thread": () => trip("hop/one thread", pass, "passed", { group: "all" }),
  "price to margin/threads": () => trip("price to margin/threads", margin, "margin", {}),
  "price to margin/processes": () => trip("price to margin/processes", margin, "margin", { place: "process" }),
  "price to margin/one thread": () => trip("price to margin/one thread", margin, "margin", { group: "all" }),

  /** Milliseconds from an alarm to certified weights of 10,000 assets, and to orders. */
  async "alarm to weights"() {
    const found = await alarmToWeights({ assets: 10_000, factors: 100 }, 200);
    const at = (of: readonly number[], share: number) => rounded([...of].sort((a, b) => a - b)[Math.floor(of.length * share)]!);
    print("alarm to weights", {
      ...{ p50ms: at(found.weights, 0.5), p99ms: at(found.weights, 0.99), p99msOrders: at(found.orders, 0.99) },
      ...{ p50msProcessor: at(found.processor, 0.5), p99msProcessor: at(found.processor, 0.99) },
      ...{
        largestGap: found.gap,
        largestResidual: found.residual,
        steps: rounded(found.steps),
        held: found.held,
        alarms: found.weights.length,
      },
    });
  },

  /** Trades a second through market_data -> toxicity -> monitor, from a recording of the simulated market: to make it costs more than all else. */
  async throughput() {
    const tape = join(folder, "tape");
    const made = await start({
      market_data: { options: { speed: 0, seconds: 200_000, prices: "none", quotes: false } },
      recorder: { takes: { topics: ["trades"] }, options: { folder: tape } },
    });
    await made.ended;
    const system = await start({
      market_data: { options: { source: "recording", folder: tape, speed: 0, loop: true, prices: "none" } },
      toxicity: { options: { bucketVolume: 1000 } },
      monitor: { takes: { topics: ["toxicity"] } },
    });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const rates: number[] = [];
    for (let i = 0; i < 5 && system.state === "running"; i++) {
      const before = system.status().engines.find(({ name }) => name === "toxicity")!.taken;
      const from = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const after = system.status().engines.find(({ name }) => name === "toxicity")!.taken;
      rates.push(((after - before) / (performance.now() - from)) * 1000);
    }
    await system.stop();
    rates.sort((a, b) => b - a);
    print("throughput", { tradesPerSecondBest: Math.round(rates[0]!), tradesPerSecondMedian: Math.round(rates[rates.length >> 1]!) });
  },

  /** From the call to the first bucket of the default system. */
  async start() {
    const times: number[] = [];
    for (let run = 0; run < 3; run++) {
      const from = performance.now();
      const plan = await readSystem({ folder: join(folder, "default") });
      const system = await Supervisor.start(plan, { fresh: true });
      while ((system.status().topics.find(({ name }) => name === "toxicity")?.rows ?? 0) === 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
      times.push(performance.now() - from);
      await system.stop();
    }
    times.sort((a, b) => a - b);
    print("start", { milliseconds: rounded(times[0]!), millisecondsMedian: rounded(times[1]!) });
  },

  /** From a kill to the next row that the engine takes. */
  async resume() {
    for (const place of ["thread", "process"] as const) {
      const system = await start({
        market_data: { options: { speed: 100 } },
        toxicity: { options: { bucketVolume: 100 }, place, care: { limit: 1000, backoffMs: 0 } },
      });
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const times: number[] = [];
      for (let i = 0; i < 10; i++) {
        const taken = () => system.status().engines.find(({ name }) => name === "toxicity")!.taken;
        const begun = taken();
        system.killEngine("toxicity");
        const from = performance.now();
        while (taken() <= begun) await new Promise((resolve) => setTimeout(resolve, 1));
        times.push(performance.now() - from);
        await new Promise((resolve) => setTimeout(resolve, 700));
      }
      await system.stop();
      times.sort((a, b) => a - b);
      print(`resume/${place}`, {
        milliseconds: rounded(times[0]!),
        millisecondsMedian: rounded(times[5]!),
        millisecondsWorst: rounded(times[9]!),
      });
    }
  },

  /** A week of the market as fast as it goes: memory at the beginning and at the end. */
  async "a week"() {
    const system = await start(
      {
        market_data: { options: { speed: 0, seconds: 7 * 86_400 } },
        toxicity: { options: { bucketVolume: 500 } },
        features: {},
        risk: {},
        monitor: { takes: { topics: ["toxicity"] } },
      },
      ["ALPHA", "BETA", "GAMMA"],
    );
    const memory: number[] = [];
    const timer = setInterval(() => memory.push(process.memoryUsage().rss), 250);
    const from = performance.now();
    await system.ended;
    clearInterval(timer);
    const seconds = (performance.now() - from) / 1000;
    const rows = system.status().topics.reduce((sum, topic) => sum + topic.rows, 0);
    const mb = (at: number) => rounded(memory[Math.floor((memory.length - 1) * at)]! / 2 ** 20);
    print("a week", {
      seconds: rounded(seconds),
      rows,
      rssMBAtTenth: mb(0.1),
      rssMBAtHalf: mb(0.5),
      rssMBAtEnd: mb(1),
      rssMBMost: rounded(Math.max(...memory) / 2 ** 20),
    });
  },
};

const wanted = process.argv.slice(2);
process.stdout.write(
  `${JSON.stringify({ cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version, load: rounded(loadavg()[0]!), date: new Date().toISOString() })}\n`,
);
try {
  for (const [name, run] of Object.entries(cases)) if (wanted.length === 0 || wanted.some((one) => name.startsWith(one))) await run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
