/** Worker threads load the add-on, compute, and end, whatever they were doing. */
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { loadAddon, packageRoot } from "../../src/addon/addon.js";

const entry = new URL(`file://${packageRoot()}/dist/lib/index.js`).href;

/** A worker that runs `script` with tickforge's compiled entry; resolves with what it posts, or with its exit code. */
function inWorker(script: string): { worker: Worker; message: Promise<unknown>; exit: Promise<number> } {
  const code = `const { parentPort } = require("node:worker_threads"); import(${JSON.stringify(entry)}).then(async (tickforge) => { ${script} });`;
  const worker = new Worker(code, { eval: true });
  return {
    worker,
    message: new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject)),
    exit: new Promise((resolve) => worker.once("exit", resolve)),
  };
}

const compute = `const size = new Float64Array(1e6).fill(1);
  parentPort.postMessage([...tickforge.volumeBuckets({ size }, { bucketVolume: 250_000 }, { backend: "native" }).buy]);`;

describe.skipIf(!loadAddon().addon)("worker threads", () => {
  it("several at once give the same as the main thread, and end by themselves", async () => {
    const workers = [1, 2, 3, 4].map(() => inWorker(compute));
    for (const { message, exit } of workers) {
      expect(await message).toEqual([250_000, 250_000, 250_000, 250_000]);
      expect(await exit).toBe(0);
    }
  });

  it("a worker terminated in the middle of an async call takes nothing down", async () => {
    const endless = `const size = new Float64Array(2e7).fill(1);
      parentPort.postMessage("started");
      for (;;) await tickforge.volumeBuckets.async({ size }, { bucketVolume: 3 }, { backend: "native" });`;
    for (let round = 0; round < 12; round++) {
      const { worker, message, exit } = inWorker(endless);
      expect(await message).toBe("started");
      await new Promise((resolve) => setTimeout(resolve, 20 * (round % 6)));
      await worker.terminate();
      expect(await exit).toBe(1);
    }
    expect(await inWorker(compute).message).toHaveLength(4);
  });
});
