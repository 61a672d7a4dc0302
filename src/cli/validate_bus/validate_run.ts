/** All checks of the buses, one after the other, and the end of whatever they started. */
import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { BusValidation, Surroundings } from "../../analysis/bus_validation.js";
import type { Bus } from "../../bus/bus.js";
import { SharedBus } from "../../bus/shared/shared_bus.js";
import { inOrder, type Reading } from "./validate_order.js";
import { type RunningBus, runningTasks } from "./validate_running.js";
import { type Found, tasksOf } from "./validate_tasks.js";

export interface RunOptions {
  readonly topologies: readonly string[];
  readonly redis: boolean;
  readonly quick: boolean;
  /** Instead of topologies of its own: the buses of a system that runs. */
  readonly running?: readonly RunningBus[];
  /** Told before each check, and after each row. */
  readonly onCheck?: (label: string, done: number, total: number) => void;
  readonly onRows?: (rows: number) => void;
  /** What messages are published on, and what reads routed topics; for tests, which put faults there. */
  readonly through?: (bus: Bus) => Bus;
  readonly reading?: Reading;
  /** Ends everything at once. */
  readonly signal?: AbortSignal;
}

const memory = () => (existsSync("/dev/shm") ? "/dev/shm" : tmpdir());

function surroundings(): Surroundings {
  let memoryFree = Number.NaN;
  try {
    const { bavail, bsize } = statfsSync(memory());
    memoryFree = bavail * bsize;
  } catch {
    // Some systems do not tell.
  }
  return { cores: availableParallelism(), load: loadavg()[0]!, memoryFree };
}

export async function runValidation(options: RunOptions): Promise<BusValidation> {
  const about = surroundings();
  const base = mkdtempSync(join(memory(), "tickforge-validate-"));
  const ends: (() => unknown)[] = [() => rmSync(base, { recursive: true, force: true })];
  const end = async () => {
    for (const one of ends.splice(0).reverse())
      await Promise.resolve()
        .then(one)
        .catch(() => {});
  };
  // Without the add-on there are no rings: that is one error, and not one for each check.
  try {
    new SharedBus({ folder: join(base, "rings") }).close();
  } catch (error) {
    rmSync(base, { recursive: true });
    throw error;
  }
  const found: Found = { topologies: [], silences: [], order: [], balance: [], topics: [], servers: [], skipped: [] };
  const { running, quick, through = (bus) => bus, reading = inOrder, onRows = () => {} } = options;
  const common = { base, ends, through, reading, quick, step: onRows };
  const tasks = running ? runningTasks(running, common, found) : tasksOf(options, common, found);
  const stopped = new Promise<void>((_, reject) => options.signal?.addEventListener("abort", () => reject(options.signal!.reason)));
  stopped.catch(() => {});
  try {
    for (const [done, { label, work }] of tasks.entries()) {
      options.onCheck?.(label, done, tasks.length);
      await Promise.race([work(), stopped]);
    }
    return { ...found, surroundings: about };
  } finally {
    await end();
  }
}
