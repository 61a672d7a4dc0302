/** Profit of fills: a worked example by hand, statistics from outside, each instrument as alone, any batches. */
import { describe, expect, it } from "vitest";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { analytics } from "../../../src/system/table/analytics.js";
import { drive, driven, type Input, only } from "../kit/drive.js";

const second = 1_000_000_000n;
const price = (time: number, at: number, instrument = 0): Input => ["prices", { time: BigInt(time) * second, instrument, price: at }];
const fill = (
  time: number,
  side: number,
  size: number,
  at: number,
  instrument = 0,
  more: object = { fee: 1, decision: Number.NaN },
): Input => ["fills", { time: BigInt(time) * second, instrument, side, size, price: at, ...more }];

describe("analytics", () => {
  const rows = [
    ...[price(0, 9.5), fill(0, 1, 100, 10), price(1, 12), fill(1, 1, 100, 12.5), price(2, 15), fill(2, -1, 150, 15), price(3, 14)],
    ...[fill(3, -1, 100, 14, 0, { fee: 1, decision: 14.25 }), price(4, 13), fill(4, 1, 20, 13), price(5, 16), price(6, 1)],
  ];

  it("holds positions at average cost, realizes against it, and begins anew beyond nothing", async () => {
    const { profit, performance } = await drive(analytics, rows, { options: { capital: 1000, periodsPerYear: 252 } });
    const near = (values: number[]) => values.map((x) => expect.closeTo(x, 10));
    expect(profit!.position).toEqual([100, 200, 50, -50, -30, -30]);
    expect(profit!.average).toEqual([10, 11.25, 11.25, 14, 14, 14]);
    // 150 (15 - 11.25), 50 (14 - 11.25), 20 (14 - 13)
    expect(profit!.realized).toEqual(near([0, 0, 562.5, 700, 720, 720]));
    expect(profit!.unrealized).toEqual(near([-50, 150, 187.5, 0, 30, -60]));
    expect(profit!.fees).toEqual([1, 2, 3, 4, 5, 5]);
    // Against the price before, and that at decision: 100 * 0.5, 100 * 0.5, nothing, 100 * 0.25, nothing
    expect(profit!.cost).toEqual(near([50, 100, 100, 125, 125, 125]));
    expect(profit!.contribution).toEqual(profit!.profit!.map((x) => (x as number) / 1000));
    const { equity, returns, drawdown, maxDrawdown, volatility, sharpe, exposure } = performance!;
    expect(equity).toEqual(near([949, 1148, 1747, 1696, 1745, 1655]));
    // numpy 2.4.6: r = e[1:] / e[:-1] - 1 from 1000; r.std(ddof=1) * sqrt(252); r.mean() / r.std(ddof=1) * sqrt(252); 1 - e / maximum.accumulate(e)
    expect(returns!.at(-1)).toBeCloseTo(-0.0515759312320917, 12);
    expect(volatility!.at(-1)).toBeCloseTo(3.6012112455436966, 10);
    expect(sharpe!.at(-1)).toBeCloseTo(7.331131160894744, 10);
    expect([sharpe![0], volatility![0]]).toEqual([Number.NaN, Number.NaN]);
    expect(drawdown!.at(-1)).toBeCloseTo(0.05266170578133944, 12);
    expect(maxDrawdown!.at(-1)).toBeCloseTo(0.05266170578133944, 12);
    expect(exposure!.at(-1)).toBe(480);
  });

  it("counts fills that nothing can be held against, and takes topics without fees", async () => {
    const bare = [fill(0, 1, 10, 5, 0, {}), price(0, 6), fill(1, -1, 10, 6, 0, {}), price(2, 6)];
    const { profit } = await drive(analytics, bare);
    expect([profit!.unmarked, profit!.fees, profit!.realized, profit!.average]).toEqual([
      [1, 1],
      [0, 0],
      [0, 10],
      [5, Number.NaN],
    ]);
  });

  it("is the same however it was split, of each instrument what it is alone, and adds up", async () => {
    const random = seeded(12);
    const now = [100, 7, 0.5];
    let time = 1_700_000_000;
    const tape = Array.from({ length: 600 }, (): Input => {
      time += random() < 0.3 ? 1 : 0;
      const k = Math.floor(3 * random());
      now[k]! *= 1 + 0.02 * (random() - 0.5);
      const decision = random() < 0.5 ? now[k]! * 1.001 : Number.NaN;
      if (random() < 0.4)
        return fill(time, random() < 0.5 ? 1 : -1, Math.ceil(9 * random()), now[k]!, k, { fee: random() - 0.2, decision });
      return price(time, now[k]!, k);
    });
    const instruments = ["A", "B", "C"];
    const { profit, performance } = await driven(analytics, tape, { instruments, options: { capital: 500 } });
    expect(performance!.time!.length).toBeGreaterThan(100);
    let sum = 0;
    for (const id of [0, 1, 2]) {
      const alone = (
        await drive(
          analytics,
          tape.filter(([, row]) => row.instrument === id),
          { instruments, options: { capital: 500 } },
        )
      ).profit!;
      const some = only(profit!, id);
      const length = alone.time!.length;
      expect(length).toBeGreaterThan(50);
      expect(Object.fromEntries(Object.entries(some).map(([name, column]) => [name, column.slice(0, length)]))).toEqual(only(alone, id));
      sum += some.profit!.at(-1) as number;
    }
    expect(performance!.profit!.at(-1)).toBeCloseTo(sum, 9);
  });
});
