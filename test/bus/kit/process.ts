/** A process on a shared bus, told by its arguments what to be; says what it sees on its channel. */
import { pathToFileURL } from "node:url";
import { install } from "../../../src/backends/index.js";
import type { Publisher, Subscription } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { tradesTopic } from "../../../src/engines/trades.js";
import { Toxicity } from "../../../src/studies/tape/toxicity.js";

const columns = { id: { dtype: "f64" }, mix: { dtype: "i32", width: 2 }, sum: { dtype: "u32" } } as const;
export const flow = topic({ name: "flow", columns, rows: 16, slots: 8, backpressure: "block" });
export const tape = tradesTopic({ slots: 8, rows: 128 });
export const toxicity = () =>
  new Toxicity({ bucketVolumes: Float64Array.of(50), window: 5, history: 20, classify: "given", backend: "native" });
install();

export interface Role {
  readonly role: "publish" | "hold" | "raise" | "consume" | "loop" | "vpin" | "count";
  readonly folder: string;
  readonly rows: number;
}
export type Said = { readonly kind: string; readonly [more: string]: unknown };
const say = (said: Said) => process.send!(said);

export function write(publisher: Publisher<typeof columns>, first: number, rows: number): void {
  for (let next = first; next < first + rows; ) {
    const slot = publisher.claim();
    if (!slot) {
      publisher.wait(1000);
      continue;
    }
    const count = Math.min(first + rows - next, 1 + (next % flow.rows));
    for (let i = 0; i < count; i++) {
      slot.columns.id[i] = next + i;
      slot.columns.mix[2 * i] = next + i;
      slot.columns.mix[2 * i + 1] = ~(next + i);
      slot.columns.sum[i] = next + i + count;
    }
    publisher.commit(count);
    next += count;
  }
}

async function consume(subscription: Subscription<typeof columns>, loop: boolean): Promise<void> {
  const seen = { rows: 0, lost: 0, wrong: 0, epochs: [] as number[] };
  let expected = -1;
  const take = (batch: Parameters<Parameters<typeof subscription.poll>[0]>[0]) => {
    const { id, mix, sum } = batch.columns;
    for (let i = 0; i < batch.rows; i++) {
      const at = batch.sequence + i;
      if (id[i] !== at || mix[2 * i] !== at || mix[2 * i + 1] !== ~at || sum[i] !== at + batch.rows) seen.wrong++;
    }
    if (expected >= 0 && batch.sequence !== expected + batch.lost) seen.wrong++;
    expected = batch.sequence + batch.rows;
    seen.rows += batch.rows;
    seen.lost += batch.lost;
    if (seen.epochs.at(-1) !== batch.epoch) seen.epochs.push(batch.epoch);
  };
  say({ kind: "ready" });
  if (loop) for await (const batch of subscription) take(batch);
  else
    while (!subscription.ended) {
      subscription.wait(100);
      subscription.poll(take);
    }
  say({ kind: "done", ...seen });
}

async function vpin(bus: SharedBus): Promise<void> {
  const subscription = bus.subscribe(tape);
  const engine = toxicity();
  say({ kind: "ready" });
  for await (const batch of subscription) engine.take(batch);
  say({ kind: "done", rows: engine.buckets.rows, vpin: [...engine.buckets.view().vpin] });
}

async function main({ role, folder, rows }: Role): Promise<void> {
  const bus = new SharedBus({ folder });
  if (role === "consume" || role === "loop") await consume(bus.subscribe(flow), role === "loop");
  else if (role === "vpin") await vpin(bus);
  else if (role === "count") {
    const words = new Int32Array(bus.ring(flow).memory as ArrayBuffer);
    for (let i = 0; i < rows; i++) Atomics.add(words, words.length - 1, 1);
    say({ kind: "done", total: Atomics.load(words, words.length - 1) });
  } else {
    const publisher = bus.publisher(flow, { producer: process.pid });
    write(publisher, bus.stats(flow).published, rows);
    if (role === "publish") publisher.close();
    else await half(publisher, role === "raise");
    say({ kind: "done" });
  }
  bus.close();
}

/** Stands in the middle of a frame until it is told to go on, or killed. */
async function half(publisher: Publisher<typeof columns>, raise: boolean): Promise<void> {
  const { columns: into } = publisher.claim()!;
  const first = (process.argv[3] ? Number(process.argv[3]) : 0) | 0;
  into.id.set([first, first + 1]);
  into.mix.set([first, ~first, first + 1, ~(first + 1)]);
  into.sum.set([first + 2, first + 3]);
  if (raise) publisher.raise(2);
  const go = new Promise<any>((resolve) => process.once("message", resolve));
  say({ kind: "half" });
  await go;
  into.id.fill(-1);
  into.mix.fill(-1);
  let code = "";
  try {
    publisher.commit(flow.rows);
  } catch (error) {
    code = (error as { code: string }).code;
  }
  say({ kind: "after", code });
  publisher.close();
}

if (process.send && import.meta.url === pathToFileURL(process.argv[1]!).href) {
  process.on("disconnect", () => process.exit(1));
  await main(JSON.parse(process.argv[2]!) as Role);
  process.disconnect();
}
