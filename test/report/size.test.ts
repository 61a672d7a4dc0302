/** Pages of large inputs stay small: what a pixel can show is drawn, the largest rows are listed, and the rest are counted. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { seeded } from "../../src/kernels/parts/sample.js";
import { comparisonPage } from "../../src/report/toxicity/comparison.js";
import { toxicityPage } from "../../src/report/toxicity/toxicity.js";
import type { ToxicityReport } from "../../src/report/toxicity/toxicity_report.js";
import { requireBuilt, temporaryFolder, tickforge } from "../support/cli.js";
import { alarmsOf, expandingCdf, simulatedReport } from "./kit/sample.js";

const limit = 250_000;
const bytes = (html: string): number => new TextEncoder().encode(html).length;
const random = seeded(3);
const measures = [
  "trade_imbalance",
  "roll_spread",
  "kyle_lambda",
  "amihud_illiquidity",
  "hasbrouck_lambda",
  "realized_variance",
  "bipower_variation",
];

/** A year round the clock with every hour of the week, every measure, and alarms all over. */
function year(rows: number): ToxicityReport {
  const { truth: _, ...of } = simulatedReport(200, 1);
  const noise = (width: number) => Float64Array.from({ length: rows }, () => width * (random() - 0.5));
  const endTime = BigInt64Array.from({ length: rows }, (_, i) => of.startTime + (BigInt(i + 1) * 31_500_000_000_000_000n) / BigInt(rows));
  const vpin = noise(0.3).map((v, i) => (i < 49 ? Number.NaN : 0.4 + v + 0.2 * Math.sin(i / 300)));
  const cdf = expandingCdf(vpin);
  const buy = noise(900).map((v) => 500 + v);
  const buckets = {
    ...{ startTime: endTime.map((time) => time - 60_000_000_000n), endTime, buy, sell: buy.map((b) => 1000 - b) },
    ...{ lastPrice: noise(2).map((v, i) => 100 + v + 20 * Math.sin(i / 2000)), vpin, cdf, alarm: alarmsOf(cdf.map((c) => c + 0.05)) },
  };
  const findings = Array.from({ length: 30 }, (_, i) => ({
    what: `oddity ${i} of a tape with many, each in a sentence`,
    done: "left out",
  }));
  return {
    ...of,
    ...{ buckets, endTime: endTime.at(-1)!, data: { ...of.data, findings } },
    measures: measures.map((name) => ({ name, unit: "of its own", over: "the last 50 bars of 60 s", values: noise(1) })),
  };
}

describe("no page is above 250 kB", () => {
  it.each([3_000])("toxicity of %i buckets of a year with every measure", (rows) => {
    const html = toxicityPage(year(rows));
    expect(bytes(html)).toBeLessThan(limit);
    expect(html).toMatch(
      /The 48 hours of the week with the greatest mean VPIN; 1\d\d more are in the picture, and every bucket with --out/,
    );
    expect(html).toMatch(/The 40 longest alarms in order of time; [\d,]+ shorter ones not listed/);
  });

  it.each([2, 8])("comparison of %i files", (files) => {
    const report = year(900);
    const all = Array.from({ length: files }, (_, i) => ({ name: `file ${i}`, report, tape: i }));
    const html = comparisonPage(all);
    expect(bytes(html)).toBeLessThan(limit);
    if (files === 8) expect(html).toContain("a section has the price and VPIN alone");
    expect(html.match(/<section id="instrument-\d+"/g)).toHaveLength(Math.min(files, 6));
  });

  describe("of the command line", { timeout: 60_000 }, () => {
    const folder = temporaryFolder();
    const names = Array.from({ length: 6 }, (_, f) => `factor_${f}`);
    beforeAll(() => {
      requireBuilt();
      const level = Array.from({ length: 40 }, () => 100);
      const lines = [`date,symbol,close,volume,${names.join(",")}`];
      for (let d = 0; d < 500; d++) {
        const day = new Date(Date.UTC(2020, 0, 1 + d)).toISOString().slice(0, 10);
        level.forEach((price, a) => {
          const crash = random() < 0.01 ? 0.4 : 1;
          level[a] = Math.max(1, price * (0.99 + 0.021 * random()) * crash * (price < 5 ? 20 : 1));
          lines.push(`${day},A${a},${level[a].toFixed(4)},${Math.round(1e5 * random())},${names.map(() => random().toFixed(4)).join(",")}`);
        });
      }
      writeFileSync(join(folder, "panel.csv"), `${lines.join("\n")}\n`);
    });
    const made = async (command: string, ...args: string[]) => {
      const { code, stderr } = await tickforge([command, "panel.csv", ...args, "--report", `${command}.html`, "--quiet"], { cwd: folder });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return readFileSync(join(folder, `${command}.html`), "utf8");
    };

    it("factors: six of them in ten quantiles, and hundreds of jumps", async () => {
      const html = await made("factors", "--factors", names.join(","), "--quantiles", "10");
      expect(bytes(html)).toBeLessThan(limit);
      expect(html).toMatch(/here 60, splits first, then the largest; [\d,]+ more are in --json/);
    });

    it("risk: a universe with jumps", async () => {
      expect(bytes(await made("risk", "--periods-per-year", "252"))).toBeLessThan(limit);
    });
  });
});
