/** The same records through zeromq: two processes, a socket of the local machine. Skipped where the package is not installed. */
import { fork } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { median, percentiles, print } from "../bus/row.js";
import { checkOf, counts, RECORD_BYTES, verify } from "../bus/stream.js";

interface Job {
  batch: number;
  echo: boolean;
  address: string;
}
const values = RECORD_BYTES / 8;

function fill(into: Float64Array, first: number, batch: number): void {
  for (let i = 0; i < batch; i++) {
    into[values * i] = first + i;
    into[values * i + values - 1] = checkOf(first + i);
  }
}

async function child({ batch, echo, address }: Job): Promise<void> {
  const { Pair, Push } = await import("zeromq");
  if (echo) {
    const pair = new Pair();
    pair.connect(address);
    for await (const [message] of pair) await pair.send(message!);
    return;
  }
  const push = new Push({ sendHighWaterMark: 1000 });
  push.connect(address);
  for (let next = 0; ; next += batch) {
    const message = new Float64Array(batch * values);
    fill(message, next, batch);
    await push.send(Buffer.from(message.buffer));
  }
}

/** An address of its own and the other process, both gone in the end. */
async function beside<T>(batch: number, echo: boolean, run: (address: string, start: () => void) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(join(tmpdir(), "tickforge-zeromq-"));
  const address = `ipc://${join(folder, "socket")}`;
  const job: Job = { batch, echo, address };
  let other: ReturnType<typeof fork> | undefined;
  try {
    return await run(address, () => {
      other = fork(fileURLToPath(import.meta.url), [JSON.stringify(job)]);
    });
  } finally {
    other?.kill("SIGKILL");
    fs.rmSync(folder, { recursive: true });
  }
}

const throughput = (batch: number, ms: number, total: ReturnType<typeof counts>) =>
  beside(batch, false, async (address, start) => {
    const { Pull } = await import("zeromq");
    const pull = new Pull();
    await pull.bind(address);
    start();
    const seen = counts();
    let [began, from] = [0, 0];
    for await (const [message] of pull) {
      const copy = new Float64Array(message!.buffer.slice(message!.byteOffset, message!.byteOffset + message!.byteLength));
      verify(seen, copy, copy, batch, values, values - 1);
      if (began === 0 && seen.records >= 500 * batch) [began, from] = [performance.now(), seen.records];
      if (began > 0 && performance.now() - began > ms) break;
    }
    pull.close();
    for (const key of Object.keys(seen) as (keyof typeof seen)[]) total[key] += seen[key];
    return (seen.records - from) / ((performance.now() - began) / 1000);
  });

const roundTrips = (trips: number) =>
  beside(1, true, async (address, start) => {
    const { Pair } = await import("zeromq");
    const pair = new Pair();
    await pair.bind(address);
    start();
    const took = new Float64Array(trips);
    const message = Buffer.alloc(RECORD_BYTES);
    for (let i = -Math.ceil(trips / 10); i < trips; i++) {
      const began = performance.now();
      await pair.send(message);
      await pair.receive();
      if (i >= 0) took[i] = (performance.now() - began) * 1000;
    }
    pair.close();
    return took.sort();
  });

export async function zeromqRows(seconds: number, runs: number, memcpy: number): Promise<void> {
  try {
    await import("zeromq");
  } catch {
    process.stderr.write("zeromq is not installed: its rows are left out\n");
    return;
  }
  const trip = percentiles(await roundTrips(2000));
  for (const batch of [1, 1000]) {
    const total = counts();
    const rates: number[] = [];
    for (let run = 0; run < runs; run++) rates.push(await throughput(batch, seconds * 1000, total));
    const rate = median(rates);
    print(
      "zeromq ipc",
      batch,
      { recordsPerSecondMedian: Math.round(rate), memcpyFraction: memcpy > 0 ? rate / memcpy : null, ...(batch === 1 && trip) },
      total,
    );
  }
}

if (process.send && import.meta.url === pathToFileURL(process.argv[1]!).href) {
  process.on("disconnect", () => process.exit(1));
  await child(JSON.parse(process.argv[2]!) as Job);
}
