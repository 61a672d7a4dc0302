/** The threads and processes that engines live in, and a loaded one in reserve for each kind: to begin again takes a moment, not the start of a process. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { RunnerJob, Said } from "../host/job.js";

export interface Member {
  readonly pid: number;
  /** Ends it at once, whatever it does. */
  kill(): void;
}
export interface Told {
  said(said: Said): void;
  /** It is gone: exit code or signal, and its last words where it had some. */
  gone(why: string): void;
}

interface Waiting {
  begin(job: RunnerJob, told: Told): Member;
  discard(): void;
}

/** `memoryMB`: beyond it the thread is ended by V8, whose other threads live on. */
function thread(): Waiting {
  const worker = new Worker(new URL("../host/runner_worker.js", import.meta.url), { workerData: {}, stdout: false, stderr: false });
  let why = "";
  worker.on("error", (error: NodeJS.ErrnoException) => {
    why = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "its thread ran out of memory" : `its thread ended with ${error.message}`;
  });
  return {
    begin(job, told) {
      worker.on("message", (said: Said) => told.said(said));
      worker.on("exit", (code) => told.gone(why || `its thread ended with code ${code}`));
      worker.postMessage(job);
      return { pid: process.pid, kill: () => void worker.terminate() };
    },
    discard: () => void worker.terminate(),
  };
}

function child(): Waiting {
  const path = fileURLToPath(new URL("../host/runner_process.js", import.meta.url));
  const process: ChildProcess = fork(path, [], { serialization: "advanced", stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let last = "";
  process.stderr?.setEncoding("utf8").on("data", (text: string) => {
    last = `${last}${text}`.slice(-500);
  });
  process.on("error", () => {});
  return {
    begin(job, told) {
      process.on("message", (said) => told.said(said as Said));
      process.on("exit", (code, signal) => {
        const words = last.trim().split("\n").at(-1);
        told.gone(`its process ended with ${signal ?? `code ${code}`}${words ? `: ${words}` : ""}`);
      });
      process.send(job);
      return { pid: process.pid ?? 0, kill: () => void process.kill("SIGKILL") };
    },
    discard: () => void process.kill("SIGKILL"),
  };
}

export class Crew {
  private readonly spare = new Map<"thread" | "process", Waiting>();

  begin(place: "thread" | "process", job: RunnerJob, told: Told): Member {
    const member = this.spare.get(place) ?? make(place);
    this.spare.delete(place);
    return member.begin(job, told);
  }
  /** Keeps one of the kind ready. */
  reserve(place: "thread" | "process"): void {
    if (!this.spare.has(place)) this.spare.set(place, make(place));
  }
  discard(): void {
    for (const waiting of this.spare.values()) waiting.discard();
    this.spare.clear();
  }
}
const make = (place: "thread" | "process") => (place === "thread" ? thread() : child());
