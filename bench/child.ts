/** One line in a process of its own: nothing that another line compiled, allocated or cached is in its way. Prints JSON. */
import { install } from "../src/backends/index.js";
import { type TfjsBackend, useTfjs } from "../src/backends/tfjs.js";
import { KernelError } from "../src/core/contract/errors.js";
import { full, type Measured, measure, quick, Refused } from "./measure.js";
import { taskNamed } from "./tasks.js";

export interface Asked {
  /** As keyOf says: positions would change with a build in between. */
  task: string;
  backend: string;
  /** What a quick run has for it; without it the line takes its time. */
  seconds?: number;
}
export type Answer = { measured: Measured } | { refused: string } | { skipped: string };

async function answer({ task, backend, seconds }: Asked): Promise<Answer> {
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
process.stdout.write(JSON.stringify(await answer(JSON.parse(process.argv[2]!) as Asked)));
