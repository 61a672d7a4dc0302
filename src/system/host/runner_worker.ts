/** A thread that engines live in. */
import { parentPort, workerData } from "node:worker_threads";
import type { RunnerJob, Said } from "./job.js";
import { run } from "./runner.js";

const port = parentPort!;
const say = (said: Said) => port.postMessage(said);

/** A spare one is loaded and waits for its job. */
if ((workerData as { job?: RunnerJob }).job) await run((workerData as { job: RunnerJob }).job, say);
else port.once("message", (job: RunnerJob) => void run(job, say).finally(() => port.close()));
