/** Risk of many instruments and of the book: each as alone, the same in any batches, and numbers from outside. */
import { describe, expect, it } from "vitest";
import { priceReturns, rollingHistoricalRisk } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { risk } from "../../../src/system/table/risk.js";
import { drive, driven, type Input, only } from "../kit/drive.js";

const nan = Number.NaN;
const second = 1_000_000_000n;
const price = (time: bigint, instrument: number, at: number): Input => ["prices", { time, instrument, price: at }];
const hold = (time: bigint, instrument: number, quantity: number): Input => ["holdings", { time, instrument, quantity }];

/** Walks of three instruments; the third comes late and seldom. */
function tape(rows: number, seed: number, holdings = false): Input[] {
  const random = seeded(seed);
  const now = [100, 7, 0.5];
  let time = 1_700_000_000n * second;
  return Array.from({ length: rows }, (_, i): Input => {
    time += BigInt(Math.floor(4e8 * random() ** 3));
    if (holdings && random() < 0.1) return hold(time, Math.floor(3 * random()), Math.round(20 * (random() - 0.5)));
    const k = i > rows / 4 && random() < 0.1 ? 2 : Math.floor(2 * random());
    now[k]! *= 1 + 0.01 * (random() - 0.5);
    return price(time, k, now[k]!);
  });
}
const instruments = ["A", "B", "C"];
const options = { window: 20, confidence: 0.9, limit: 0.02 };

describe("risk of instruments", () => {
  it("is that of the kernels on the last prices of bars", async () => {
    const rows = tape(800, 3).filter(([, row]) => row.instrument === 1);
    const { risk: found } = await drive(risk, rows, { options, instruments });
    const bars = new Map<bigint, number>();
    for (const [, row] of rows) bars.set(((row.time as bigint) / second + 1n) * second, row.price as number);
    const ended = [...bars].slice(0, -1);
    expect(found!.time).toEqual(ended.map(([end]) => end));
    const { returns } = priceReturns({ price: Float64Array.from(ended, ([, at]) => at) });
    const want = rollingHistoricalRisk({ returns: returns.subarray(1) }, { window: 20, confidence: 0.9 });
    expect(found!.var!.slice(1)).toEqual([...want.var]);
    expect(found!.es!.slice(1)).toEqual([...want.es]);
    const hits = [...want.var].map((v, i) => (returns[i + 2]! < -v ? 1 : 0)).slice(0, -1);
    const observed = hits.reduce<number>((sum, x) => sum + x, 0);
    expect(observed).toBeGreaterThan(3);
    expect(found!.observed!.at(-1)).toBe(observed);
    expect(found!.tested!.at(-1)).toBe(returns.length - 21);
  });

  for (const barSeconds of [1, 0])
    it(`is the same however it was split, and of each what it is alone (barSeconds ${barSeconds})`, async () => {
      const more = { ...options, barSeconds, periodsPerYear: 1000 };
      const rows = tape(600, 5);
      const { risk: all } = await driven(risk, rows, { options: more, instruments });
      expect(all!.time!.length).toBeGreaterThan(100);
      for (const id of [0, 1, 2]) {
        const { risk: alone } = await drive(
          risk,
          rows.filter(([, row]) => row.instrument === id),
          { options: more, instruments },
        );
        const some = only(all!, id);
        // Alone its last bar is still open where another instrument's price has ended it here.
        const length = alone!.time!.length;
        expect(some.time!.length - length).toBeLessThanOrEqual(barSeconds);
        expect(Object.fromEntries(Object.entries(some).map(([name, column]) => [name, column.slice(0, length)]))).toEqual(only(alone!, id));
      }
    });

  it("annualizes by the bars of a year, and asks for their number where prices are no bars", async () => {
    const rows = [100, 101].map((at, i) => price(BigInt(10 * i) * second, 0, at)).concat([price(20n * second, 0, 1)]);
    const { risk: found } = await drive(risk, rows, { options: { barSeconds: 10 } });
    expect(found!.volatility![1]).toBeCloseTo(0.01 * Math.sqrt((365.25 * 86_400) / 10), 9);
    await expect(drive(risk, rows, { options: { barSeconds: 0 } })).rejects.toThrow(/engine 'risk': option 'periodsPerYear' is missing/);
  });
});

describe("risk of a book", () => {
  const A = [100, 101, 99, 102, 100, 98, 103, 101];
  const B = [50, 51, 51, 49, 52, 52, 50, 47];
  const small = { window: 4, confidence: 0.9 };
  const steps = A.flatMap((at, i) => {
    const time = BigInt(i) * second;
    const first = i === 0 ? [hold(time, 0, 10), hold(time, 1, -5)] : i === 6 ? [hold(time, 1, 20)] : [];
    // Where B's price is that of the step before, none comes.
    return [...first, price(time, 0, at), ...(B[i] === B[i - 1] ? [] : [price(time + 5n, 1, B[i]!)])];
  });

  it("is that of what it holds now, over the last steps", async () => {
    const { book_risk: found } = await drive(risk, [...steps, price(8n * second, 0, 100)], { options: small, instruments: ["A", "B"] });
    const { time, value, loss, var: atRisk, es, tested, observed, pValue, unpriced, alarm } = found!;
    expect(time).toEqual(A.map((_, i) => BigInt(i + 1) * second));
    // numpy 2.4.6, P prices by step, R their returns, h held at the end of step t, q of the step before:
    // -(q * (P[t] - P[t-1])).sum(); p = (R[t-4:t] * (h * P[t])).sum(1); -quantile(p, 0.1), -sort(p)[0]
    expect(value).toEqual([750, 755, 735, 775, 740, 720, 2030, 1950]);
    expect(loss).toEqual([nan, -5, 20, -40, 35, 20, -60, 80]);
    const want = [
      [nan, nan, nan, nan, 30.808941398341563, 30.473837535014056, 16.82106951871659, 59.26815533980586],
      [nan, nan, nan, nan, 35.52621048419374, 35.13405362144864, 20.60000000000002, 76.01165048543693],
    ] as const;
    for (const [got, numbers] of [
      [atRisk, want[0]],
      [es, want[1]],
    ] as const)
      for (const [i, number] of numbers.entries()) {
        if (Number.isNaN(number)) expect(got![i]).toBeNaN();
        else expect(got![i]).toBeCloseTo(number, 12);
      }
    expect(unpriced).toEqual([2, 2, 2, 2, 0, 0, 0, 0]);
    expect(alarm).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    // scipy 1.17.1 chi2.sf of the ratio of 0 of 1, 0 of 2 and 1 of 3 hits at 10 %
    expect(tested!.slice(4)).toEqual([0, 1, 2, 3]);
    expect(observed!.at(-1)).toBe(1);
    for (const [i, p] of [0.6462028531649444, 0.5162183587690214, 0.2718223994229695].entries()) expect(pValue![5 + i]).toBeCloseTo(p, 12);
  });

  it("is the same however it was split, also where an instrument has no price yet", async () => {
    for (const barSeconds of [1, 0]) {
      const more = { ...options, barSeconds, periodsPerYear: 1 };
      const { book_risk: found } = await driven(risk, tape(450, 8, true), { options: more, instruments });
      expect(found!.unpriced).toContain(1);
      expect(found!.var!.filter((v) => (v as number) > 0).length).toBeGreaterThan(15);
    }
  });

  it("is not there without holdings, and nothing where nothing is held", async () => {
    expect(
      (
        await drive(
          risk,
          steps.filter(([port]) => port === "prices"),
          { options: small, instruments: ["A", "B"] },
        )
      ).book_risk!.time,
    ).toEqual([]);
    const none = steps.map(([port, row]): Input => [port, port === "holdings" ? { ...row, quantity: 0 } : row]);
    const { book_risk: found } = await drive(risk, none, { options: small, instruments: ["A", "B"] });
    expect(found!.var).toEqual(new Array(7).fill(0));
    expect(found!.tested!.at(-1)).toBe(0);
  });
});
