/** tickforge portfolio on real prices: the run that its page shows, and stocks whose prices are not adjusted. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const folder = temporaryFolder();
const data = resolve(packageRoot(), process.env.MARKET_DATA ?? "../shared/data");
const needed = (path: string) => {
  const absent = !existsSync(join(data, path));
  return { absent, why: absent ? ` (skipped: MARKET_DATA has no ${path})` : "" };
};
const page = readFileSync(join(packageRoot(), "docs/portfolio.md"), "utf8");

const twenty = needed("skfolio_prices/sp500_dataset.csv.gz");
describe.skipIf(twenty.absent)(`twenty stocks of 1990 to 2022${twenty.why}`, () => {
  it("give what docs/portfolio.md shows", { timeout: 60_000 }, async () => {
    const [, args] = /```text\ntickforge (portfolio \S+\.csv\.gz .*)\n```/.exec(page)!;
    const [, shown] = /```text\n( {2}a year[^`]*)```/.exec(page)!;
    const words = args!.split(" ").map((word) => (word.endsWith(".csv.gz") ? join(data, "skfolio_prices", word) : word));
    const { code, stdout } = await tickforge(words, { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain(shown!);
    expect(stdout).toContain("(survivorship)");
  });
});

const many = needed("us_stocks_2015_2017/prices_top1500.csv.gz");
describe.skipIf(many.absent)(`1,500 stocks of 2015 to 2017${many.why}`, () => {
  it("are walked by a factor model, their splits left out", { timeout: 120_000 }, async () => {
    const file = join(data, "us_stocks_2015_2017/prices_top1500.csv.gz");
    const { code, stdout } = await tickforge(["portfolio", file, "--value", "close", "--max-weight", "0.05", "--json"], { cwd: folder });
    expect(code).toBe(0);
    const { universe, conventions, portfolios } = JSON.parse(stdout);
    expect(conventions.riskModel).toBe("factor");
    expect([universe.splits.length, universe.perhapsSplits.length, universe.least, universe.most]).toEqual([52, 20, 1498, 1500]);
    for (const { money, troubles, last } of portfolios) {
      expect(Math.abs(money.start + money.gains - money.costs - money.end)).toBeLessThan(1e-12);
      expect(troubles).toEqual([]);
      for (const { weight } of last) expect(weight).toBeLessThan(0.05 + 1e-9);
    }
  });
});
