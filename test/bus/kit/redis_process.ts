/** A process on a bus of Redis, started by the tests: it consumes, or publishes, until it is killed or done. */
import { fork } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { topic } from "../../../src/bus/frame.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";

export const numbers = topic({ name: "numbers", columns: { id: { dtype: "f64" } }, rows: 4, slots: 16, backpressure: "block" });
export interface Role {
  readonly role: "consume" | "publish";
  readonly url: string;
  readonly group?: string;
  readonly rows?: number;
  /** After "done" publishes on for a while, closes the bus, and ends when nothing keeps it. */
  readonly leaves?: boolean;
  /** Milliseconds that a batch takes. */
  readonly works?: number;
}

/** Messages: "ready", rows that were read, "done". */
export function startOn(role: Role, heard: (message: any) => void) {
  const child = fork(fileURLToPath(new URL("../../../dist/test/bus/kit/redis_process.js", import.meta.url)), [JSON.stringify(role)]);
  child.on("message", heard);
  return child;
}

async function leave(bus: RedisBus, publisher: ReturnType<RedisBus["publisher"]>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (let i = 0; i < 3; i++) publisher.publish({ id: Float64Array.of(i) });
  await bus.close().catch(() => {});
  process.removeAllListeners("disconnect");
  process.disconnect();
}

async function main({ role, url, group, rows = 0, works = 0, leaves }: Role): Promise<void> {
  const bus = new RedisBus({ url, deadMs: 400, closeMs: 300 });
  if (role === "publish") {
    const publisher = bus.publisher(numbers);
    for (let i = 0; i < rows; i++) {
      while (publisher.publish({ id: Float64Array.of(i) }) === 0) await publisher.room();
    }
    await publisher.flushed();
    process.send!("done");
    if (leaves) await leave(bus, publisher);
    return;
  }
  const subscription = bus.subscribe(numbers, group === undefined ? {} : { group, claimAfterMs: 600 });
  await subscription.ready;
  process.send!("ready");
  for await (const batch of subscription) {
    if (works > 0) await new Promise((resolve) => setTimeout(resolve, works));
    process.send!([...batch.columns.id.subarray(0, batch.rows)]);
  }
  process.send!("done");
  await bus.close();
  process.disconnect();
}

if (process.send && import.meta.url === pathToFileURL(process.argv[1]!).href) {
  process.on("disconnect", () => process.exit(1));
  await main(JSON.parse(process.argv[2]!) as Role);
}
