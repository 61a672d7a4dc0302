import { describe, expect, test } from "vitest";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { quoteMeasure } from "../../src/engines/quote_measures.js";
import { ToxicityEngine, toxicityTopic } from "../../src/engines/toxicity_engine.js";
import { tradesTopic } from "../../src/engines/trades.js";
import { effectiveSpread } from "../../src/kernels/flow/liquidity/effective_spread.js";
import { realizedSpread } from "../../src/kernels/flow/liquidity/realized_spread.js";
import { orderFlowImbalance } from "../../src/kernels/flow/toxicity/order_flow_imbalance.js";
import "../files/kit/parse.js";

/** A generator that is the same everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}
const next = random(11);
const rows = 700;
const second = 1_000_000_000n;
let [now, middle] = [1_700_000_000n * second, 5_000];
/** Several trades at one time, some without a side, some beside a quote that is none to go by. */
const tape = Array.from({ length: rows }, () => {
  now += BigInt(Math.floor(3 * next())) * second;
  middle += Math.floor(3 * next()) - 1;
  const kind = next();
  const [bid, ask] =
    kind < 0.03 ? [Number.NaN, middle + 1] : kind < 0.06 ? [middle + 1, middle - 1] : [middle - 1, middle + 1 + Math.floor(2 * next())];
  const side = next() < 0.05 ? 0 : next() < 0.5 ? 1 : -1;
  return {
    time: now,
    price: middle + side,
    side,
    bid: bid / 100,
    ask: ask / 100,
    bidSize: Math.floor(9 * next()),
    askSize: Math.floor(9 * next()),
  };
}).map((r) => ({ ...r, price: r.price / 100 }));
const number = (of: (r: (typeof tape)[number]) => number) => Float64Array.from(tape, of);
const columns = {
  time: BigInt64Array.from(tape, (r) => r.time),
  price: number((r) => r.price),
  size: new Float64Array(rows).fill(1),
  side: Int8Array.from(tape, (r) => r.side),
  instrument: new Uint32Array(rows),
  bid: number((r) => r.bid),
  ask: number((r) => r.ask),
  bidSize: number((r) => r.bidSize),
  askSize: number((r) => r.askSize),
};
const open = tape.map(({ bid, ask }) => bid > 0 && bid < ask);
const clean = (of: Float64Array) => of.map((value, i) => (open[i] ? value : Number.NaN));
const { time, price, side } = columns;
const [bid, ask] = [clean(columns.bid), clean(columns.ask)];

/** In two calls, as slots come. */
function measured(name: Parameters<typeof quoteMeasure>[0], window: number, horizon?: number): Float64Array {
  const out = new Float64Array(rows);
  const measure = quoteMeasure(name, window, horizon);
  measure.take(columns, 0, 234, out);
  measure.take(columns, 234, rows, out);
  return out;
}
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
/** As of each row, over the last `window` of those that are known by then. */
const lastOf = (known: (row: number) => readonly number[], window: number, of = mean) =>
  Array.from({ length: rows }, (_, i) => (known(i).length < window ? Number.NaN : of(known(i).slice(-window))));
const close = (got: Float64Array, want: readonly number[]) => {
  const far = Array.from(
    got,
    (value, i) => !(Object.is(value, want[i]) || Math.abs(value - want[i]!) <= 1e-12 * Math.max(1, Math.abs(want[i]!))),
  );
  expect({ known: want.filter((value) => !Number.isNaN(value)).length > 300, first: far.indexOf(true) }).toEqual({
    known: true,
    first: -1,
  });
};

describe("measures of quotes", () => {
  test.each([1, 7, 100])("effective spread of the last %i trades", (window) => {
    const { spread } = effectiveSpread({ price, side, bid, ask });
    close(
      measured("effective_spread", window),
      lastOf((i) => Array.from(spread.subarray(0, i + 1)).filter((value) => !Number.isNaN(value)), window),
    );
    const plain = tape.map((r, i) => (open[i] && r.side !== 0 ? 2 * r.side * (r.price - (r.bid + r.ask) / 2) : Number.NaN));
    close(
      measured("effective_spread", 50),
      lastOf((i) => plain.slice(0, i + 1).filter((value) => !Number.isNaN(value)), 50),
    );
  });

  test.each([0, 5, 60])("realized spread after %i s looks at no later quote", (horizon) => {
    const { spread } = realizedSpread({ time, price, side, quoteTime: time, bid, ask }, { horizon: horizon * 1e9 });
    // Known once a later time shows that no other quote comes at the time that is waited for.
    const known = (i: number) =>
      Array.from(spread).filter((value, k) => !Number.isNaN(value) && time[k]! + BigInt(horizon) * second < time[i]!);
    close(measured("realized_spread", 20, horizon), lastOf(known, 20));
  });

  test("order flow imbalance of the quotes at trades", () => {
    const some = tape.filter((_, i) => open[i]);
    const of = (key: "bid" | "ask" | "bidSize" | "askSize") => Float64Array.from(some, (r) => r[key]);
    const { imbalance } = orderFlowImbalance(
      { bid: of("bid"), bidSize: of("bidSize"), ask: of("ask"), askSize: of("askSize") },
      { window: 30 },
    );
    const until = open.map((_, i) => open.slice(0, i + 1).filter(Boolean).length);
    close(
      measured("order_flow_imbalance", 30),
      until.map((count) => imbalance[count - 1] ?? Number.NaN),
    );
  });

  test("the engine takes them from a topic with quotes alone, and not into a block of state", () => {
    const options = { bucketVolumes: Float64Array.of(50), measures: "effective_spread:7" };
    const take = (quotes: boolean, more: object = {}) => {
      const bus = new MemoryBus();
      const results = bus.subscribe(toxicityTopic(options));
      const topic = tradesTopic({ name: `trades${quotes}`, rows, quotes });
      const [publisher, subscription] = [bus.publisher(topic), bus.subscribe(topic)];
      const engine = new ToxicityEngine({ ...options, ...more }, bus.publisher(toxicityTopic(options)));
      const slot = publisher.claim()!;
      for (const [name, view] of Object.entries(slot.columns)) (view as Float64Array).set(columns[name as "price"]);
      publisher.commit(rows);
      subscription.poll((batch) => void engine.take(batch as never));
      return results;
    };
    const results = take(true);
    const { spread } = effectiveSpread({ price, side, bid, ask });
    results.poll(({ columns: out, rows: buckets }) => {
      const { endIndex, effective_spread } = out as unknown as Record<"endIndex" | "effective_spread", Float64Array>;
      const known = lastOf((i) => Array.from(spread.subarray(0, i + 1)).filter((value) => !Number.isNaN(value)), 7);
      expect(buckets).toBe(14);
      for (let b = 0; b < buckets; b++) expect(effective_spread[b]).toBeCloseTo(known[endIndex[b]!]!, 12);
    });
    expect(() => take(false)).toThrow(expect.objectContaining({ code: "E_NO_QUOTES", hint: expect.stringContaining("quotes: true") }));
    expect(() => take(true, { state: new ArrayBuffer(1 << 20) })).toThrow(expect.objectContaining({ code: "E_MEASURE" }));
  });
});
