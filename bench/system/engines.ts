/** The smallest engines, for what a system costs around them: one that sends stamped prices at a pace, one that passes them on, one that times what comes. */
import { writeFileSync } from "node:fs";
import { topic } from "../../src/bus/frame.js";
import { pricesTopic } from "../../src/engines/prices.js";
import { defineEngine } from "../../src/system/kit/engine.js";

const columns = { time: { dtype: "i64" }, price: { dtype: "f64" }, instrument: { dtype: "u32" } } as const;
const traded = { ...columns, size: { dtype: "f64" }, side: { dtype: "i8" } } as const;
const taken = { doc: "rows", topic: "prices", columns };
/** Nanoseconds since the epoch that threads and processes agree on. */
const now = () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));

export const beat = defineEngine({
  name: "beat",
  doc: "A price with the time at which it was sent, at a pace.",
  options: {
    everyUs: { type: "number", min: 0, default: 1000, doc: "between two prices" },
    count: { type: "number", integer: true, min: 1, default: 2000, doc: "prices" },
    trades: { type: "flag", default: false, doc: "as trades of one unit, instead of prices" },
  },
  takes: () => ({}),
  gives: ({ options: { trades } }) =>
    trades
      ? { trades: { doc: "trades", topic: topic({ name: "trades", columns: traded, rows: 16, slots: 64, backpressure: "block" }) } }
      : { prices: { doc: "prices", topic: pricesTopic({ rows: 16, slots: 64 }) } },
  stateBytes: () => 0,
  live: true,
  begin({ gives, options: { everyUs, count } }) {
    let sent = 0;
    let next = 0;
    return {
      turn(elapsedMs) {
        if (sent === count) return Number.POSITIVE_INFINITY;
        if (next === 0) next = elapsedMs + 500;
        if (elapsedMs < next) return next - elapsedMs;
        const to = (gives.prices ?? gives.trades)!;
        const slot = to.claim();
        if (!slot) return 1;
        const { time, price, instrument, size, side } = slot.columns as unknown as {
          time: BigInt64Array;
          price: Float64Array;
          instrument: Uint32Array;
          size?: Float64Array;
          side?: Int8Array;
        };
        size?.fill(1, 0, 1);
        side?.fill(1, 0, 1);
        time[0] = now();
        price[0] = 100 + (sent++ % 50) / 100;
        instrument[0] = 0;
        to.commit(1);
        next += everyUs / 1000;
        return Math.max(0, next - elapsedMs);
      },
    };
  },
});

export const pass = defineEngine({
  name: "pass",
  doc: "What it takes, unchanged.",
  options: {},
  takes: () => ({ prices: taken }),
  gives: () => ({
    passed: { doc: "the same rows", topic: topic({ name: "passed", columns, rows: 16, slots: 64, backpressure: "block" }) },
  }),
  stateBytes: () => 0,
  begin({ gives }) {
    return {
      take(_, { columns, rows }, from) {
        const slot = gives.passed!.claim();
        if (!slot) return from;
        for (const [name, view] of Object.entries(slot.columns))
          (view as Float64Array).set((columns[name] as Float64Array).subarray(from, rows));
        gives.passed!.commit(rows - from);
        return rows;
      },
    };
  },
});

export const stopwatch = defineEngine({
  name: "stopwatch",
  doc: "How long ago each row was sent, into a file when the system ends.",
  options: { file: { type: "file", doc: "where microseconds are written, as JSON" } },
  takes: () => ({ rows: { doc: "rows", topic: "margin", columns: { time: { dtype: "i64" } } } }),
  gives: () => ({}),
  stateBytes: () => 0,
  live: true,
  begin({ options: { file } }) {
    const seen: number[] = [];
    return {
      take(_, { columns, rows }, from) {
        const { time } = columns as unknown as { time: BigInt64Array };
        const at = now();
        for (let i = from; i < rows; i++) seen.push(Number(at - time[i]!) / 1e3);
        return rows;
      },
      close: () => writeFileSync(file, JSON.stringify(seen)),
    };
  },
});
