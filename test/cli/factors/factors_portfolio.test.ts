/** The portfolio's risk and returns by factor, and the market factor beside an outside series, on a panel whose answer is known. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";
import { assets, dates, day, returns, writePanel, writeTable } from "../../support/factor_panel.js";

const folder = temporaryFolder();
writePanel(folder);
const factors = (...args: string[]) => tickforge(["factors", "panel.csv", "--sectors", "sectors.csv", ...args], { cwd: folder });
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await factors("--factors", "style", ...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};
const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
const portfolio = async (...args: string[]) => (await json(...args)).portfolio;
type Part = {
  name: string;
  kind: string;
  exposure: number | null;
  contribution: number;
  share: number;
  realized: { sum: number; mean: number };
};
const total = (parts: readonly Part[], of: (part: Part) => number) => parts.reduce((sum, part) => sum + of(part), 0);

beforeAll(requireBuilt);

describe("the portfolio", () => {
  it.each(["cap", "equal", "file.csv"])("%s: parts sum to the whole, of the forecast and of the past", async (weights) => {
    writeTable(
      folder,
      "file.csv",
      [
        ["A3", "0.5"],
        ["A7", "0.8"],
        ["A11", "-0.3"],
      ],
      "symbol,weight",
    );
    const p = await portfolio("--weights", weights);
    expect(p).toMatchObject({ weights, date: day(dates - 1), assets: weights === "file.csv" ? 3 : assets, explained: 1, without: [] });
    expect(total(p.parts, (x) => x.contribution)).toBeCloseTo(p.volatility, 12);
    expect(total(p.parts, (x) => x.share)).toBeCloseTo(1, 12);
    expect(Math.hypot(p.factorVolatility, p.specificVolatility)).toBeCloseTo(p.volatility, 12);
    expect(total(p.parts, (x) => x.realized.sum)).toBeCloseTo(p.realized.sum, 12);
  });

  it("returned what its assets did, by hand, with the weights of the date before", async () => {
    const cap = Array.from({ length: assets }, (_, i) => (1 + i) * (1 + returns(0, i)));
    let [equal, weighted, file] = [0, 0, 0];
    for (let t = 1; t < dates; t++) {
      const whole = cap.reduce((a, b) => a + b, 0);
      for (let i = 0; i < assets; i++) {
        const r = returns(t, i);
        equal += r / assets;
        weighted += (r * cap[i]!) / whole;
        file += r * ({ 3: 0.5, 7: 0.8, 11: -0.3 }[i] ?? 0);
        cap[i]! *= 1 + r;
      }
    }
    expect((await portfolio("--weights", "equal")).realized.sum).toBeCloseTo(equal, 12);
    expect((await portfolio()).realized.sum).toBeCloseTo(weighted, 12);
    expect((await portfolio("--weights", "file.csv")).realized.sum).toBeCloseTo(file, 12);
  });

  it("of one asset has the exposures of that asset; returns without residuals leave nothing specific", async () => {
    writeTable(folder, "one.csv", [["A7", "2"]], "symbol,weight");
    const [one, equal] = [await portfolio("--weights", "one.csv"), await portfolio("--weights", "equal")];
    const exposures = Object.fromEntries(one.parts.map((x: Part) => [x.name, x.exposure]));
    expect(exposures).toMatchObject({ market: 2, "sector 0": 0, "sector 1": 2, "sector 2": 0 });
    expect(equal.specificVolatility).toBeLessThan(0.05 * equal.volatility);
    expect(equal.volatility / equal.realized.deviation).toBeGreaterThan(0.8);
    expect(equal.volatility / equal.realized.deviation).toBeLessThan(1.25);
  });

  it("without sectors has none, and still sums to the whole", async () => {
    const { stdout } = await tickforge(["factors", "panel.csv", "--factors", "style", "--json"], { cwd: folder });
    const p = JSON.parse(stdout).portfolio;
    expect(p.parts.map((x: Part) => x.name)).toEqual(["market", "style", "specific"]);
    expect(total(p.parts, (x) => x.contribution)).toBeCloseTo(p.volatility, 12);
    expect(total(p.parts, (x) => x.realized.sum)).toBeCloseTo(p.realized.sum, 12);
  });

  it("names what it holds without exposures, and scales the rest", async () => {
    writeTable(
      folder,
      "most.csv",
      Array.from({ length: assets - 1 }, (_, i) => [`A${i}`, `sector ${i % 3}`]),
      "symbol,sector",
    );
    writeTable(
      folder,
      "held.csv",
      [
        ["A29", "0.25"],
        ["A1", "0.75"],
      ],
      "symbol,weight",
    );
    const ran = await tickforge(["factors", "panel.csv", "--sectors", "most.csv", "--factors", "style", "--weights", "held.csv"], {
      cwd: folder,
    });
    expect(ran.stdout).toMatch(
      /^note: 1 asset of the weights without exposures on .*, 25\.0% of the portfolio; the others are scaled up: A29$/m,
    );
    expect(ran.stdout).toMatch(/^market +1\.000 /m);
  });

  it("is refused where weights name other assets, none, or are no numbers", async () => {
    const refused: [string, number, RegExp][] = [
      ["symbol,weight\nA1,1\nB2,1\n", 2, /w\.csv, line 3: no column is called 'B2'/],
      ["symbol,weight\nA1,1\nA1,2\n", 3, /line 3: A1 has a second weight.*\[E_WEIGHTS\]/s],
      ["symbol,weight\nA1,0\nA2,0\n", 3, /all weights are 0.*\[E_WEIGHTS\]/s],
      ["symbol,weight\nA1,1\nA2,\n", 3, /line 3: A2 has no weight.*\[E_WEIGHTS\]/s],
    ];
    for (const [text, code, stderr] of refused) {
      put("w.csv", text);
      expect(await factors("--factors", "style", "--weights", "w.csv")).toMatchObject({
        code,
        stdout: "",
        stderr: expect.stringMatching(stderr),
      });
    }
  });
});

describe("beside an outside series", () => {
  let series: [string, number][] = [];
  beforeAll(async () => {
    await factors("--factors", "style", "--out", "own.csv");
    const lines = readFileSync(join(folder, "own.csv"), "utf8").trimEnd().split("\n").slice(2);
    series = lines.map((line) => [line.split(",")[0]!, Number(line.split(",")[1])]);
  });
  const compare = (text: string, ...args: string[]) => {
    put("series.csv", text);
    return factors("--factors", "style", "--compare", "series.csv", ...args);
  };
  const plain = (rows: readonly [string, unknown][]) => `date,market\n${rows.map((row) => row.join(",")).join("\n")}\n`;
  const published = (unit: number) =>
    `Written by a library, with words, and commas\nof more lines.\n\n,Mkt-RF,SMB,RF\n${series
      .map(([date, r]) => `${date.replaceAll("-", "")},  ${(unit * r).toFixed(10)},  0.1,  -0.001`)
      .join("\n")}\n\n  Annual Factors: January-December\n,Mkt-RF,SMB,RF\n  2024,  1, 2, 3\n\nCopyright\n`;

  it("the market factor itself correlates by 1, in percent and in fractions, also in a file with words around it", async () => {
    for (const [text, unit] of [
      [published(100), "percent"],
      [published(1), "fraction"],
      [plain(series), "fraction"],
    ] as const) {
      put("series.csv", text);
      const { compare: found } = await json("--compare", "series.csv");
      expect(found).toMatchObject({ unit, dates: dates - 1, without: 0, column: text.includes("Mkt-RF") ? "Mkt-RF" : "market" });
      expect(found.correlation).toBeGreaterThan(1 - 1e-12);
      expect(found.beta).toBeCloseTo(1, 6);
    }
  });

  it("matches dates, not rows: others are counted, a shift shows", async () => {
    const some = series.filter((_, i) => i % 3 !== 0).reverse();
    const { compare: found } = await (async () => {
      put("series.csv", plain(some));
      return json("--compare", "series.csv");
    })();
    expect(found).toMatchObject({ dates: some.length, without: dates - 1 - some.length });
    expect(found.correlation).toBeGreaterThan(1 - 1e-12);
    const { stdout } = await compare(plain(series.map(([date], i) => [date, series[(i + 1) % series.length]![1]])));
    expect(Number(/correlation (-?[\d.]+)/.exec(stdout)![1])).toBeLessThan(0.5);
  });

  it("wrong series are refused with place and value", async () => {
    const refused: [string, string[], number, RegExp][] = [
      [
        plain(series.map(([date, r]) => [date.replace("2024", "2028"), r])),
        [],
        3,
        /its dates, 2028-01-02 \.\. 2028-03-10, and those with a market return, 2024-01-02 \.\. 2024-03-10, have 0 in common.*\[E_COMPARE\]/s,
      ],
      [
        plain(series.map(([date, r], i) => [i === 4 ? "2024-13-40" : date, r])),
        [],
        3,
        /series\.csv, line 6: date is '2024-13-40', not a date as YYYY-MM-DD/,
      ],
      [plain([...series, series[2]!]), [], 3, /series\.csv, line 71: date is 2024-01-04 again.*\[E_DATE_REPEATED\]/s],
      [plain(series.map(([date], i) => [date, 100 + i])), [], 3, /market has 69 values and none below 0: prices, not returns/],
      [
        plain(series.map(([, r], i) => [`20${String(10 + Math.floor(i / 12))}-${String(1 + (i % 12)).padStart(2, "0")}-01`, r])),
        [],
        3,
        /its dates are 31 days apart, those of the panel 1\.0/,
      ],
      [plain(series.map(([date], i) => [date, i === 7 ? "much" : 0.01])), [], 3, /series\.csv, line 9: market is 'much', not a number/],
      [
        plain(series)
          .replace("market", "a")
          .replaceAll(/\n(.+)/g, "\n$1,1")
          .replace("a\n", "a,b\n"),
        [],
        3,
        /which column holds the market's returns is not clear: a, b/,
      ],
      [plain(series), ["--compare-column", "markt"], 2, /no column is called 'markt'.*did you mean market/s],
    ];
    for (const [text, args, code, stderr] of refused)
      expect(await compare(text, ...args)).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(stderr) });
  });
});
