/** Runs an engine's definition in memory: rows in, rows out, in batches of any size, killed and restored from its block anywhere. */
import { expect } from "vitest";
import { install } from "../../../src/backends/index.js";
import type { Batch, Columns, Publisher, Subscription } from "../../../src/bus/bus.js";
import { topic as declare } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import type { AnyEngine, Engine } from "../../../src/system/kit/engine.js";
import { checkEngineOptions } from "../../../src/system/kit/options.js";

export type Row = Readonly<Record<string, number | bigint | ArrayLike<number>>>;
export type Input = readonly [port: string, row: Row];
/** By port, by column: a value a row, or `width` of them. */
export type Given = Readonly<Record<string, Readonly<Record<string, (number | bigint)[]>>>>;

export interface Drive {
  readonly options?: object;
  readonly instruments?: readonly string[];
  /** Ports that are wired; all that rows come for, and those that are not optional, where left out. */
  readonly ports?: readonly string[];
  /** Seed of sizes of batches, of full results and of restarts; without it there is one batch a stretch and no restart. */
  readonly seed?: number;
  /** What it logs. */
  readonly log?: (message: string) => void;
  /** Of a slot of results, where the engine writes several rows at once. */
  readonly leastRows?: number;
}

const arrays = {
  f64: Float64Array,
  f32: Float32Array,
  i64: BigInt64Array,
  i32: Int32Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
};
const most = 64;
install();

function columnsOf(columns: Columns, rows: readonly Row[]) {
  return Object.fromEntries(
    Object.entries(columns).map(([name, { dtype, width = 1 }]) => {
      const array = new arrays[dtype](rows.length * width) as Float64Array;
      rows.forEach((row, i) => {
        const value = row[name] ?? Number.NaN;
        if (typeof value === "object") array.set(value, i * width);
        else array[i] = value as number;
      });
      return [name, array];
    }),
  );
}

export async function drive(
  definition: AnyEngine,
  inputs: readonly Input[],
  { options, instruments = ["A"], ports, seed, leastRows = 1, log = () => {} }: Drive = {},
): Promise<Given> {
  const random = seed === undefined ? undefined : seeded(seed);
  const around = { engine: definition.name, instruments, resolve: (path: string) => path };
  const settings = { name: definition.name, options: checkEngineOptions(definition.options, options, around), instruments };
  const bus = new MemoryBus();
  const wired = Object.entries(definition.takes(settings)).filter(
    ([port, { optional }]) => ports?.includes(port) ?? (!optional || inputs.some(([of]) => of === port)),
  );
  const takes: Record<string, { topic: any; symbols: any }> = {};
  const feeds: Record<string, { publisher: Publisher; subscription: Subscription }> = {};
  for (const [port, taken] of wired) {
    const given = inputs.find(([of]) => of === port)?.[1] ?? {};
    const present = Object.entries(taken.columns).filter(([name, { optional }]) => !optional || given[name] !== undefined);
    const columns = Object.fromEntries(present.map(([name, { dtype, width = 1 }]) => [name, { dtype, width }]));
    const topic = declare({ name: port, columns, rows: most, slots: 2, backpressure: "block" });
    feeds[port] = { subscription: bus.subscribe(topic), publisher: bus.publisher(topic) };
    takes[port] = { topic, symbols: feeds[port]!.publisher.symbols };
  }
  const gives: Record<string, Publisher> = {};
  const results: Record<string, Subscription> = {};
  const found: Record<string, Record<string, (number | bigint)[]>> = {};
  for (const [port, { topic }] of Object.entries(definition.gives(settings))) {
    const small = {
      ...topic,
      name: `given ${port}`,
      rows: random && topic.rows > 1 ? leastRows + Math.floor(3 * random()) : topic.rows,
      slots: 2,
    };
    results[port] = bus.subscribe(small);
    gives[port] = bus.publisher(small);
    found[port] = Object.fromEntries(Object.keys(topic.columns).map((name) => [name, []]));
  }
  const drain = () => {
    for (const [port, subscription] of Object.entries(results))
      subscription.poll(({ columns, rows, from }: Batch) => {
        for (const [name, { width = 1 }] of Object.entries(subscription.topic.columns))
          for (const value of columns[name]!.subarray(from * width, rows * width)) found[port]![name]!.push(value);
      });
  };
  let state = new ArrayBuffer(definition.stateBytes(settings));
  const begin = async () => definition.begin({ ...settings, state, gives, takes, log, health: () => [] });
  let engine: Engine = await begin();
  for (let from = 0; from < inputs.length; ) {
    const port = inputs[from]![0];
    const size = random ? 1 + Math.floor(most * random() ** 2) : most;
    let to = from;
    while (to < inputs.length && to - from < Math.min(size, most) && inputs[to]![0] === port) to++;
    const { publisher, subscription } = feeds[port]!;
    const rows = inputs.slice(from, to).map(([, row]) => row);
    if (publisher.publish(columnsOf(publisher.topic.columns, rows)) !== rows.length) throw new Error("the feed was full");
    let at = 0;
    while (at < rows.length) {
      let next = at;
      // A batch whose handler throws comes again: what is left of it is taken then.
      try {
        subscription.poll((batch) => {
          next = engine.take!(port, batch, at);
          while (next < rows.length) {
            drain();
            if (random && random() < 0.2) throw new Again();
            next = engine.take!(port, batch, next);
          }
        });
      } catch (cause) {
        if (!(cause instanceof Again)) throw cause;
      }
      at = next;
      if (random && random() < 0.07) {
        state = state.slice(0);
        engine = await begin();
      }
    }
    drain();
    from = to;
  }
  await engine.close?.();
  drain();
  return found;
}

class Again extends Error {}

/** Rows of one instrument, of all columns but that which names it. */
export function only(given: Given[string], instrument: number): Given[string] {
  const keep = [...given.instrument!.keys()].filter((i) => given.instrument![i] === instrument);
  return Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => name !== "instrument")
      .map(([name, column]) => [name, keep.map((i) => column[i]!)]),
  );
}

/** What it gives in one go, after it was seen that batches of other sizes, full results and restarts change no bit of it. */
export async function driven(definition: AnyEngine, inputs: readonly Input[], how: Drive = {}, seeds = [1, 2]): Promise<Given> {
  const whole = await drive(definition, inputs, how);
  for (const seed of seeds) expect(await drive(definition, inputs, { ...how, seed }), `seed ${seed}`).toEqual(whole);
  return whole;
}
