/** tickforge factors as a user runs it: panels whose answer is known, real ones, bad ones, and the page in a browser. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon.js";
import { meanTest, seriesCorrelation } from "../../src/analysis/signal.js";
import { seeded } from "../../src/kernels/sample.js";
import { requireBuilt, temporaryFolder, tickforge } from "../support/cli.js";

const folder = temporaryFolder();
const factors = (...args: string[]) => tickforge(["factors", ...args], { cwd: folder });
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await factors(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};

const [dates, assets] = [70, 30];
const day = (t: number) => new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10);
const random = seeded(7);
const style = Array.from({ length: assets }, () => random() + random() - 1);
const market = Array.from({ length: dates }, () => 0.02 * (random() - 0.5));
const premium = Array.from({ length: dates }, () => 0.01 * (random() - 0.4));
/** Nothing but market, sector and style: no residual. */
const returns = (t: number, i: number) => market[t]! + (i % 3) * 0.001 + premium[t]! * style[i]!;
const price = Array.from({ length: assets }, () => 100);
const rows: string[][] = [];
for (let t = 0; t < dates; t++)
  for (let i = 0; i < assets; i++) {
    price[i]! *= 1 + returns(t, i);
    const next = t + 1 < dates ? returns(t + 1, i) : 0;
    rows.push([day(t), `A${i}`, String(price[i]), String(1e9 * (1 + i)), String(style[i]), String(next)]);
  }
const head = "date,symbol,close,cap,style,oracle";
const put = (name: string, lines: readonly string[][], title = head) =>
  writeFileSync(join(folder, name), `${[title, ...lines.map((line) => line.join(","))].join("\n")}\n`);
put("panel.csv", rows);
put(
  "sectors.csv",
  Array.from({ length: assets }, (_, i) => [`A${i}`, `sector ${i % 3}`]),
  "symbol,sector",
);

beforeAll(requireBuilt);

describe("the mean of a series", () => {
  it("has Newey and West's error: numpy 2.4.6, the sum written out, lags 3", () => {
    const test = meanTest([0.02, -0.01, 0.03, 0.015, Number.NaN, -0.005, 0.01, 0.04, -0.02, 0, 0.025], 4);
    expect(test.count).toBe(10);
    expect(test.mean).toBeCloseTo(0.0105, 15);
    expect(test.deviation).toBeCloseTo(0.019068589646618103, 15);
    expect(test.error).toBeCloseTo(0.002426417111710184, 15);
    expect(test.t).toBeCloseTo(4.327368097317533, 11);
  });
});

describe("a panel whose answer is known", () => {
  it("finds returns made of market, sectors and a style, and a signal that knows the next return", async () => {
    const answer = await json("panel.csv", "--sectors", "sectors.csv", "--factors", "style,oracle", "--horizons", "1,3");
    expect(answer.coverage).toMatchObject({ dates, assets, rows: dates * assets, priced: 1, withoutSector: [], emptyDates: 0 });
    const [own, oracle] = answer.signals;
    expect(oracle.decay[0].rank).toMatchObject({ count: dates - 1 });
    expect(oracle.decay[0].rank.mean).toBeCloseTo(1, 12);
    expect(oracle.decay[1].rank.mean).toBeLessThan(0.99);
    expect(oracle.spread.mean).toBeGreaterThan(0);
    expect(own.autocorrelation.mean).toBeCloseTo(1, 12);
    expect(own.turnover.map((q: { mean: number }) => q.mean)).toEqual([0, 0, 0, 0, 0]);
  });

  it("gives each date's return of the style, and nothing is left", async () => {
    const { code } = await factors("panel.csv", "--sectors", "sectors.csv", "--factors", "style", "--out", "returns.csv");
    expect(code).toBe(0);
    const [title, ...lines] = readFileSync(join(folder, "returns.csv"), "utf8").trimEnd().split("\n");
    expect(title).toBe("date,market,style,r_squared,assets");
    const cells = lines.map((line) => line.split(","));
    expect(cells[0]).toEqual([day(0), "", "", "", "0"]);
    const found = cells.slice(1).map((line) => Number(line[2]));
    const ratio = found[0]! / premium[1]!;
    for (const [t, value] of found.entries()) expect(value).toBeCloseTo(ratio * premium[t + 1]!, 5); // winsorized at 1 % first
    expect(Math.min(...cells.slice(1).map((line) => Number(line[3])))).toBeGreaterThan(0.99);
  });

  it("says what was left out and what cannot be told apart", async () => {
    put("some.csv", [...Array.from({ length: assets - 2 }, (_, i) => [`A${i}`, `sector ${i % 3}`]), ["A29", "alone"]], "symbol,sector");
    const doubled = rows.map((line) => [...line, String(2 * Number(line[4]))]);
    put("double.csv", doubled, `${head},twin`);
    const { stdout } = await factors("double.csv", "--sectors", "some.csv", "--factors", "style,twin");
    expect(stdout).toMatch(/^note: 1 asset without a sector, in no factor return: A28$/m);
    expect(stdout).toMatch(/^note: 1 sector of one asset, whose return it explains whole: alone$/m);
    expect(stdout).toMatch(/^note: 69 dates with collinear factors or too few assets: answered by the solution of minimum norm$/m);
    const few = rows.filter((line) => ["A0", "A1", "A2"].includes(line[1]!));
    put("few.csv", few);
    expect((await factors("few.csv", "--sectors", "sectors.csv", "--factors", "style,oracle,size")).stdout).toMatch(/too few assets/);
  });
});

describe("bad panels are named", () => {
  const refused: [string, string[], RegExp, number, string?][] = [
    [
      "a second row",
      [...rows.slice(0, 40).map((r) => r.join(",")), rows[5]!.join(",")],
      /bad\.csv, line 42: A5 has a second row on 2024-01-01/,
      3,
    ],
    ["a capitalization of 0", rows.map((r, i) => (i === 31 ? r.with(3, "0") : r).join(",")), /A1 has capitalization 0 on 2024-01-02/, 3],
    ["a price below 0", rows.map((r, i) => (i === 31 ? r.with(2, "-3") : r).join(",")), /A1 has price -3 on 2024-01-02/, 3],
    ["no price at all", rows.map((r) => r.with(2, "").join(",")), /no asset has a price on any date/, 3],
    ["an unknown factor", rows.map((r) => r.join(",")), /--factors styl: no column is called so.*\n.*did you mean style/, 2, "styl"],
    ["a missing asset", rows.map((r, i) => (i === 3 ? r.with(1, "") : r).join(",")), /bad\.csv, line 5: symbol is missing/, 3],
  ];
  it.each(refused)("%s", async (_, lines, message, exit, name = "style") => {
    writeFileSync(join(folder, "bad.csv"), `${head}\n${lines.join("\n")}\n`);
    const { code, stdout, stderr } = await factors("bad.csv", "--factors", name);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
  });

  it("and so are flags", async () => {
    for (const [args, message] of [
      [[], /--factors names no factor/],
      [["--factors", "style,style"], /names style twice/],
      [["--factors", "style", "--horizons", "5,1"], /expected whole numbers of dates, rising/],
      [["--factors", "style", "--quantiles", "1"], /--quantiles is 1, expected 2 to 100/],
    ] as const)
      expect(await factors("panel.csv", ...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});

const chrome = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);

describe("the page", () => {
  it("holds everything in one small file that asks for nothing", async () => {
    await factors("panel.csv", "--sectors", "sectors.csv", "--factors", "style,oracle,size", "--report", "page.html");
    const html = readFileSync(join(folder, "page.html"), "utf8");
    expect(html.length).toBeLessThan(250_000);
    expect(html.indexOf("Coverage")).toBeLessThan(html.indexOf("Signal quality"));
    for (const part of [
      "information coefficient by month",
      "top less bottom quantile",
      "95 % intervals by Newey and West",
      "Rank autocorrelation",
      "Return of market",
      "Explained by the factors",
      "Specific risk",
      "Factor correlation",
      "Returns of sectors",
    ])
      expect(html).toContain(part);
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)|<script(?! type="application\/json")/);
  });

  it.skipIf(!chrome)(
    `fits phone and desk, light and dark${chrome ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)"}`,
    async () => {
      const browser = await chromium.launch({
        executablePath: chrome!,
        args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
      });
      try {
        for (const [width, colorScheme] of [
          [375, "light"],
          [1200, "dark"],
        ] as const) {
          const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
          await context.addInitScript({ path: fileURLToPath(new URL("../report/in-page.js", import.meta.url)) });
          const page = await context.newPage();
          const asked: string[] = [];
          page.on("request", (request) => asked.push(request.url()));
          await page.goto(`file://${folder}/page.html`);
          await page.evaluate("openDetails()");
          expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
          expect(await page.evaluate("badlyPlacedTexts()")).toEqual([]);
          expect((await page.evaluate<{ below: unknown[] }>("contrast()")).below).toEqual([]);
          expect(asked).toEqual([`file://${folder}/page.html`]);
          await context.close();
        }
      } finally {
        await browser.close();
      }
    },
  );
});

const data = resolve(packageRoot(), process.env.MARKET_DATA ?? "../shared/data");
const strand = join(data, "strand_2020");
const french = join(data, "fama_french/F-F_Research_Data_Factors_daily.CSV.gz");

describe.skipIf(!existsSync(strand))(`492 stocks of summer 2020${existsSync(strand) ? "" : " (skipped: no MARKET_DATA)"}`, () => {
  it("have a market factor that goes with that of Fama and French", async () => {
    const inputs = ["inputs.csv.gz", "pricing.csv.gz"].map((name) => join(strand, name));
    const { code, stdout } = await factors(
      ...inputs,
      "--sectors",
      join(strand, "secref.csv.gz"),
      "--factors",
      "value,size",
      "--out",
      "strand.csv",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/65 dates {3}492 assets {3}63,960 rows/);
    expect(stdout).toMatch(/11 sectors/);
    const published = new Map(
      gunzipSync(readFileSync(french))
        .toString("latin1")
        .split("\n")
        .map((line) => line.split(",").map((cell) => cell.trim()))
        .filter((cells) => /^\d{8}$/.test(cells[0]!))
        .map((cells) => [cells[0]!, Number(cells[1]) / 100]),
    );
    const ours = readFileSync(join(folder, "strand.csv"), "utf8").trimEnd().split("\n").slice(1);
    const pairs = ours
      .map((line) => line.split(","))
      .map((cells) => [Number(cells[1] || Number.NaN), published.get(cells[0]!.replaceAll("-", "")) ?? Number.NaN]);
    expect(pairs.filter((pair) => pair.every(Number.isFinite)).length).toBeGreaterThan(40);
    expect(
      seriesCorrelation(
        pairs.map((p) => p[0]!),
        pairs.map((p) => p[1]!),
      ),
    ).toBeGreaterThan(0.9);
  });
});
