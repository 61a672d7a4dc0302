/** The helper for tests of whoever writes an engine: an engine of the table through it, and what it refuses. */
import { describe, expect, it } from "vitest";
import { type AnyEngine, defineEngine, driveEngine, topic } from "../../../src/entries/system.js";
import { analytics } from "../../../src/system/table/analytics.js";
import { toxicity } from "../../../src/system/table/toxicity.js";

const trades = Array.from({ length: 300 }, (_, i) => [
  "trades",
  { time: BigInt(i) * 1_000_000n, price: 100 + Math.sin(i), size: 1 + (i % 3), side: i % 5 < 3 ? 1 : -1, instrument: i % 2 },
]) as [string, Record<string, number | bigint>][];
const how = { options: { bucketVolume: 20, window: 3 }, instruments: ["A", "B"] };

describe("driveEngine", () => {
  it("answers what an engine gives, whatever the batches and however often it begins anew", async () => {
    const whole = await driveEngine(toxicity, trades, how);
    expect(whole.toxicity!.length).toBeGreaterThan(20);
    expect(whole.toxicity!.at(-1)).toMatchObject({ buy: expect.any(Number), endTime: expect.any(BigInt) });
    for (const batchRows of [1, 7]) expect(await driveEngine(toxicity, trades, { ...how, batchRows, restart: true })).toEqual(whole);
  });

  it("sees an engine that keeps something outside its state", async () => {
    const forgetful = defineEngine({
      ...{ name: "count", doc: "Counts rows.", options: {}, stateBytes: () => 0 },
      takes: () => ({ rows: { doc: "", topic: "rows", columns: { value: { dtype: "f64" } } } }),
      gives: () => ({
        counts: {
          doc: "",
          topic: topic({ name: "counts", columns: { count: { dtype: "f64" } }, rows: 64, slots: 4, backpressure: "block" }),
        },
      }),
      begin({ gives }) {
        let count = 0;
        return {
          take(_, batch, from) {
            const slot = gives.counts!.claim();
            if (!slot) return from;
            for (let i = from; i < batch.rows; i++) (slot.columns.count as Float64Array)[i - from] = ++count;
            gives.counts!.commit(batch.rows - from);
            return batch.rows;
          },
        };
      },
    });
    const rows = [1, 2, 3].map((value) => ["rows", { value }] as const);
    const whole = await driveEngine(forgetful, rows);
    expect(whole).toEqual({ counts: [{ count: 1 }, { count: 2 }, { count: 3 }] });
    expect(await driveEngine(forgetful, rows, { batchRows: 1, restart: true })).not.toEqual(whole);
  });

  it("wires a port that is needed and has no rows, and none that is optional", async () => {
    expect(await driveEngine(analytics, [])).toEqual({ profit: [], performance: [] });
  });

  it.each([
    ["no engine", {}, [], {}, /definition is Object, expected what defineEngine returns/],
    ["a port that it has not", toxicity, [["quotes", {}]], how, /takes no port 'quotes'/],
    ["a row without a column", toxicity, [["trades", { time: 0n }]], how, /row 0 of port 'trades' has no column 'price'/],
    ["too large a batch", toxicity, [], { ...how, batchRows: 65 }, /batchRows is 65/],
    ["a wrong option", toxicity, [], { options: { bucketVolume: -1 } }, /'bucketVolume' is -1/],
  ])("refuses %s", async (_, definition, rows, options, message) => {
    await expect(driveEngine(definition as never, rows as never, options)).rejects.toThrow(message);
  });

  it("stops where take takes nothing", async () => {
    const lazy: AnyEngine = { ...toxicity, begin: () => ({ take: (_port, _batch, from) => from }) };
    await expect(driveEngine(lazy, trades, how)).rejects.toThrow(/take\('trades', batch, 0\) answered 0/);
  });
});
