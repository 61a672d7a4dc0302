/** A report with a script, as a user sees it: in Chromium, from a file, under the policy that it brings. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stacked } from "../../src/report/kit/stack.js";
import { toxicityPage } from "../../src/report/toxicity/toxicity.js";
import { requireBuilt, temporaryFolder, tickforge } from "../support/cli.js";
import { livePage, ownScript } from "./kit/live_page.js";
import { simulatedReport } from "./kit/sample.js";

const executable = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const why = executable ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";
const limit = 400_000;
const trades = process.env.TICKFORGE_DEEP ? 1_000_000 : 100_000;
const bytes = (html: string): number => new TextEncoder().encode(html).length;
/** A name that would end the script, and one that would run. */
const hostile = "</script><img src=x onerror=alert(1)><!--";
const start = Date.UTC(2026, 0, 12);
const rows = 600;
const columns = (y: (i: number) => number, count = rows) => ({
  x: Float64Array.from({ length: count }, (_, i) => start + 1000 * i),
  y: Float64Array.from({ length: count }, (_, i) => y(i)),
});
const of = (id: string, y: (i: number) => number, more: Partial<Stacked> = {}, count = rows): Stacked => ({
  ...{ id, title: id, axis: "units", form: "line", ...columns(y, count) },
  ...more,
});
const known: Stacked[] = [
  of("first", (i) => 100 + i, { title: hostile, alarms: [{ from: start + 100_000, to: start + 110_000, label: "1" }] }),
  of("second", (i) => -i, { over: { label: hostile, y: columns((i) => 2 * i).y, marked: [5, 500] }, straight: true }),
  of("third", (i) => (i % 2 ? 0.5 : -0.5), { form: "bars", domain: [-1, 1] }),
];

beforeAll(requireBuilt);

describe("a report with a script", () => {
  it("is the same page with its charts and one script, which its policy names by its hash", () => {
    const report = simulatedReport(300, 1);
    const own = ownScript();
    expect(createHash("sha256").update(own.script).digest("base64")).toBe(own.sha256);
    const html = toxicityPage(report, own);
    const still = toxicityPage(report);
    const without = html
      .replace(` script-src 'sha256-${own.sha256}';`, "")
      .replace(own.style, "")
      .replace(`\n<script>${own.script}</script>`, "")
      .replace(/\n<script type="application\/json" id="charts">[^<]*<\/script>/, "")
      .replace("it loads nothing, and the one script that it runs draws its charts closer", "it loads nothing and runs no script");
    expect(without).toBe(still);
    expect(html.match(/<script(?! type="application\/json")/g)).toHaveLength(1);
    expect(bytes(html)).toBeLessThan(limit);
  });

  it("says so where its charts find no room, and is still then", () => {
    const html = livePage([of("c", Math.sin, {}, 3000)], { ...ownScript(), script: "x".repeat(380_000) });
    expect(html).toContain("The charts of this page stay as they are");
    expect(html).not.toContain("script-src");
  });

  it("is a page of 400 kB at most where there are so many trades, and says that not every value is in it", async () => {
    const folder = temporaryFolder();
    const lines = ["time,price,size,side"];
    for (let i = 0; i < trades; i++)
      lines.push(`${1_767_225_600 + i},${100 + ((i * 7919) % 1009) / 100},${1 + (i % 7)},${i % 3 ? "buy" : "sell"}`);
    writeFileSync(join(folder, "trades.csv"), lines.join("\n"));
    const { code, stderr } = await tickforge(
      ["replay", "trades.csv", "--bucket-volume", String(trades / 2500), "--report", "a.html", "--interactive", "--quiet"],
      { cwd: folder },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const html = readFileSync(join(folder, "a.html"), "utf8");
    expect(bytes(html)).toBeLessThan(limit);
    expect(html).toMatch(/"columns":\d+/);
  }, 60_000);

  it.each(["replay", "risk"])("is asked for beside --report alone: %s", async (command) => {
    const { code, stderr } = await tickforge([command, ...(command === "replay" ? [] : ["nothing.csv"]), "--interactive"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--interactive is about the page of a report, and none is written");
  });
});

describe.skipIf(!executable)(`in Chromium${why}`, () => {
  const folder = temporaryFolder();
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  let browser: Browser;
  beforeAll(async () => {
    const own = ownScript();
    const spiked = of("long", (i) => (i === 123_456 ? 9000 : Math.sin(i / 700)), {}, 200_000);
    const pages = { known: livePage(known, own), long: livePage([spiked], own) };
    for (const [name, html] of Object.entries(pages)) writeFileSync(join(folder, `${name}.html`), html);
    browser = await chromium.launch({ executablePath: executable!, args: ["--no-sandbox", "--disable-gpu"] });
  });
  afterAll(() => browser?.close());

  /** What the browser says, violations of the policy included, and what it asks for. */
  async function open(
    name: string,
    how: BrowserContextOptions = {},
  ): Promise<{ tab: Page; wrong: string[]; lens: (i: number) => Locator }> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...how });
    const tab = await context.newPage();
    const wrong: string[] = [];
    tab.on("console", (message) => wrong.push(message.text()));
    tab.on("pageerror", (error) => wrong.push(String(error)));
    tab.on("dialog", (dialog) => wrong.push(`a dialog says ${dialog.message()}`));
    tab.on("request", (request) => request.url() !== `file://${folder}/${name}.html` && wrong.push(`it asked for ${request.url()}`));
    await tab.goto(`file://${folder}/${name}.html`);
    return { tab, wrong, lens: (i) => tab.locator(".lens").nth(i) };
  }
  const told = (lens: Locator) => lens.getAttribute("aria-valuetext");
  const at = (i: number) => new Date(start + 1000 * i).toISOString().slice(0, 19).replace("T", " ");
  /** Over the plot of the wide drawing, at a share of it. */
  async function point(tab: Page, lens: Locator, share: number): Promise<void> {
    await lens.scrollIntoViewIfNeeded();
    const { x, y, width } = (await lens.boundingBox())!;
    const [left, right] = [62 / 960, 930 / 960];
    await tab.mouse.move(x + width * (left + share * (right - left)), y + 120);
  }
  async function drag(tab: Page, lens: Locator, from: number, to: number): Promise<void> {
    await point(tab, lens, from);
    await tab.mouse.down();
    await point(tab, lens, to);
    await tab.mouse.up();
  }

  it("tells the values of all charts at the cursor, to the digit, and names stay texts", async () => {
    const { tab, wrong, lens } = await open("known");
    await point(tab, lens(0), 300 / 599);
    expect(await told(lens(0))).toBe(`${at(300)} UTC, 400`);
    expect(await told(lens(1))).toBe(`${at(300)} UTC, −300, ${hostile} 600`);
    expect(await told(lens(2))).toBe(`${at(300)} UTC, −0.5`);
    expect(await tab.locator(".told").nth(1).innerText()).toContain(`${hostile} 600`);
    await point(tab, lens(2), 105 / 599);
    expect(await told(lens(0))).toBe(`${at(105)} UTC, 205, alarm 1`);
    expect(await tab.locator("img").count()).toBe(0);
    expect(await tab.getByRole("heading", { level: 2 }).first().innerText()).toBe(hostile);
    expect(wrong).toEqual([]);
  });

  it("goes closer where it is dragged over, back with a double click, and by keys alone", async () => {
    const { tab, wrong, lens } = await open("known");
    const shown = tab.locator(".closer .when");
    await drag(tab, lens(0), 0.25, 0.5);
    expect(await shown.innerText()).toBe(`2026-01-12 00:02:29 to 00:04:59 UTC`);
    for (const i of [0, 1, 2]) expect(await tab.locator(".drawn svg").nth(i).isVisible()).toBe(true);
    expect(await tab.locator(".still svg").first().isVisible()).toBe(false);
    await point(tab, lens(1), 0.5);
    expect(await told(lens(0))).toMatch(/ UTC, 32[45]$/);
    await lens(1).dblclick();
    expect(await tab.locator(".still svg").first().isVisible()).toBe(true);

    await lens(0).focus();
    for (const key of ["Home", "ArrowRight", "ArrowRight"]) await tab.keyboard.press(key);
    expect(await told(lens(0))).toBe(`${at(2)} UTC, 102`);
    for (const key of ["+", "+", "+", "+", "Home", "ArrowRight", "ArrowRight", "ArrowLeft"]) await tab.keyboard.press(key);
    expect(await told(lens(2))).toMatch(/ UTC, −?0\.5$/);
    await tab.keyboard.press("End");
    const end = await told(lens(0));
    await tab.keyboard.press("PageDown");
    await tab.keyboard.press("Home");
    expect(await told(lens(0))).not.toBe(end);
    await tab.keyboard.press("0");
    expect(await shown.innerText()).toBe(`2026-01-12 00:00:00 to 00:09:59 UTC`);
    await tab.getByRole("button", { name: "closer" }).click();
    expect(await tab.locator(".drawn svg").first().isVisible()).toBe(true);
    await tab.getByRole("button", { name: "all of the time" }).click();
    expect(await tab.locator(".drawn svg").first().isVisible()).toBe(false);
    expect(wrong).toEqual([]);
  });

  it("tells the lowest and the highest where a pixel has several, of a long line the extremes of whole stretches", async () => {
    const { tab, wrong, lens } = await open("long");
    expect(await tab.locator(".guide").innerText()).toContain("Not every value is in this page");
    await point(tab, lens(0), 123_456 / 199_999);
    const [, low, high] = /, (\S+) to (\S+)$/.exec((await told(lens(0)))!)!;
    expect(high).toBe("9,000");
    expect(Math.abs(Number(low!.replace("−", "-")))).toBeLessThanOrEqual(1);
    await drag(tab, lens(0), 0.61, 0.63);
    expect(await tab.locator(".drawn svg .band").count()).toBe(1);
    expect(wrong).toEqual([]);
  });

  it("answers to taps: one tells, a swipe goes closer, two go back", async () => {
    const { tab, wrong, lens } = await open("known", { viewport: { width: 390, height: 800 }, hasTouch: true });
    await lens(1).scrollIntoViewIfNeeded();
    const { x, y, width } = (await lens(1).boundingBox())!;
    await tab.touchscreen.tap(x + width / 2, y + 90);
    expect(await told(lens(0))).toMatch(/ UTC, \d+ to \d+$/);
    const swipe = (type: string, to: number) =>
      lens(1).dispatchEvent(type, { pointerId: 7, pointerType: "touch", clientX: to, clientY: y + 90, bubbles: true, isPrimary: true });
    await tab.evaluate("Element.prototype.setPointerCapture = () => {}");
    await swipe("pointerdown", x + 80);
    await swipe("pointermove", x + 160);
    await swipe("pointerup", x + 160);
    expect(await tab.locator(".drawn svg.narrow").nth(1).isVisible()).toBe(true);
    await tab.waitForTimeout(400);
    for (const _ of [1, 2]) await tab.touchscreen.tap(x + width / 2, y + 90);
    expect(await tab.locator(".drawn svg.narrow").nth(1).isVisible()).toBe(false);
    expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(390);
    expect(wrong).toEqual([]);
  });

  it.each([
    ["light", 1200],
    ["dark", 390],
  ] as const)("has nothing that axe objects to, in %s at a width of %d", async (colorScheme, width) => {
    const { tab, wrong, lens } = await open("known", { viewport: { width, height: 900 }, colorScheme });
    await tab.getByRole("button", { name: "closer" }).click();
    await lens(0).focus();
    await tab.keyboard.press("End");
    // Put in by the browser's own means, which the page's policy does not meet.
    await tab.evaluate(axe);
    const found = (await tab.evaluate("axe.run()")) as { violations: { id: string; nodes: { html: string }[] }[] };
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)).toEqual([]);
    expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(width);
    expect(wrong).toEqual([]);
  });

  it("reads as the still report without JavaScript, and prints as it", async () => {
    const { tab } = await open("known", { javaScriptEnabled: false });
    expect(await tab.locator(".lens, .closer").count()).toBe(0);
    expect(await tab.locator("svg.wide").first().isVisible()).toBe(true);
    const { tab: printed, lens } = await open("known");
    await drag(printed, lens(0), 0.25, 0.5);
    await printed.emulateMedia({ media: "print" });
    expect(await printed.locator(".still svg.wide").first().isVisible()).toBe(true);
    expect(
      await printed.locator(".drawn, .closer, .lens, .guide").evaluateAll((all: any[]) => all.filter((one) => one.offsetParent).length),
    ).toBe(0);
  });
});
