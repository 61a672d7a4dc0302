/** What docs/coming-from-python.md shows for PINstimation, against its algorithm written out in plain code. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { collectTrades } from "../../src/files/read/trades.js";
import { emo, ivpin, leeReady, pin, quoteRule, tickRule } from "../../src/index.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { normal } from "./kit/plain.js";
import { eachRow } from "./kit/rows.js";

interface Trades {
  time: BigInt64Array;
  price: Float64Array;
  size: Float64Array;
}
type Vpin = (trades: Trades, options: { timebarsize: number; buckets: number; samplength: number }) => Float64Array;

/** The example of the page, as a user would paste it. */
async function example(): Promise<Vpin> {
  const root = packageRoot();
  const page = readFileSync(join(root, "docs/coming-from-python.md"), "utf8");
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((m) => m[1]!);
  const block = blocks.find((text) => text.includes("pinstimationVpin"))!;
  const folder = join(root, "out", "docs");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "pinstimation.ts");
  writeFileSync(file, block.replace('from "tickforge"', 'from "../../src/index.js"'));
  return (await import(/* @vite-ignore */ file)).pinstimationVpin;
}

/** Running sums with their rounding errors kept (Neumaier), as R has them in 80 bits. */
function running(values: readonly number[]): number[] {
  let [sum, lost] = [0, 0];
  return values.map((x) => {
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
    return sum + lost;
  });
}

/** Bars of the whole grid but for dates without a trade: change within, volume. */
function grid({ time, price, size }: Trades, seconds: number): { dp: number[]; volume: number[]; days: number } {
  const cells = new Map<number, { first: number; last: number; volume: number }>();
  time.forEach((t, i) => {
    const at = Math.floor(Number(t / 1_000_000n) / 1e3 / seconds);
    const cell = cells.get(at);
    if (cell) Object.assign(cell, { last: price[i]!, volume: cell.volume + size[i]! });
    else cells.set(at, { first: price[i]!, last: price[i]!, volume: size[i]! });
  });
  const dateOf = (at: number) => Math.floor((at * seconds) / 86_400);
  const dates = new Set([...cells.keys()].map(dateOf));
  const [dp, volume]: [number[], number[]] = [[], []];
  const all = [...cells.keys()];
  for (let at = all[0]!; at <= all.at(-1)!; at++) {
    if (!dates.has(dateOf(at))) continue;
    const cell = cells.get(at);
    dp.push(cell ? cell.last - cell.first : 0);
    volume.push(cell?.volume ?? 0);
  }
  return { dp, volume, days: dates.size };
}

function plain(trades: Trades, seconds: number, buckets: number, window: number): number[] {
  const { dp, volume, days } = grid(trades, seconds);
  const mean = dp.reduce((a, b) => a + b, 0) / dp.length;
  const sigma = Math.sqrt(dp.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (dp.length - 1));
  const after = running(volume);
  const bucket = after.at(-1)! / days / buckets;
  const imbalance: number[] = [];
  dp.forEach((change, i) => {
    const before = after[i - 1] ?? 0;
    const lean = 2 * normal(Math.max(-8.3, Math.min(8.3, change / sigma))) - 1;
    for (let k = Math.floor(before / bucket); k * bucket < after[i]!; k++)
      imbalance[k] = (imbalance[k] ?? 0) + lean * (Math.min(after[i]!, (k + 1) * bucket) - Math.max(before, k * bucket));
  });
  return imbalance.map((_, k) => {
    const own = imbalance.slice(Math.max(0, k - window + 1), k + 1);
    return k < window - 1 ? Number.NaN : own.reduce((sum, x) => sum + Math.abs(x), 0) / (window * bucket);
  });
}

/** Both but for rounding, and but for the last bucket: whether the last trade fills it, is rounding's to say. */
function expectSame(got: ArrayLike<number>, want: readonly number[], bound = 1e-12): void {
  expect(Math.abs(got.length - want.length)).toBeLessThanOrEqual(1);
  const far = want.slice(0, Math.min(got.length, want.length - 1)).map((w, i) => (Number.isNaN(w) ? 0 : Math.abs(got[i]! - w)));
  expect(Math.max(...far)).toBeLessThan(bound);
  expect(want.filter((w) => w > 0).length).toBeGreaterThan(50);
}

/** Friday, Monday and Tuesday, with nights of few trades and prints larger than a bucket. */
function tape(): Trades {
  const random = seeded(4);
  const rows = 6_000;
  const friday = 1_768_521_600_000_000_000n;
  const dates = [0n, 3n, 4n].map((day) => friday + day * 86_400_000_000_000n);
  const busy = () => (random() < 0.9 ? 0.35 + 0.3 * random() : random());
  const time = BigInt64Array.from({ length: rows }, (_, i) => dates[i % 3]! + BigInt(Math.floor(busy() * 86_399_999)) * 1_000_000n).sort();
  let price = 100;
  return {
    time,
    price: Float64Array.from({ length: rows }, () => Math.max(1, (price += Math.round(10 * (random() - 0.5)) / 100))),
    size: Float64Array.from({ length: rows }, () => (random() < 0.001 ? 5_000 : Math.round(1e3 * 10 ** (3 * random() - 2)) / 1e3)),
  };
}

const folder = resolve(process.env.MARKET_DATA ?? "../shared/data");
const file = join(folder, "mtgox_2013/april_trades.csv.gz");

describe("PINstimation's vpin", () => {
  for (const [seconds, buckets, window] of [
    [60, 50, 50],
    [300, 20, 5],
    [1, 100, 30],
  ] as const)
    it(`on a made tape, timebarsize ${seconds}`, async () => {
      const vpin = await example();
      const trades = tape();
      expectSame(vpin(trades, { timebarsize: seconds, buckets, samplength: window }), plain(trades, seconds, buckets, window));
    });

  it.skipIf(!existsSync(file))("on a real tape", async () => {
    const vpin = await example();
    const { columns } = await collectTrades(file, { onBad: "skip" });
    const { time, price, size } = columns;
    const options = { timebarsize: 60, buckets: 50, samplength: 50 };
    // A sum of all volume that is off by its last bits moves the borders of the last of 950 buckets by 950 times as much.
    expectSame(vpin({ time, price, size }, options), plain({ time, price, size }, 60, 50, 50), 2e-12);
  });
});

/** Log of the sum of weights e^values. */
const mixture = (weights: number[], values: number[]) => {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, v, i) => sum + weights[i]! * Math.exp(v - top), 0));
};
/** Log-likelihood of the days (or buckets, with how long they took) but for the factorials. */
function likelihood(buys: Float64Array, sells: Float64Array, { alpha, delta, mu, eb, es }: Record<string, number>, took?: Float64Array) {
  const poisson = (count: number, rate: number) => count * Math.log(rate) - rate;
  return buys.reduce((sum, buy, i) => {
    const [t, sell] = [took?.[i] ?? 1, sells[i]!];
    const cases = [
      poisson(buy, eb! * t) + poisson(sell, es! * t),
      poisson(buy, eb! * t) + poisson(sell, (es! + mu!) * t),
      poisson(buy, (eb! + mu!) * t) + poisson(sell, es! * t),
    ];
    return sum + mixture([1 - alpha!, alpha! * delta!, alpha! * (1 - delta!)], cases);
  }, 0);
}
/** The estimate of the last window, and that no parameter of it can be moved by 1 % for the better. */
function expectMaximum(
  buys: Float64Array,
  sells: Float64Array,
  fit: ReturnType<typeof pin> | ReturnType<typeof ivpin>,
  took?: Float64Array,
) {
  const last = (values: ArrayLike<number>) => values[values.length - 1]!;
  const at = { alpha: last(fit.alpha), delta: last(fit.delta), mu: last(fit.mu), eb: last(fit.epsilonBuy), es: last(fit.epsilonSell) };
  const best = likelihood(buys, sells, at, took);
  expect(Math.abs(best / last(fit.logLikelihood) - 1)).toBeLessThan(1e-12);
  for (const name of Object.keys(at) as (keyof typeof at)[])
    for (const by of at[name] > 1e-6 ? [0.99, 1.01] : [])
      expect(likelihood(buys, sells, { ...at, [name]: at[name] * by }, took)).toBeLessThan(best);
  return at;
}

const prices = Float64Array.of(10, 10.02, 10.01, 10.01, 10.02, 10.03, 10.03, 10.01);
const bid = Float64Array.of(10, 10, 10, 10.01, 10.01, 10.01, 10.02, 10.01);
const ask = Float64Array.of(10.02, 10.02, 10.02, 10.03, 10.03, 10.03, 10.04, 10.03);

eachRow("PINstimation (R)", {
  "`vpin(data, timebarsize, buckets, samplength)`": async () => {
    const trades = tape();
    const options = { timebarsize: 300, buckets: 20, samplength: 10 };
    expectSame((await example())(trades, options), plain(trades, 300, 20, 10));
  },
  "`ivpin(data, ...)`": () => {
    // Buckets of 100 lots: every third with news, which fills it in a third of the time.
    const news = (i: number) => (i % 3 ? 0 : i % 2 ? 1 : -1);
    const buy = Float64Array.from({ length: 50 }, (_, i) => 50 + 30 * news(i) + ((7 * i) % 5) - 2);
    const sell = buy.map((b) => 100 - b);
    const took = Float64Array.from({ length: 50 }, (_, i) => (news(i) ? 4 : 10) + ((3 * i) % 4) / 2);
    const fit = ivpin({ buy, sell, duration: took }, { window: 50 });
    const { alpha, mu, eb, es } = expectMaximum(buy, sell, fit, took);
    expect(fit.ivpin[49]).toBeCloseTo((alpha * mu) / (eb + es + mu), 12);
  },
  "`pin_yz(data)`, `pin_gwj`, `pin_ea`, `pin(data, initialsets)`": () => {
    // Days of the example of YZ() in R's InfoTrad 1.2 (Celik & Tinic 2018).
    const buys = Float64Array.of(350, 250, 500, 552, 163, 345, 847, 923, 123, 349);
    const sells = Float64Array.of(382, 500, 463, 550, 200, 323, 456, 342, 578, 455);
    const fit = pin({ buys, sells }, { window: 10, starts: 125 });
    const { alpha, mu, eb, es } = expectMaximum(buys, sells, fit);
    // By hand: news, all good, on 4 days with 705.5 buys in the mean, 263.33 on the others.
    expect(alpha).toBeCloseTo(0.4, 6);
    expect(eb).toBeCloseTo(1580 / 6, 4);
    expect(mu).toBeCloseTo(705.5 - 1580 / 6, 4);
    expect(fit.pin[9]).toBeCloseTo((alpha * mu) / (alpha * mu + eb + es), 12);
  },
  '`classify_trades(data, algorithm="Tick")`, `aggregate_trades`': () => {
    const { side } = tickRule({ price: prices });
    expect([...side]).toEqual([0, 1, -1, -1, 1, 1, 1, -1]);
  },
  '`classify_trades(data, algorithm="Quote")`': () => {
    const { side } = quoteRule({ price: prices, bid, ask });
    expect([...side]).toEqual([-1, 1, 0, -1, 0, 1, 0, -1]);
  },
  '`classify_trades(data, algorithm="LR", timelag=0)`': () => {
    const time = BigInt64Array.from(prices, (_, i) => 1_000_000_000n * BigInt(i));
    const { side } = leeReady({ time, price: prices, quoteTime: time, bid, ask });
    expect([...side]).toEqual([-1, 1, -1, -1, 1, 1, 1, -1]);
  },
  '`classify_trades(data, algorithm="EMO")`': () => {
    const { side } = emo({ price: prices, bid, ask });
    expect([...side]).toEqual([-1, 1, -1, -1, 1, 1, 1, -1]);
  },
});
