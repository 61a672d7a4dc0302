/** tickforge risk on real prices and on wrong input: the answer, the files, the errors with their places and exit codes. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const market = resolve(packageRoot(), process.env.MARKET_DATA ?? "../shared/data");
const folder = temporaryFolder();
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};
const run = (args: string) => tickforge(args.split(" "), { cwd: folder });

/** Three assets over 400 weekdays; what `change` makes of a price. */
function table(change: (price: number, day: number, asset: number) => number | string = (price) => price): string {
  const lines = ["Date,AAA,BBB,CCC"];
  const price = [100, 50, 20];
  for (let day = 0, at = Date.UTC(2019, 0, 1); day < 400; at += 86_400_000) {
    if ([0, 6].includes(new Date(at).getUTCDay())) continue;
    price.forEach((p, a) => {
      price[a] = p * (1 + 0.02 * Math.sin(12.9898 * day + 78.233 * a) * Math.cos(3.7 * day * (a + 1)));
    });
    lines.push([new Date(at).toISOString().slice(0, 10), ...price.map((p, a) => change(p, day, a))].join(","));
    day++;
  }
  return `${lines.join("\n")}\n`;
}
/** The same, with the line of a day changed. */
const withLine = (day: number, change: (line: string, lines: string[]) => string) =>
  table()
    .split("\n")
    .map((line, i, all) => (i === day + 1 ? change(line, all) : line))
    .join("\n");

file("prices.csv", table());
const year = "--periods-per-year 252";

describe("the answer", () => {
  it("is a table for people, progress and notes stay on stderr", async () => {
    const { code, stdout, stderr } = await run(`risk prices.csv ${year}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^prices\.csv {3}delimited text; wide: a column for each of 3 assets, AAA, BBB, CCC; dates in Date, YYYY-MM-DD\n/,
    );
    expect(stdout).toContain("399 returns of 3 assets, equal weights");
    for (const method of ["historical", "age_weighted", "filtered_historical", "gaussian", "student_t, df 5", "cornish_fisher"])
      expect(stdout).toMatch(new RegExp(`^  ${method} +\\d+\\.\\d\\d% +-?\\d+\\.\\d\\d%`, "m"));
    expect(stdout).toMatch(/^back-test: historical, 250 returns before each of 149 forecasts$/m);
  });

  it("takes the format of its dates, of the benchmark too where it is written so, and refuses dates that two formats fit", async () => {
    const written = (text: string, form: (y: string, m: string, d: string) => string) =>
      text.replace(/(\d{4})-(\d\d)-(\d\d)/g, (_, y, m, d) => form(y, m, d));
    const early = (text: string) => text.split("\n").slice(0, 9).join("\n"); // no day above 12
    file(
      "dots.csv",
      written(table(), (y, m, d) => `${d}.${m}.${y}`),
    );
    file("short.csv", early(written(table(), (y, m, d) => `${d}.${m}.${y}`)));
    file(
      "market.csv",
      table()
        .replaceAll(/,[^,]*,[^,]*$/gm, "")
        .replace("AAA", "MKT"),
    );
    const json = async (args: string) => JSON.parse((await run(`${args} ${year} --json`)).stdout);
    const [plain, dots] = [
      await json("risk prices.csv --benchmark market.csv"),
      await json("risk dots.csv --time-format %d.%m.%Y --benchmark market.csv"),
    ];
    expect(dots.valueAtRisk).toEqual(plain.valueAtRisk);
    expect(dots.range ?? dots.from).toEqual(plain.range ?? plain.from);
    const { code, stderr } = await run(`risk short.csv ${year}`);
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("--time-format '%m.%d.%Y', or --time-format '%d.%m.%Y'"),
    });
    expect(await run(`risk dots.csv ${year} --time-format %d-%m-%Y`)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("not a date as %d-%m-%Y"),
    });
    expect(await run(`risk none.csv ${year} --time-format dmy`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'dmy' is no format of dates"),
    });
  });

  it("agrees with itself: weights, long form and a benchmark out of the columns", async () => {
    const lines = table().trim().split("\n");
    const names = lines[0]!.split(",").slice(1);
    const long = lines.slice(1).flatMap((line) => names.map((name, a) => `${name},${line.split(",")[0]},${line.split(",")[a + 1]}`));
    file("long.csv", `symbol,date,close\n${long.join("\n")}\n`);
    file("weights.csv", `asset,weight\nBBB,${1 / 3}\nAAA,${1 / 3}\nCCC,${1 / 3}\n`);
    const [wide, other] = await Promise.all(
      [`risk prices.csv ${year} --json`, `risk long.csv ${year} --weights weights.csv --json`].map(async (args) =>
        JSON.parse((await run(args)).stdout),
      ),
    );
    expect(other.risk).toEqual(wide.risk);
    expect(other.backtests).toEqual(wide.backtests);
    const beside = JSON.parse((await run(`risk prices.csv ${year} --benchmark CCC --json`)).stdout);
    expect(beside.weights).toEqual({ from: "equal", AAA: 0.5, BBB: 0.5 });
    expect(beside.benchmark).toMatchObject({ name: "CCC", beta: expect.any(Number), trackingError: expect.any(Number) });
  });

  it("parts of the VaR and of the ES sum to the whole", async () => {
    const { components, risk } = JSON.parse((await run(`risk prices.csv ${year} --json`)).stdout);
    for (const of of ["var", "es"] as const)
      expect(components.reduce((sum: number, c: Record<string, number>) => sum + c[of]!, 0)).toBeCloseTo(risk[0][of], 12);
  });

  it("tests every method that is known, and a simulated one with its seed alone", async () => {
    const seeded = JSON.parse((await run(`risk prices.csv ${year} --seed 7 --json`)).stdout);
    const plain = JSON.parse((await run(`risk prices.csv ${year} --method gaussian --json`)).stdout);
    const simulated = (answer: typeof plain) => answer.risk.find((row: { method: string }) => row.method === "monte_carlo");
    expect(simulated(plain)).toMatchObject({ var: null, why: "needs --seed" });
    expect(simulated(seeded).var).toBeGreaterThan(0);
    expect(plain.conventions.method).toBe("gaussian");
    expect(plain.backtests[0].days).toBe(149);
  });

  it("writes the page and every forecast, and overwrites nothing unasked", async () => {
    const { code, stdout } = await run(`risk prices.csv ${year} --report page.html --out forecasts.csv`);
    expect(code).toBe(0);
    expect(stdout).toContain("wrote page.html\nwrote forecasts.csv\n");
    const rows = readFileSync(join(folder, "forecasts.csv"), "utf8").trim().split("\n");
    expect(rows).toHaveLength(150);
    expect(rows[0]).toBe("date,return,var_0.95,es_0.95,breach_0.95,var_0.975,es_0.975,breach_0.975,var_0.99,es_0.99,breach_0.99");
    const again = await run(`risk prices.csv ${year} --report page.html`);
    expect([again.code, again.stdout]).toEqual([2, ""]);
    expect(again.stderr).toContain("[E_EXISTS]");
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});

describe("what is odd about the prices", () => {
  it("a split is named with its asset and date, and is not called risk", async () => {
    file(
      "split.csv",
      table((price, day, asset) => (asset === 1 && day >= 300 ? price / 2 : price)),
    );
    const [left, kept, clean] = await Promise.all(
      [`risk split.csv ${year} --json`, `risk split.csv ${year} --splits keep --json`, `risk prices.csv ${year} --json`].map(async (args) =>
        JSON.parse((await run(args)).stdout),
      ),
    );
    const date = table().split("\n")[301]!.split(",")[0];
    expect(left.splits).toEqual([{ asset: "BBB", date, ratio: expect.closeTo(0.5, 1), as: "2 for 1", kept: false }]);
    const worst = (answer: typeof left) => answer.worst[0].return as number;
    expect(worst(left)).toBeCloseTo(worst(clean), 3);
    expect(worst(kept)).toBeLessThan(-0.15);
    const { stdout } = await run(`risk split.csv ${year}`);
    expect(stdout).toMatch(
      new RegExp(`found: 1 jump like an unadjusted split: BBB ${date} \\(price times 0\\.\\d+, as a split 2 for 1\\)`),
    );
  });

  it("what may be a split is named as uncertain and is a return; screen, page and JSON say so", async () => {
    file(
      "last.csv",
      table((price, day, asset) => (asset === 1 && day >= 399 ? price / 2 : price)),
    );
    const date = table().trim().split("\n").at(-1)!.split(",")[0];
    const answer = JSON.parse((await run(`risk last.csv ${year} --json`)).stdout);
    expect(answer.perhapsSplits).toEqual([
      { asset: "BBB", date, ratio: expect.closeTo(0.5, 1), perhaps: "2 for 1: too few prices that move beside it to see them stay" },
    ]);
    expect([answer.splits, answer.splitEffect]).toEqual([[], null]);
    expect(answer.worst[0].return).toBeLessThan(-0.15);
    const { stdout } = await run(`risk last.csv ${year} --report last.html`);
    const says = new RegExp(
      `1 jump that may be a split, uncertain and kept as returns: BBB ${date} \\(price times 0\\.\\d+, 2 for 1: too few`,
    );
    expect(stdout).toMatch(says);
    const page = readFileSync(join(folder, "last.html"), "utf8");
    expect(page).toMatch(says);
    expect(page).toContain("not sure: taken as a return");
  });

  it("a missing price is an error, dropped or carried on where that is asked for", async () => {
    file(
      "holes.csv",
      table((price, day, asset) => (asset === 2 && (day === 50 || day === 51) ? "" : price)),
    );
    const refused = await run(`risk holes.csv ${year} --missing error`);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/holes\.csv, line 52: CCC has no price on \d{4}-\d\d-\d\d \(line 52\) nor on 1 more date/);
    const dropped = JSON.parse((await run(`risk holes.csv ${year} --missing drop --json`)).stdout);
    expect([dropped.missing, dropped.returns]).toEqual([{ prices: 2, how: "drop", dropped: 2 }, 397]);
    const carried = JSON.parse((await run(`risk holes.csv ${year} --missing ffill --json`)).stdout);
    expect([carried.missing, carried.returns]).toEqual([{ prices: 2, how: "ffill", dropped: 0 }, 399]);
    file(
      "late.csv",
      table((price, day, asset) => (asset === 2 && day < 20 ? "" : price)),
    );
    const late = await run(`risk late.csv ${year} --missing ffill`);
    expect([late.code, late.stderr]).toEqual([3, expect.stringContaining("CCC has no price before")]);
  });
});

describe("wrong input", () => {
  const cases: [string, string, number, RegExp][] = [
    [
      "no periods a year, and dates that do not say it",
      "risk uneven.csv",
      2,
      /--periods-per-year is needed, the dates do not say it plainly: this file has about 1\d\d prices a year/,
    ],
    [
      "a confidence of the tail",
      `risk prices.csv ${year} --confidence 0.01`,
      2,
      /--confidence is 0\.01, .*\n {2}for the worst 1 % give 0\.99/,
    ],
    ["a confidence of 1", `risk prices.csv ${year} --confidence 1`, 2, /--confidence is 1, expected a number in \(0\.5, 1\)/],
    ["a method nobody knows", `risk prices.csv ${year} --method gausian`, 2, /did you mean gaussian\?/],
    ["too few rows", `risk prices.csv ${year} --backtest 399`, 3, /400 prices give 399 returns; a back-test over 399 needs at least 401/],
    ["two files", `risk prices.csv prices.csv ${year}`, 2, /risk takes one file/],
    [
      "an asset that is not there",
      `risk prices.csv ${year} --assets AAA,BBBB`,
      2,
      /no column is called 'BBBB'; columns: AAA, BBB, CCC\n {2}did you mean BBB\?/,
    ],
    ["weights of others", `risk prices.csv ${year} --weights few.csv`, 3, /few\.csv: has no weight for CCC/],
    ["weights of a name that is not there", `risk prices.csv ${year} --weights odd.csv`, 2, /odd\.csv, line 3: no column is called 'DDD'/],
    ["a second weight", `risk prices.csv ${year} --weights twice.csv`, 3, /line 4: BBB has a second weight/],
    [
      "weights that lose more than all",
      `risk prices.csv ${year} --weights deep.csv`,
      3,
      /the portfolio loses \d+ % on \d{4}-\d\d-\d\d: more than it has/,
    ],
    ["a benchmark that is nothing", `risk prices.csv ${year} --benchmark SPX`, 2, /neither a column of the prices nor a file/],
    ["dates out of order", `risk back.csv ${year}`, 3, /back\.csv, line 102: Date is \d{4}-\d\d-\d\d, before .* of the row above/],
    ["a date again", `risk again.csv ${year}`, 3, /again\.csv, line 102: Date is .* again/],
    ["a constant column", `risk flat.csv ${year}`, 3, /flat\.csv: CCC never changes: its price is 7/],
    ["a negative price", `risk negative.csv ${year}`, 3, /negative\.csv, line 12: BBB is -1 on .*, expected a price above 0/],
    ["a word among prices", `risk word.csv ${year}`, 3, /BBB is 'n\.b\.', not a number\n.*\n.*\^ column 3, BBB/],
    ["an ending that says no format", `risk prices.csv ${year} --out x.arrow`, 2, /expected \.csv or \.json/],
    ["no such file", `risk none.csv ${year}`, 1, /none\.csv: no such file/],
  ];
  beforeAll(() => {
    file(
      "uneven.csv",
      table()
        .split("\n")
        .filter((_, i) => i % 7 < 4)
        .join("\n"),
    );
    file("few.csv", "asset,weight\nAAA,1\nBBB,1\n");
    file("odd.csv", "asset,weight\nAAA,1\nDDD,1\n");
    file("deep.csv", "asset,weight\nAAA,200\nBBB,-200\nCCC,1\n");
    file("twice.csv", "asset,weight\nAAA,1\nBBB,1\nBBB,1\nCCC,1\n");
    file(
      "back.csv",
      withLine(100, (line, all) => line.replace(/^[^,]+/, all[90]!.split(",")[0]!)),
    );
    file(
      "again.csv",
      withLine(100, (line, all) => line.replace(/^[^,]+/, all[100]!.split(",")[0]!)),
    );
    file(
      "flat.csv",
      table((price, _, asset) => (asset === 2 ? 7 : price)),
    );
    file(
      "negative.csv",
      table((price, day, asset) => (asset === 1 && day === 10 ? -1 : price)),
    );
    file(
      "word.csv",
      table((price, day, asset) => (asset === 1 && day === 10 ? "n.b." : price)),
    );
  });
  it.each(cases)("%s", async (_, args, code, says) => {
    const ran = await run(args);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: "" });
    expect(ran.stderr).toMatch(says);
  });
});

describe("months", () => {
  const months = (count: number) => {
    const rows = Array.from({ length: count }, (_, i) => {
      const date = `${2005 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}-01`;
      return `${date},${(100 + 10 * Math.sin(i) + i).toFixed(2)},${(50 + 5 * Math.cos(2 * i)).toFixed(2)}`;
    });
    return file("months.csv", ["date,AAA,BBB", ...rows, ""].join("\n"));
  };

  it("five years of them come before each forecast, and a shorter history is told how many fit", async () => {
    months(150);
    expect((await run("risk months.csv")).stdout).toMatch(/^back-test: historical, 60 returns before each of 89 forecasts$/m);
    months(61);
    const short = await run("risk months.csv");
    expect([short.code, short.stderr]).toEqual([3, expect.stringContaining("such as --backtest 30 ")]);
    expect((await run("risk months.csv --backtest 30")).code).toBe(0);
    months(30);
    expect((await run("risk months.csv")).stderr).toMatch(/give a longer history {3}\[E_TOO_FEW\]/);
  });
});

describe("real prices", () => {
  it("S&P 500: the breaches of 2008 and of 2020 are there, and more than were expected", async ({ skip }) => {
    const path = join(market, "skfolio_prices/sp500_index.csv.gz");
    if (!existsSync(path)) skip("skfolio_prices is not there; MARKET_DATA names its folder");
    const { backtests } = JSON.parse((await run(`risk ${path} ${year} --json`)).stdout);
    const at99 = backtests.find((b: { confidence: number }) => b.confidence === 0.99);
    const dates: string[] = at99.breachDates;
    expect(dates).toEqual(expect.arrayContaining(["2008-09-29", "2008-10-15", "2020-03-12", "2020-03-16"]));
    expect(dates.filter((date) => date.startsWith("2008")).length).toBeGreaterThan(8);
    expect(at99.kupiec.pValue).toBeLessThan(1e-4);
    expect(at99.independence.pValue).toBeLessThan(0.01);
  });

  it("1,500 stocks whose prices are not adjusted: splits are named", async ({ skip }) => {
    const path = join(market, "us_stocks_2015_2017/prices_top1500.csv.gz");
    if (!existsSync(path)) skip("us_stocks_2015_2017 is not there; MARKET_DATA names its folder");
    const { splits, worst } = JSON.parse((await run(`risk ${path} ${year} --missing drop --backtest 100 --json`)).stdout);
    expect(splits).toEqual(expect.arrayContaining([expect.objectContaining({ asset: "SBUX", date: "2015-04-08", as: "2 for 1" })]));
    expect(worst[0].return).toBeGreaterThan(-0.1);
  });
});
