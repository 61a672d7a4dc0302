/** Many runs over one recording: the same on any number of threads, and those that fail take no other with them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { luckiestSharpe, momentsOf, probabilisticSharpe } from "../../../src/studies/portfolio/deflated_sharpe.js";
import { built, requireBuilt } from "../../support/cli.js";
import { tape } from "./kit/tape.js";

beforeAll(requireBuilt);
const folder = mkdtempSync(join(tmpdir(), "sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));
const files = tape(folder);
const { sweep } = await built<typeof import("../../../src/backtest/sweep/sweep.js")>("backtest/sweep/sweep.js");
const { walk } = await built<typeof import("../../../src/backtest/sweep/walk.js")>("backtest/sweep/walk.js");
const { backtest } = await built<typeof import("../../../src/backtest/run/backtest.js")>("backtest/run/backtest.js");
const { loadStrategy } = await built<typeof import("../../../src/backtest/load/load_strategy.js")>("backtest/load/load_strategy.js");
(await built<typeof import("../../../src/backends/index.js")>("backends/index.js")).install();
const values = { spread: [5, 12, 20], wait: [1, 3] };

describe("a sweep", () => {
  it("gives the same on one thread and on three, each run as if it were alone", async () => {
    const [one, three] = await Promise.all(
      [1, 3].map((workers) => sweep("market_maker", files, { sweep: values, barSeconds: 1, workers })),
    );
    expect(three).toEqual(one);
    expect(one!.runs.map(({ params }) => [params.spread, params.wait])).toEqual(
      [5, 12, 20].flatMap((spread) => [1, 3].map((wait) => [spread, wait])),
    );
    const alone = await backtest(await loadStrategy("market_maker"), files, { params: { spread: 12, wait: 3 }, barSeconds: 1 });
    expect(one!.runs[3]).toMatchObject({ hash: alone.hash, money: alone.money, fills: alone.fills.time.length });
    const ratios = one!.runs.map(({ returns }) => momentsOf(returns).sharpe);
    expect(one!.best).toBe(ratios.indexOf(Math.max(...ratios)));
    const mean = ratios.reduce((a, b) => a + b, 0) / 6;
    const seen = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / 5;
    const best = momentsOf(one!.runs[one!.best]!.returns);
    expect(one!.deflatedSharpe).toBeCloseTo(probabilisticSharpe(best, luckiestSharpe(Math.max(seen, 1 / (best.count - 1)), 6)), 12);
    expect(one!.overfitting).toBeGreaterThanOrEqual(0);
  });

  it("tells of runs that throw, that never return and that end their thread, and goes on", async () => {
    const module = join(folder, "some.mjs");
    writeFileSync(
      module,
      `export default { name: "some", doc: "", params: { how: { type: "i32", default: 0, doc: "" } }, begin: ({ how }) => ({ onStart() {
        if (how === 1) throw new Error("not one");
        if (how === 2) for (;;);
        if (how === 3) process.exit(5);
      } }) };`,
    );
    const { runs, failed } = await sweep(module, files, { sweep: { how: [0, 1, 2, 3, 4] }, workers: 2, timeLimitSeconds: 0.3 });
    expect(runs.map(({ params }) => params.how)).toEqual([0, 4]);
    expect(failed.map(({ params, code }) => [params.how, code])).toEqual([
      [1, "E_STRATEGY_THREW"],
      [2, "E_STRATEGY_TIME"],
      [3, "E_STRATEGY_DIED"],
    ]);
    await expect(sweep(module, files, { sweep: { how: [1, 1.5] } })).rejects.toMatchObject({ code: expect.stringMatching(/^E_OPTION/) });
    await expect(sweep(module, files, { sweep: { how: [1] }, workers: 1 })).rejects.toMatchObject({ code: "E_STRATEGY_THREW" });
    await expect(sweep(module, files, { sweep: { hwo: [1] } })).rejects.toMatchObject({
      code: "E_OPTION_UNKNOWN",
      hint: "did you mean how?",
    });
  });

  it("ends when it is told to", async () => {
    const stop = new AbortController();
    const running = sweep("market_maker", files, {
      sweep: { spread: Array.from({ length: 500 }, (_, i) => i + 1) },
      workers: 1,
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(), 300);
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("a walk forward", () => {
  it("chooses in the first part, without what is purged, and trades in the second, behind the embargo", async () => {
    const second = 1_000_000_000n;
    const options = {
      sweep: values,
      barSeconds: 1,
      workers: 2,
      choose: 100n * second,
      trade: 50n * second,
      purge: 10n * second,
      embargo: 5n * second,
    };
    const { windows, together } = await walk("market_maker", files, options);
    // The files span 299.5 s: a window takes 150, and the next begins 50 later.
    expect(windows.map(({ from, split, to }) => [from, split, to].map((time) => Number(time / second)))).toEqual([
      [0, 100, 150],
      [50, 150, 200],
      [100, 200, 250],
    ]);
    const strategy = await loadStrategy("market_maker");
    const [, window] = windows;
    const inside = await sweep("market_maker", files, { sweep: values, barSeconds: 1, workers: 2, from: 50n * second, to: 140n * second });
    expect(window!.params).toEqual(inside.runs[inside.best]!.params);
    expect(window!.inSample).toEqual(inside.runs[inside.best]!.measures);
    const traded = await backtest(strategy, files, { params: window!.params, barSeconds: 1, from: 155n * second, to: 200n * second });
    expect(window!.outOfSample).toEqual(traded.measures);
    expect(together.profit).toBeCloseTo(
      windows.reduce((sum, { outOfSample }) => sum + outOfSample.profit, 0),
      12,
    );
    expect(together.closed).toBe(windows.reduce((sum, { outOfSample }) => sum + outOfSample.closed, 0));
    await expect(walk("market_maker", files, { ...options, choose: 1000n * second })).rejects.toMatchObject({ code: "E_BACKTEST_EMPTY" });
    await expect(walk("market_maker", files, { ...options, purge: 100n * second })).rejects.toMatchObject({ code: "E_OPTION_RANGE" });
  });
});
