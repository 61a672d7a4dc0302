/** What splits may change in VPIN: nothing where sums of sizes are exact; else the last bits of a long run of one instrument, which is added in blocks. */
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

it("sizes in lots: no bit", async () => {
  const lots = tape.map(([port, row]): Input => [port, { ...row, size: Math.ceil(64 * Number(row.size)) / 64 }]);
  const whole = await run(lots);
  for (const how of [{ batch: 1 }, { seed: 1 }, { seed: 2 }]) expectSame(await run(lots, how), whole);
});

it("any sizes: the same trades close the same buckets, and no value moves by more than 1e-12", async () => {
  const { toxicity: whole } = await run(tape);
  const exact = ["time", "startTime", "endTime", "endIndex", "instrument", "alarm", "lastPrice"];
  for (const how of [{ batch: 1 }, { seed: 1 }]) {
    const { toxicity: found } = await run(tape, how);
    expect(Object.values(found!.columns)[0]!.length).toBeGreaterThan(30);
    for (const [name, values] of Object.entries(whole!.columns)) {
      if (exact.includes(name)) expect(found!.columns[name]).toEqual(values);
      else
        for (const [i, value] of (values as number[]).entries()) {
          const got = found!.columns[name]![i] as number;
          expect(
            Object.is(got, value) || Math.abs(got - value) <= 1e-12 * Math.max(1, Math.abs(value)),
            `${name} ${i}: ${got}, ${value}`,
          ).toBe(true);
        }
    }
  }
});
