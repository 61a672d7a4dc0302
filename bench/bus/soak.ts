/**
 * A long run of the shared bus through faults: records in bulk, then producers that are killed, stopped and replaced and
 * consumers that are killed and stopped, at random moments. Every record that arrives is checked: number, checksum, order.
 * Prints one JSON row per part, exit code 1 where anything is lost without notice, torn or out of order.
 * `node dist/bench/bus/soak.js [share of 10^9 records and 200 faults of each kind, 1 by default] [seed]`
 */
import { fork } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Batch, Subscription } from "../../src/bus/bus.js";
import { SharedBus } from "../../src/bus/shared/shared_bus.js";
import { checkOf, counts, filler, type record, trades, verify } from "./stream.js";

const rows = 256;
const flow = { ...trades(rows), slots: 16 };
const bulk = trades(1000);
type Role = "bulk" | "publish" | "follow" | "disturbed";
interface Job {
  role: Role;
  folder: string;
  takeover?: boolean;
  evictAfterMs: number;
}
interface Report {
  rows: number;
  lost: number;
  /** Batches whose numbers do not follow from those before and the counted loss. */
  reordered: number;
  corrupt: number;
  epochs: number;
  /** Producers: longest time from a refused claim to the next slot, in ms. */
  stall: number;
  fenced: boolean;
}
const nothing = (): Report => ({ rows: 0, lost: 0, reordered: 0, corrupt: 0, epochs: 0, stall: 0, fenced: false });

/** Fills frames of changing sizes, some row by row in the open, and reports twice a second until it is ended or replaced. */
async function publish(bus: SharedBus, { takeover = false, evictAfterMs }: Job): Promise<void> {
  const publisher = bus.publisher(flow, { producer: process.pid, takeover, evictAfterMs });
  let next = bus.stats(flow).published;
  const report = nothing();
  let refused: { at: number; elsewhere: number } | undefined;
  tell(report);
  try {
    for (let turn = 0; ; turn++) {
      if (turn % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
      const slot = publisher.claim();
      if (!slot) {
        refused ??= { at: performance.now(), elsewhere: waitedForProcessor() };
        publisher.wait(10);
        continue;
      }
      // The stall that counts is the ring's: not that of a process that had no processor.
      if (refused) report.stall = Math.max(report.stall, performance.now() - refused.at - (waitedForProcessor() - refused.elsewhere));
      refused = undefined;
      const count = 1 + ((turn * 37) % rows);
      const open = turn % 3 === 0;
      for (let i = 0; i < count; i++, next++) {
        put(slot.columns, i, next);
        if (open) publisher.raise(i + 1);
      }
      publisher.commit(count);
      report.rows += count;
      if (turn % 2000 === 0) tell(report);
    }
  } catch (error) {
    if ((error as { code?: string }).code !== "E_BUS_FENCED") throw error;
    tell({ ...report, fenced: true });
  }
}

/** Milliseconds that this thread was ready and another one ran, since it began; 0 where the system does not tell. */
function waitedForProcessor(): number {
  try {
    return Number(fs.readFileSync("/proc/thread-self/schedstat", "latin1").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}

function put(columns: Batch<typeof record>["columns"], i: number, id: number): void {
  const { sequence, price, size, bid, ask, depth, symbol, check } = columns;
  sequence[i] = id;
  price[i] = size[i] = bid[i] = ask[i] = depth[i] = id;
  symbol[i] = id >>> 0;
  check[i] = checkOf(id);
}
const whole = (
  { sequence, price, size, bid, ask, depth, symbol, check }: Batch<typeof record>["columns"],
  i: number,
  id: number,
): boolean =>
  sequence[i] === id &&
  check[i] === checkOf(id) &&
  price[i] === id &&
  size[i] === id &&
  bid[i] === id &&
  ask[i] === id &&
  depth[i] === id &&
  symbol[i] === id >>> 0;

/** Reads for ever; a batch counts only if it was intact after it was checked. */
async function follow(subscription: Subscription<typeof record>): Promise<void> {
  const report = nothing();
  let expected = -1;
  let epoch = 0;
  tell(report);
  const take = (batch: Batch<typeof record>) => {
    const { from, sequence, lost, columns } = batch;
    let good = true;
    for (let i = from; i < batch.rows; i++) good &&= whole(columns, i, sequence + i - from);
    const { rows: end, epoch: present } = batch;
    if (!batch.intact()) return;
    if (!good) report.corrupt++;
    if (expected >= 0 && sequence !== expected + lost) report.reordered++;
    if (present < epoch) report.reordered++;
    if (present !== epoch) report.epochs++;
    epoch = present;
    report.lost += lost;
    report.rows += end - from;
    expected = sequence + end - from;
  };
  for (let turn = 0; ; turn++) {
    subscription.wait(10);
    subscription.poll(take);
    if (turn % 500 === 0) {
      tell(report);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
const tell = (report: Report) => process.send?.({ ...report });

async function child(job: Job): Promise<void> {
  const bus = new SharedBus({ folder: job.folder });
  if (job.role === "publish") await publish(bus, job);
  else if (job.role !== "bulk") await follow(bus.subscribe(flow, { open: job.role === "disturbed" }));
  else {
    const step = filler(bus.publisher(bulk), bulk.rows);
    process.send!(nothing());
    for (;;) step();
  }
  process.disconnect();
}

class Process {
  report = nothing();
  readonly ended: Promise<void>;
  readonly started: Promise<unknown>;
  private readonly process;
  constructor(job: Job) {
    this.process = fork(fileURLToPath(import.meta.url), [JSON.stringify(job)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.process.on("message", (report: Report) => void (this.report = report));
    this.ended = new Promise((resolve) => this.process.once("exit", () => resolve()));
    this.started = Promise.race([new Promise((resolve) => this.process.once("message", resolve)), this.ended]);
  }
  signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    this.process.kill(name);
  }
  end(): Promise<void> {
    this.signal("SIGKILL");
    return this.ended;
  }
}

const print = (row: object) => process.stdout.write(`${JSON.stringify(row)}\n`);

async function stream(folder: string, records: number): Promise<void> {
  const bus = new SharedBus({ folder });
  const subscription = bus.subscribe(bulk);
  const seen = counts();
  const producer = new Process({ role: "bulk", folder, evictAfterMs: Number.POSITIVE_INFINITY });
  try {
    await producer.started;
    const start = performance.now();
    const take = ({ columns, rows: count }: Batch<typeof record>) => verify(seen, columns.sequence, columns.check, count, 1, 0);
    while (seen.records < records) if (subscription.poll(take) === 0) subscription.wait(10);
    print({ part: "stream", ...seen, seconds: Math.round((performance.now() - start) / 1000) });
    if (seen.lost + seen.duplicated + seen.reordered + seen.corrupt > 0) process.exitCode = 1;
  } finally {
    await producer.end();
    bus.close();
  }
}

/** Numbers from 0 to 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    return (((mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed) >>> 0) / 2 ** 32;
  };
}

async function faults(folder: string, each: number, evictAfterMs: number, seed: number): Promise<void> {
  const chance = random(seed);
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const job = { folder, evictAfterMs };
  const total = { rows: 0, lost: 0, reordered: 0, corrupt: 0 };
  let replaced = 0;
  const add = ({ report }: Process) => {
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += report[key];
  };
  const steady = new Process({ ...job, role: "follow" });
  const running = new Set<Process>([steady]);
  const run = async (role: Role, takeover = false): Promise<Process> => {
    const made = new Process({ ...job, role, takeover });
    running.add(made);
    await made.started;
    return made;
  };
  try {
    await steady.started;
    let producer = await run("publish");
    let disturbed = await run("disturbed");
    let stall = 0;
    const wanted = ["kill producer", "stop producer", "kill consumer", "stop consumer"].flatMap(
      (kind) => Array(each).fill(kind) as string[],
    );
    for (const kind of wanted.sort(() => chance() - 0.5)) {
      await pause(chance() * 30);
      stall = Math.max(stall, producer.report.stall);
      if (kind === "kill producer") {
        await producer.end();
        producer = await run("publish");
      } else if (kind === "stop producer") {
        const old = producer;
        old.signal("SIGSTOP");
        await pause(chance() * 10);
        producer = await run("publish", true);
        old.signal("SIGCONT");
        await old.ended;
        if (old.report.fenced) replaced++;
      } else if (kind === "kill consumer") {
        await disturbed.end();
        add(disturbed);
        disturbed = await run("disturbed");
      } else {
        disturbed.signal("SIGSTOP");
        await pause(evictAfterMs * (0.5 + chance()));
        disturbed.signal("SIGCONT");
      }
    }
    await pause(500);
    add(disturbed);
    // What is lost here was evicted, by a producer that would not wait longer, and is known to whoever lost it.
    const { rows: read, lost, reordered, corrupt, epochs } = steady.report;
    print({ part: "faults", each, steady: { rows: read, lost, reordered, corrupt, epochs }, disturbed: total, replaced, stallMs: stall });
    const wrong = [total, steady.report].some((one) => one.reordered + one.corrupt > 0);
    if (wrong || replaced !== each || steady.report.rows === 0) process.exitCode = 1;
  } finally {
    for (const one of running) await one.end();
  }
}

async function main(): Promise<void> {
  const [share, seed] = [Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 1)];
  const folder = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tickforge-soak-"));
  try {
    await stream(folder, 1e9 * share);
    await faults(folder, Math.max(1, Math.round(200 * share)), 30, seed);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

if (process.send && import.meta.url === pathToFileURL(process.argv[1]!).href && process.argv[2]?.startsWith("{")) {
  process.on("disconnect", () => process.exit(1));
  await child(JSON.parse(process.argv[2]) as Job);
} else await main();
