/** A kernel that stops at a row with room left: it would be asked for ever, so it is refused by name. */
import { describe, expect, it } from "vitest";

import { kernel } from "../../src/core/call/kernel.js";

/** Gives each value back, until it meets 7. */
const upToSeven = kernel({
  name: "before_seven",
  rows: "row",
  doc: "values before the first 7",
  source: "none",
  inputs: { value: { dtype: "f64", shape: ["row"], unit: "any", doc: "values" } },
  params: {},
  state: { seen: { dtype: "f64", shape: [1], unit: "rows", doc: "rows so far" } },
  outputs: { same: { dtype: "f64", shape: ["given"], unit: "any", doc: "the value" } },
  produces: "given",
  cost: () => ({ flops: 0, bytes: 0 }),
  compare: { same: { f64: { exact: true }, f32: { exact: true } } },
  reference({ in: { value }, state: { seen }, out: { same } }) {
    let i = 0;
    while (i < value.length && i < same.length && value[i] !== 7) same[i] = value[i++]!;
    seen[0]! += i;
    return { consumed: i, produced: i };
  },
  sample: () => ({ value: new Float64Array() }),
  golden: [],
  parity: [],
  bench: [],
});
const values = (...of: number[]) => ({ value: Float64Array.from(of) });
const stuckAt = (row: number) => expect.objectContaining({ code: "E_STUCK", kernel: "before_seven", row });

describe("a kernel that neither takes nor gives", () => {
  it("ends a call, a batch and a call off the main thread with the place", async () => {
    expect(upToSeven(values(1, 2, 3), {}, { backend: "reference" }).same).toEqual(Float64Array.of(1, 2, 3));
    expect(() => upToSeven(values(1, 2, 7, 3), {}, { backend: "reference" })).toThrow(stuckAt(2));
    await expect(upToSeven.async(values(1, 7), {}, { backend: "reference" })).rejects.toThrow(stuckAt(1));
    const stream = upToSeven.stream({}, { backend: "reference" });
    expect(() => stream.pushBatch(values(1, 7, 2))).toThrow(stuckAt(1));
    expect(stream.accepted).toBe(1);
  });

  it("leaves a stream of single rows, and a peek, fit to go on", () => {
    const stream = upToSeven.stream({}, { backend: "reference" });
    for (const value of [1, 2, 7]) stream.push(value);
    expect(() => stream.poll()).toThrow(stuckAt(2));
    expect(() => stream.peek(7)).toThrow(stuckAt(0));
    expect(stream.peek(3).same).toBe(3);
    stream.push(4);
    expect([stream.poll(), stream.last.same, stream.accepted]).toEqual([3, 4, 3]);
  });
});
