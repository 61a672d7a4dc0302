/** The threads and processes that engines live in, and loaded ones in reserve: to begin again takes a moment, not the start of a process. */
import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { TickforgeError } from "../../core/contract/errors.js";
import type { RunnerJob, Said } from "../host/job.js";

export interface Member {
  readonly pid: number;
  /** Ends it at once, whatever it does. */
  kill(): void;
}
export interface Told {
  said(said: Said): void;
  /** A line that code of the engines wrote to stdout or stderr. */
  wrote(line: string): void;
  /** It is gone: exit code or signal, and its last words where it had some. */
  gone(why: string): void;
}
export interface Kind {
  readonly place: "thread" | "process";
  /** Megabytes of heap that its engines may use together. */
  readonly memoryMB: number;
}

interface Waiting {
  begin(job: RunnerJob, told: Told): Member;
  discard(): void;
}

/** The supervisor finds a leak by its sign; beyond this V8 ends the thread, and all other threads live on. In steps, so that few kinds are kept in reserve. */
const heapMB = ({ memoryMB }: Kind): number => 2 ** Math.ceil(Math.log2(memoryMB + 64));
const keyOf = (kind: Kind) => `${kind.place} ${heapMB(kind)}`;
const MOST_RESERVED = 4;
const MOST_LINE = 1000;
const exited = (code: number | null) => (code === 1 || code === null ? `code ${code}` : `code ${code}, as by process.exit`);

/** Refuses to start where the files that threads begin with are not beside this one. */
export function needRunners(): void {
  const path = runnerPath();
  if (path !== undefined && existsSync(path)) return;
  throw new TickforgeError("E_SYSTEM_BUNDLED", `${path ?? "runner_worker.js"}, which the threads of a system begin with, is not there`, {
    hint: "this program was bundled apart from the package: leave tickforge out of the bundle (external)",
  });
}
/** undefined where a bundle knows no addresses of files. */
function runnerPath(): string | undefined {
  try {
    return fileURLToPath(new URL("../host/runner_worker.js", import.meta.url));
  } catch {
    return undefined;
  }
}

function lines(stream: Readable | null, tell: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!.slice(0, MOST_LINE);
    for (const line of parts) if (line.trim() !== "") tell(line.slice(0, MOST_LINE));
  });
  stream?.on("error", () => {});
}

function thread(kind: Kind): Waiting {
  const resourceLimits = { maxOldGenerationSizeMb: heapMB(kind) };
  const url = new URL("../host/runner_worker.js", import.meta.url);
  const worker = new Worker(url, { workerData: {}, stdout: true, stderr: true, resourceLimits });
  let why = "";
  worker.on("error", (error: NodeJS.ErrnoException) => {
    why = error?.code === "ERR_WORKER_OUT_OF_MEMORY" ? "its thread ran out of memory" : `its thread ended with ${error?.message ?? error}`;
  });
  return {
    begin(job, told) {
      worker.on("message", (said: Said) => told.said(said));
      worker.on("exit", (code) => told.gone(why || `its thread ended with ${exited(code)}`));
      for (const stream of [worker.stdout, worker.stderr]) lines(stream, (line) => told.wrote(line));
      worker.postMessage(job);
      return { pid: process.pid, kill: () => void worker.terminate() };
    },
    discard: () => void worker.terminate(),
  };
}

function child(kind: Kind): Waiting {
  const path = fileURLToPath(new URL("../host/runner_process.js", import.meta.url));
  const process: ChildProcess = fork(path, [String(heapMB(kind))], { serialization: "advanced", stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let failed = "";
  process.on("error", (error) => {
    failed = error.message;
  });
  return {
    begin(job, told) {
      let last = "";
      process.on("message", (said) => told.said(said as Said));
      for (const stream of [process.stdout, process.stderr])
        lines(stream, (line) => {
          last = line;
          told.wrote(line);
        });
      process.on("exit", (code, signal) =>
        told.gone(`its process ended with ${signal ?? exited(code)}${code === 1 && last ? `: ${last}` : ""}`),
      );
      if (process.pid === undefined) setImmediate(() => told.gone(`its process could not be started: ${failed}`));
      else if (process.connected) process.send(job, () => {});
      return { pid: process.pid ?? 0, kill: () => void process.kill("SIGKILL") };
    },
    discard: () => void process.kill("SIGKILL"),
  };
}

export class Crew {
  private readonly spare = new Map<string, Waiting>();

  begin(kind: Kind, job: RunnerJob, told: Told): Member {
    const key = keyOf(kind);
    const member = this.spare.get(key) ?? make(kind);
    this.spare.delete(key);
    return member.begin(job, told);
  }
  /** Keeps one of the kind ready. */
  reserve(kind: Kind): void {
    const key = keyOf(kind);
    if (!this.spare.has(key) && this.spare.size < MOST_RESERVED) this.spare.set(key, make(kind));
  }
  discard(): void {
    for (const waiting of this.spare.values()) waiting.discard();
    this.spare.clear();
  }
}
const make = (kind: Kind) => (kind.place === "thread" ? thread(kind) : child(kind));
