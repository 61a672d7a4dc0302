/** What would go on for ever, or without bound, ends with numbers or with a name. */
import { describe, expect, it } from "vitest";
import {
  asymptoticPca,
  deltaGammaRisk,
  leeReady,
  realizedSpread,
  reversal,
  sobolDirections,
  timeBars,
  volumeBuckets,
  vpin,
} from "../../src/index.js";
import { seeded } from "../../src/kernels/parts/sample.js";

const last = 2n ** 63n - 1n;
const first = -(2n ** 63n);
const trades = (time: bigint[]) => ({
  time: BigInt64Array.from(time),
  price: Float64Array.from(time, (_, i) => 10 + i),
  size: new Float64Array(time.length).fill(1),
});
const ten = { ...trades(Array.from({ length: 10 }, (_, i) => BigInt(i))), side: new Int8Array(10).fill(1) };
const limited = (rows: number) => expect.objectContaining({ code: "E_OUTPUT_LIMIT", row: expect.any(Number), value: rows });

for (const backend of ["native", "reference"])
  describe(`on ${backend}`, () => {
    it("time bars at the ends of all times: a cell that would end past them has what is left", () => {
      const bars = timeBars(trades([0n, 1n, last]), { last: "emit" }, { backend });
      expect([bars.trades, bars.endTime]).toEqual([Float64Array.of(2, 1), BigInt64Array.of(1n, last)]);
      const ends = timeBars(trades([first, first + 1n, last - 1n, last, last]), { last: "emit" }, { backend });
      expect(ends.trades).toEqual(Float64Array.of(2, 3));
      const stream = timeBars.stream({}, { backend });
      for (const time of [last - 60_000_000_000n, last, last, last]) stream.push(time, 5, 1);
      expect(stream.poll()).toBe(1);
    });

    it("quotes a lag before, or a horizon behind, all times", () => {
      const quotes = { quoteTime: BigInt64Array.of(first, 0n), bid: Float64Array.of(9, 9), ask: Float64Array.of(10, 10) };
      const early = trades([first, first + 5n, first + 10n]);
      expect(leeReady({ time: early.time, price: early.price, ...quotes }, { lag: 10 }, { backend }).side).toEqual(Int8Array.of(0, 1, 1));
      const late = { time: BigInt64Array.of(0n, last - 1n), price: Float64Array.of(10, 11), side: Int8Array.of(1, 1) };
      expect(realizedSpread({ ...late, ...quotes }, { horizon: 0 }, { backend }).spread).toEqual(Float64Array.of(1, Number.NaN));
      expect(realizedSpread({ ...late, ...quotes }, { horizon: 5 }, { backend }).spread).toEqual(Float64Array.of(Number.NaN, Number.NaN));
    });

    it("a book of any size: its risk grows with it", () => {
      const covariance = Float64Array.of(0.01, 0.002, 0.002, 0.04);
      const book = (size: number) => ({
        delta: Float64Array.of(size, -2 * size),
        gamma: Float64Array.of(-6 * size, size, size, 4 * size),
        covariance,
        directions: sobolDirections(2),
      });
      const options = { assets: 2, confidence: 0.95, paths: 64, scramblings: 4, seed: 1 } as const;
      const one = deltaGammaRisk(book(1), options, { backend });
      for (const exponent of [-1000, -900, -400, 400, 900]) {
        const found = deltaGammaRisk(book(2 ** exponent), options, { backend });
        for (const key of ["var", "es"] as const) expect(found[key][0]! / 2 ** exponent / one[key][0]!).toBeCloseTo(1, 12);
      }
      const nothing = deltaGammaRisk({ ...book(0), covariance }, { ...options, theta: 3 }, { backend });
      expect([nothing.var[0], nothing.es[0], nothing.varError[0]]).toEqual([-3, -3, 0]);
    });

    it("buckets without end: as many as are allowed, then an error that says so", async () => {
      const tiny = { bucketVolume: 1e-6 };
      const how = { backend, maxRows: 5000 };
      expect(() => vpin(ten, tiny, how)).toThrow(limited(5000));
      await expect(vpin.async(ten, tiny, how)).rejects.toThrow(limited(5000));
      expect(vpin(ten, { bucketVolume: 2e-3 }, how).vpin).toHaveLength(5000);
      expect(() => vpin(ten, { bucketVolume: 1.9e-3 }, how)).toThrow(/5,000 rows of 'bucket' .* trade 9 on \(bucketVolume 0.0019/);
      expect(volumeBuckets({ size: ten.size }, { bucketVolume: 1e-3 }, { backend }).buy).toHaveLength(10_000);
      for (const maxRows of [0, -1, 2.5, Number.NaN, "9" as never])
        expect(() => vpin(ten, tiny, { backend, maxRows })).toThrow(expect.objectContaining({ code: "E_OPTION_RANGE", option: "maxRows" }));
    });

    it("a stream goes on after a poll with the rows that were not accepted, and loses nothing", () => {
      const options = { bucketVolume: 3e-3, window: 2, history: 0 };
      const want = vpin(ten, options, { backend });
      const stream = vpin.stream(options, { backend, maxRows: 500 });
      const ends: number[] = [];
      let errors = 0;
      while (stream.accepted < 10)
        try {
          const from = stream.accepted;
          stream.pushBatch(Object.fromEntries(Object.entries(ten).map(([key, view]) => [key, view.subarray(from)])) as typeof ten);
        } catch (error) {
          expect(error).toEqual(limited(500));
          errors++;
          expect(stream.poll()).toBe(500);
          ends.push(...stream.results.endIndex);
        }
      stream.poll();
      ends.push(...stream.results.endIndex);
      expect([errors > 3, Float64Array.from(ends)]).toEqual([true, want.endIndex]);
    });

    it("nor do rows pushed one by one wait in vain", () => {
      const options = { bucketVolume: 3e-3, window: 2, history: 0 };
      const want = vpin(ten, options, { backend });
      const stream = vpin.stream(options, { backend, maxRows: 500, stage: 3 });
      const ends: number[] = [];
      const drain = () => {
        while (stream.poll() > 0) ends.push(...stream.results.endIndex);
      };
      for (let i = 0; i < 10; )
        try {
          stream.push(ten.time[i]!, ten.price[i]!, ten.size[i]!, ten.side[i]!);
          i++;
        } catch (error) {
          expect(error).toEqual(limited(500)); // the row was not taken
          drain();
        }
      drain();
      expect([Float64Array.from(ends), stream.accepted]).toEqual([want.endIndex, 10]);
    });

    it("a stage that waits for a poll takes no more rows than it holds", () => {
      const stream = vpin.stream({ bucketVolume: 1e-6 }, { backend, maxRows: 10, stage: 2 });
      const push = (i: number) => stream.push(ten.time[i]!, 5, 1, 1);
      push(0);
      push(1);
      for (const i of [2, 2, 3]) expect(() => push(i)).toThrow(limited(10));
      expect([stream.poll(), stream.accepted]).toEqual([10, 0]);
    });

    it("factors that leave nothing but rounding are not used as scales", () => {
      const random = seeded(5);
      const returns = Float64Array.from({ length: 200 }, () => 0.02 * (random() - 0.45));
      const rows = (observations: number) => ({ returns: returns.subarray(0, 50 * observations) });
      for (const [observations, components] of [
        [3, 2],
        [4, 3],
        [3, 3],
      ] as const)
        expect(() => asymptoticPca(rows(observations), { assets: 50, components, scaled: "yes" }, { backend })).toThrow(
          expect.objectContaining({
            code: "E_TOO_FEW",
            message: expect.stringMatching(`${observations} observation rows, .* at least ${components + 2}`),
          }),
        );
      const found = asymptoticPca(rows(4), { assets: 50, components: 2, scaled: "yes" }, { backend });
      for (const view of [found.values, found.factors, found.loadings, found.specific])
        for (const value of view) expect(Math.abs(value)).toBeLessThan(1e9); // one degree of freedom may leave little
      // An asset that follows another is left nothing once there is a factor for them; one that never moved has no part.
      const twins = returns.slice();
      for (let t = 0; t < 4; t++) twins.fill(0.1, 50 * t + 7, 50 * t + 8);
      const thin = asymptoticPca({ returns: twins }, { assets: 50, components: 2, scaled: "yes" }, { backend });
      expect([thin.specific[7]! < 1e-30, [...thin.factors].every((f) => Math.abs(f) < 3)]).toEqual([true, true]);
    });

    it("logarithms of returns of any size", () => {
      const size = (scale: number) =>
        reversal({ returns: Float64Array.of(1, 2, 4, 3, 2, 7).map((x) => x * scale) }, { assets: 3, window: 2, tail: 0 }, { backend });
      const small = size(1e-9).score.subarray(3);
      expect(small[0]).toBeCloseTo(Math.sqrt(1 / 3), 6);
      for (const scale of [1e-15, 1e-120])
        size(scale)
          .score.subarray(3)
          .forEach((x, i) => void expect(x).toBeCloseTo(small[i]!, 6));
    });
  });
