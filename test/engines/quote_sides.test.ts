import { describe, expect, test } from "vitest";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { type QuoteRule, QuoteSides, quoteFlaws } from "../../src/engines/quote_sides.js";
import { tradesTopic } from "../../src/engines/trades.js";
import { sampleQuotedTrades } from "../../src/kernels/flow/parts/trade_sign.js";
import { emo } from "../../src/kernels/flow/sides/emo.js";
import { leeReady } from "../../src/kernels/flow/sides/lee_ready.js";
import { quoteRule } from "../../src/kernels/flow/sides/quote_rule.js";
import "../files/kit/parse.js";

/** A generator that is the same everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

interface Rows {
  price: Float64Array;
  bid: Float64Array;
  ask: Float64Array;
  side?: Int8Array;
  instrument?: Uint32Array;
}

/** Through batches of 100 rows of a topic; sides by the rule. */
function classified(rule: QuoteRule, { price, bid, ask, side, instrument }: Rows) {
  const topic = tradesTopic({ rows: 100, slots: 4, quotes: true });
  const bus = new MemoryBus();
  const [publisher, subscription] = [bus.publisher(topic), bus.subscribe(topic)];
  const sides = new QuoteSides(rule);
  const got: number[] = [];
  for (let at = 0; at < price.length; at += 100) {
    const slot = publisher.claim()!;
    const { columns } = slot;
    const part = <T extends { subarray(a: number, b: number): T }>(of: T) => of.subarray(at, at + 100);
    columns.price.set(part(price));
    columns.size.fill(2);
    columns.bid.set(part(bid));
    columns.ask.set(part(ask));
    if (side) columns.side.set(part(side));
    else columns.side.fill(0);
    columns.instrument.fill(0);
    if (instrument) columns.instrument.set(part(instrument));
    publisher.commit(Math.min(100, price.length - at));
    subscription.poll((batch) => {
      const { columns: out, rows, from } = sides.take(batch as never);
      expect(from).toBe(0);
      got.push(...out.side.subarray(0, rows));
    });
  }
  return { got, summary: sides.summary() };
}

const rows = 2_345;
const sample = sampleQuotedTrades(rows, random(7));
/** What is to go by of it, written plainly: an open quote within ten times of the price. */
const good = (i: number) =>
  sample.bid[i]! > 0 &&
  sample.bid[i]! < sample.ask[i]! &&
  sample.ask[i]! <= 10 * sample.price[i]! &&
  sample.price[i]! <= 10 * sample.bid[i]!;
const cleaned = (of: Float64Array) => of.map((value, i) => (good(i) ? value : Number.NaN));
const { price } = sample;
const [bid, ask] = [cleaned(sample.bid), cleaned(sample.ask)];
const time = BigInt64Array.from(price, (_, i) => BigInt(i + 1));

describe("sides from the quote in the row", () => {
  test.each([
    ["lee_ready", () => leeReady({ time, price, quoteTime: time, bid, ask }).side],
    ["emo", () => emo({ price, bid, ask }).side],
    ["quote_rule", () => quoteRule({ price, bid, ask }).side],
  ] as const)("%s is its kernel on the quotes that are to go by", (rule, kernel) => {
    const { got } = classified(rule, sample);
    expect(got).toEqual(Array.from(kernel()));
    expect(new Set(got)).toEqual(new Set([1, -1, 0]));
  });

  test("each instrument has its own tick test", () => {
    const instrument = Uint32Array.from(price, (_, i) => (i * i) % 3);
    const { got } = classified("lee_ready", { ...sample, instrument });
    for (const id of [0, 1]) {
      const own = Array.from(price, (_, i) => i).filter((i) => instrument[i] === id);
      const of = (column: Float64Array) => Float64Array.from(own, (i) => column[i]!);
      const alone = leeReady({
        time: time.slice(0, own.length),
        price: of(price),
        quoteTime: time.slice(0, own.length),
        bid: of(bid),
        ask: of(ask),
      });
      expect(own.map((i) => got[i])).toEqual(Array.from(alone.side));
    }
  });

  const nan = Number.NaN;
  const cases = [
    ["missing", nan, 11],
    ["missing", 10, nan],
    ["zero", 0, 11],
    ["zero", 10, -1],
    ["crossed", 11, 10],
    ["locked", 10, 10],
    ["far", 0.5, 11],
    ["far", 10, 1000],
  ] as const;
  test("quotes that are none to go by are counted, and their trades are left to the tick rule or have no side", () => {
    // 10 then 10.5: a rise by the tick rule, but below the middle of 10 and 12
    for (const [flaw, low, high] of cases) {
      const tape = { price: Float64Array.of(10, 10.5), bid: Float64Array.of(10, low), ask: Float64Array.of(12, high) };
      const { got, summary } = classified("lee_ready", tape);
      expect([flaw, ...got]).toEqual([flaw, -1, 1]);
      expect(summary.flaws).toEqual({ ...Object.fromEntries(quoteFlaws.map((name) => [name, 0])), [flaw]: 1 });
      expect([flaw, ...classified("emo", tape).got]).toEqual([flaw, -1, 1]);
      const none = classified("quote_rule", tape);
      expect([flaw, ...none.got]).toEqual([flaw, -1, 0]);
      expect(none.summary).toMatchObject({ unknown: 1, unknownVolume: 2 });
    }
  });

  test("agreement with given sides", () => {
    const tape = { price: Float64Array.of(11, 10, 10.5, 11, 10), bid: new Float64Array(5).fill(10), ask: new Float64Array(5).fill(11) };
    const { summary } = classified("quote_rule", { ...tape, side: Int8Array.of(1, 1, 1, 0, -1) });
    expect(summary.given).toEqual({ same: 2, opposite: 1, nothing: 1 });
  });
});
