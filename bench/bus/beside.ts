/** Another process beside this one, on memory that both have mapped. */
import { type ChildProcess, fork } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { memoryFunctions } from "../../src/bus/shared/mapped.js";
import { place } from "../../src/bus/shared/placement.js";
import { SharedBus } from "../../src/bus/shared/shared_bus.js";

export type Path = "shared" | "memcpy" | "verified" | "raise" | "echo" | "bare" | "vpin";
/** Each side on a core of its own, before all others where that is permitted: what the code can do, whatever else runs. */
export const alone = process.argv.includes("--alone");

export interface Job {
  alone: boolean;
  path: Path;
  batch: number;
  folder: string;
  sleep: boolean;
}

export function mapped(folder: string, bytes: number): ArrayBuffer {
  const file = fs.openSync(join(folder, "memcpy"), "a+");
  const { allocate, map } = memoryFunctions();
  allocate(file, bytes);
  return map(file, bytes);
}

/** Starts the other process in a folder of their own, and ends both. */
export async function beside<T>(
  job: Omit<Job, "folder" | "alone">,
  run: (bus: SharedBus, job: Job, started: () => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const folder = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tickforge-bench-"));
  const bus = new SharedBus({ folder });
  let other: ChildProcess | undefined;
  const started = () => {
    // A process begins on the cores of the one that starts it.
    if (alone) place({ pin: [0, 1] });
    other = fork(fileURLToPath(new URL("./processes.js", import.meta.url)), [JSON.stringify({ ...job, folder, alone })]);
    return new Promise((resolve, reject) => other!.once("message", resolve).once("exit", () => reject(new Error(`${job.path} ended`))));
  };
  try {
    return await run(bus, { ...job, folder, alone }, started);
  } finally {
    other?.kill("SIGKILL");
    bus.close();
    fs.rmSync(folder, { recursive: true });
  }
}
