import { expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { createRing } from "../../../src/bus/ring/ring.js";
import { OutputPort } from "../../../src/system/host/output_port.js";

const numbers = topic({ name: "numbers", columns: { n: { dtype: "f64" } }, rows: 4, slots: 2, backpressure: "block" });

/** Gives the numbers from the port's own count on, in batches of these sizes; how many rows found room. */
function give(port: OutputPort<typeof numbers.columns>, sizes: readonly number[]): number {
  let rows = 0;
  for (const size of sizes) {
    const slot = port.claim();
    if (!slot) return rows;
    for (let i = 0; i < size; i++) slot.columns.n[i] = port.given + i;
    port.commit(size);
    rows += size;
  }
  return rows;
}

it("rows that were published before a restart are made again and not published twice, whatever the batches", () => {
  for (const sizes of [
    [4, 4],
    [1, 1, 1, 1, 1, 1, 1, 1],
    [3, 3, 2],
    [2, 4, 2],
  ]) {
    const ring = createRing({ ...numbers, slots: 16 });
    const reader = ring.subscribe();
    give(new OutputPort(ring.publisher(), 0, undefined), [4, 1]);
    // The state knows of two of the five.
    const port = new OutputPort<typeof numbers.columns>(ring.publisher({ takeover: true }), 2, undefined);
    give(port, sizes);
    const seen: number[] = [];
    reader.poll(({ columns, rows }) => void seen.push(...columns.n.subarray(0, rows)));
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => i));
    expect(port.given).toBe(10);
  }
});

it("what is new of a batch waits for room, and nothing is claimed before it", () => {
  const ring = createRing(numbers);
  const reader = ring.subscribe();
  give(new OutputPort(ring.publisher(), 0, undefined), [4, 1]);
  const port = new OutputPort<typeof numbers.columns>(ring.publisher({ takeover: true }), 4, undefined);
  expect(give(port, [3, 1])).toBe(3);
  expect(port.settled).toBe(false);
  expect(port.claim()).toBeUndefined();
  const seen: number[] = [];
  const read = () => reader.poll(({ columns, rows }) => void seen.push(...columns.n.subarray(0, rows)));
  read();
  expect(port.flush()).toBe(true);
  expect(port.settled).toBe(true);
  read();
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
