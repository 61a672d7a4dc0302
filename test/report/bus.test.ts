/** The page of validate bus in Chromium, light and dark, wide and narrow, where all is well and where nothing is. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BusValidation, Silence, TopicFigures } from "../../src/analysis/bus_validation.js";
import { busesOf } from "../../src/bus/routing/topology.js";
import { busPage } from "../../src/report/bus/bus.js";

const executable = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const why = executable ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";

function found(fault: string): BusValidation {
  const rows = { expected: 20_000, got: fault ? 19_000 : 20_000, duplicates: 0, disordered: 0, wrong: 0 };
  const check = (name: "publish" | "subscribe" | "failover", bus: string) => ({
    ...{
      check: name,
      bus,
      rows,
      rowsPerSecond: name === "failover" ? Number.NaN : 123_456,
      silenceMs: name === "failover" ? 4.321 : Number.NaN,
    },
    ...{ done: "a subscriber and the publisher killed, another publisher went on", fault },
  });
  const pair = (name: string) => ({
    pair: name,
    requests: fault ? 0 : 300,
    p50: fault ? Number.NaN : 80,
    p99: fault ? Number.NaN : 1_900,
    fault,
  });
  return {
    topologies: ["single", "dual", "triple"].flatMap((topology) =>
      (["rings", "redis", "list"] as const).map((transport) => ({
        ...{ topology, transport, compared: transport === "list" },
        base: { what: "a bare trip", trips: 300, p50: 12, p99: 260 },
        checks: busesOf(topology).flatMap((bus) => (["publish", "subscribe", "failover"] as const).map((name) => check(name, bus))),
        pairs: transport === "list" ? [] : ["risk to collateral", "factor to portfolio", "toxicity to risk"].map(pair),
      })),
    ),
    balance: ["typed", "least_loaded", "highest_throughput"].map((strategy) => ({
      ...{ strategy, batches: 960, shares: { market: 0.25, engine: 0.5, compute: 0.25 }, variation: fault ? 0.35 : 0.05, fault },
    })),
    silences: (["killed", "stopped"] as const).map(
      (how): Silence => ({
        ...{ transport: "rings", who: "publisher", how, failovers: 5, medianMs: fault ? 90 : 8, worstMs: fault ? 120 : 12, waitsMs: 0 },
        ...{ usualMs: 1.5, needless: 0, rows, fault },
      }),
    ),
    order: [{ batches: 600, moves: 300, overtook: 112, rows, fault }],
    topics: fault ? [topic("trades.<X>", ""), topic("quotes", fault)] : [],
    servers: [],
    surroundings: { cores: 2, load: 0.4, memoryFree: 2 ** 30 },
    skipped: fault ? [{ what: "Redis", why: "neither is <installed>" }] : [],
  };
}
const topic = (name: string, fault: string): TopicFigures => ({
  ...{ bus: "live", transport: "rings", topic: name, inUse: true, backpressure: "block", slots: 16, published: 1_234_567 },
  ...{ rowsPerSecond: 98_765, rowsABatch: 250, subscribers: 3, lag: 12, lost: 0, full: 9, fullMeanwhile: 4, fault },
});
const about = {
  commandLine: "tickforge validate bus --report bus.html",
  version: "0",
  machine: "linux x64, node 20",
  seconds: 9.5,
  rows: 1_234_567,
};
const pages: Record<string, string> = {
  well: busPage({ ...about, found: found(""), quick: false }),
  ill: busPage({ ...about, found: found("of 20,000 rows 1,000 lost & <none> found"), quick: true }),
  bare: busPage({
    ...about,
    found: {
      ...{ topologies: [], silences: [], order: [], balance: [], topics: [], servers: [] },
      ...{ surroundings: { cores: 2, load: 0, memoryFree: Number.NaN }, skipped: [{ what: "legacy", why: "it is a list on Redis" }] },
    },
    quick: true,
  }),
};

describe.skipIf(!executable)(`the page of the buses in Chromium${why}`, () => {
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

  it("says what failed before anything else, or that nothing did", async () => {
    const headings = (name: string) => opened(name, 1200, "light", (page) => page.locator("h2").allTextContents());
    expect((await headings("ill")).slice(0, 3)).toEqual(["What failed", "Not looked at", "What to change"]);
    expect((await headings("well")).slice(0, 3)).toEqual(["What to change", "How the score is made", "single on rings in shared memory"]);
    expect((await headings("well")).slice(-4)).toEqual([
      ...["Silence of a failover", "Request to reply between engines", "Order of keys that change their bus", "Load balance of the router"],
    ]);
    expect(pages.well!.includes("Nothing: every goal was met, and no figure stands out.")).toBe(true);
    expect(pages.ill!.includes("have laggards lose their place with evictAfterMs")).toBe(true);
    expect(await headings("bare")).toEqual(["Not looked at", "How the score is made"]);
    expect(pages.well).toContain("every check passed");
    expect(pages.ill).not.toContain("<none>");
  });

  it.each(["light", "dark"] as const)("has a contrast of 4.5 or more for every text in %s", async (scheme) => {
    for (const name of ["well", "ill"]) {
      const seen = await opened(name, 1200, scheme, (page) => page.evaluate<{ texts: number; below: unknown[] }>("contrast()"));
      expect(seen.below).toEqual([]);
      expect(seen.texts).toBeGreaterThan(200);
    }
  });

  it.each([360, 1200])("fits a width of %d without scrolling sideways", async (width) => {
    for (const name of Object.keys(pages))
      expect(await opened(name, width, "light", (page) => page.evaluate("document.documentElement.scrollWidth"))).toBe(width);
  });
});
