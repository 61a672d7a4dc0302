/** A thread that engines live in. */
import { parentPort, workerData } from "node:worker_threads";
import { install } from "../../backends/index.js";
import type { RunnerJob, Said } from "./job.js";
import { run } from "./runner.js";

install(); // a thread has its own backends: without this the engines in it would run on the reference

const port = parentPort!;
const say = (said: Said) => port.postMessage(said);

/** A spare one is loaded and waits for its job. */
if ((workerData as { job?: RunnerJob }).job) await run((workerData as { job: RunnerJob }).job, say);
else port.once("message", (job: RunnerJob) => void run(job, say).finally(() => port.close()));
