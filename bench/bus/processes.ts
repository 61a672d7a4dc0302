/** The shared bus between two processes, beside a plain copy through the same kind of memory in the same run. */
import { pathToFileURL } from "node:url";
import type { Batch, Topic } from "../../src/bus/bus.js";
import type { Granted } from "../../src/bus/ring/granted.js";
import { memoryFunctions } from "../../src/bus/shared/mapped.js";
import { place } from "../../src/bus/shared/placement.js";
import { SharedBus } from "../../src/bus/shared/shared_bus.js";
import { alone, beside, type Job, mapped, type Path } from "./beside.js";
import { median, print } from "./row.js";
import { blocks, type Counts, checkOf, counts, filler, RECORD_BYTES, type record, SLOTS, trades, verify } from "./stream.js";
import { bare, echo, tripRows, vpin } from "./trips.js";

const warmSteps = 3000;

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

const plain = (path: Path) => path === "memcpy" || path === "verified";

function child(job: Job): void {
  const bus = new SharedBus({ folder: job.folder });
  if (job.alone) place({ pin: [1] });
  if (job.path === "echo") echo(bus, job.sleep);
  if (job.path === "bare") bare(job.folder);
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
  await tripRows();
  await deep();
  return memcpy;
}

if (process.send && import.meta.url === pathToFileURL(process.argv[1]!).href) {
  process.on("disconnect", () => process.exit(1));
  child(JSON.parse(process.argv[2]!) as Job);
}
