/** Where a thread runs and how urgent it is: asked of the system, which may refuse. What was granted is told, and never an error. */
import { loadAddon, type MemoryFunctions } from "../../addon/addon.js";
import { BusError } from "../../core/contract/errors.js";
import type { Granted } from "../ring/granted.js";
import { memoryFunctions } from "./mapped.js";

export interface PlacementOptions {
  /** Cores that the calling thread alone may run on. */
  readonly pin?: readonly number[];
  /** SCHED_FIFO with this priority, 1 to 99, before every thread that is not real-time; `true` is 10. */
  readonly realTime?: number | boolean;
}

const mostCores = 1024;
const usualPriority = 10;

type Calls = Pick<MemoryFunctions, "pin" | "realTime">;

function refuse(): never {
  throw Object.assign(new Error(`not on ${process.platform}`), { code: "EOPNOTSUPP" });
}
/** An add-on without them is of a system that has no such calls. */
function calls(): Calls {
  const { addon } = loadAddon();
  return addon && !addon.memory ? { pin: refuse, realTime: refuse } : memoryFunctions();
}

/** Applies to the thread that calls it, until that ends. */
export function place({ pin, realTime }: PlacementOptions): Granted {
  check(pin);
  const priority = realTime === true ? usualPriority : realTime || 0;
  if (!Number.isInteger(priority) || priority < 0 || priority > 99)
    throw wrong(
      `realTime is ${priority}, expected a whole number from 1 to 99`,
      "10 is before all that are not real-time; 99 leaves the system no room.",
    );
  if (pin === undefined && priority === 0) return {};
  const functions = calls();
  return {
    ...(pin !== undefined && { pin: pinned(functions, pin) }),
    ...(priority > 0 && { realTime: urgent(functions, priority) }),
  };
}

/** What this thread would be granted; afterwards it may run on every core of the process, and is not real-time. */
export function tryPlacement(): Granted {
  const granted = place({ pin: Array.from({ length: mostCores }, (_, core) => core), realTime: 1 });
  if (granted.realTime!.granted) calls().realTime(0);
  const { reason: _, ...pin } = granted.pin!;
  return { ...granted, pin: pin.granted ? pin : granted.pin! };
}

const wrong = (what: string, hint: string) => new BusError("E_BUS_OPTION", `placement: ${what}`, { hint });

function check(pin: readonly number[] | undefined): void {
  if (pin === undefined) return;
  const bad = pin.find((core) => !Number.isInteger(core) || core < 0 || core >= mostCores);
  if (pin.length === 0 || bad !== undefined)
    throw wrong(`pin is [${pin}], expected numbers of cores from 0 to ${mostCores - 1}`, "Such as pin: [2]; lscpu lists the cores.");
}

const reasons: Readonly<Record<string, string>> = {
  EINVAL: "none of these cores is there, or allowed to this process",
  EPERM: "not permitted: needs CAP_SYS_NICE or a limit such as 'ulimit -r 20'",
  EOPNOTSUPP: "this system lets no thread choose it",
  ENOSYS: "this system lets no thread choose it",
};
const reasonOf = (error: unknown) => reasons[(error as { code?: string }).code ?? ""] ?? (error as Error).message;

function pinned(functions: Calls, pin: readonly number[]): NonNullable<Granted["pin"]> {
  try {
    const cores = functions.pin(Int32Array.from(pin));
    const missing = pin.filter((core) => !cores.includes(core));
    return { granted: true, cores, ...(missing.length > 0 && { reason: `not allowed to this process: ${missing.join(", ")}` }) };
  } catch (error) {
    return { granted: false, cores: [], reason: reasonOf(error) };
  }
}

function urgent(functions: Calls, priority: number): NonNullable<Granted["realTime"]> {
  try {
    functions.realTime(priority);
    return { granted: true, priority };
  } catch (error) {
    return { granted: false, priority: 0, reason: reasonOf(error) };
  }
}
