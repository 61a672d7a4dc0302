/** The page of a drill in Chromium, kept and broken, light and dark, wide and narrow. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drill, DrillSample } from "../../src/analysis/drill.js";
import { drillPage } from "../../src/report/drill/drill.js";

const executable = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const why = executable ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";

const bursts = [
  { from: 5, to: 25 },
  { from: 30, to: 50 },
];
const names = ["market_data", "toxicity", "slow_<block>"];

function drillOf(broken: boolean, looks = 110): Drill {
  const latencies = names.map(() => Array<number>(24).fill(0));
  const samples = Array.from({ length: looks }, (_, i): DrillSample => {
    const seconds = i / 2;
    const inBurst = bursts.some(({ from, to }) => seconds >= from && seconds < to);
    const engines = names.map((_, e) => {
      latencies[e]![inBurst ? 14 : 7]! += e * 10;
      const lag = inBurst ? 40_000 * e : broken && seconds > 50 ? 9000 : i % 2;
      return { lag, memoryBytes: (30 + e + (broken ? seconds : 0)) * 2 ** 20, latencies: [...latencies[e]!] };
    });
    const rows = 600 * seconds + (inBurst ? 60_000 : 0);
    return {
      seconds,
      residentBytes: 3e8 + 1e6 * seconds,
      behindSeconds: inBurst ? 1000 * seconds : 500,
      rows: [rows, rows / 20],
      full: [0, 0],
      engines,
    };
  });
  return {
    ...{ burst: 100, bursts, pace: 20, samples },
    engines: names.map((name) => ({ name, memoryMB: 64, restarts: 0, state: "ended" })),
    topics: [
      {
        ...{ name: "trades", giver: "market_data", backpressure: "block", rows: 1_234_567, full: 812 },
        takers: [{ engine: "toxicity", taken: 1_234_567 - (broken ? 7 : 0), refused: 0, lost: 0, gaps: 0 }],
      },
      {
        ...{ name: "trades_copy", giver: "copy", backpressure: "evict", rows: 1_234_567, full: 0 },
        takers: [{ engine: "slow_<block>", taken: 400_000, refused: 0, lost: 834_567, gaps: 77 }],
      },
    ],
  };
}
const about = {
  ...{ commandLine: "tickforge drill day.tfr --report drill.html", version: "0", machine: "linux x64", asked: 60_000 },
  ...{ market: "day.tfr: 1,234 trades of <A>", system: "the drill's own system" },
};
const pages: Record<string, string> = {
  kept: drillPage({ ...about, drill: drillOf(false) }),
  broken: drillPage({ ...about, drill: drillOf(true) }),
  brief: drillPage({ ...about, asked: Number.NaN, drill: drillOf(false, 3) }),
};

describe.skipIf(!executable)(`the page of a drill in Chromium${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executable!, args: ["--no-sandbox", "--disable-gpu"] });
  });
  afterAll(async () => browser?.close());
  const opened = async <T>(name: string, width: number, colorScheme: "light" | "dark", look: (page: Page) => Promise<T>): Promise<T> => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    try {
      const page = await context.newPage();
      await page.setContent(pages[name]!);
      await page.addScriptTag({ path: fileURLToPath(new URL("./kit/in_page.js", import.meta.url)) });
      await page.evaluate("openDetails()");
      return await look(page);
    } finally {
      await context.close();
    }
  };

  it("says what was promised before anything else, and draws each course", async () => {
    const headings = await opened("kept", 1200, "light", (page) => page.locator("h2").allTextContents());
    expect(headings).toEqual([
      ...["What was promised, and what happened", "Recovery", "Rows a second", "Lag by engine", "Latency by engine", "Memory"],
      ...["The market held up", "Every row accounted for"],
    ]);
    expect(pages.kept).toContain("every promise was kept");
    expect(pages.broken).toContain("3 promises were broken");
    expect(pages.broken).toContain("1,234,567 rows published, 1,234,560 rows taken or refused");
    expect(pages.kept).not.toContain("<block>");
  });

  it.each(["light", "dark"] as const)("has a contrast of 4.5 or more for every text in %s", async (scheme) => {
    const seen = await opened("broken", 1200, scheme, (page) => page.evaluate<{ texts: number; below: unknown[] }>("contrast()"));
    expect(seen.below).toEqual([]);
    expect(seen.texts).toBeGreaterThan(200);
  });

  it.each([375, 1200])("fits a width of %d without scrolling sideways, its texts whole and apart", async (width) => {
    for (const name of Object.keys(pages))
      await opened(name, width, "light", async (page) => {
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(await page.evaluate("badlyPlacedTexts()")).toEqual([]);
        expect(await page.evaluate("brokenValues()")).toEqual([]);
      });
  });
});
