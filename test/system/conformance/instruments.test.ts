/** Instruments do not touch each other, nor do engines; a state is what an engine says that it is. */
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { temporaryFolder } from "../../support/cli.js";
import { only } from "../kit/drive.js";
import { runBare } from "./bare.js";
import { sound } from "./cases.js";
import { expectSame } from "./expect_same.js";
import { make, type Results } from "./made.js";

install();
const folder = temporaryFolder();
let runs = 0;
const own = () => join(folder, `run ${runs++}`);
const ready = (of: { engine: string; one: (typeof sound)[number]["one"] }) => make(of.engine, of.one, own());

describe.each(sound)("$title", ({ engine, one }) => {
  const { gives, settings, definition, takes } = ready({ engine, one });
  const topics = one.alone ?? gives.filter(({ topic }) => topic.columns.instrument).map(({ port }) => port);
  let whole: Results;
  beforeAll(async () => {
    whole = await runBare(ready({ engine, one }), new MemoryBus());
  });

  it.skipIf(topics.length === 0 || takes.length === 0)("gives of each instrument what it gives of it alone", async () => {
    for (const id of settings.instruments.keys()) {
      const inputs = one.inputs.filter(([, row]) => row.instrument === id);
      const alone = await runBare(make(engine, one, own(), inputs), new MemoryBus());
      for (const port of topics) {
        const some = only(whole[port]!.columns as never, id);
        const want = only(alone[port]!.columns as never, id);
        // Its last bar is still open where a row of another one has ended it.
        const rows = Object.values(want)[0]!.length;
        expect(rows, `rows of ${id} in ${port}`).toBeGreaterThan(3);
        expect(Object.values(some)[0]!.length - rows).toBeLessThanOrEqual(1);
        for (const [name, values] of Object.entries(want)) {
          if (one.counted?.includes(name)) continue;
          const width = values.length / rows;
          expect(some[name]!.slice(0, rows * width), `${port}.${name} of instrument ${id}`).toEqual(values);
        }
      }
    }
  });

  it("keeps to its state: nothing beyond it, zeros are a beginning, two engines share none", async () => {
    const bytes = definition.stateBytes(settings);
    const state = new ArrayBuffer(bytes + 512);
    new Uint8Array(state, bytes).fill(0xa5);
    expectSame(await runBare(ready({ engine, one }), new MemoryBus(), { state }), whole);
    expect(new Uint8Array(state, bytes).every((byte) => byte === 0xa5)).toBe(true);
    if (bytes > 0)
      expect(
        new Uint8Array(state, 0, bytes).some((byte) => byte !== 0),
        "it keeps something",
      ).toBe(true);
    new Uint8Array(state).fill(0);
    expectSame(await runBare(ready({ engine, one }), new MemoryBus(), { state }), whole, "where another one has been");
    const both = await Promise.all([1, 2].map((seed) => runBare(ready({ engine, one }), new MemoryBus(), { seed, sinks: 0.5 })));
    for (const results of both) expectSame(results, whole, "beside another one");
  });
});
