/** tickforge portfolio: the answer, the files, the errors with their places and exit codes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { madePrices } from "../../studies/portfolio/made_prices.js";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const folder = temporaryFolder();
const file = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const run = (args: string) => tickforge(args.split(" "), { cwd: folder });
const read = (name: string) => readFileSync(join(folder, name), "utf8");

/** A table of six assets over 400 weekdays; what `change` makes of a price. */
function table(change: (price: number, date: number, asset: number) => number | string = (price) => price): string {
  const { time, price, assets } = madePrices(400, 6);
  const lines = Array.from(time, (ns, d) => {
    const cells = assets.map((_, a) => change(Number(price[d * 6 + a]!.toFixed(4)), d, a));
    return [new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10), ...cells].join(",");
  });
  return `${["Date,AAA,BBB,CCC,DDD,EEE,FFF", ...lines].join("\n")}\n`;
}
file("prices.csv", table());
file(
  "holed.csv",
  table((p, d, a) => ((a === 1 && d > 300) || (a === 2 && d < 70) || (a === 3 && d % 41 === 1) ? "" : p)),
);

describe("the answer", () => {
  it("is a table for people: every portfolio, its money, what was found", async () => {
    const { code, stdout, stderr } = await run("portfolio prices.csv --window 100 --objective inverse_volatility");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^prices\.csv {3}delimited text; wide: a column for each of 6 assets, AAA, .*; dates in Date, YYYY-MM-DD\n/);
    expect(stdout).toMatch(/\n2015-06-01 \.\. 2016-07-13 {3}292 returns of 6 assets, set up anew monthly, 14 times {3}/);
    expect(stdout).toContain(
      "weights from the 100 returns before, traded 1 date later, risk model ledoit_wolf, costs 5 bp; 252 periods a year\n",
    );
    expect(stdout).toMatch(
      /^ {2}inverse_volatility +-?\d+\.\d\d% +\d+\.\d\d% +-?\d\.\d\d +\d\.\d{3} +\d+\.\d% +\d+% +\d\.\d\d% +\d\.\d +\d\.\d$/m,
    );
    expect(stdout).toMatch(/^ {2}beside: equal_weight +/m);
    expect(stdout).toMatch(/^found: deflated Sharpe ratio: of 2 trials, those of this run/m);
    expect(stdout).toMatch(/^ {2}money, of 1 at the start +gains +- costs += end +off by$/m);
  });

  it("says of assets that come, go and halt what became of their money", async () => {
    const { stdout } = await run("portfolio holed.csv --window 60 --objective equal_weight --delisting-return -0.5");
    expect(stdout).toContain(
      "2 of 6 assets not there throughout (BBB 2015-01-01 .. 2016-02-25, CCC 2015-04-09 .. 2016-07-13): 5 to 6 could be bought",
    );
    expect(stdout).toMatch(
      /1 time prices ended while equal_weight held the asset: paid out at the last price less 50\.00% 21 dates later.*BBB 2016-02-25 \(\d/,
    );
    expect(stdout).toContain("10 prices missing while an asset was there");
    expect(stdout).not.toContain("survivorship");
  });

  it("as JSON holds the money to the last bit, the weights and the values", async () => {
    const { code, stdout } = await run(
      "portfolio holed.csv --window 60 --costs 0.1% --objective inverse_volatility --json --trials 50 --rebalance 15",
    );
    expect(code).toBe(0);
    const { portfolios, conventions, universe, dates } = JSON.parse(stdout);
    expect(conventions).toMatchObject({ costs: 0.001, trials: 50, trialsStated: true, rebalance: "15", riskModel: "ledoit_wolf" });
    expect(universe.stays.map(({ asset, gone }: { asset: string; gone: boolean }) => `${asset} ${gone}`)).toEqual([
      "BBB true",
      "CCC false",
    ]);
    for (const { value, money, last, rebalances, measures } of portfolios) {
      expect(value.length).toBe(dates.length);
      expect(Math.abs(money.start + money.gains - money.costs - money.end)).toBeLessThan(1e-13);
      expect(money.end).toBe(value.at(-1));
      expect(last.reduce((sum: number, { weight }: { weight: number }) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(rebalances[0]).toMatchObject({ turnover: expect.closeTo(0.5, 2), cost: expect.closeTo(0.001, 5) });
      expect(measures.deflatedSharpe).toBeLessThan(measures.probabilisticSharpe);
    }
  });

  it("names the returns that made it, and the limits that it was given", async () => {
    file(
      "print.csv",
      table((p, d, a) => (a === 2 && d === 200 ? 9 * p : p)),
    );
    const args = "portfolio print.csv --window 60 --max-short 0.2 --max-turnover 0.5 --report print.html";
    const { stdout } = await run(args);
    expect(stdout).toMatch(/^found: minimum_variance: .* rests on 2 returns .*: CCC 2015-10-08 \(price times 9\.\d+: /m);
    expect(stdout).toMatch(
      /^found: minimum_variance holds \d+\.\d\d% short in the mean, \d+\.\d\d% at most: borrowing costs nothing here$/m,
    );
    expect(stdout).toMatch(/^ {2}minimum_variance \* +/m);
    expect(stdout).toContain("\n  * made by outlier returns: ");
    expect(read("print.html")).toContain("* Without what outlier returns made of each date");
    expect(read("print.html")).toContain("50.0 % of a rebalance at most");
    const { portfolios, conventions } = JSON.parse((await run(`${args} --force --json`)).stdout);
    expect(conventions.limits).toEqual({ maxShort: 0.2, maxTurnover: 0.5 });
    expect(portfolios[0]).toMatchObject({ restsOnOutliers: true, outliers: [{ asset: "CCC", date: "2015-10-08" }, { asset: "CCC" }] });
    expect(portfolios[0].withoutOutliers.annualVolatility).toBeLessThan(portfolios[0].measures.annualVolatility / 5);
  });

  it("writes the page and the weights", async () => {
    const { code, stdout } = await run("portfolio prices.csv --window 100 --objective inverse_volatility --report p.html --out w.csv");
    expect({ code, wrote: stdout.match(/^wrote .*$/gm) }).toEqual({ code: 0, wrote: ["wrote p.html", "wrote w.csv"] });
    expect(read("p.html")).toContain("<title>Portfolios walked forward: prices.csv</title>");
    const rows = read("w.csv").trimEnd().split("\n");
    expect(rows[0]).toBe("date,portfolio,asset,weight,risk_share");
    expect(rows.length).toBe(1 + 2 * 14 * 6);
    const sums = new Map<string, number>();
    for (const [date, name, , weight] of rows.slice(1).map((row) => row.split(",")))
      sums.set(`${date} ${name}`, (sums.get(`${date} ${name}`) ?? 0) + Number(weight));
    for (const sum of sums.values()) expect(sum).toBeCloseTo(1, 12);
  });
});

describe("what is wrong is named", () => {
  const refused = async (args: string) => {
    const { code, stdout, stderr } = await run(`portfolio ${args}`);
    expect(stdout).toBe("");
    return `${code} ${stderr.replace(/^tickforge: /, "").trimEnd()}`;
  };
  file(
    "zero.csv",
    table((p, d, a) => (d === 5 && a === 2 ? 0 : d === 9 && a === 4 ? -1 : p)),
  );
  file("two.csv", table().split("\n").slice(0, 3).join("\n"));
  file("one.csv", table().replace(/^([^,]*,[^,]*).*$/gm, "$1"));
  file("twice.csv", table().replace(/\n([^,]*)(,.*)\n([^,]*)(,.*)\n/, "\n$1$2\n$1$4\n"));
  file(
    "apart.csv",
    table((p, d, a) => (Math.floor(d / 70) % 6 === a ? p : "")),
  );

  it("in the file", async () => {
    expect(await refused("zero.csv --window 60")).toMatch(
      /^3 zero\.csv: 2 assets cannot be used: CCC is 0 on 2015-01-08, expected a price above 0; EEE is -1 on .*--exclude auto.*\[E_BAD_PRICE\]$/s,
    );
    expect(await refused("two.csv --window 60 --periods-per-year 252")).toMatch(
      /^3 two\.csv: 2 dates; a window of 60 returns, 1 dates? of delay .* need 63\n.*\[E_TOO_FEW\]$/s,
    );
    expect(await refused("one.csv --window 60")).toMatch(/^3 one\.csv: AAA is the only asset\n.*\[E_TOO_FEW\]$/s);
    expect(await refused("twice.csv --window 60")).toMatch(/^3 twice\.csv, line 3: .*\[E_DATE_REPEATED\]$/s);
    expect(await refused("apart.csv --window 60")).toMatch(
      /^3 apart\.csv: two assets with a whole window of 60 returns are there on no date of trade\n/,
    );
    expect(await refused("prices.csv --window 900")).toMatch(
      /^3 prices\.csv: 400 dates; a window of 900 returns.*need 903\n.*\[E_TOO_FEW\]$/s,
    );
    expect(await refused("two.csv --window 60")).toMatch(
      /^2 --periods-per-year is needed: the dates do not say it plainly\n.*\[E_OPTION_MISSING\]$/s,
    );
  });

  it("assets with prices of 0 or less are left out by --exclude auto, and told", async () => {
    const { code, stdout } = await run("portfolio zero.csv --window 60 --exclude auto");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^found: 2 assets left out: CCC \(is 0 on 2015-01-08, .*\), EEE \(is -1/m);
    expect(stdout).toContain("returns of 4 assets");
  });

  it("on the command line", async () => {
    expect(await refused("prices.csv two.csv")).toMatch(/^2 portfolio takes one file of PRICES/);
    expect(await refused("prices.csv --objective equal_wieght")).toMatch(
      /^2 --objective is equal_wieght, expected equal_weight, .*did you mean equal_weight\?/s,
    );
    expect(await refused("prices.csv --risk-model factr")).toMatch(
      /^2 --risk-model is 'factr', expected ledoit_wolf, factor, oas, sample\n {2}did you mean factor\?/,
    );
    expect(await refused("prices.csv --costs 5%%")).toMatch(/^2 --costs is '5%%', expected a share of what is traded/);
    expect(await refused("prices.csv --costs 20%")).toMatch(/^2 --costs is '20%'/);
    expect(await refused("prices.csv --rebalance daily")).toMatch(
      /^2 --rebalance is 'daily', expected weekly, monthly, quarterly, yearly, or a number of dates\n/,
    );
    expect(await refused("prices.csv --window 5")).toMatch(/^2 --window is 5, expected 20 or more returns\n/);
    expect(await refused("prices.csv --max-weight 0.5 --objective inverse_volatility")).toMatch(
      /^2 --max-weight is given, and inverse_volatility holds no bounds\n/,
    );
    expect(await refused("prices.csv --max-short 0.2 --objective maximum_sharpe")).toMatch(
      /^2 --max-short is given, and maximum_sharpe does not heed it\n {2}of minimum_variance and mean_variance it is heeded/,
    );
    expect(await refused("prices.csv --cost-aware")).toMatch(/^2 --cost-aware is given, and minimum_variance does not heed it\n/);
    expect(await refused("prices.csv --max-short 0.2 --min-weight 0.01")).toMatch(
      /^2 --max-short is given, and a least weight \(minWeight\) of 0\.01 leaves none below 0\n/,
    );
    expect(await refused("prices.csv --max-turnover 0")).toMatch(/^2 --max-turnover is 0, expected a share of the value above 0\n/);
    expect(await refused("prices.csv --trials 1")).toMatch(/^2 --trials is 1, expected 3 or more/);
    expect(await refused("prices.csv --report p.txt")).toMatch(/^2 --report p\.txt: it is a page/);
    expect(await refused("prices.csv --out w.json")).toMatch(/^2 --out w\.json: weights are written as \.csv/);
    expect(await refused("none.csv")).toMatch(/^1 .*none\.csv.*\[E_FILE_MISSING\]$/s);
  });
});
