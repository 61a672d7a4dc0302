import { parentPort, workerData } from "node:worker_threads";
import type { Batch, Publisher, Subscription, Views } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { openRing } from "../../../src/bus/ring/ring.js";
import type { Job, Outcome } from "./workers.js";

const columns = { id: { dtype: "f64" }, mix: { dtype: "i32", width: 2 }, sum: { dtype: "u32" } } as const;
export const stream = topic({ name: "stream", columns, rows: 64, slots: 16, backpressure: "block" });

const mixed = (id: number) => Math.imul(id, 0x9e37_79b1) | 0;
const say = (kind: string, more: object = {}) => parentPort?.postMessage({ kind, ...more });

/** Each batch of another size; the first value of `sum` covers the whole batch. */
function fill({ id, mix, sum }: Views<typeof columns>, first: number, rows: number): void {
  let total = 0;
  for (let i = 0; i < rows; i++) {
    id[i] = first + i;
    mix[2 * i] = mixed(first + i);
    mix[2 * i + 1] = ~mixed(first + i);
    total = (total + mix[2 * i]!) | 0;
  }
  sum.fill(total >>> 0, 0, rows);
}

function produce(publisher: Publisher<typeof columns>, rows: number): void {
  for (let next = 0, turn = 0; next < rows; turn++) {
    const slot = publisher.claim();
    if (!slot) {
      publisher.wait(1000);
      continue;
    }
    const count = Math.min(rows - next, 1 + ((turn * 37) % stream.rows));
    fill(slot.columns, next, count);
    publisher.commit(count);
    next += count;
  }
  publisher.close();
}

const outcome: Outcome = { rows: 0, batches: 0, lost: 0, duplicated: 0, reordered: 0, corrupt: 0, taken: 0, gaps: 0 };
let expected = -1;

function consume(batch: Batch<typeof columns>): void {
  const { rows, sequence, lost } = batch;
  const { id, mix, sum } = batch.columns;
  let total = 0;
  let good = true;
  for (let i = 0; i < rows; i++) {
    good &&= id[i] === sequence + i && mix[2 * i] === mixed(id[i]!) && mix[2 * i + 1] === ~mix[2 * i]!;
    total = (total + mix[2 * i]!) | 0;
  }
  good &&= sum[0] === total >>> 0 && sum[rows - 1] === total >>> 0;
  if (!batch.intact()) {
    outcome.taken++;
    return;
  }
  if (!good) outcome.corrupt++;
  if (expected < 0) expected = sequence - lost;
  if (sequence < expected) outcome.duplicated++;
  if (sequence !== expected + lost) outcome.reordered++;
  if (lost > 0) outcome.gaps++;
  outcome.lost += lost;
  outcome.rows += rows;
  outcome.batches++;
  expected = sequence + rows;
}

async function main({ role, memory, rows, sleep }: Job): Promise<void> {
  const ring = openRing(memory, stream);
  if (role === "produce") {
    const publisher = ring.publisher({ producer: 3 });
    say("started");
    produce(publisher, rows);
    return say("done", outcome);
  }
  const subscription: Subscription<typeof columns> = ring.subscribe();
  say("started");
  if (role === "iterate") {
    // The only thing that keeps this thread alive is the wait for the next batch.
    for await (const batch of subscription) consume(batch);
    return say("done", outcome);
  }
  while (!subscription.ended) {
    if (sleep) subscription.wait(1000);
    subscription.poll((batch) => {
      consume(batch);
      if (role === "stall" || role === "hold") {
        say("stalled");
        const word = new Int32Array(new SharedArrayBuffer(4));
        // Holds the batch: for ever, or until the test has evicted it.
        Atomics.wait(word, 0, 0, role === "stall" ? Number.POSITIVE_INFINITY : rows);
        say("after", { intact: batch.intact() });
        role = "consume";
      }
    });
  }
  outcome.lost = subscription.stats().lost;
  say("done", outcome);
}

if (workerData) await main(workerData as Job);
