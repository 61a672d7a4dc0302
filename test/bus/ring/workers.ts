import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "rolldown";

/** Bundles worker.ts from the sources as they are now: Node cannot run TypeScript in a worker, and a compiled copy could be old. */
export async function bundleWorker(): Promise<{ file: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-worker-"));
  const file = join(folder, "worker.mjs");
  const input = fileURLToPath(new URL("./worker.ts", import.meta.url));
  await build({ input, platform: "node", logLevel: "warn", output: { file, format: "esm" } });
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}

export interface Job {
  role: "produce" | "consume" | "iterate" | "stall" | "hold";
  memory: SharedArrayBuffer;
  rows: number;
  /** Consumers: how far down the wait goes. */
  sleep?: boolean;
}
export interface Outcome {
  rows: number;
  batches: number;
  lost: number;
  duplicated: number;
  reordered: number;
  /** Batches whose checksum did not fit although they were said to be intact. */
  corrupt: number;
  /** Batches taken away while they were read. */
  taken: number;
  gaps: number;
}

/** A running worker, what it says first, and what it ends with. */
export function start(file: string, job: Job): { worker: Worker; started: Promise<void>; done: Promise<Outcome> } {
  const worker = new Worker(file, { workerData: job });
  const message = (kind: string) =>
    new Promise<any>((resolve, reject) => {
      worker.on("message", (said) => said.kind === kind && resolve(said));
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new Error(`worker ended with ${code} before it said '${kind}'`)));
    });
  const [started, done] = [message("started"), message("done")];
  started.catch(() => {});
  done.catch(() => {});
  return { worker, started, done };
}
