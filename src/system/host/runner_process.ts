/** A process that engines live in: they run in a thread, so that this one sees the supervisor's end whatever they do. */
import { Worker } from "node:worker_threads";
import type { RunnerJob, Said } from "./job.js";

const worker = new Worker(new URL("./runner_worker.js", import.meta.url), { workerData: {} });
worker.on("message", (said: Said) => process.send?.(said));
worker.on("error", (error) => {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exit(1);
});
worker.on("exit", (code) => process.exit(code));
process.on("message", (job: RunnerJob) => worker.postMessage(job));
// A loop of an engine's own, or of a kernel, does not hear of any exit but this.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {}); // the terminal's are the supervisor's to answer
