/** The page of factors in Chromium, light, dark, on paper and on a phone, with everything on it and with next to nothing. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer } from "../../src/report/factors/factor_answer.js";
import type { FactorReport } from "../../src/report/factors/factor_report.js";
import { requireBuilt, temporaryFolder, tickforge } from "../support/cli.js";
import { head, rows, writePanel, writeTable } from "../support/factor_panel.js";

const executable = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const why = executable ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";
const folder = temporaryFolder();
const html = (name: string) => readFileSync(join(folder, `${name}.html`), "utf8");

/** Width of A4 without the margins, in CSS pixels. */
const paper = 688;

interface Contrast {
  texts: number;
  below: { text: string; ratio: number }[];
}

beforeAll(async () => {
  requireBuilt();
  writePanel(folder);
  const cut = rows.map((line, k) => (k % 30 === 4 && k >= 900 ? line.with(2, String(Number(line[2]) / 2)) : line));
  writeTable(folder, "cut.csv", cut);
  const made = async (name: string, ...args: string[]) => {
    const ran = await tickforge(["factors", ...args, "--report", `${name}.html`], { cwd: folder });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
  };
  await made("first", "panel.csv", "--factors", "style", "--out", "own.csv");
  const published = readFileSync(join(folder, "own.csv"), "utf8").trimEnd().split("\n").slice(2);
  writeTable(
    folder,
    "published.csv",
    published.map((line, i) => [line.split(",")[0]!, String(100 * Number(line.split(",")[1]) + 0.1 * Math.sin(i))]),
    'date,"<b>A&B</b> market"',
  );
  await made(
    "full",
    ...["cut.csv", "--sectors", "sectors.csv", "--factors", "style,oracle,size,momentum", "--window", "20", "--lag", "5"],
    ...["--compare", "published.csv", "--weights", "equal"],
  );
  const long = Array.from({ length: 9 }, (_, k) => `a_factor_of_a_long_name_${k}`);
  const waves = rows.map((line, i) => [...line, ...long.map((_, k) => String(Math.sin(i * (k + 1.3))))]);
  writeTable(folder, "wide.csv", waves, `${head},${long.join(",")}`);
  await made("wide", "wide.csv", "--sectors", "sectors.csv", "--factors", long.join(","));
  writeTable(folder, "short.csv", rows.slice(0, 5 * 30));
  await made("short", "short.csv", "--factors", "style", "--horizons", "2");
  writeTable(
    folder,
    "nothing.csv",
    rows.slice(0, 5 * 30).map((line) => line.with(3, "")),
  );
  await made("nothing", "nothing.csv", "--factors", "style");
});

describe("the page of factors", () => {
  it("says that not all factors are drawn, where that is so", () => {
    const [, drawn] = /Charts follow for the first (\d) of 9 factors; --factors with fewer draws the others/.exec(html("wide"))!;
    expect([...html("wide").matchAll(/<h2[^>]*>[^<]*: information coefficient<\/h2>/g)].length).toBe(Number(drawn));
    expect(html("full")).not.toContain("Charts follow for");
  });

  it("holds everything in one small file that asks for nothing, coverage first", () => {
    for (const name of ["full", "short", "nothing"]) {
      expect(Buffer.byteLength(html(name))).toBeLessThan(250_000);
      expect(html(name)).not.toMatch(/https?:\/\/(?!www\.w3\.org)|<script(?! type="application\/json")/);
    }
    const headings = [...html("full").matchAll(/<h2[^>]*>([^<]*)<\/h2>/g)].map(([, text]) => text);
    expect(headings.slice(0, 6)).toEqual([
      ...["Coverage", "Before you read on", "Signal quality", "style: information coefficient", "style: information coefficient by month"],
      "style: return by quantile",
    ]);
    expect(headings.slice(-14)).toEqual([
      ...["Return of market", "Return of style", "Return of oracle", "Return of size", "Return of momentum", "Explained by the factors"],
      ...["Specific risk", "Market factor beside &lt;b&gt;A&amp;B&lt;/b&gt; market", "Factor returns", "Factor correlation"],
      ...["Portfolio risk", "Portfolio: realized returns", "Portfolio: return attribution", "Large changes and splits"],
    ]);
    for (const part of ["95 % intervals by Newey and West", "Rank autocorrelation", "Returns of sectors", "2 for 1"])
      expect(html("full")).toContain(part);
    expect(html("full")).not.toContain("<b>A&");
  });

  it("opens with the answer: which factors foretold, by how much and how surely", () => {
    const opening = (name: string) => /<p class="answer">(.*?)<\/p>/.exec(html(name))?.[1];
    expect(opening("full")).toMatch(
      /^Of 4 factors, \d foretold the return over the next date beyond chance \(\|t\| above 2\): oracle with a mean correlation of 1\.0000 over \d+ dates \(t beyond 1,000\)/,
    );
    const { signals } = JSON.parse(/id="summary">([^<]+)</.exec(html("wide"))![1]!);
    const strong = signals.filter((s: { decay: { t: number }[] }) => Math.abs(s.decay[0]!.t) > 2).length;
    expect(opening("wide")).toMatch(new RegExp(`^Of 9 factors, ${strong || "none"} foretold`));
    expect(opening("nothing")).toMatch(/^Of the one factor, none foretold/);
    const study = { signals: [], returns: [], rSquared: new Float64Array(0) };
    const bare = answer({ study, coverage: { assets: 0, dates: 0 }, options: { horizons: [5] } } as unknown as FactorReport);
    expect(bare).toContain("Whether the factors foretold the return over the next 5 dates cannot be said: there are too few dates");
    expect(html("full").indexOf('class="answer"')).toBeLessThan(html("full").indexOf("Coverage"));
  });

  it("draws a moving average over each correlation, and the course of every quantile with its name", () => {
    const section = (id: string) => html("full").split(`<section id="${id}"`)[1]!.split("</section>")[0]!;
    expect(section("factor-0-ic").match(/class="line faint"/g)).toHaveLength(3);
    expect(section("factor-0-ic").match(/<path class="over" d="M[^"]{100}/g)).toHaveLength(2);
    const wide = section("factor-0-quantiles").split("</svg>")[0]!;
    expect([wide.match(/"lowest"/g), wide.match(/"between"/g), wide.match(/"line"/g)].map((found) => found?.length)).toEqual([1, 3, 1]);
    const names = [...wide.matchAll(/<text class="tick" x="934" y="[^"]*">(\d)</g)].map(([, name]) => name);
    expect(names.sort()).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("says on paper what the screen says: the same numbers of portfolio and comparison in the text and in its data", () => {
    const summary = JSON.parse(/id="summary">([^<]+)</.exec(html("full"))![1]!);
    expect(summary).toMatchObject({ kind: "factors", portfolio: { weights: "equal" }, compare: { dates: 44 } });
    expect(html("full")).toContain(`Correlation ${summary.compare.correlation.toFixed(4)}`);
    expect(html("full")).toContain(`volatility ${(100 * summary.portfolio.volatility).toFixed(3)} % a date`);
  });

  it("without capitalization says so, and draws no line of zeros", () => {
    expect(html("nothing")).toContain("There are too few returns for this chart.");
    expect(html("nothing")).not.toContain("Portfolio risk");
  });
});

describe.skipIf(!executable)(`the page of factors in Chromium${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executable!,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
  });
  afterAll(() => browser.close());

  async function opened<T>(
    name: string,
    width: number,
    colorScheme: "light" | "dark",
    look: (page: Page, asked: string[]) => Promise<T>,
  ): Promise<T> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    try {
      await context.addInitScript({ path: fileURLToPath(new URL("./kit/in_page.js", import.meta.url)) });
      const page = await context.newPage();
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("console", (message) => asked.push(message.text()));
      await page.goto(`file://${folder}/${name}.html`);
      return await look(page, asked);
    } finally {
      await context.close();
    }
  }

  it.each(["light", "dark"] as const)("has a contrast of 4.5 or more for every text in %s, and asks for nothing", async (scheme) => {
    await opened("full", 1200, scheme, async (page, asked) => {
      await page.evaluate("openDetails()");
      const seen = await page.evaluate<Contrast>("contrast()");
      expect(seen.below).toEqual([]);
      expect(seen.texts).toBeGreaterThan(400);
      expect(asked).toEqual([`file://${folder}/full.html`]);
    });
  });

  it.each([360, 681, 1200])("fits a width of %d without scrolling sideways, its texts whole and apart", async (width) => {
    for (const name of ["full", "short", "nothing"])
      await opened(name, width, "light", async (page) => {
        await page.evaluate("openDetails()");
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(await page.evaluate("badlyPlacedTexts()")).toEqual([]);
        expect(await page.evaluate("brokenValues()")).toEqual([]);
        const axes = await page.evaluate<{ ends: number[]; labels: string[] }[]>("timeAxes()");
        for (const axis of axes) expect(axis).toEqual(axes[0]);
      });
  });

  it("shades the edge of a table that goes on beyond it, and only there", async () => {
    await opened("wide", 360, "light", async (page) => {
      const box = page.locator(".scroll").first();
      const sheet = await page.context().newPage();
      const edge = async () => sheet.evaluate<number>(`lightness("${(await box.screenshot()).toString("base64")}", 1, 5)`);
      expect(await page.evaluate("document.querySelector('.scroll').scrollWidth > document.querySelector('.scroll').clientWidth")).toBe(
        true,
      );
      expect(await edge()).toBeLessThan(235);
      await page.evaluate("document.querySelector('.scroll').scrollTo(10000, 0)");
      expect(await edge()).toBeGreaterThan(245);
    });
  });

  it("prints dark on white, also where the screen is dark", async () => {
    await opened("full", paper, "dark", async (page) => {
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
      expect((await page.evaluate<Contrast>("contrast()")).below).toEqual([]);
    });
  });

  it.each(["full", "wide"])("prints %s within the paper, no table cut off", async (name) => {
    await opened(name, paper, "light", async (page) => {
      await page.emulateMedia({ media: "print" });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(paper);
      const cut =
        "[...document.querySelectorAll('.scroll')].filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1).map((box) => box.ariaLabel)";
      expect(await page.evaluate(cut)).toEqual([]);
    });
  });
});
