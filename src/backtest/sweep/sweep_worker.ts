/** A thread of a sweep: one run after another over the files that all threads map. */
import { parentPort, workerData } from "node:worker_threads";
import { install } from "../../backends/index.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { loadStrategy, placed } from "../load/load_strategy.js";
import { backtest } from "../run/backtest.js";
import type { Common, Heard, Job } from "./pool.js";

install();
const { strategy: named, files, options } = workerData as Common;
const port = parentPort!;
const say = (heard: Heard): void => port.postMessage(heard);

port.on("message", async ({ params, from, to }: Job) => {
  try {
    const strategy = await loadStrategy(named);
    let said = 0;
    const progress = (rows: number) => {
      const now = performance.now();
      if (now - said < 100) return;
      said = now;
      say({ kind: "rows", rows });
    };
    const result = await backtest(strategy, files, {
      ...options,
      params,
      progress,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
    const { measures, money, fills, returns, hash, start, end, rows } = result;
    say({ kind: "rows", rows });
    say({ kind: "ran", run: { params, measures, money, fills: fills.time.length, returns, hash, start, end } });
  } catch (thrown) {
    const error = placed(thrown, named);
    const { code = "E_INTERNAL", hint } = error instanceof TickforgeError ? error : {};
    say({ kind: "failed", code, message: error instanceof Error ? error.message : String(error), hint });
  }
});
