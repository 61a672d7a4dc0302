/** What an engine gives depends on its rows alone: not on how they were cut, on how slowly results are read, or on who took over its state. */
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { temporaryFolder } from "../../support/cli.js";
import { type How, runBare } from "./bare.js";
import { type Case, sound } from "./cases.js";
import { expectSame } from "./expect_same.js";
import { type Made, make, type Results } from "./made.js";

install();
const folder = temporaryFolder();
let runs = 0;
const fresh = (engine: string, one: Case) => {
  const own = join(folder, `run ${runs++}`);
  return { own, made: make(engine, one, own) };
};

/** Results of two slots, which are full nearly always. */
const narrow = ({ gives, ...made }: Made, rows: (most: number) => number): Made => ({
  ...made,
  gives: gives.map(({ port, topic }) => ({ port, topic: { ...topic, rows: rows(topic.rows), slots: 2 } })),
});

describe.each(sound)("$title", ({ engine, one }) => {
  let whole: Results;
  let written: unknown;
  beforeAll(async () => {
    const { own, made } = fresh(engine, one);
    whole = await runBare(made, new MemoryBus());
    written = one.written?.(own);
    const rows = Object.values(whole).flatMap(({ columns }) => Object.values(columns)[0]!).length;
    expect(rows + Number(written !== undefined), "rows to compare").toBeGreaterThan(0);
  });
  async function same(how: How, change: (made: Made) => Made = (made) => made): Promise<void> {
    const { own, made } = fresh(engine, one);
    expectSame(await runBare(change(made), new MemoryBus(), how), whole);
    expect(one.written?.(own)).toEqual(written);
  }

  it("gives the same bits for any split of its inputs", async () => {
    await same({ batch: 1 });
    for (const seed of [1, 2]) await same({ seed });
  });

  it("waits for room without losing a row, and for rows that come slowly", async () => {
    const { leastRows = 1 } = one;
    await same({ sinks: 0.2 }, (made) => narrow(made, (most) => most));
    await same({ sinks: 0.4, seed: 3 }, (made) => narrow(made, (most) => Math.min(most, leastRows)));
    await same({ seed: 4, feeds: 0.1 });
  });

  it("goes on from its state wherever it was copied", async () => {
    for (const seed of [5, 6])
      await same({ seed, restarts: 0.2, sinks: 0.7 }, (made) => narrow(made, (most) => Math.min(most, (one.leastRows ?? 1) + 2)));
  });
});
