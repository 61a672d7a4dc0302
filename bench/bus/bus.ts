/**
 * Records per second from one thread, and from one process, to another, 64 bytes a record: the ring, a plain copy through
 * shared memory in the same run (what the machine can do), and postMessage. Sequence numbers and checksums of all records are verified.
 * Prints one JSON row per path and batch size; zeromq, NATS and Redis beside them where they are installed. `npm run bench:bus -- --help` names the options.
 */
import * as fs from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { Batch } from "../../src/bus/bus.js";
import { createRing, openRing } from "../../src/bus/ring/ring.js";
import { natsRows } from "../peers/nats.js";
import { zeromqRows } from "../peers/zeromq.js";
import { pairRows, routerRows } from "./faults.js";
import { hashRows } from "./hash.js";
import { options, type Part, parts } from "./options.js";
import { processRows } from "./processes.js";
import { redisRows } from "./redis.js";
import { median, percentiles, print, printed } from "./row.js";
import { blocks, type Counts, checkOf, counts, filler, RECORD_BYTES, type record, SLOTS, trades, verify } from "./stream.js";

type Path = "ring" | "memcpy" | "postMessage";
type Job = { path: Path; batch: number; echo: boolean; there: SharedArrayBuffer; back: SharedArrayBuffer };
type Post = { buffer: ArrayBuffer; first: number };

function produce(job: Job): void {
  if (job.path === "postMessage") {
    let first = 0;
    parentPort!.on("message", ({ buffer }: Post) => {
      const values = new Float64Array(buffer);
      for (let i = 0; i < job.batch; i++) {
        values[8 * i] = first + i;
        values[8 * i + 7] = checkOf(first + i);
      }
      parentPort!.postMessage({ buffer, first } satisfies Post, [buffer]);
      first += job.batch;
    });
    return;
  }
  const source = new Uint8Array(job.batch * RECORD_BYTES).fill(1);
  const memory = blocks(job.there, source.length);
  const step =
    job.path === "ring"
      ? filler(openRing(job.there, trades(job.batch)).publisher(), job.batch)
      : () => memory.write(source) || memory.rest();
  for (;;) step();
}

/** Sends each thing back at once: a single record through the ring, or a message. */
function echo({ path, there, back }: Job): void {
  if (path === "postMessage") return void parentPort!.on("message", (message) => parentPort!.postMessage(message));
  const [incoming, outgoing] = [openRing(there, trades(1)).subscribe(), openRing(back, trades(1)).publisher()];
  parentPort!.postMessage("ready");
  for (;;) {
    incoming.poll((batch) => {
      const slot = outgoing.claim()!;
      slot.columns.sequence[0] = batch.columns.sequence[0]!;
      outgoing.commit(1);
    });
  }
}

async function throughput(path: Path, batch: number, seconds: number): Promise<{ rate: number; counts: Counts }> {
  const ring = createRing(trades(batch));
  const there = path === "ring" ? (ring.memory as SharedArrayBuffer) : new SharedArrayBuffer(256 + SLOTS * batch * RECORD_BYTES);
  const subscription = ring.subscribe();
  const worker = new Worker(new URL(import.meta.url), { workerData: { path, batch, echo: false, there, back: there } satisfies Job });
  const seen = counts();
  const consume = ({ columns, rows }: Batch<typeof record>) => verify(seen, columns.sequence, columns.check, rows, 1, 0);
  const target = new Uint8Array(batch * RECORD_BYTES);
  const memory = blocks(there, target.length);
  const step =
    path === "ring"
      ? () => void (subscription.poll(consume) || subscription.wait(10))
      : () => (memory.read(target) ? void (seen.records += batch) : memory.rest());
  const measure = (from: number, start: number) => (seen.records - from) / ((performance.now() - start) / 1000);
  let rate = 0;
  if (path === "postMessage") {
    rate = await new Promise<number>((resolve) => {
      let [start, from] = [0, 0];
      worker.on("message", ({ buffer }: Post) => {
        const values = new Float64Array(buffer);
        verify(seen, values, values, batch, 8, 7);
        if (start === 0 && seen.records > 100 * batch) [start, from] = [performance.now(), seen.records];
        else if (start > 0 && performance.now() - start > seconds * 1000) return resolve(measure(from, start));
        worker.postMessage({ buffer, first: 0 } satisfies Post, [buffer]);
      });
      for (let i = 0; i < 16; i++) worker.postMessage({ buffer: new ArrayBuffer(batch * RECORD_BYTES), first: 0 });
    });
  } else {
    await new Promise((resolve) => worker.once("online", resolve));
    while (seen.records < 2000 * batch) step();
    const [start, from] = [performance.now(), seen.records];
    while (performance.now() - start < seconds * 1000) for (let i = 0; i < 16; i++) step();
    rate = measure(from, start);
  }
  await worker.terminate();
  return { rate, counts: seen };
}

/** Microseconds there and back of one record, spinning. */
async function roundTrips(path: Path, trips: number): Promise<Float64Array> {
  const [there, back] = [createRing(trades(1)), createRing(trades(1))];
  const [publisher, answers] = [there.publisher(), back.subscribe()];
  const job: Job = { path, batch: 1, echo: true, there: there.memory as SharedArrayBuffer, back: back.memory as SharedArrayBuffer };
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  const took = new Float64Array(trips);
  if (path === "ring") await new Promise((resolve) => worker.once("message", resolve));
  for (let i = -trips / 10; i < trips; i++) {
    const start = performance.now();
    if (path === "ring") {
      publisher.claim()!.columns.sequence[0] = i;
      publisher.commit(1);
      while (answers.poll(() => {}) === 0);
    } else {
      const answer = new Promise((resolve) => worker.once("message", resolve));
      worker.postMessage({ sequence: i, price: 1 });
      await answer;
    }
    if (i >= 0) took[i] = (performance.now() - start) * 1000;
  }
  await worker.terminate();
  return took.sort();
}

async function threadRows(seconds: number, runs: number): Promise<void> {
  const latency = { ring: await roundTrips("ring", 20_000), postMessage: await roundTrips("postMessage", 5_000), memcpy: undefined };
  for (const batch of [256, 1000]) {
    const paths: Path[] = ["memcpy", "ring", "postMessage"];
    const rates: Record<Path, number[]> = { memcpy: [], ring: [], postMessage: [] };
    const total: Record<Path, Counts> = { memcpy: counts(), ring: counts(), postMessage: counts() };
    // Runs of the paths take turns, so that a busy moment of the machine does not fall on one of them.
    for (let run = 0; run < runs; run++) {
      for (const path of paths) {
        const { rate, counts: seen } = await throughput(path, batch, seconds);
        rates[path].push(rate);
        for (const key of Object.keys(seen) as (keyof Counts)[]) total[path][key] += seen[key];
      }
    }
    const memcpy = median(rates.memcpy);
    for (const path of paths) {
      const rate = median(rates[path]);
      const took = latency[path];
      print(
        `${path}, two threads`,
        batch,
        { recordsPerSecondMedian: Math.round(rate), memcpyFraction: rate / memcpy, ...(took && percentiles(took)) },
        total[path],
      );
    }
  }
}

async function main(): Promise<void> {
  const { only, quick, seconds, runs, json } = options();
  // Of two processes; what is measured without it is told without a share of it.
  let memcpy = 0;
  const batches = quick ? 300 : 900;
  const rows: Record<Part, () => Promise<unknown>> = {
    threads: () => threadRows(seconds, runs),
    shared: async () => (memcpy = await processRows(seconds, runs)),
    hash: async () => hashRows(seconds, runs),
    zeromq: () => zeromqRows(seconds, runs, memcpy),
    nats: () => natsRows(seconds, runs, memcpy),
    redis: () => redisRows(seconds, runs, memcpy),
    pair: () => pairRows(quick ? 1 : 3),
    router: () => routerRows(batches, quick ? 1 : 3),
  };
  for (const part of parts) if (only.includes(part)) await rows[part]();
  if (json) fs.writeFileSync(json, `${JSON.stringify(printed, undefined, 1)}\n`);
}

if (isMainThread) await main();
else if ((workerData as Job).echo) echo(workerData as Job);
else produce(workerData as Job);
