/** Runs an engine of market data on a memory bus as a host would, and collects what it writes: for comparisons of every way to run it. */
import fc from "fast-check";
import { expect } from "vitest";
import type { Batch, Subscription } from "../../../src/bus/bus.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { Random } from "../../../src/market/random.js";
import { checkEngineOptions } from "../../../src/system/kit/options.js";
import { marketData } from "../../../src/system/table/market_data.js";

export interface How {
  readonly instruments?: readonly string[];
  /** Rows and slots of every topic; those declared where left out. */
  readonly rows?: number;
  readonly slots?: number;
  /** Chooses when results are read, how the clock goes and when the engine is killed; none: always, at once, never. */
  readonly random?: () => number;
  readonly kills?: number;
  /** Turns at most. */
  readonly turns?: number;
  readonly folder?: string;
  /** Told of each batch as it is read. */
  readonly onBatch?: (topic: string, batch: Batch, turn: number) => void;
}

/** Every way to run a source that must not be seen in what it writes. */
export const ways = fc.record({
  rows: fc.integer({ min: 1, max: 300 }),
  slots: fc.constantFrom(2, 8, 64),
  speed: fc.constantFrom(0, 300, 5000),
  kills: fc.integer({ min: 0, max: 6 }),
  seed: fc.nat(),
});
export const howOf = ({ seed, ...how }: { seed: number } & How): How => {
  const random = Random.fromSeed(seed);
  return { ...how, random: () => random.uniform() };
};

/** Values of each column by topic. */
export type Written = Record<string, Record<string, (number | bigint)[]>>;

/** The comparison of `expect` takes longer than all that is compared here: it says what differs where something does. */
export function expectSame(got: Written, want: Written): void {
  const same = Object.entries(want).every(([port, columns]) =>
    Object.entries(columns).every(([name, values]) => {
      const others = got[port]?.[name];
      return others?.length === values.length && values.every((value, row) => value === others[row]);
    }),
  );
  if (!same || Object.keys(got).length !== Object.keys(want).length) expect(got).toEqual(want);
}

export const settingsOf = (given: object, instruments: readonly string[] = ["AAA", "BBB", "CCC"], folder = "") => ({
  name: "market",
  instruments,
  options: checkEngineOptions(marketData.options, given, { engine: "market", instruments, resolve: (path) => `${folder}${path}` }),
});

export async function runSource(given: object, how: How = {}): Promise<Written> {
  const { rows, slots, random = () => 0, kills = 0, turns = 1e6 } = how;
  const settings = settingsOf(given, how.instruments, how.folder);
  const topics = Object.entries(marketData.gives(settings)).map(([port, { topic }]) => {
    return [port, { ...topic, rows: rows ?? topic.rows, slots: slots ?? topic.slots }] as const;
  });
  const written: Written = Object.fromEntries(
    topics.map(([port, { columns }]) => [port, Object.fromEntries(Object.keys(columns).map((name) => [name, []]))]),
  );
  let state = new ArrayBuffer(marketData.stateBytes(settings));
  const kept = (): Record<string, number> => Object.fromEntries(topics.map(([port]) => [port, Object.values(written[port]!)[0]!.length]));
  let ended = false;
  for (let life = 0; life <= kills && !ended; life++) {
    const bus = new MemoryBus();
    const subscriptions = topics.map(([port, topic]) => [port, bus.subscribe(topic)] as const);
    const gives = Object.fromEntries(topics.map(([port, topic]) => [port, bus.publisher(topic)]));
    const memory = state.slice(0);
    const engine = await marketData.begin({ ...settings, state: memory, gives, takes: {}, log: () => {}, health: () => [] });
    const until = life < kills ? Math.floor(random() * 60) : turns;
    const snapshot = life < kills ? Math.floor(random() * (until + 1)) : until;
    let [elapsed, turn] = [0, 0];
    let rowsThen = kept();
    const save = () => {
      for (const one of subscriptions) drain(one, written);
      [state, rowsThen] = [memory.slice(0), kept()];
    };
    for (; turn < until; turn++) {
      if (turn === snapshot) save();
      const wait = engine.turn!(elapsed);
      for (const one of subscriptions.filter(() => random() < 0.6))
        drain(one, written, (topic, batch) => how.onBatch?.(topic, batch, turn));
      if (wait === Infinity) break;
      elapsed += wait + random() * 20;
      // Readers of files have threads of their own.
      if (wait > 0) await new Promise(setImmediate);
    }
    if (turn <= snapshot) save();
    ended = turn < until && turn <= snapshot;
    await engine.close?.();
    for (const one of subscriptions) drain(one, written);
    if (life < kills && !ended) cut(written, rowsThen);
    bus.close();
  }
  return written;
}

function drain(
  [port, subscription]: readonly [string, Subscription],
  into: Written,
  onBatch?: (topic: string, batch: Batch) => void,
): void {
  subscription.poll((batch: Batch) => {
    onBatch?.(port, batch);
    for (const [name, values] of Object.entries(into[port]!)) {
      const view = batch.columns[name] as Float64Array;
      for (let row = 0; row < batch.rows; row++) values.push(view[row]!);
    }
  });
}

/** What was written after the snapshot comes again. */
function cut(written: Written, rows: Record<string, number>): void {
  for (const [port, columns] of Object.entries(written)) for (const values of Object.values(columns)) values.length = rows[port]!;
}
