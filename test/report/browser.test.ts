import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { timeChart } from "../../src/report/kit/chart.js";
import { type HeatMap, heatMap } from "../../src/report/kit/heat.js";
import { narrow, type TimeChart, wide } from "../../src/report/kit/layout.js";
import { page } from "../../src/report/kit/page.js";
import { fixed } from "../../src/report/kit/text.js";
import { toxicityPage } from "../../src/report/toxicity/toxicity.js";
import { firstBuckets, inSessions, noBucketsAtAll, simulatedReport } from "./kit/sample.js";

const executable = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const why = executable ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";

/** In-page functions are plain JavaScript in a file of their own, so that the types of a browser stay out of this project. */
const inPage = fileURLToPath(new URL("./kit/in_page.js", import.meta.url));

/** Time axes from a millisecond to thirty years, prices from 1e-8 to a million, alarms side by side. */
function chartsOfManySpans(): string {
  const start = Date.UTC(2026, 0, 30, 23, 50);
  const [day, year] = [86_400_000, 365.25 * 86_400_000];
  const sections = [1, 900, 40_000, 600_000, day / 4, day, 3 * day, 12 * day, 60 * day, year, 7 * year, 30 * year].map((span, at) => {
    const x = Float64Array.from({ length: 200 }, (_, i) => start + (span * i) / 199);
    const chart = (form: "line" | "bars", scale: "linear" | "log", size: number): TimeChart => ({
      id: `c${at}${form}${scale}`,
      title: "title",
      description: "description",
      axis: "axis",
      x,
      y: x.map((_, i) => size * (1 + 0.3 * Math.sin(i))),
      form,
      scale,
      alarms: Array.from({ length: 60 }, (_, i) => ({ from: x[3 * i]!, to: x[3 * i + 2]!, label: String(i + 95) })),
      truth: [{ from: x[5]!, to: x[9]!, label: "" }],
    });
    const drawn = [
      chart("line", "linear", 1e-8),
      chart("bars", "linear", 0.02),
      chart("line", "log", 10 ** (at - 5)),
      chart("line", "linear", 1.2e6),
    ];
    const body = drawn
      .map((of, i) => timeChart({ ...of, id: `${of.id}${i}` }, wide) + timeChart({ ...of, id: `${of.id}${i}` }, narrow))
      .join("");
    return { id: `s${at}`, heading: `${span} ms`, body };
  });
  const years = { id: "years", heading: "Years", body: heatMap(monthsOfYears(25), wide) + heatMap(monthsOfYears(25), narrow) };
  return page({ title: "Spans", subtitle: "", opening: "", sections: [...sections, years], footer: "", summary: {} });
}

/** More years than a phone has room for beside each other. */
function monthsOfYears(years: number): HeatMap {
  const values = Float64Array.from({ length: 12 * years }, (_, i) => 0.08 * Math.sin(i));
  return {
    ...{ id: "years", title: "title", description: "description", signed: true, values },
    rows: Array.from({ length: years }, (_, y) => String(2000 + y)),
    columns: Array.from({ length: 12 }, (_, m) => `M${m}`),
    labels: Array.from(values, (value) => fixed(value, 3)),
    notes: Array.from(values, () => "21"),
  };
}

interface TimeAxis {
  ends: [number, number];
  labels: string[];
  seams: number;
}

interface Contrast {
  texts: number;
  below: { text: string; ratio: number }[];
}

describe.skipIf(!executable)(`the report in Chromium${why}`, () => {
  const report = simulatedReport();
  const pages: Record<string, string> = {
    full: toxicityPage(report),
    short: toxicityPage({ ...report, buckets: firstBuckets(report.buckets, 70) }),
    one: toxicityPage({ ...report, buckets: firstBuckets(report.buckets, 1) }),
    empty: toxicityPage({ ...report, buckets: noBucketsAtAll(), sensitivity: [] }),
    sessions: toxicityPage(inSessions(report)),
    spans: chartsOfManySpans(),
  };
  const folder = mkdtempSync(join(tmpdir(), "tickforge-report-"));
  let browser: Browser;
  let server: Server;

  beforeAll(async () => {
    for (const [name, html] of Object.entries(pages)) writeFileSync(join(folder, `${name}.html`), html);
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
    rmSync(folder, { recursive: true });
  });

  const opened = async <T>(
    name: string,
    how: { width: number; colorScheme: "light" | "dark" },
    look: (page: Page) => Promise<T>,
  ): Promise<T> => {
    const context = await browser.newContext({ viewport: { width: how.width, height: 900 }, colorScheme: how.colorScheme });
    try {
      await context.addInitScript({ path: inPage });
      const page = await context.newPage();
      await page.goto(`file://${folder}/${name}.html`);
      return await look(page);
    } finally {
      await context.close();
    }
  };
  const themes = ["light", "dark"] as const;

  it("logs nothing and asks for nothing but itself, from a file and from a server", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const heard: string[] = [];
    page.on("console", (message) => heard.push(message.text()));
    page.on("pageerror", (error) => heard.push(String(error)));
    page.on("request", (request) => heard.push(request.url()));
    const { port } = server.address() as AddressInfo;
    const addresses = Object.keys(pages).flatMap((name) => [`file://${folder}/${name}.html`, `http://127.0.0.1:${port}/${name}`]);
    for (const address of addresses) await page.goto(address, { waitUntil: "load" });
    expect(heard).toEqual(addresses);
    await context.close();
  });

  it("reads every picture aloud by name and description", async () => {
    await opened("full", { width: 1200, colorScheme: "light" }, async (page) => {
      const spoken = await page.evaluate<[string, string][]>("spoken()");
      expect(spoken).toHaveLength(6);
      for (const [name, description] of spoken) {
        expect(description.length).toBeGreaterThan(40);
        expect(await page.getByRole("img", { name, description, exact: true }).count()).toBe(1);
      }
    });
  });

  it.each(themes)("has a contrast of 4.5 or more for every text in %s", async (colorScheme) => {
    for (const [name, width] of [
      ["full", 1200],
      ["full", 375],
      ["empty", 1200],
    ] as const) {
      const seen = await opened(name, { width, colorScheme }, async (page) => {
        await page.evaluate("openDetails()");
        return page.evaluate<Contrast>("contrast()");
      });
      expect(seen.below).toEqual([]);
      expect(seen.texts).toBeGreaterThan(60);
    }
  });

  it.each([375, 681, 1200])("fits a width of %d without scrolling sideways, its texts whole and apart", async (width) => {
    for (const name of Object.keys(pages)) {
      await opened(name, { width, colorScheme: "light" }, async (page) => {
        await page.evaluate("openDetails()");
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(await page.evaluate("badlyPlacedTexts()")).toEqual([]);
        expect(await page.evaluate("brokenValues()")).toEqual([]);
      });
    }
  });

  it("shows each picture once, for the page or for the phone", async () => {
    for (const [width, kind] of [
      [1200, "wide"],
      [375, "narrow"],
    ] as const) {
      const kinds = await opened("full", { width, colorScheme: "light" }, (page) => page.evaluate("kindsShown()"));
      expect(kinds).toEqual(Array(6).fill(kind));
    }
  });

  it.each([375, 1200])("stacks the charts of a page on one axis of time at a width of %d", async (width) => {
    for (const name of ["full", "sessions"]) {
      const axes = await opened(name, { width, colorScheme: "light" }, (page) => page.evaluate<TimeAxis[]>("timeAxes()"));
      expect(axes).toHaveLength(5);
      for (const axis of axes) expect(axis).toEqual(axes[0]);
      expect(axes[0]!.labels.length).toBeGreaterThan(1);
      expect(axes[0]!.seams).toBe(name === "sessions" ? 1 : 0);
    }
  });

  it("prints dark on white, also where the screen is dark", async () => {
    await opened("full", { width: 800, colorScheme: "dark" }, async (page) => {
      const screen = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      const paper = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      expect([screen, paper]).toEqual(["rgb(16, 20, 24)", "rgb(255, 255, 255)"]);
      expect((await page.evaluate<Contrast>("contrast()")).below).toEqual([]);
      expect(await page.evaluate("loose()")).toEqual([]);
      expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
    });
  });
});
