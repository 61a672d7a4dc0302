/** Lines in a process of their own: what others compiled, allocated or cached is not in their way. Prints a line of JSON for each. */
import { writeSync } from "node:fs";
import { install } from "../src/backends/index.js";
import { type TfjsBackend, useTfjs } from "../src/backends/tfjs.js";
import { KernelError } from "../src/core/contract/errors.js";
import { full, type Measured, measure, quick, Refused } from "./measure.js";
import { taskNamed } from "./tasks.js";

export interface LineAsked {
  /** As keyOf says: positions would change with a build in between. */
  task: string;
  backend: string;
}
export interface Asked {
  lines: readonly LineAsked[];
  /** What a quick run has for each; without it a line takes its time. */
  seconds?: number;
  /** Time in ms since 1970 after which no further line is begun. */
  until?: number;
}
type Outcome = { measured: Measured } | { refused: string } | { skipped: string };
/** `took` is in seconds. */
export type Answer = Outcome & { took: number };

async function answer({ task, backend }: LineAsked, seconds: number | undefined): Promise<Outcome> {
  try {
    const [name, flavour] = backend.startsWith("tfjs-") ? backend.split("-") : [backend];
    if (flavour) await useTfjs(flavour as TfjsBackend);
    return { measured: await measure(taskNamed(task), name!, seconds === undefined ? full : quick(seconds)) };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message };
    if (error instanceof KernelError && ["E_BACKEND_MISSING", "E_PACKAGE_MISSING"].includes(error.code)) return { skipped: error.message };
    throw error;
  }
}

install();
const { lines, seconds, until = Number.POSITIVE_INFINITY } = JSON.parse(process.argv[2]!) as Asked;
for (const [i, line] of lines.entries()) {
  if (i > 0 && Date.now() > until) break;
  const begun = performance.now();
  const outcome = await answer(line, seconds);
  writeSync(1, `${JSON.stringify({ ...outcome, took: (performance.now() - begun) / 1e3 })}\n`); // at once: the next may end the process
}
