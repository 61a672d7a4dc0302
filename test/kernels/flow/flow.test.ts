/** Order-flow kernels where the general suites do not reach: two tapes in a stream, refusals of a column with rows of its own. */
import { describe, expect, it } from "vitest";
import { leeReady, quoteRule } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const sample = () => leeReady.contract.sample({ trade: 1_003, perTrade: 3 }, seeded(7), {}, new Set());

describe.each(["reference", "native"])("lee_ready on %s", (backend) => {
  it("a stream needs only the quotes later than the one in force at its last trade", () => {
    const tape = sample();
    const whole = leeReady(tape, {}, { backend }).side;
    const stream = leeReady.stream({}, { backend });
    const got: number[] = [];
    let from = 0;
    for (const to of [1, 2, 300, 301, 900, 1_003]) {
      const last = tape.time[from - 1] ?? -(2n ** 63n);
      const first = tape.quoteTime.findIndex((t) => t > last);
      const quotes = { quoteTime: tape.quoteTime.slice(first), bid: tape.bid.slice(first), ask: tape.ask.slice(first) };
      stream.pushBatch({ time: tape.time.slice(from, to), price: tape.price.slice(from, to), ...quotes });
      stream.poll();
      got.push(...stream.results.side);
      from = to;
    }
    expect(got).toEqual([...whole]);
  });

  it("quote times that fall are refused with the quote's own row, in every chunk of a call", () => {
    const tape = leeReady.contract.sample({ trade: 70_000, perTrade: 2 }, seeded(7), {}, new Set());
    const row = 100_000;
    tape.quoteTime[row] = tape.quoteTime[row - 1]! - 1n;
    expect(() => leeReady(tape, {}, { backend })).toThrow(
      expect.objectContaining({ code: "E_TIME_BACKWARDS", port: "quoteTime", row, value: tape.quoteTime[row] }),
    );
  });

  it("pushed trades wait where the fixed quotes are at fault", () => {
    const fixed = { quoteTime: BigInt64Array.of(5n, 4n), bid: Float64Array.of(1, 1), ask: Float64Array.of(2, 2) };
    const stream = leeReady.stream({}, { backend, fixed });
    stream.push(6n, 1.5);
    for (let again = 0; again < 2; again++)
      expect(() => stream.poll()).toThrow(expect.objectContaining({ code: "E_TIME_BACKWARDS", port: "quoteTime", row: 1 }));
    expect([stream.accepted, stream.rejected]).toEqual([0, 0]);
    fixed.quoteTime[1] = 6n;
    expect([stream.poll(), stream.accepted]).toEqual([1, 1]);
  });
});

/** Decimal prices a tick apart, read as f64 and as f32. */
function decimals(Column: typeof Float64Array | typeof Float32Array) {
  const rows = 600;
  const [price, bid, ask] = [new Column(rows), new Column(rows), new Column(rows)];
  for (let i = 0; i < rows; i++) {
    const low = 100 + 37 * i;
    [bid[i], ask[i]] = [low / 100, (low + 2) / 100];
    price[i] = (low + (i % 3)) / 100; // at the bid, the middle, the ask
  }
  return { price, bid, ask };
}

describe.each(["reference", "native"])("the middle of a quote on %s", (backend) => {
  it("is met by decimal prices in f32 as in f64", () => {
    const want = Array.from({ length: 600 }, (_, i) => (i % 3) - 1);
    for (const Column of [Float64Array, Float32Array]) {
      const tape = decimals(Column);
      expect([...quoteRule(tape, {}, { backend }).side], `quote_rule ${Column.name}`).toEqual(want);
      const time = BigInt64Array.from(want, (_, i) => BigInt(i));
      const { price, bid, ask } = tape;
      const { side } = leeReady({ time, price, quoteTime: time, bid, ask }, {}, { backend });
      expect(
        want.filter((sign, i) => sign !== 0 && sign !== side[i]),
        `lee_ready ${Column.name}`,
      ).toEqual([]);
      expect(side[1], "at the middle the tick test").toBe(1);
    }
  });

  it("is not met at a side of a quote that is open by one number of f32", () => {
    const ask = Float32Array.of(60_000.01);
    const bid = Float32Array.of(60_000);
    expect([...quoteRule({ price: ask, bid, ask }, {}, { backend }).side]).toEqual([1]);
    expect([...quoteRule({ price: bid, bid, ask }, {}, { backend }).side]).toEqual([-1]);
  });
});
