/** A process that engines live in: they run in a thread, so that this one sees the supervisor's end whatever they do. */
import { Worker } from "node:worker_threads";
import type { RunnerJob, Said } from "./job.js";

/** Megabytes of heap at which V8 ends the thread. */
const maxOldGenerationSizeMb = Number(process.argv[2]);
const worker = new Worker(new URL("./runner_worker.js", import.meta.url), { workerData: {}, resourceLimits: { maxOldGenerationSizeMb } });
worker.on("message", (said: Said) => process.send?.(said));
worker.on("error", (error: NodeJS.ErrnoException) => {
  // The last line is what the supervisor tells.
  process.stderr.write(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "its thread ran out of memory\n" : `${error.message ?? error}\n`);
  process.exit(1);
});
worker.on("exit", (code) => process.exit(code));
process.on("message", (job: RunnerJob) => worker.postMessage(job));
// A loop of an engine's own, or of a kernel, does not hear of any exit but this.
const orphaned = () => process.kill(process.pid, "SIGKILL");
process.on("disconnect", orphaned);
// The supervisor ended while this was being loaded: no event of it comes any more.
if (!process.connected) orphaned();
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.on(signal, () => {}); // they are the supervisor's to answer
