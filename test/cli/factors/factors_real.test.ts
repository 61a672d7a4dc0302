/** tickforge factors on real stocks, from prices and reports as they are published; the market factor beside that of Fama and French. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const folder = temporaryFolder();
const data = resolve(packageRoot(), process.env.MARKET_DATA ?? "../shared/data");
const at = (path: string) => join(data, path);
const french = at("fama_french/F-F_Research_Data_Factors_daily.CSV.gz");
const sectors = at("strand_2020/secref.csv.gz");
const needed = (...paths: string[]) => {
  const absent = paths.filter((path) => !existsSync(path));
  return { absent: absent.length > 0, why: absent.length > 0 ? ` (skipped: MARKET_DATA has no ${absent[0]})` : "" };
};
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await tickforge(["factors", ...args, "--json", "--quiet"], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};

const strand = ["strand_2020/inputs.csv.gz", "strand_2020/pricing.csv.gz"].map(at);
const summer = needed(...strand, sectors, french);

describe.skipIf(summer.absent)(`492 stocks of summer 2020${summer.why}`, () => {
  it.each(["joint", "two-stage"])("%s: a market factor that goes with that of Fama and French, and a portfolio", async (mode) => {
    const answer = await json(...strand, "--sectors", sectors, "--factors", "value,size", "--mode", mode, "--compare", french);
    expect(answer.coverage).toMatchObject({ dates: 65, assets: 492, rows: 63_960, jumps: [], withoutSector: [], capKnown: true });
    expect(answer.sectors).toHaveLength(11);
    expect(answer.compare).toMatchObject({ column: "Mkt-RF", unit: "percent", without: 21 });
    expect(answer.compare.correlation).toBeGreaterThan(0.9);
    expect(answer.portfolio).toMatchObject({ weights: "cap", assets: 492, explained: 1 });
    expect(answer.portfolio.volatility / answer.portfolio.realized.deviation).toBeGreaterThan(0.75);
    expect(answer.portfolio.volatility / answer.portfolio.realized.deviation).toBeLessThan(1.33);
  });
});

const prices = at("us_stocks_2015_2017/prices_top1500.csv.gz");
const reports = at("us_stocks_2015_2017/reports.csv.gz");
const years = needed(prices, reports, sectors, french);

describe.skipIf(years.absent)(`1,500 stocks of 2015 to 2017, from prices and reports${years.why}`, { timeout: 180_000 }, () => {
  it("a market factor that goes with that of Fama and French; splits named; what is known by its filing lag", async () => {
    const styles = ["--factors", "momentum,value,size", "--window", "231", "--lag", "21", "--price", "close"];
    const answer = await json(prices, "--reports", reports, "--sectors", sectors, ...styles, "--compare", french);
    expect(answer.compare).toMatchObject({ dates: 260, without: 0, unit: "percent" });
    expect(answer.compare.correlation).toBeGreaterThan(0.9);
    const { coverage } = answer;
    expect(coverage.jumps).toHaveLength(121);
    const { length: splits } = coverage.jumps.filter(({ as }: { as: string | null }) => as !== null);
    const { length: uncertain } = coverage.jumps.filter(({ perhaps }: { perhaps: string | null }) => perhaps !== null);
    expect([splits, uncertain]).toEqual([52, 20]);
    expect(coverage.jumps).toContainEqual({
      asset: "NKE",
      date: "2015-12-24",
      change: expect.closeTo(-0.509, 3),
      as: "2 for 1",
      perhaps: null,
      leftOut: true,
    });
    for (const [asset, as] of Object.entries({ MNST: "3 for 1", BOFI: "4 for 1", GRFS: "2 for 1" }))
      expect(coverage.jumps).toContainEqual(expect.objectContaining({ asset, as, leftOut: true }));
    expect(answer.remarks).toContainEqual(
      expect.stringMatching(/^20 jumps that may be splits, uncertain and kept as returns: GPT 2015-03-23/),
    );
    // Crashes by half, which a ratio alone takes for splits.
    for (const [asset, date] of [
      ["VRX", "2016-03-15"],
      ["CYH", "2016-10-27"],
      ["ALNY", "2016-10-06"],
      ["DATA", "2016-02-05"],
    ])
      expect(coverage.jumps).toContainEqual({ asset, date, change: expect.closeTo(-0.5, 1), as: null, perhaps: null, leftOut: false });
    expect(coverage.splitChanges.signals.map(({ name }: { name: string }) => name)).toEqual(["momentum", "value", "size"]);
    expect(coverage.reports).toEqual({ rows: 31_729, lagged: 31_729, repeated: expect.any(Number), assets: 1_291 });
    expect(coverage.reports.repeated).toBeGreaterThan(300);
    expect(coverage.neverCap).toContain("TQQQ"); // a fund, which reports nothing
    // Apple's weight beside Microsoft's: 754 and 509 thousand million dollars on that day.
    const weight = Object.fromEntries(answer.portfolio.largest.map((x: { asset: string; weight: number }) => [x.asset, x.weight]));
    expect(weight.AAPL / weight.MSFT).toBeGreaterThan(1.35);
    expect(weight.AAPL / weight.MSFT).toBeLessThan(1.65);
    expect(answer.portfolio.explained).toBe(1);
  });

  it("without sectors and momentum, on all dates since reports are known", async () => {
    const answer = await json(
      prices,
      "--reports",
      reports,
      "--price",
      "close",
      "--factors",
      "value,size",
      "--mode",
      "two-stage",
      "--compare",
      french,
    );
    expect(answer.compare.dates).toBeGreaterThan(500);
    expect(answer.compare.correlation).toBeGreaterThan(0.9);
  });
});
