/** As-of joins: against their definition on any two tapes, at the ends of all times, refusals; and columns gathered by the index. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asofJoin, gather, type KernelError, leeReady, quoteRule, tickRule } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const [first, last] = [-(2n ** 63n), 2n ** 63n - 1n];
type Options = NonNullable<Parameters<typeof asofJoin>[1]>;
type Whole = { [K in keyof Options]-?: NonNullable<Options[K]> };

/** Every quote is looked at for every trade. */
function byDefinition(time: BigInt64Array, quoteTime: BigInt64Array, o: Whole): number[] {
  const [lag, tolerance] = [BigInt(Math.round(o.lag)), BigInt(Math.round(o.tolerance))];
  return Array.from(time, (t) => {
    const ages = Array.from(quoteTime, (q) => (o.direction === "backward" ? t - q - lag : q + lag - t));
    const allowed = ages.flatMap((age, q) => (age >= (o.exact === "yes" ? 0n : 1n) && (tolerance === 0n || age <= tolerance) ? [q] : []));
    return (o.direction === "backward" ? allowed.at(-1) : allowed[0]) ?? -1;
  });
}

/** Few distinct times, so that many are equal, and now and then the ends of all times. */
const tape = (length: number) =>
  fc
    .array(fc.oneof({ weight: 60, arbitrary: fc.bigInt(-40n, 40n) }, fc.constantFrom(first, first + 3n, last - 3n, last)), {
      maxLength: length,
      size: "max",
    })
    .map((times) => BigInt64Array.from(times).sort());
const span = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 }), fc.constantFrom(2.5, 3.6e12));
const options = fc.record({
  direction: fc.constantFrom("backward", "forward"),
  exact: fc.constantFrom("yes", "no"),
  lag: span,
  tolerance: span,
});

describe.each(["reference", "native"])("asof_join on %s", (backend) => {
  it("is its definition on any two tapes", () => {
    fc.assert(
      fc.property(tape(700), tape(200), options, (time, quoteTime, o) => {
        expect([...asofJoin({ time, quoteTime }, o, { backend }).index]).toEqual(byDefinition(time, quoteTime, o));
      }),
      { numRuns: 60 },
    );
  });

  it("a lag or distance past the ends of all times is no match", () => {
    const run = (time: bigint, quote: bigint, o: Options) =>
      asofJoin({ time: BigInt64Array.of(time), quoteTime: BigInt64Array.of(quote) }, o, { backend }).index[0];
    expect(run(first, first, { lag: 1 })).toBe(-1);
    expect(run(first, last, { direction: "forward", lag: 5, tolerance: 5 })).toBe(-1);
    expect(run(last, first, { tolerance: 5 })).toBe(-1);
    expect(run(last, first, {})).toBe(0);
    expect(run(last, last, { direction: "forward", lag: 5, tolerance: 5 })).toBe(0);
  });

  it("times that fall are refused by name, row and value, on either tape", () => {
    for (const port of ["time", "quoteTime"] as const) {
      const tapes = { time: BigInt64Array.of(1n, 2n, 3n), quoteTime: BigInt64Array.of(1n, 2n, 3n) };
      tapes[port][2] = 1n;
      expect(() => asofJoin(tapes, {}, { backend })).toThrow(
        expect.objectContaining({ code: "E_TIME_BACKWARDS", port, row: 2, value: 1n }),
      );
    }
  });

  it("gathered quotes give the signs of lee_ready, whatever lag and however the tapes meet", () => {
    for (const o of [{}, { lag: 4e6 }]) {
      const { time, price, quoteTime, bid, ask } = leeReady.contract.sample({ trade: 5_003, perTrade: 3 }, seeded(11), {}, new Set());
      const { index } = asofJoin({ time, quoteTime }, o, { backend });
      const { side } = quoteRule({ price, bid: gather(bid, index), ask: gather(ask, index) }, {}, { backend });
      const ticks = tickRule({ price }, {}, { backend }).side;
      const whole = leeReady({ time, price, quoteTime, bid, ask }, o, { backend }).side;
      expect(side.map((sign, i) => sign || ticks[i]!)).toEqual(whole);
    }
  });
});

describe("gather", () => {
  const index = Int32Array.of(2, -1, 0, 2);

  it("keeps the column's type; what is not there is NaN, or 0", () => {
    expect(gather(Float64Array.of(1, 2, 3), index)).toEqual(Float64Array.of(3, Number.NaN, 1, 3));
    expect(gather(Float32Array.of(1, 2, 3), index)).toEqual(Float32Array.of(3, Number.NaN, 1, 3));
    expect(gather(BigInt64Array.of(1n, 2n, 3n), index)).toEqual(BigInt64Array.of(3n, 0n, 1n, 3n));
    expect(gather(Int8Array.of(1, 2, 3), index)).toEqual(Int8Array.of(3, 0, 1, 3));
    expect(gather(new Float64Array(0), new Int32Array(0))).toEqual(new Float64Array(0));
  });

  const gone = Int32Array.of(0);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  it.each<[string, () => unknown, Partial<KernelError>]>([
    ["a row that the column has not", () => gather(Float64Array.of(1), index), { code: "E_BAD_VALUE", port: "index", row: 0, value: 2 }],
    ["a row below -1", () => gather(Float64Array.of(1), Int32Array.of(0, -2)), { code: "E_BAD_VALUE", row: 1, value: -2 }],
    ["an index of another type", () => gather(Float64Array.of(1), Float64Array.of(0) as never), { code: "E_DTYPE", port: "index" }],
    ["a column that is an array", () => gather([1, 2] as never, index), { code: "E_DTYPE", port: "column" }],
    ["an index whose memory is gone", () => gather(Float64Array.of(1), gone), { code: "E_DETACHED" }],
  ])("refuses %s", (_, run, what) => expect(run).toThrow(expect.objectContaining(what)));
});
