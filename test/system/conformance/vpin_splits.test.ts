/** Splits change nothing in VPIN, whether the sums of its sizes are exact or not: long runs of one instrument are added in blocks, others one by one. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { temporaryFolder } from "../../support/cli.js";
import type { Input } from "../kit/drive.js";
import { type How, runBare } from "./bare.js";
import type { Case } from "./cases.js";
import { expectSame } from "./expect_same.js";
import { make } from "./made.js";
import { trade, walk } from "./makers.js";

install();
const folder = temporaryFolder();
const tape = walk(2000, 91, 1, 0.3, trade);
const run = (inputs: readonly Input[], how: How = {}) => {
  const one: Case = { title: "", instruments: ["AAA"], options: () => ({ bucketVolume: 50, window: 5, history: 20 }), inputs };
  return runBare(make("toxicity", one, join(folder, "files")), new MemoryBus(), how);
};

// In halves of a lot's 64th, sums are exact; in parts of a coin, their rounding errors are carried along.
it.each([
  ["in lots", (size: number) => Math.ceil(64 * size) / 64],
  ["that are no binary fractions", (size: number) => size],
  ["of decimals", (size: number) => Math.round(1e8 * size) / 1e8],
])("sizes %s: no split changes a bit", async (_, sized) => {
  const rows = tape.map(([port, row]): Input => [port, { ...row, size: sized(Number(row.size)) }]);
  const whole = await run(rows);
  expect(Object.values(whole.toxicity!.columns)[0]!.length).toBeGreaterThan(30);
  for (const how of [{ batch: 1 }, { batch: 57 }, ...[1, 2, 3, 4, 5].map((seed) => ({ seed }))]) expectSame(await run(rows, how), whole);
});
