/** Data and comparison of the tests that hold the page's tables: the numbers beside them were made from the same data by the code they name. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, type TestContext } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

/** Returns of four assets on 250 dates, row-major; two of them go with the market, and one day in 25 is four times as wild. */
export function sampleReturns(dates = 250): Float64Array {
  const random = seeded(11);
  const loading = [0.1, 1.2, 0.2, 1.5];
  const rows = Array.from({ length: dates }, () => {
    const wild = random() < 0.04 ? 4 : 1;
    const market = 0.02 * wild * (random() - 0.48);
    return loading.map((b) => market * b + 0.012 * wild * (random() + random() - 1));
  });
  return Float64Array.from(rows.flat());
}

export const columnOf = (matrix: Float64Array, columns: number, j: number): Float64Array => matrix.filter((_, i) => i % columns === j);
export const times = (values: ArrayLike<number>, factor: number): number[] => Array.from(values, (v) => v * factor);

/** Each value within `relative` of the one wanted; NaN is NaN. */
export function near(got: ArrayLike<number>, want: ArrayLike<number>, relative = 1e-12): void {
  expect(got.length).toBe(want.length);
  Array.from(want).forEach((w, i) => {
    const error = Math.abs(got[i]! - w);
    if (Number.isNaN(w) ? Number.isNaN(got[i]) : error <= relative * Math.abs(w) || error < 1e-17) return;
    expect.fail(`value ${i} is ${got[i]}, expected ${w} to ${relative}`);
  });
}

const folder = resolve(process.env.MARKET_DATA ?? "../shared/data");
let stocks: { dates: string[]; prices: number[][] } | undefined;
/** Daily returns of skfolio's set of 20 stocks from `from` on, row-major; the test is skipped where the file is absent. */
export function stockReturns(context: TestContext, from = "1990"): Float64Array {
  const file = join(folder, "skfolio_prices/sp500_dataset.csv.gz");
  if (!existsSync(file)) context.skip(`no real data at ${folder}: set MARKET_DATA`);
  if (!stocks) {
    const rows = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n").slice(1);
    stocks = { dates: rows.map((row) => row.slice(0, 10)), prices: rows.map((row) => row.split(",").slice(1).map(Number)) };
  }
  const prices = stocks.prices.slice(stocks.dates.findIndex((date) => date >= from));
  return Float64Array.from(prices.slice(1).flatMap((row, t) => row.map((price, j) => price / prices[t]![j]! - 1)));
}

type DrawdownRisk = (
  returns: Float64Array,
  confidence?: number,
  compounded?: boolean,
) => { average: number; dar: number; cdar: number; edar: number };
/** The page's example of drawdowns as losses, as a user would paste it. */
export async function pageDrawdowns(): Promise<DrawdownRisk> {
  const page = readFileSync(join(packageRoot(), "docs/coming-from-python.md"), "utf8");
  const block = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((m) => m[1]!).find((text) => text.includes("drawdownRisk"))!;
  const folder = join(packageRoot(), "out", "docs");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `drawdowns-${process.pid}.ts`);
  writeFileSync(file, block.replace('from "tickforge"', 'from "../../src/index.js"'));
  return (await import(/* @vite-ignore */ file)).drawdownRisk;
}
