/** Rows of a topic that evicts, taken by an engine that is slower than their publisher: each is handed over once, or told as lost. */
import { expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { InputPort } from "../../../src/system/host/input_port.js";

const numbers = topic({ name: "numbers", columns: { value: { dtype: "f64" } }, rows: 4, slots: 4, backpressure: "evict" });

function ends() {
  const bus = new RingBus({});
  const publisher = bus.publisher(numbers);
  const taken = { doc: "numbers", topic: "numbers", columns: { value: { dtype: "f64" } } } as const;
  let told = 0;
  const port = new InputPort(
    "numbers",
    bus.durable(numbers, "slow.numbers", { from: 0 }) as never,
    taken,
    1,
    new Float64Array(5),
    new Uint8Array(0),
    () => {},
    (rows) => {
      told += rows;
    },
  );
  let published = 0;
  const publish = (batches: number) => {
    for (let i = 0; i < batches; i++) publisher.publish({ value: Float64Array.from({ length: 4 }, () => published++) });
  };
  const got: number[] = [];
  const take = (rows: number) => {
    const upTo = port.offer();
    const stretch = upTo === undefined ? undefined : port.next(Math.min(upTo, port.position + rows));
    if (!stretch) return false;
    const { value } = stretch.columns as unknown as { value: Float64Array };
    for (let row = stretch.from; row < stretch.rows; row++) got.push(value[row]!);
    port.taken();
    return true;
  };
  return { port, publish, take, got, published: () => published, told: () => told };
}

it("a batch in hand stays as it was while the publisher goes around", () => {
  const { port, publish, take, got, published, told } = ends();
  publish(2);
  take(2);
  publish(40);
  while (take(3));
  expect(got.slice(0, 4)).toEqual([0, 1, 2, 3]);
  expect(got).toEqual([...new Set(got)].toSorted((a, b) => a - b));
  expect(port.rows).toBe(got.length);
  expect(port.lost).toBeGreaterThan(100);
  expect(port.rows + port.lost).toBe(published());
  expect(told()).toBe(port.lost);
  expect(port.gaps).toBe(1);
});

it("every row is accounted for, however often it is overtaken", () => {
  const { port, publish, take, got, published, told } = ends();
  for (let round = 1; round < 60; round++) {
    publish(round % 7);
    for (let i = 0; i < round % 3; i++) take(1 + (round % 5));
  }
  while (take(4));
  expect(port.rows + port.lost).toBe(published());
  expect(told()).toBe(port.lost);
  expect(new Set(got).size).toBe(got.length);
  expect(port.rows).toBe(got.length);
});
