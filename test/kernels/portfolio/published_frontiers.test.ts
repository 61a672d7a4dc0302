/** Published efficient frontiers, long only: the variance at the mean of each point. The files are described in README.md of the data folder. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { minimumVariance } from "../../../src/index.js";

const folder = resolve(process.env.MARKET_DATA ?? "../shared/data", "portfolio");
const absent = existsSync(folder) ? undefined : `no real data at ${folder}: set MARKET_DATA`;
const rowsOf = (name: string, file: string) =>
  gunzipSync(readFileSync(join(folder, name, `${file}.csv.gz`)))
    .toString()
    .trim()
    .split("\n")
    .map((line) =>
      line
        .trim()
        .split(/[\s,;]+/)
        .map(Number),
    )
    .filter((row) => row.every((value) => !Number.isNaN(value)));

function market(name: string) {
  const assets = rowsOf(name, "return");
  const n = assets.length;
  const covariance = new Float64Array(n * n);
  for (const [i, j, correlation] of rowsOf(name, "risk")) {
    const value = correlation! * assets[i! - 1]![1]! * assets[j! - 1]![1]!;
    covariance[(i! - 1) * n + j! - 1] = covariance[(j! - 1) * n + i! - 1] = value;
  }
  return { n, covariance, mean: Float64Array.from(assets, ([mean]) => mean!), frontier: rowsOf(name, "frontier") };
}

describe.skipIf(absent)(`published frontiers ${absent ?? ""}`, () => {
  for (const [name, size] of [
    ["indtrack1", 31],
    ["indtrack2", 85],
    ["indtrack3", 89],
  ] as const)
    it(`${name}: ${size} assets, 2,000 points`, () => {
      const { n, covariance, mean, frontier } = market(name);
      expect([n, frontier.length]).toEqual([size, 2_000]);
      let start: Float64Array | undefined;
      let worst = 0;
      for (const [reached, variance] of frontier) {
        const sides = { constraintLower: Float64Array.of(reached!), constraintUpper: Float64Array.of(Number.POSITIVE_INFINITY) };
        const point = { covariance, constraint: mean, ...sides, ...(start ? { start } : {}) };
        const { weights, objective, status } = minimumVariance(point, { assets: n, tolerance: 1e-9 }, { backend: "native" });
        expect(status[0]).toBe(0);
        start = weights;
        worst = Math.max(worst, Math.abs(2 * objective[0]! - variance!) / variance!);
      }
      expect(worst).toBeLessThan(1e-6);
    });
});
