/** Threads that run back-tests: each takes the next that waits; one that dies takes its run with it, and another takes its place. */
import { Worker } from "node:worker_threads";
import type { FailedRun, SweepRun } from "../../analysis/backtest.js";
import { TickforgeError } from "../../core/contract/errors.js";
import type { BacktestOptions } from "../run/options.js";
import type { Params } from "./axes.js";

/** What all runs of a pool have in common. */
export interface Common {
  readonly strategy: string;
  readonly files: readonly string[];
  readonly options: BacktestOptions;
}

export interface Job {
  readonly params: Params;
  /** Of a part of the time, ns UTC. */
  readonly from?: bigint;
  readonly to?: bigint;
}

/** What of a run crosses back. */
export interface Ran extends SweepRun {
  readonly start: bigint;
  readonly end: bigint;
}

export interface Ended {
  readonly run?: Ran;
  readonly failed?: FailedRun & { readonly error: TickforgeError };
}

export type Heard =
  | { readonly kind: "rows"; readonly rows: number }
  | { readonly kind: "ran"; readonly run: Ran }
  | { readonly kind: "failed"; readonly code: string; readonly message: string; readonly hint: string | undefined };

interface Waiting {
  readonly job: Job;
  readonly end: (ended: Ended) => void;
  readonly stop: (error: unknown) => void;
}

export class Pool {
  private readonly waiting: Waiting[] = [];
  private readonly idle: Worker[] = [];
  private readonly busy = new Map<Worker, Waiting & { rows: number }>();
  private readonly closing: Promise<unknown>[] = [];
  private done = 0;
  private stopped: unknown;

  constructor(
    private readonly common: Common,
    private readonly most: number,
    private readonly signal: AbortSignal | undefined,
  ) {
    signal?.addEventListener("abort", this.abort, { once: true });
    if (signal?.aborted) this.abort();
  }

  /** Rows of the market that all runs have gone through. */
  get rows(): number {
    return [...this.busy.values()].reduce((sum, { rows }) => sum + rows, this.done);
  }

  run(job: Job): Promise<Ended> {
    return new Promise((end, stop) => {
      if (this.stopped !== undefined) return stop(this.stopped);
      this.waiting.push({ job, end, stop });
      this.next();
    });
  }

  async close(): Promise<void> {
    this.signal?.removeEventListener("abort", this.abort);
    for (const worker of [...this.idle, ...this.busy.keys()]) this.closing.push(worker.terminate());
    await Promise.all(this.closing);
  }

  private readonly abort = (): void => {
    this.stopped = this.signal?.reason ?? new Error("stopped");
    for (const { stop } of [...this.waiting, ...this.busy.values()]) stop(this.stopped);
    this.waiting.length = 0;
  };

  private next(): void {
    while (this.waiting.length > 0 && this.stopped === undefined) {
      const worker = this.idle.pop() ?? (this.busy.size < this.most ? this.start() : undefined);
      if (!worker) return;
      const one = this.waiting.shift()!;
      this.busy.set(worker, { ...one, rows: 0 });
      worker.postMessage(one.job);
    }
  }

  private start(): Worker {
    const worker = new Worker(new URL("./sweep_worker.js", import.meta.url), { workerData: this.common, name: "backtest" });
    worker.on("message", (heard: Heard) => {
      const of = this.busy.get(worker);
      if (!of) return;
      if (heard.kind === "rows") of.rows = heard.rows;
      else {
        this.idle.push(worker);
        if (heard.kind === "ran") this.end(worker, { run: heard.run });
        else
          this.end(
            worker,
            failedBy(of.job.params, new TickforgeError(heard.code, heard.message, heard.hint === undefined ? {} : { hint: heard.hint })),
          );
      }
    });
    const died = (why: string) => {
      const of = this.busy.get(worker);
      if (of)
        this.end(
          worker,
          failedBy(
            of.job.params,
            new TickforgeError("E_STRATEGY_DIED", `the thread of the run ended: ${why}`, {
              hint: "a strategy must not end its process, nor hold more than its memory",
            }),
          ),
        );
    };
    worker.on("error", (error) => died(error.message));
    worker.on("exit", (code) => died(`exit code ${code}`));
    return worker;
  }

  private end(worker: Worker, ended: Ended): void {
    const of = this.busy.get(worker)!;
    this.busy.delete(worker);
    this.done += of.rows;
    of.end(ended);
    this.next();
  }
}

const failedBy = (params: Params, error: TickforgeError): Ended => ({
  failed: { params, code: error.code, message: error.message, error },
});
