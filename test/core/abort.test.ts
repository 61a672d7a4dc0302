/** Whatever a kernel does, an async call can be given up: nobody waits for it, its thread is free again, and the process can end. */
import { spawnSync } from "node:child_process";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { loadAddon, packageRoot } from "../../src/addon/addon.js";
import { deltaGammaRisk, eigenfactorAdjustment, exp } from "../../src/index.js";

const entry = new URL(`file://${packageRoot()}/dist/src/index.js`).href;
/** Signals wait there until a thread calls something of libc: kernels end by themselves, or not before they are done. */
const underThreadSanitizer = (process.env.LD_PRELOAD ?? "").includes("tsan");

/** Each takes minutes: one in a single thread that looks at nothing, one on threads of its own. */
const endless = {
  "one thread": `const covariance = Float64Array.from({ length: 1600 }, (_, k) => (k % 41 === 0 ? 2 : 1 / (1 + Math.abs((k % 40) - Math.floor(k / 40)))));
    const adjusting = { factors: 40, observations: 50, draws: 10_000_000, seed: 1 };
    const start = (how) => tickforge.eigenfactorAdjustment.async({ covariance }, adjusting, { backend: "native", ...how });`,
  "several threads": `const [delta, gamma, covariance] = [Float64Array.of(1, 2), new Float64Array(4), Float64Array.of(1, 0, 0, 1)];
    const options = { assets: 2, paths: 2_000_000_000, method: "monte_carlo", confidence: 0.999999, seed: 1, threads: 3 };
    const start = (how) => tickforge.deltaGammaRisk.async({ delta, gamma, covariance }, options, { backend: "native", ...how });`,
};
const starts = Object.entries(endless).map(
  ([what, script]) =>
    [
      what,
      new Function("tickforge", `${script}; return start;`)({ deltaGammaRisk, eigenfactorAdjustment }) as (how: object) => Promise<unknown>,
    ] as const,
);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const one = { x: Float64Array.of(0) };

describe.skipIf(!loadAddon().addon || underThreadSanitizer)("an async call that is given up", () => {
  for (const [what, start] of starts)
    it(`${what}: rejects with the signal's reason, more often than there are threads, and the next call is computed`, async () => {
      for (let round = 0; round < 9; round++) {
        const stop = new AbortController();
        const runs = [start({ signal: stop.signal }), start({ signal: stop.signal }), start({ signal: stop.signal })];
        const settled = Promise.allSettled(runs);
        await pause(5 * round); // some have not begun, some wait for a thread
        stop.abort(new Error(`enough of ${round}`));
        for (const result of await settled) expect(result).toMatchObject({ status: "rejected", reason: { message: `enough of ${round}` } });
      }
      expect((await exp.async(one, {}, { backend: "native" })).y).toEqual(Float64Array.of(1));
    });

  it("works where the process listens to the signal that is used, and the listener still hears of it", async () => {
    let heard = 0;
    const listener = () => void heard++;
    process.on("SIGURG", listener);
    try {
      const stop = new AbortController();
      const run = starts[0]![1]({ signal: stop.signal });
      await pause(30);
      stop.abort();
      await expect(run).rejects.toThrow(/abort/);
      expect((await exp.async(one, {}, { backend: "native" })).y).toEqual(Float64Array.of(1));
      process.kill(process.pid, "SIGURG");
      while (heard === 0) await pause(5);
    } finally {
      process.off("SIGURG", listener);
    }
  });

  for (const [what, script] of Object.entries(endless)) {
    it(`${what}: a process that runs one exits`, () => {
      const code = `import * as tickforge from ${JSON.stringify(entry)};
        ${script}
        const stop = new AbortController();
        const left = start({ signal: stop.signal }).catch(() => process.stdout.write("left "));
        start({}), start({});
        setTimeout(() => { stop.abort(); setTimeout(() => process.exit(7), 50); }, 100);`;
      const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
        encoding: "utf8",
        timeout: 60_000,
      });
      expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: "left ", stderr: "" });
    });

    it(`${what}: a worker that runs one is terminated`, async () => {
      const code = `const { parentPort } = require("node:worker_threads");
        import(${JSON.stringify(entry)}).then((tickforge) => { ${script}; start({}), start({}); parentPort.postMessage("started"); });`;
      const worker = new Worker(code, { eval: true });
      await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
      await pause(50);
      expect(await worker.terminate()).toBe(1);
    });
  }
});
