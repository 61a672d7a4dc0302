/** Pages of back-tests, sweeps and walks forward: what they say, and how they stand in Chromium. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BacktestResult } from "../../src/analysis/backtest.js";
import { backtestPage } from "../../src/report/backtest/backtest.js";
import { backtestJson, isoTime, sweepJson, walkJson } from "../../src/report/backtest/backtest_json.js";
import { backtestRemarks } from "../../src/report/backtest/backtest_remarks.js";
import { sweepPage } from "../../src/report/backtest/sweep.js";
import { walkPage } from "../../src/report/backtest/walk.js";
import { madeBacktest, madeSweep, madeWalk } from "./kit/made_backtest.js";

const executable = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const why = executable ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";
const inPage = fileURLToPath(new URL("./kit/in_page.js", import.meta.url));

const hostile = `</title><script>alert(1)</script>"A&B'`;
const made = {
  ...{ commandLine: `tickforge backtest market_maker day.tfr --report "${hostile}"`, version: "0" },
  files: [{ name: `${hostile}.tfr`, sha256: "0".repeat(64), format: hostile }],
};
const full = madeBacktest(["BTCUSDT", hostile], 400, 6, 1200);
const evil: BacktestResult = {
  ...{ ...full, strategy: hostile, params: { [hostile]: hostile }, remarks: [hostile], log: [hostile, "</pre>"] },
  orders: { ...full.orders, rejected: { [hostile]: 3 } },
};
const pages: Record<string, string> = {
  full: backtestPage({ ...made, result: evil }),
  nothing: backtestPage({ ...made, result: withoutFills(madeBacktest(["A"], 0, 0.2, 5)) }),
  many: backtestPage({ ...made, result: madeBacktest(["A", "B", "C", "D", "E", "F"], 6000, 200, 3000) }),
  sweep: sweepPage({ ...made, result: madeSweep(14, 3) }),
  line: sweepPage({ ...made, result: madeSweep(3, 0) }),
  failed: sweepPage({ ...made, result: { ...madeSweep(2, 0), runs: [], best: -1 } }),
  walk: walkPage({ ...made, result: madeWalk(7) }),
};

function withoutFills(result: BacktestResult): BacktestResult {
  const measures = { ...result.measures, sharpe: Number.NaN, volatility: Number.NaN };
  return { ...result, remarks: [], log: [], measures, orders: { ...result.orders, rejected: {}, submitted: 0, fillRatio: Number.NaN } };
}

const headings = (html: string) => [...html.matchAll(/<h2[^>]*>([^<]*)</g)].map(([, text]) => text);

describe("what pages of back-tests say", () => {
  it("a run: its rules and remarks first, then money, fills and orders", () => {
    expect(headings(pages.many!)).toEqual([
      ...["Conventions", "Before you read on", "Equity", "Drawdown", "Where the profit came from"],
      ...["A", "B", "C", "D"].flatMap((name) => [`Fills on price: ${name}`, `Position: ${name}`]),
      ...["Instruments", "Slippage", "Adverse selection", "Toxicity at fills", "Orders and queues", "Market", "Log"],
    ]);
    expect(pages.many).toContain("the first 4 are drawn above");
    expect(pages.nothing).toContain("no order was filled: every figure below is of what did not happen");
    expect(pages.nothing).not.toMatch(/NaN|Infinity|undefined/);
    expect(pages.full).not.toMatch(/>[^<]*(NaN|undefined)/);
  });

  it("marks every fill that fits, bought and sold apart", () => {
    const small = backtestPage({ ...made, result: madeBacktest(["A"], 30) });
    const marks = (kind: string) =>
      [...small.matchAll(new RegExp(`class="sign ${kind}" d="([^"]*)"`, "g"))].map(([, d]) => d!.split("M").length - 1);
    const sides = madeBacktest(["A"], 30).fills.side;
    const bought = sides.filter((side) => side > 0).length;
    expect(marks("ups").slice(0, 1)).toEqual([bought]);
    expect(marks("downs").slice(0, 1)).toEqual([30 - bought]);
  });

  it("no name becomes markup, wherever it comes from", () => {
    for (const html of Object.values(pages)) {
      expect(html).not.toContain("<script>alert");
      expect(html.match(/<\/title>/g)).toHaveLength(1 + html.split('role="img"').length - 1);
      expect(html).toContain("default-src 'none'; style-src"); // no script may run
    }
  });

  it("no page is above 250 kB", () => {
    for (const [name, html] of Object.entries(pages)) expect(Buffer.byteLength(html), name).toBeLessThan(250_000);
  });

  it("a sweep tells luck from worth, and what failed", () => {
    expect(pages.sweep).toContain("its probability is 0.610, below 0.95");
    expect(pages.sweep).toContain("Of long axes 12 values are drawn");
    expect(pages.sweep).toContain("&lt;i&gt;a hook&lt;/i&gt; did not return in 5 s");
    expect(headings(pages.failed!)).toEqual(["Conventions", "Before you read on", "Sharpe ratio over the values", "Runs", "Failed"]);
    expect(pages.failed).toContain("no run came to its end");
    expect(pages.walk).toContain("the mean Sharpe ratio falls from 2.67 where parameters were chosen to 0.06 where they were not");
  });

  it("remarks that the figures themselves make", () => {
    const few = backtestRemarks(madeBacktest(["A"], 12));
    expect(few.join("\n")).toMatch(/12 fills: their means can be luck/);
    expect(few.join("\n")).toMatch(/stretched from 6 hours/);
    const luck = { ...full, money: { spread: -5, inventory: 50, impact: 0, fees: -9, funding: 0, borrow: 0, profit: 36 } };
    expect(backtestRemarks(luck).at(-1)).toBe("all of the profit is what prices did while something was held (50): trading itself cost 14");
  });
});

describe("JSON of back-tests", () => {
  it("holds no number that JSON lacks, and says which fills it left out", () => {
    const json = backtestJson(full) as Record<string, any>;
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json.fills).toMatchObject({ rows: 400, leftOut: 0 });
    expect(json.fills.queue.slice(0, 2)).toEqual([null, null]); // took at once, and not known
    expect(json.start).toBe("2024-08-08T00:00:00.000000000Z");
    expect(json.quality.all.fills).toBe(400);
    for (const other of [sweepJson(madeSweep(3, 2)), walkJson(madeWalk(3))]) expect(JSON.parse(JSON.stringify(other))).toEqual(other);
    expect(JSON.stringify(sweepJson(madeSweep(3, 2)))).not.toContain('"returns":[');
  });

  it("times keep their nanoseconds, before 1970 too", () => {
    expect(isoTime(1_723_075_200_123_456_789n)).toBe("2024-08-08T00:00:00.123456789Z");
    expect(isoTime(-1n)).toBe("1969-12-31T23:59:59.999999999Z");
    expect(isoTime(2n ** 63n - 1n)).toBe("2262-04-11T23:47:16.854775807Z");
  });
});

describe.skipIf(!executable)(`pages of back-tests in Chromium${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executable!,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
  });
  afterAll(() => browser?.close());

  const opened = async (name: string, width: number, colorScheme: "light" | "dark", look: (page: Page) => Promise<void>) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    try {
      await context.addInitScript({ path: inPage });
      const page = await context.newPage();
      const heard: string[] = [];
      page.on("console", (message) => heard.push(message.text()));
      page.on("pageerror", (error) => heard.push(String(error)));
      await page.setContent(pages[name]!);
      await page.evaluate("openDetails()");
      await look(page);
      expect(heard).toEqual([]);
    } finally {
      await context.close();
    }
  };

  it.each([360, 1200])("fits a width of %d, its texts whole and apart", async (width) => {
    for (const name of ["full", "nothing", "sweep", "walk"])
      await opened(name, width, "light", async (page) => {
        expect(await page.evaluate("document.documentElement.scrollWidth"), name).toBe(width);
        expect(await page.evaluate("badlyPlacedTexts()"), name).toEqual([]);
        expect(await page.evaluate("brokenValues()"), name).toEqual([]);
      });
  });

  it.each(["light", "dark"] as const)("has a contrast of 4.5 or more for every text in %s", async (scheme) => {
    for (const name of ["nothing", "line"])
      await opened(name, 1200, scheme, async (page) => {
        const { below } = await page.evaluate<{ below: unknown[] }>("contrast()");
        expect(below, name).toEqual([]);
      });
  });

  it("prints dark on white, also where the screen is dark", async () => {
    await opened("nothing", 800, "dark", async (page) => {
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
      expect((await page.evaluate<{ below: unknown[] }>("contrast()")).below).toEqual([]);
    });
  });
});
