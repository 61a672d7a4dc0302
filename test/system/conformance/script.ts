/** Engines of cases between rings of another thread or process; messages: "ready" and "done" of each. */
import { parentPort, workerData } from "node:worker_threads";
import { install } from "../../../src/backends/index.js";
import type { Bus } from "../../../src/bus/bus.js";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { Bare } from "./bare.js";
import { caseOf, make } from "./made.js";

export interface Job {
  readonly engine: string;
  readonly title: string;
  /** For files of the case. */
  readonly folder: string;
  /** Rings of this process, or the folder of those of a shared bus. */
  readonly rings: readonly ArrayBufferLike[] | string;
}

async function run({ engine, title, folder, rings }: Job, say: (said: string) => void): Promise<void> {
  const bus: Bus = typeof rings === "string" ? new SharedBus({ folder: rings }) : new RingBus().attach(rings);
  const bare = new Bare(make(engine, caseOf(engine, title), folder), bus);
  await bare.begin();
  say("ready");
  while (!bare.ended) if (!(await bare.step())) await new Promise(setImmediate);
  say("done");
  await bus.close();
}

if (parentPort && workerData?.conformance) {
  install();
  parentPort.on("message", (job: Job) => void run(job, (said) => parentPort!.postMessage(said)));
} else if (process.send && process.argv[2] === "conformance") {
  install();
  process.on("message", (job: Job) => void run(job, (said) => process.send!(said)));
  process.on("disconnect", () => process.exit());
}
