/** The shared bus between two processes, beside a plain copy through the same kind of memory in the same run. */
import { type ChildProcess, fork } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { install } from "../src/backends/index.js";
import type { Batch, Topic } from "../src/bus/bus.js";
import { topic } from "../src/bus/frame.js";
import type { Granted } from "../src/bus/granted.js";
import { memoryFunctions } from "../src/bus/mapped.js";
import { place } from "../src/bus/placement.js";
import { SharedBus } from "../src/bus/shared.js";
import { Toxicity } from "../src/engines/toxicity.js";
import { tradesTopic } from "../src/engines/trades.js";
import { median, percentiles, print } from "./bus-row.js";
import { blocks, type Counts, checkOf, counts, filler, RECORD_BYTES, type record, SLOTS, trades, verify } from "./bus-stream.js";

type Path = "shared" | "memcpy" | "verified" | "raise" | "echo" | "vpin";
/** Each side on a core of its own, before all others where that is permitted: what the code can do, whatever else runs. */
const alone = process.argv.includes("--alone");
const warmSteps = 3000;

interface Job {
  alone: boolean;
  path: Path;
  batch: number;
  folder: string;
  sleep: boolean;
}
const answers = topic({ name: "answers", columns: { stamp: { dtype: "f64" } }, rows: 1, slots: 64, backpressure: "block" });
const asks = topic({ ...answers, name: "asks" });
const tape = tradesTopic(64, 256);
/** Microseconds that all processes of a machine count alike. */
const clock = () => Number(process.hrtime.bigint()) / 1000;

function mapped(folder: string, bytes: number): ArrayBuffer {
  const file = fs.openSync(join(folder, "memcpy"), "a+");
  const { allocate, map } = memoryFunctions();
  allocate(file, bytes);
  return map(file, bytes);
}
const memoryFor = ({ folder, batch }: Job) => blocks(mapped(folder, 256 + SLOTS * batch * RECORD_BYTES), batch * RECORD_BYTES);

/** A plain copy; `verified`: of records that are made and checked like those of the other paths. */
function copier(job: Job, verified: boolean): () => void {
  const memory = memoryFor(job);
  const values = new Float64Array(job.batch * 8);
  const source = new Uint8Array(values.buffer);
  let next = 0;
  let written = true;
  return () => {
    for (let i = 0; verified && written && i < job.batch; i++) {
      values[8 * i] = next;
      values[8 * i + 7] = checkOf(next++);
    }
    written = memory.write(source);
    if (!written) memory.rest();
  };
}
function taker(job: Job, verified: boolean, seen: Counts): () => void {
  const memory = memoryFor(job);
  const values = new Float64Array(job.batch * 8);
  const target = new Uint8Array(values.buffer);
  return () => {
    if (!memory.read(target)) memory.rest();
    else if (verified) verify(seen, values, values, job.batch, 8, 7);
    else seen.records += job.batch;
  };
}

/** One record at a time: each is seen as soon as its row is raised. */
function raiser(bus: SharedBus): () => void {
  const publisher = bus.publisher(trades(256));
  let next = 0;
  return () => {
    const slot = publisher.claim();
    if (!slot) return void publisher.wait(10);
    const { sequence, time_ns, price, size, bid, ask, depth, symbol, check } = slot.columns;
    const words = new Int32Array(time_ns.buffer, time_ns.byteOffset, 2 * time_ns.length);
    for (let i = 0; i < 256; i++, next++) {
      sequence[i] = next;
      words[2 * i] = next;
      price[i] = size[i] = bid[i] = ask[i] = depth[i] = next;
      symbol[i] = i;
      check[i] = checkOf(next);
      publisher.raise(i + 1);
    }
    publisher.commit(256);
  };
}

function echo(bus: SharedBus, sleep: boolean): void {
  const [incoming, outgoing] = [bus.subscribe(asks), bus.publisher(answers)];
  process.send!("ready");
  for (;;) {
    if (sleep) incoming.wait();
    incoming.poll(({ columns }) => {
      outgoing.claim()!.columns.stamp[0] = columns.stamp[0]!;
      outgoing.commit(1);
    });
  }
}

/** Answers with the time at which the kernel was done. */
function vpin(bus: SharedBus): void {
  install();
  const engine = new Toxicity({ bucketVolumes: Float64Array.of(1e6), window: 50, history: 1000, classify: "given" });
  const [incoming, outgoing] = [bus.subscribe(tape), bus.publisher(answers)];
  process.send!("ready");
  for (;;) {
    incoming.poll((batch) => {
      engine.take(batch);
      outgoing.claim()!.columns.stamp[0] = clock();
      outgoing.commit(1);
    });
  }
}

const plain = (path: Path) => path === "memcpy" || path === "verified";

function child(job: Job): void {
  const bus = new SharedBus({ folder: job.folder });
  if (job.alone) place({ pin: [1] });
  if (job.path === "echo") echo(bus, job.sleep);
  if (job.path === "vpin") vpin(bus);
  const step = plain(job.path)
    ? copier(job, job.path === "verified")
    : job.path === "raise"
      ? raiser(bus)
      : filler(bus.publisher(trades(job.batch)), job.batch);
  process.send!("ready");
  // Not before the code is compiled: that is the work of threads which would then get no processor.
  for (let i = 0; i < warmSteps; i++) step();
  if (job.alone) place({ pin: [1], realTime: true });
  for (;;) step();
}

/** Starts the other process in a folder of their own, and ends both. */
async function beside<T>(
  job: Omit<Job, "folder" | "alone">,
  run: (bus: SharedBus, job: Job, started: () => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const folder = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tickforge-bench-"));
  const bus = new SharedBus({ folder });
  let other: ChildProcess | undefined;
  const started = () => {
    // A process begins on the cores of the one that starts it.
    if (alone) place({ pin: [0, 1] });
    other = fork(fileURLToPath(import.meta.url), [JSON.stringify({ ...job, folder, alone })]);
    return new Promise((resolve, reject) => other!.once("message", resolve).once("exit", () => reject(new Error(`${job.path} ended`))));
  };
  try {
    return await run(bus, { ...job, folder, alone }, started);
  } finally {
    other?.kill("SIGKILL");
    bus.close();
    fs.rmSync(folder, { recursive: true });
  }
}

/** About half a microsecond in which the other side has the cache line for itself. */
function breathe(): void {
  for (let i = 0; i < 400; i++) rested = (rested + i) | 0;
}
let rested = 0;

function throughput(path: Path, batch: number, seconds: number): Promise<{ rate: number; seen: Counts }> {
  return beside({ path, batch, sleep: false }, async (bus, job, started) => {
    const seen = counts();
    const open = path === "raise";
    const subscription = bus.subscribe(trades(open ? 256 : batch), { open });
    const take = ({ columns, rows, from }: Batch<typeof record>) => verify(seen, columns.sequence, columns.check, rows, 1, 0, from);
    let idle = 0;
    const step = plain(path)
      ? taker(job, path === "verified", seen)
      : open
        ? () => {
            idle = subscription.poll(take) ? 0 : idle + 1;
            if (idle > 50) subscription.wait(10);
            else breathe();
          }
        : () => void (subscription.poll(take) || subscription.wait(10));
    await started();
    while (seen.records < 2 * warmSteps * Math.max(256, batch)) step();
    if (alone) place({ pin: [0], realTime: true });
    const [start, from] = [performance.now(), seen.records];
    while (performance.now() - start < seconds * 1000) for (let i = 0; i < 16; i++) step();
    const rate = (seen.records - from) / ((performance.now() - start) / 1000);
    if (alone) memoryFunctions().realTime(0);
    return { rate, seen };
  });
}

/** Microseconds from before the publication to the answer, or to what the answer says. */
function latencies(path: "echo" | "vpin", trips: number, sleep: boolean): Promise<Float64Array> {
  return beside({ path, batch: 1, sleep }, async (bus, _, started) => {
    const heard = bus.subscribe(answers);
    await started();
    if (alone) place({ pin: [0] });
    const questions = path === "vpin" ? bus.publisher(tape) : bus.publisher(asks);
    const took = new Float64Array(trips);
    for (let i = -trips / 10; i < trips; i++) {
      const slot = questions.claim()!;
      if (path === "vpin") fill(slot.columns as never, i);
      const start = clock();
      questions.commit(path === "vpin" ? tape.rows : 1);
      let end = 0;
      if (sleep) heard.wait();
      while (heard.poll(({ columns }) => void (end = path === "vpin" ? columns.stamp[0]! : clock())) === 0);
      if (i >= 0) took[i] = end - start;
      // Long enough for the other side to fall asleep.
      for (const until = clock() + 200; sleep && clock() < until; );
    }
    return took.sort();
  });
}

function fill({ time, price, size, side, instrument }: Record<string, any>, turn: number): void {
  time.fill(BigInt(1_000_000 + turn));
  price.fill(100);
  size.fill(1);
  side.fill(turn & 1 ? 1 : -1);
  instrument.fill(0);
}

/** As many messages as a ring of 512 slots of 256 holds, published before the first is read. */
function deep(): Promise<void> {
  return beside({ path: "shared", batch: 256, sleep: false }, async (bus) => {
    const of: Topic<typeof record> = { ...trades(256), slots: 512 };
    const subscription = bus.subscribe(of);
    const publisher = bus.publisher(of);
    const step = filler(publisher, 256);
    for (let i = 0; i < 512; i++) step();
    const depth = subscription.stats().lag * 256;
    const seen = counts();
    subscription.poll(({ columns, rows }) => verify(seen, columns.sequence, columns.check, rows, 1, 0));
    print(`shared, ${depth} records deep before any is read`, 256, {}, { ...seen, lost: seen.lost + depth - seen.records });
  });
}

const titles: Partial<Record<Path, string>> = {
  memcpy: "memcpy, two processes",
  verified: "memcpy, records made and verified",
  shared: "shared",
  raise: "shared, one by one",
};

/** What is granted here; this process is then as it was, but for its cores. */
function granted(): Granted {
  const given = place({ pin: [0, 1], realTime: true });
  memoryFunctions().realTime(0);
  return given;
}

/** Prints the rows; answers with the rate of the plain copy in batches of 1000. */
export async function processRows(seconds: number, runs: number): Promise<number> {
  if (alone) process.stderr.write(`alone: ${JSON.stringify(granted())}\n`);
  let memcpy = 0;
  for (const batch of [256, 1000]) {
    const paths: Path[] = batch === 256 ? ["memcpy", "verified", "shared", "raise"] : ["memcpy", "verified", "shared"];
    const rates: number[][] = paths.map(() => []);
    const total = paths.map(() => counts());
    // Runs of the paths take turns, so that a busy moment of the machine does not fall on one of them.
    for (let run = 0; run < runs; run++)
      for (const [i, path] of paths.entries()) {
        const { rate, seen } = await throughput(path, path === "raise" ? 1 : batch, seconds);
        rates[i]!.push(rate);
        for (const key of Object.keys(seen) as (keyof Counts)[]) total[i]![key] += seen[key];
      }
    memcpy = median(rates[0]!);
    for (const [i, path] of paths.entries()) {
      const rate = median(rates[i]!);
      const has = { recordsPerSecondMedian: Math.round(rate), memcpyFraction: rate / memcpy };
      print(titles[path]!, path === "raise" ? 1 : batch, has, total[i]);
    }
  }
  print("shared, round trip spinning", 1, percentiles(await latencies("echo", 20_000, false)));
  print("shared, round trip sleeping", 1, percentiles(await latencies("echo", 20_000, true)));
  print("shared, publish to VPIN", tape.rows, percentiles(await latencies("vpin", 5_000, false)));
  await deep();
  return memcpy;
}

if (process.send && import.meta.url === pathToFileURL(process.argv[1]!).href) {
  process.on("disconnect", () => process.exit(1));
  child(JSON.parse(process.argv[2]!) as Job);
}
