/** The risk page in Chromium, light, dark, on paper and on a phone, of long and of short histories. */
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holdingOf } from "../../src/studies/risk/holding.js";
import { type RiskSettings, riskOf } from "../../src/studies/risk/risk.js";
import "../../src/index.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { riskPage } from "../../src/report/risk/risk.js";

const executable = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const why = executable ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";
const inPage = fileURLToPath(new URL("./kit/in_page.js", import.meta.url));

interface Contrast {
  texts: number;
  below: { text: string; ratio: number }[];
}

/** Prices of `assets` over weekdays from 1995 on, with a crisis in the middle and one jump by half. */
function pricesOf(days: number, assets: number) {
  const random = seeded(5);
  const price = new Float64Array(days * assets);
  const time = new BigInt64Array(days);
  for (let day = 0, ms = Date.UTC(1995, 0, 2); day < days; ms += 86_400_000) {
    if ([0, 6].includes(new Date(ms).getUTCDay())) continue;
    time[day] = BigInt(ms) * 1_000_000n;
    const crisis = day > 0.5 * days && day < 0.55 * days;
    const common = (crisis ? 0.03 : 0.01) * (random() + random() + random() - (crisis ? 1.6 : 1.49));
    for (let a = 0; a < assets; a++) {
      const before = day === 0 ? 100 : price[(day - 1) * assets + a]!;
      price[day * assets + a] = before * (1 + common + 0.008 * (random() + random() - 1)) * (a === 1 && day === 200 ? 0.5 : 1);
    }
    day++;
  }
  const names = Array.from({ length: assets }, (_, a) => (a === 0 ? `<b>"A&B"</b>` : `ASSET${a}`));
  return {
    file: "prices.csv",
    notes: ["delimited text"],
    chosen: { prices: [], leftOut: [], decimal: "." },
    rows: days,
    assets: names,
    time,
    price,
    lineOf: (d: number) => d + 2,
    unit: "line" as const,
    ...{ long: false, returns: false, adjusted: false, unfit: [] },
    seconds: 1,
  };
}

const settings: RiskSettings = {
  ...{ confidence: 0.99, method: "historical", window: 250, rolling: 126, periodsPerYear: 252, riskFreeRate: 0.02 },
  ...{ df: 5, seed: undefined },
};
async function made(days: number, assets: number, beside: boolean): Promise<string> {
  const prices = pricesOf(days, assets);
  const benchmark = beside
    ? {
        name: "the first",
        returns: Float64Array.from({ length: days - 1 }, (_, d) => prices.price[(d + 1) * assets]! / prices.price[d * assets]! - 1),
      }
    : undefined;
  const weights = new Float64Array(assets).fill(1 / assets);
  const holding = (keep: boolean) => holdingOf(prices, weights, { prices: 0, how: "none", dropped: 0 }, keep);
  const told = { excluded: [], periodsFromDates: false, splitsKept: undefined, otherwise: assets > 1 ? holding(true) : undefined };
  const result = await riskOf(holding(false), settings, told, benchmark);
  const files = [{ name: prices.file, sha256: "0".repeat(64), format: "delimited text" }];
  return riskPage({ commandLine: "tickforge risk prices.csv --periods-per-year 252", version: "0", files, weightsFrom: "equal", result });
}

describe.skipIf(!executable)(`the risk page in Chromium${why}`, async () => {
  const pages: Record<string, string> = {
    full: await made(7_500, 30, true),
    one: await made(600, 1, false),
    short: await made(260, 3, false),
  };
  let browser: Browser;
  let server: Server;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const html = pages[request.url!.slice(1)];
      response.writeHead(html ? 200 : 404, { "content-type": "text/html; charset=utf-8" }).end(html);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await chromium.launch({
      executablePath: executable!,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const address = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
  const opened = async <T>(name: string, width: number, colorScheme: "light" | "dark", look: (page: Page) => Promise<T>): Promise<T> => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    try {
      await context.addInitScript({ path: inPage });
      const page = await context.newPage();
      await page.goto(address(name));
      return await look(page);
    } finally {
      await context.close();
    }
  };

  it("holds its conventions first, all its parts, and no more than 250 kB", async () => {
    for (const html of Object.values(pages)) expect(Buffer.byteLength(html)).toBeLessThan(250_000);
    const headings = await opened("full", 1200, "light", (page) => page.locator("h2").allTextContents());
    expect(headings.slice(0, 2)).toEqual(["Conventions", "Before you read on"]);
    expect(headings.slice(2)).toEqual([
      ...["Equity", "Underwater", "Worst drawdowns", "Rolling volatility", "Rolling Sharpe ratio", "Rolling beta", "Months"],
      ...[
        "Distribution of returns",
        "VaR and ES by method",
        "VaR back-tests",
        "Back-test at 95 %",
        "Back-test at 97.5 %",
        "Back-test at 99 %",
      ],
      ...["Component VaR", "Measures", "Worst periods", "Data"],
    ]);
  });

  it("draws every breach, and tells the split", async () => {
    const summary = JSON.parse(/id="summary">([^<]+)</.exec(pages.full!)![1]!);
    expect(summary.splits).toBe(1);
    for (const [i, { breaches }] of summary.backtests.entries()) {
      const section = pages.full!.split(`<section id="backtest-${i}"`)[1]!;
      const drawn = /<path class="breach" d="([^"]*)"/.exec(section)![1]!;
      expect(drawn.match(/-?(\d+(\.\d)?|\.\d)/g)!.length / 2).toBe(breaches);
    }
    expect(pages.full).toContain('<td class="w">2 for 1</td>');
  });

  it("logs nothing and asks for nothing but itself", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const heard: string[] = [];
    page.on("console", (message) => heard.push(message.text()));
    page.on("pageerror", (error) => heard.push(String(error)));
    page.on("request", (request) => heard.push(request.url()));
    const addresses = Object.keys(pages).map(address);
    for (const one of addresses) await page.goto(one, { waitUntil: "load" });
    expect(heard).toEqual(addresses);
    await context.close();
  });

  it.each(["light", "dark"] as const)("has a contrast of 4.5 or more for every text in %s", async (scheme) => {
    const seen = await opened("full", 1200, scheme, async (page) => {
      await page.evaluate("openDetails()");
      return page.evaluate<Contrast>("contrast()");
    });
    expect(seen.below).toEqual([]);
    expect(seen.texts).toBeGreaterThan(500);
  });

  it.each([360, 681, 1200])("fits a width of %d without scrolling sideways, its texts whole and apart", async (width) => {
    for (const name of Object.keys(pages))
      await opened(name, width, "light", async (page) => {
        await page.evaluate("openDetails()");
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(await page.evaluate("badlyPlacedTexts()")).toEqual([]);
        expect(await page.evaluate("brokenValues()")).toEqual([]);
        const axes = await page.evaluate<{ ends: number[]; labels: string[] }[]>("timeAxes()");
        expect(axes.length).toBeGreaterThan(6);
        for (const axis of axes) expect(axis).toEqual(axes[0]);
      });
  });

  it.each(["light", "dark"] as const)("marks breaches with crosses that no line is as light as, in %s", async (scheme) => {
    const seen = await opened("one", 1200, scheme, (page) => page.evaluate<{ marker: string; line: number; over: number }>("strokes()"));
    expect(seen.marker).toBe('url("#cross")');
    expect(Math.min(seen.line, seen.over)).toBeGreaterThan(1.5);
  });

  it("prints dark on white, also where the screen is dark", async () => {
    await opened("one", 800, "dark", async (page) => {
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
      expect((await page.evaluate<Contrast>("contrast()")).below).toEqual([]);
    });
  });
});
