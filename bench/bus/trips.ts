/** There and back between two processes: one record at a time, and a batch that a kernel takes in. */
import { install } from "../../src/backends/index.js";
import { topic } from "../../src/bus/frame.js";
import { place } from "../../src/bus/shared/placement.js";
import type { SharedBus } from "../../src/bus/shared/shared_bus.js";
import { tradesTopic } from "../../src/engines/trades.js";
import { Toxicity } from "../../src/studies/tape/toxicity.js";
import { alone, beside, mapped } from "./beside.js";
import { percentiles, print } from "./row.js";

const answers = topic({ name: "answers", columns: { stamp: { dtype: "f64" } }, rows: 1, slots: 64, backpressure: "block" });
const asks = topic({ ...answers, name: "asks" });
const tape = tradesTopic({ slots: 64, rows: 256 });
/** Microseconds that all processes of a machine count alike. */
const clock = () => Number(process.hrtime.bigint()) / 1000;

export function echo(bus: SharedBus, sleep: boolean): void {
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

/** Two counters on lines of their own: what is asked and what is answered. */
function counters(folder: string): [asked: Int32Array, answered: Int32Array] {
  const memory = mapped(folder, 256);
  return [new Int32Array(memory, 0, 1), new Int32Array(memory, 128, 1)];
}

/** What the machine itself takes there and back: a counter that is seen is written into the other. */
export function bare(folder: string): void {
  const [asked, answered] = counters(folder);
  process.send!("ready");
  for (;;) Atomics.store(answered, 0, Atomics.load(asked, 0));
}

function bareTrips(trips: number): Promise<Float64Array> {
  return beside({ path: "bare", batch: 1, sleep: false }, async (_, { folder }, started) => {
    const [asked, answered] = counters(folder);
    await started();
    if (alone) place({ pin: [0] });
    const took = new Float64Array(trips);
    for (let i = -trips / 10; i < trips; i++) {
      const start = performance.now();
      Atomics.store(asked, 0, i);
      while (Atomics.load(answered, 0) !== i);
      if (i >= 0) took[i] = (performance.now() - start) * 1000;
    }
    return took.sort();
  });
}

/** Answers with the time at which the kernel was done. */
export function vpin(bus: SharedBus): void {
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

/** Microseconds from before the publication to the answer, or to what the answer says. */
function latencies(path: "echo" | "vpin", trips: number, sleep: boolean): Promise<Float64Array> {
  return beside({ path, batch: 1, sleep }, async (bus, _, started) => {
    const heard = bus.subscribe(answers);
    await started();
    if (alone) place({ pin: [0] });
    // Both times of an echo are taken here, so that the clock of this process will do: it takes half as long to read.
    const now = path === "vpin" ? clock : () => performance.now() * 1000;
    const questions = path === "vpin" ? bus.publisher(tape) : bus.publisher(asks);
    const took = new Float64Array(trips);
    for (let i = -trips / 10; i < trips; i++) {
      const slot = questions.claim()!;
      if (path === "vpin") fill(slot.columns as never, i);
      const start = now();
      questions.commit(path === "vpin" ? tape.rows : 1);
      let end = 0;
      if (sleep) heard.wait();
      while (heard.poll(({ columns }) => void (end = path === "vpin" ? columns.stamp[0]! : now())) === 0);
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

export async function tripRows(): Promise<void> {
  print("a counter there and back", 1, percentiles(await bareTrips(20_000)));
  print("shared, round trip spinning", 1, percentiles(await latencies("echo", 20_000, false)));
  print("shared, round trip sleeping", 1, percentiles(await latencies("echo", 20_000, true)));
  print("shared, publish to VPIN", tape.rows, percentiles(await latencies("vpin", 5_000, false)));
}
