/** Places with a name beside subscriptions, in one thread, and an echo between two threads that wait with one bell: node dist/bench/bus/durable.js [trips]. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { topic } from "../../src/bus/frame.js";
import { createRing, openRing, type Ring } from "../../src/bus/ring/ring.js";
import { RunnerBell } from "../../src/bus/ring/runner_bell.js";
import { percentiles, print } from "./row.js";
import { checkOf, trades } from "./stream.js";

const answers = topic({ name: "answers", columns: { stamp: { dtype: "f64" } }, rows: 1, slots: 64, backpressure: "block" });
const asks = topic({ ...answers, name: "asks" });
type Stamps = Ring<typeof answers.columns>;

/** Most records a second that one thread takes out of a ring, with what it takes to give the slots back, and of two columns each value is looked at. */
function rates(rows: number, laps: number): void {
  const of = trades(rows);
  const ring = createRing(of);
  const publisher = ring.publisher();
  const fill = (first: number) => {
    for (let batch = 0; batch < of.slots; batch++) {
      const { sequence, check } = publisher.claim()!.columns;
      for (let i = 0; i < rows; i++) check[i] = checkOf((sequence[i] = first + batch * rows + i));
      publisher.commit(rows);
    }
  };
  let corrupt = 0;
  const take = ({ columns: { sequence, check } }: { columns: { sequence: Float64Array; check: Uint32Array } }) => {
    for (let i = 0; i < rows; i++) if (check[i] !== checkOf(sequence[i]!)) corrupt++;
  };
  const readers = {
    subscription: () => {
      const subscription = ring.subscribe();
      return { read: () => void subscription.poll(take), end: () => subscription.close() };
    },
    place: () => {
      const reader = ring.durable("bench");
      const read = () => {
        for (let batch = reader.read(); batch; batch = reader.read()) {
          take(batch);
          reader.acknowledge(reader.sequence);
        }
      };
      return { read, end: () => reader.release() };
    },
  };
  for (const [name, open] of Object.entries(readers)) {
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5; run++) {
      const { read, end } = open();
      let took = 0;
      for (let lap = 0; lap < laps; lap++) {
        fill(lap * of.slots * rows);
        const start = performance.now();
        read();
        took += performance.now() - start;
      }
      best = Math.min(best, took);
      end();
    }
    const records = laps * of.slots * rows;
    print(`ring, read by a ${name}`, rows, { recordsPerSecondMedian: Math.round((records / best) * 1000) }, counted(corrupt));
  }
}
const counted = (corrupt: number) => ({ lost: 0, duplicated: 0, reordered: 0, corrupt });

interface Job {
  readonly memories: readonly SharedArrayBuffer[];
  readonly bell: SharedArrayBuffer;
  readonly spinMicroseconds: number;
}
/** One of the two: reads a ring and writes another, and waits with its bell. */
function side({ memories, bell, spinMicroseconds }: Job, number: number) {
  const runner = new RunnerBell(new Int32Array(bell), number);
  const [incoming, outgoing] = memories.map((memory) => openRing(memory, undefined, runner)) as unknown as [Stamps, Stamps];
  const [reader, publisher] = [incoming.durable("echo"), outgoing.publisher()];
  const ready = () => reader.waiting > 0 || reader.ended;
  const ask = () => reader.ask();
  return {
    publisher,
    next(): number {
      runner.sleep(ready, ask, undefined, spinMicroseconds);
      const batch = reader.read();
      if (!batch) return Number.NaN;
      const stamp = batch.columns.stamp[0]!;
      reader.acknowledge(reader.sequence);
      return stamp;
    },
  };
}
function send({ publisher }: ReturnType<typeof side>, stamp: number): void {
  publisher.claim()!.columns.stamp[0] = stamp;
  publisher.commit(1);
}

async function trips(count: number, spinMicroseconds: number): Promise<Float64Array> {
  const [asked, answered] = [createRing(asks), createRing(answers)].map(({ memory }) => memory as SharedArrayBuffer);
  const job = { bell: new SharedArrayBuffer(12), spinMicroseconds };
  const mine = side({ ...job, memories: [answered!, asked!] }, 1);
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { ...job, memories: [asked!, answered!] } });
  await new Promise((resolve) => worker.once("message", resolve));
  const took = new Float64Array(count);
  for (let i = -count / 10; i < count; i++) {
    const start = performance.now();
    send(mine, i);
    if (mine.next() !== i) throw new Error(`an answer to another question than ${i}`);
    if (i >= 0) took[i] = (performance.now() - start) * 1000;
    // Long enough for the other side to fall asleep.
    for (const until = performance.now() + 0.2; spinMicroseconds === 0 && performance.now() < until; );
  }
  mine.publisher.close();
  return took.sort();
}

if (!isMainThread && workerData) {
  const it = side(workerData as Job, 2);
  parentPort!.postMessage("ready");
  for (let stamp = it.next(); !Number.isNaN(stamp); stamp = it.next()) send(it, stamp);
} else if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  rates(256, 2_000);
  rates(1, 20_000);
  const count = Number(process.argv[2] ?? 20_000);
  print("threads, round trip spinning", 1, percentiles(await trips(count, 10_000)));
  print("threads, round trip sleeping", 1, percentiles(await trips(count, 0)));
}
