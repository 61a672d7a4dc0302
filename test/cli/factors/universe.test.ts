/** tickforge risk on a universe of prices: listings, delistings, holes, constants; the VaR recomputed here by plain code. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { plainPeriods } from "../../../src/analysis/periods.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const market = resolve(packageRoot(), process.env.MARKET_DATA ?? "../shared/data");
const folder = temporaryFolder();
const run = (...args: string[]) => tickforge(["risk", ...args], { cwd: folder });
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await run(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};
const put = (name: string, lines: readonly string[]) => writeFileSync(join(folder, name), `${lines.join("\n")}\n`);

/** Weekdays from 2015 on. */
const days = (count: number): string[] => {
  const found: string[] = [];
  for (let ms = Date.UTC(2015, 0, 1); found.length < count; ms += 86_400_000)
    if (![0, 6].includes(new Date(ms).getUTCDay())) found.push(new Date(ms).toISOString().slice(0, 10));
  return found;
};

/** Returns of equal weights among those present, of a course of prices for each asset: no code of the package. */
function plainly(courses: readonly (readonly number[])[], count: number): number[] {
  const sums = new Array<number>(count).fill(0);
  const there = new Array<number>(count).fill(0);
  for (const course of courses) {
    let last = -1;
    for (let d = 0; d < count; d++) {
      if (!(course[d]! > 0)) continue;
      if (last >= 0 && d - last <= 21) {
        for (let k = last + 1; k <= d; k++) there[k]!++;
        sums[d]! += course[d]! / course[last]! - 1;
      }
      last = d;
    }
  }
  return sums.slice(1).map((sum, i) => sum / there[i + 1]!);
}

/** Historical VaR and ES as numpy has the quantile: linear between the losses beside it. */
function tail(returns: readonly number[], confidence: number): { var: number; es: number } {
  const losses = returns.map((r) => -r).sort((a, b) => a - b);
  const at = confidence * (losses.length - 1);
  const [low, part] = [Math.floor(at), at - Math.floor(at)];
  const risk = losses[low]! * (1 - part) + losses[Math.min(low + 1, losses.length - 1)]! * part;
  const beyond = losses.filter((l) => l >= risk);
  return { var: risk, es: beyond.reduce((a, b) => a + b, 0) / beyond.length };
}

const ftse = join(market, "skfolio_prices/ftse100_dataset.csv.gz");
const members = join(market, "sp500_members/constituents.csv");
const absent = [ftse, members].find((path) => !existsSync(path));

describe.skipIf(absent)(`504 assets of real courses${absent ? ` (skipped: MARKET_DATA has no ${absent})` : ""}`, () => {
  const count = 700;
  const names: string[] = [];
  const courses: number[][] = [];
  const dates: string[] = [];
  /** Of those that cannot be held: constant, of zeros, with a negative price, empty. */
  const odd = ["APD", "GOOG", "AWK", "AMAT"];

  beforeAll(() => {
    const [, ...lines] = gunzipSync(readFileSync(ftse)).toString().trim().split("\n");
    const table = lines.slice(1500, 1500 + 2 * count).map((line) => line.split(","));
    dates.push(...table.slice(0, count).map((cells) => cells[0]!));
    names.push(
      ...readFileSync(members, "utf8")
        .split("\n")
        .slice(1, 504)
        .map((line) => line.split(",")[0]!),
      "EXTRA",
    );
    const random = seeded(11);
    const whole = (below: number) => Math.floor(random() * below);
    for (const name of names) {
      const [asset, begin] = [1 + whole(64), whole(count)];
      const course = table.slice(begin, begin + count).map((cells) => Number(cells[asset] || Number.NaN));
      const from = random() < 0.2 ? whole(count / 2) : 0;
      const to = random() < 0.2 ? from + 60 + whole(count - from - 60) : count;
      course.forEach((_, d) => {
        if (d < from || d >= to) course[d] = Number.NaN;
      });
      for (let holes = whole(4); holes > 0; holes--) course[whole(count)] = Number.NaN;
      if (random() < 0.05) course.fill(Number.NaN, 300, 340); // away for two months
      if (name === "APD") course.fill(7);
      if (name === "GOOG") course.fill(0, 0, count - 2);
      if (name === "AWK") course[40] = -2;
      if (name === "AMAT") course.fill(Number.NaN);
      courses.push(course);
    }
    const cell = (price: number) => (Number.isNaN(price) ? "" : String(price));
    put("universe.csv", [`Date,${names.join(",")}`, ...dates.map((day, d) => [day, ...courses.map((c) => cell(c[d]!))].join(","))]);
  });

  it("names all that cannot be held at once", async () => {
    const { code, stdout, stderr } = await run("universe.csv");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(
      /universe\.csv: 4 assets cannot be used: GOOG is 0 on \S+ \(line 2, and 697 more such\), .*; AWK is -2 on \S+, .*; APD never changes: its price is 7; AMAT has no price\n {2}--exclude auto leaves such assets out.*\[E_ASSETS\]/,
    );
  });

  it("without them it runs, and VaR is what plain code gives", async () => {
    const answer = await json("universe.csv", "--exclude", "auto");
    expect(answer.excluded.map((one: { asset: string }) => one.asset).sort()).toEqual([...odd].sort());
    expect(answer.splits).toEqual([]);
    expect(answer.conventions).toMatchObject({ periodsPerYear: 252, periodsPerYearFrom: "dates" });
    const held = courses.filter((_, i) => !odd.includes(names[i]!));
    const returns = plainly(held, count);
    const own = tail(returns, 0.99);
    expect(answer.returns).toBe(count - 1);
    expect(answer.risk[0].var).toBeCloseTo(own.var, 12);
    const worst = Math.min(...returns);
    expect(answer.worst[0].return).toBeCloseTo(worst, 12);
    const total = (of: "var" | "es") => answer.components.reduce((sum: number, c: Record<string, number>) => sum + c[of]!, 0);
    expect(total("var")).toBeCloseTo(own.var, 12);
    expect(total("es")).toBeCloseTo(answer.risk[0].es, 12);
    const there = dates.slice(1).map((_, d) => held.filter((course) => course[d]! > 0 && course[d + 1]! > 0).length);
    expect(answer.missing.held.most).toBeGreaterThanOrEqual(Math.max(...there));
    expect(answer.missing.held.least).toBeLessThan(answer.missing.held.most);
    expect(answer.missing.turnover.total).toBeGreaterThan(answer.missing.turnover.members);
  });

  it("says on screen and page what was done", async () => {
    const { stdout } = await run("universe.csv", "--exclude", "auto", "--report", "page.html");
    const page = readFileSync(join(folder, "page.html"), "utf8");
    for (const text of [stdout, page]) {
      expect(text).toMatch(/4 assets left out: GOOG \(is 0 on/);
      expect(text).toMatch(/\d+ of 500 assets not there throughout \(.*\): \d+ to \d+ held over a period, which share the weights/);
      expect(text).toMatch(/turnover 0\.\d\d% a period, to set the weights anew; 0\.\d\d% because assets enter and leave/);
    }
    expect(stdout).toMatch(/^about 252 periods a year, from the dates; --periods-per-year to say otherwise$/m);
    expect(page).toContain("Assets that enter or leave");
  });
});

/** Courses by hand: A throughout, B from the third date on, C up to the fourth, D halts for a date. */
describe("weights among those present", () => {
  const count = 60;
  const dates = days(count);
  const price = (d: number, a: number) => 100 * (1 + 0.03 * Math.sin(7 * d + 3 * a));
  const there = [() => true, (d: number) => d >= 20, (d: number) => d < 40, (d: number) => d !== 30];
  const courses = there.map((is, a) => dates.map((_, d) => (is(d) ? price(d, a) : Number.NaN)));
  beforeAll(() => {
    const cell = (value: number) => (Number.isNaN(value) ? "NA" : String(value));
    put("four.csv", ["Date,A,B,C,D", ...dates.map((day, d) => [day, ...courses.map((c) => cell(c[d]!))].join(","))]);
    put("weights.csv", ["asset,weight", "A,0.1", "B,0.2", "C,0.3", "D,0.4"]);
  });

  it("are scaled to the whole, date by date", async () => {
    const weight = [0.1, 0.2, 0.3, 0.4];
    const returns = dates.slice(1).map((_, i) => {
      const own = courses.map((c, a) => {
        const [was, is] = [i === 30 && a === 3 ? c[29]! : c[i]!, i === 29 && a === 3 ? c[29]! : c[i + 1]!];
        return is / was - 1;
      });
      const sum = own.reduce((s, r, a) => s + (Number.isNaN(r) ? 0 : weight[a]!), 0);
      return own.reduce((s, r, a) => s + (Number.isNaN(r) ? 0 : (weight[a]! / sum) * r), 0);
    });
    const answer = await json("four.csv", "--weights", "weights.csv", "--backtest", "20");
    expect(answer.risk[0].var).toBeCloseTo(tail(returns, 0.99).var, 13);
    expect(answer.performance.find((m: { name: string }) => m.name === "total return").value).toBeCloseTo(
      returns.reduce((value, r) => value * (1 + r), 1) - 1,
      12,
    );
    expect(answer.missing).toMatchObject({ how: "enter", carried: 1, held: { least: 3, most: 4 } });
    expect(answer.missing.stays).toEqual([
      { asset: "B", from: dates[20], to: dates[59] },
      { asset: "C", from: dates[0], to: dates[39] },
    ]);
  });

  it("a date on which nothing that is held has prices is refused", async () => {
    put("apart.csv", ["Date,A,B", ...dates.map((day, d) => `${day},${d < 30 ? price(d, 0) : ""},${d >= 30 ? price(d, 1) : ""}`)]);
    const { code, stderr } = await run("apart.csv", "--backtest", "20");
    expect(code).toBe(3);
    expect(stderr).toContain(`no asset that is held has prices from ${dates[29]} to ${dates[30]}`);
  });

  it("holes are all named where none may be", async () => {
    const { code, stderr } = await run("four.csv", "--missing", "error");
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /3 assets cannot be used: B has no price on 2015-01-01 \(line 2\) nor on 19 more dates; C .*; D has no price on/,
    );
  });
});

describe("rows that repeat, and names that are none", () => {
  const dates = days(30);
  const line = (day: string, name: string, k: number) => `${day},${name},${100 + Math.sin(k)}`;
  it("are listed together; --exclude leaves them out", async () => {
    const rows = dates.flatMap((day, d) => ["A", "B", "C"].map((name, a) => line(day, name, 3 * d + a)));
    put("twice.csv", ["date,symbol,close", ...rows, rows[4]!, rows[10]!, rows[13]!]);
    const { code, stderr } = await run("twice.csv");
    expect(code).toBe(3);
    expect(stderr).toMatch(/twice\.csv: 3 rows repeat an asset and its date: line 92 \(B 2015-01-02\), line 93 \(B .*\), line 94 \(B/);
    const answer = await json("twice.csv", "--exclude", "B", "--backtest", "20");
    expect(answer.weights).toEqual({ from: "equal", A: 0.5, C: 0.5 });
    const unknown = await run("twice.csv", "--exclude", "B,D,E");
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("no column is called 'D, E'")]);
  });

  it("NA is no asset", async () => {
    put("na.csv", ["date,symbol,close", ...dates.flatMap((day, d) => [line(day, "A", d), line(day, "NA", d + 1)])]);
    const { code, stderr } = await run("na.csv");
    expect(code).toBe(3);
    expect(stderr).toMatch(/na\.csv, line 3: symbol is missing, and in 29 more rows/);
    expect((await json("na.csv", "--exclude", "NA", "--backtest", "20")).returns).toBe(29);
  });
});

describe("a file of returns", () => {
  const dates = days(120);
  const own = dates.map((_, d) => 0.01 * Math.sin(13 * d));
  beforeAll(() => put("returns.csv", ["date,fund,other", ...dates.map((day, d) => `${day},${own[d]},${-own[d]! / 2}`)]));
  const value = (answer: { performance: { name: string; value: number }[] }, name: string) =>
    answer.performance.find((m) => m.name === name)!.value;

  it("is taken as it is, with a benchmark out of it", async () => {
    const answer = await json("returns.csv", "--returns", "--benchmark", "other", "--backtest", "50", "--report", "returns.html");
    expect([answer.returns, answer.risk[0].var]).toEqual([120, expect.closeTo(tail(own, 0.99).var, 15)]);
    expect(value(answer, "total return")).toBeCloseTo(own.reduce((v, r) => v * (1 + r), 1) - 1, 13);
    expect(answer.benchmark.beta).toBeCloseTo(-2, 10);
  });

  it("a return of -1 is a total loss; less is none, nor are percent", async () => {
    put("lost.csv", ["date,fund", ...dates.map((day, d) => `${day},${d === 100 ? -1 : own[d]}`)]);
    const answer = await json("lost.csv", "--returns", "--backtest", "50");
    expect([value(answer, "total return"), value(answer, "maximum drawdown"), value(answer, "worst period")]).toEqual([-1, 1, -1]);
    put("more.csv", ["date,fund", ...dates.map((day, d) => `${day},${d === 7 ? -1.5 : own[d]}`)]);
    expect((await run("more.csv", "--returns")).stderr).toMatch(/line 9: fund is -1\.5 on .*, expected a return of -1 or more/);
    put("percent.csv", ["date,fund", ...dates.map((day, d) => `${day},${100 * own[d]!}`)]);
    expect((await run("percent.csv", "--returns")).stderr).toMatch(/returns are beyond -20 \.\. \+20%: percent, or no returns/);
  });

  it("with holes: an asset takes part where it has a return; prices alone are carried on", async () => {
    put("some.csv", ["date,fund,late", ...dates.map((day, d) => `${day},${own[d]},${d < 60 ? "" : 0.02}`)]);
    const answer = await json("some.csv", "--returns", "--backtest", "50");
    const total = own.reduce((v, r, d) => v * (1 + (d < 60 ? r : (r + 0.02) / 2)), 1) - 1;
    expect(value(answer, "total return")).toBeCloseTo(total, 12);
    expect((await run("some.csv", "--returns", "--missing", "ffill")).code).toBe(2);
  });
});

describe("periods a year", () => {
  const spaced = (step: (i: number) => number) => BigInt64Array.from({ length: 60 }, (_, i) => BigInt(step(i)) * 1_000_000n);
  const weekdays = BigInt64Array.from(days(60), (day) => BigInt(Date.parse(day)) * 1_000_000n);
  it.each<[string, BigInt64Array, number | undefined]>([
    ["weekdays", weekdays, 252],
    ["weekdays, half of them", weekdays.filter((_, i) => i % 2 === 0), undefined],
    ["every day", spaced((i) => Date.UTC(2015, 0, 1 + i)), 365],
    ["weeks", spaced((i) => Date.UTC(2015, 0, 2 + 7 * i)), 52],
    ["ends of months", spaced((i) => Date.UTC(2015, i + 1, 0)), 12],
    ["quarters", spaced((i) => Date.UTC(2000, 3 * i, 1)), 4],
    ["hours", spaced((i) => Date.UTC(2015, 0, 2, i)), undefined],
    ["too few", weekdays.subarray(0, 10), undefined],
  ])("%s", (_, time, want) => expect(plainPeriods(time)?.periods).toBe(want));
});
