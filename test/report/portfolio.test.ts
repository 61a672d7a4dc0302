/** The page of walked portfolios in Chromium, light, dark, on paper and on a phone. */
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { walkForward } from "../../src/studies/portfolio/walk_forward.js";
import type { WalkForwardOptions } from "../../src/studies/portfolio/walk_options.js";
import "../../src/index.js";
import { portfolioPage } from "../../src/report/portfolio/portfolio.js";
import { objectives } from "../../src/studies/portfolio/objectives.js";
import { changed, madePrices } from "../studies/portfolio/made_prices.js";

const executable = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const why = executable ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";
const inPage = fileURLToPath(new URL("./kit/in_page.js", import.meta.url));

interface Contrast {
  texts: number;
  below: { text: string; ratio: number }[];
}

async function made(prices: ReturnType<typeof madePrices>, options: WalkForwardOptions): Promise<string> {
  const result = await walkForward(prices, { periodsPerYear: 252, ...options });
  const files = [{ name: "prices.csv", sha256: "0".repeat(64), format: "delimited text" }];
  const excluded = [{ asset: "<b>GONE</b>", why: "is 0 on 2015-01-08" }];
  return portfolioPage({ commandLine: "tickforge portfolio prices.csv --window 60", version: "0", files, excluded, result });
}

/** Assets under names that a page must not take for markup, that come, leave, halt and split. */
function eventful(dates: number, assets: number) {
  const prices = changed(madePrices(dates, assets), (p, d, a) => {
    if ((a === 1 && d > 0.6 * dates) || (a === 2 && d < 0.3 * dates) || (a === 3 && d % 41 === 1)) return Number.NaN;
    return a === 4 && d > 0.5 * dates ? p / 2 : p;
  });
  return { ...prices, assets: prices.assets.map((name, a) => (a === 0 ? `<b>"A&B"</b>` : name)) };
}

describe.skipIf(!executable)(`the page of walked portfolios in Chromium${why}`, async () => {
  const fewer = changed(madePrices(200, 4), (p, d, a) => (d > 100 && a > 1 ? Number.NaN : p));
  const pages: Record<string, string> = {
    full: await made(eventful(3_000, 30), { objective: objectives.map(({ name }) => name) }),
    trouble: await made(fewer, { objective: "minimum_variance", maxWeight: 0.4, rebalance: 10, window: 60 }),
    short: await made(madePrices(120, 2), { objective: "equal_weight", window: 60, rebalance: 100 }),
    wide: await made(madePrices(130, 900), { window: 60, objective: "equal_risk_contribution", rebalance: 20 }),
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
    expect(headings).toEqual([
      ...[
        "Conventions",
        "Before you read on",
        "Measures",
        "Value",
        "Drawdown",
        "Deepest falls",
        "Frontier",
        "Weights and risk through time",
      ],
      ...["Risk contributions", "Turnover", "Cost so far", "Concentration", "Forecast volatility", "Money", "Data"],
    ]);
    expect(await opened("trouble", 1200, "light", (page) => page.locator("h2").allTextContents())).toContain(
      "Where a solver gave no clean answer",
    );
  });

  it("says what became of assets that come, leave and split, and of what was not answered", async () => {
    expect(pages.full).toContain('<td class="w">2 for 1</td>');
    expect(pages.full).toContain("prices ended while equal_weight held the asset: paid out at the last price");
    expect(pages.full).toContain("&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;");
    expect(pages.full).not.toContain('<b>"A');
    expect(pages.trouble).toMatch(
      /minimum_variance: no clean answer on \d+ of \d+ dates: 2015-06-\d\d infeasible: 2 assets, and maxWeight is 0\.4/,
    );
    const summary = JSON.parse(/id="summary">([^<]+)</.exec(pages.trouble!)![1]!);
    expect(summary.portfolios[0]).toMatchObject({ name: "minimum_variance", troubles: 9 });
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

  it.each([360, 390, 681, 1200])("fits a width of %d without scrolling sideways, its texts whole and apart", async (width) => {
    for (const name of Object.keys(pages))
      await opened(name, width, "light", async (page) => {
        await page.evaluate("openDetails()");
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(await page.evaluate("badlyPlacedTexts()"), name).toEqual([]);
        expect(await page.evaluate("brokenValues()"), name).toEqual([]);
        const axes = await page.evaluate<{ ends: number[]; labels: string[] }[]>("timeAxes()");
        expect(axes.length).toBeGreaterThan(2);
        for (const axis of axes) expect(axis).toEqual(axes[0]);
      });
  });

  it("prints dark on white, also where the screen is dark", async () => {
    await opened("trouble", 800, "dark", async (page) => {
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
      expect((await page.evaluate<Contrast>("contrast()")).below).toEqual([]);
    });
  });
});
