/** Reports and shares -> what was known of a company on each date: no number before its day, none after its time. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readReports, readShares } from "../../src/files/tables/reports.js";
import { capOf, ratiosOf } from "../../src/studies/factors/fundamentals.js";
import { temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();
const put = (name: string, ...lines: string[]): string => {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
};
const dayNs = 86_400_000_000_000n;
const ns = (date: string): bigint => BigInt(Date.parse(date)) * 1_000_000n;
/** Every day of 2020 to 2022, one asset at a price of 10, or what `price` makes of the day. */
const days = 1096;
function market(price: (date: string) => number = () => 10, index = price) {
  const time = BigInt64Array.from({ length: days }, (_, t) => ns("2020-01-01") + BigInt(t) * dayNs);
  const date = (t: number) => new Date(Number(time[t]! / 1_000_000n)).toISOString().slice(0, 10);
  const panel = (of: (date: string) => number) => Float64Array.from(time, (_, t) => of(date(t)));
  return { time, assets: ["A"], raw: panel(price), index: panel(index), at: (day: string) => Number((ns(day) - time[0]!) / dayNs) };
}
const head = "symbol,end_date,period,equity,revenue,operating_cash_flow,net_income,eps_diluted";
const read = (...lines: string[]) => readReports(put("reports.csv", head, ...lines), { lag: 90 });

describe("reports", () => {
  it("count as known 90 days after their period, or on the day after they were filed", async () => {
    const of = market();
    const lagged = await read("A,2020-03-31,Q1,500,40,10,20,2");
    const cap = capOf(of, lagged.of, false);
    expect([cap[of.at("2020-06-28")], cap[of.at("2020-06-29")]]).toEqual([Number.NaN, 100]);
    const path = put("filed.csv", `${head},filing_date`, "A,2020-03-31,FY,500,40,10,20,2,2020-05-04", "A,2020-06-30,FY,600,40,10,20,2,");
    const filed = await readReports(path, { lag: 90 });
    const { bookPrice } = ratiosOf(of, filed.of, capOf(of, filed.of, false));
    expect(["2020-05-04", "2020-05-05", "2020-09-27", "2020-09-28"].map((day) => bookPrice[of.at(day)])).toEqual([Number.NaN, 5, 5, 6]);
    expect(filed).toMatchObject({ lagged: 1, repeated: 0, rows: 2 });
  });

  it("give flows of a whole year, and equity of the last report", async () => {
    const of = market();
    const { of: reports } = await read("A,2019-12-31,FY,500,400,100,80,8", "A,2020-03-31,Q1,700,90,20,20,2");
    const ratios = ratiosOf(of, reports, capOf(of, reports, false));
    const now = of.at("2020-07-01");
    expect([ratios.bookPrice[now], ratios.salesPrice[now], ratios.cashFlowPrice[now], ratios.earningsPrice[now]]).toEqual([7, 4, 1, 0.8]);
  });

  it("end to count a year and a half after their period", async () => {
    const of = market();
    const { of: reports } = await read("A,2019-12-31,FY,500,400,100,80,8");
    const { bookPrice } = ratiosOf(of, reports, capOf(of, reports, false));
    expect([bookPrice[of.at("2021-07-01")], bookPrice[of.at("2021-07-02")]]).toEqual([5, Number.NaN]);
  });

  it("of one period twice: the first holds, unless the second was filed before it", async () => {
    const { of, repeated } = await read("A,2020-03-31,Q1,500,,,20,2", "A,2020-03-31,Q1,900,,,20,2");
    expect(repeated).toBe(1);
    expect(of.get("A")!.map(({ book }) => book)).toEqual([500]);
  });
});

describe("capitalization", () => {
  it("is that of the period's end carried on by returns: a split changes nothing, a move does", async () => {
    const price = (date: string) => (date < "2020-08-01" ? 10 : date < "2020-09-01" ? 5 : 6);
    const index = (date: string) => (date < "2020-09-01" ? 10 : 12);
    const of = market(price, index);
    const { of: reports } = await read("A,2020-03-31,Q1,500,,,20,2");
    const cap = capOf(of, reports, false);
    for (const [day, value] of [
      ["2020-07-31", 100],
      ["2020-08-01", 100],
      ["2020-09-01", 120],
    ] as const)
      expect(cap[of.at(day)]).toBeCloseTo(value, 12);
  });

  it("takes the middle of four reports, and none whose earnings a share are all rounding", async () => {
    const of = market();
    const { of: reports } = await read(
      ...["A,2019-12-31,Q4,,,,20,2", "A,2020-03-31,Q1,,,,22,2", "A,2020-06-30,Q2,,,,900,2", "A,2020-09-30,Q3,,,,24,2"],
      "A,2020-12-31,Q4,,,,1,0.01",
    );
    expect(capOf(of, reports, false)[of.at("2021-05-01")]).toBeCloseTo((110 + 120) / 2, 12);
  });

  it("from a file of shares: since their dates, or one number for all dates", async () => {
    const of = market();
    const dated = await readShares(put("shares.csv", "symbol,date,shares", "A,2020-02-01,7", "A,2020-03-01,8"), {});
    const cap = capOf(of, dated.of, true);
    expect(["2020-01-31", "2020-02-01", "2020-03-01", "2022-12-31"].map((day) => cap[of.at(day)])).toEqual([Number.NaN, 70, 80, 80]);
    const plain = await readShares(put("shares.csv", "symbol,shares", "A,9"), {});
    expect([...new Set(capOf(of, plain.of, true))]).toEqual([90]);
  });
});

describe("what cannot be is refused, with its line", () => {
  const refused: [string, () => Promise<unknown>, RegExp][] = [
    [
      "a period that is no date",
      () => read("A,2020-03-31,Q1,1,1,1,1,1", "A,2020-02-31,Q1,1,1,1,1,1"),
      /line 3: end_date is '2020-02-31', not a date/,
    ],
    ["no end of a period", () => read("A,2020-03-31,Q1,1,1,1,1,1", "A,,Q1,1,1,1,1,1"), /line 3: end_date is missing/],
    ["no asset", () => read("A,2020-03-31,Q1,1,1,1,1,1", ",2020-03-31,Q1,1,1,1,1,1"), /line 3: symbol is missing/],
    [
      "filed before its end",
      () => readReports(put("f.csv", "symbol,end_date,filed,equity", "A,2020-03-31,2020-03-01,1"), { lag: 90 }),
      /line 2: filed is before end_date/,
    ],
    [
      "no column that is known",
      () => readReports(put("f.csv", "symbol,end_date,colour", "A,2020-03-31,1"), { lag: 90 }),
      /no column of equity/,
    ],
    ["shares of 0", () => readShares(put("s.csv", "symbol,shares", "A,0"), {}), /line 2: shares is 0, expected a number above 0/],
    ["shares twice", () => readShares(put("s.csv", "symbol,shares", "A,1", "A,2"), {}), /line 3: shares of A is there twice/],
  ];
  it.each(refused)("%s", async (_, call, message) => {
    await expect(call()).rejects.toThrow(message);
  });
});
