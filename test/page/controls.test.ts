/** What a reader does with the page: acknowledges, chooses how times are written, goes by keys, prints, and looks from afar. */
import type { Browser, Page as Tab } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/page/server/start_page.js";
import { built, requireBuilt } from "../support/cli.js";
import { chart, hasChromium, launch, openTab, violations, why } from "./chromium.js";
import { buckets, market, trades } from "./kit.js";

describe.skipIf(!hasChromium)(`in Chromium${why}`, () => {
  let browser: Browser;
  let page: Page;
  const logged: string[] = [];
  beforeAll(async () => {
    requireBuilt();
    const { startPage } = await built<typeof import("../../src/page/server/start_page.js")>("page/server/start_page.js");
    const { job, publishers } = market();
    const options = { host: "127.0.0.1", port: 0, token: "secret", control: true, reserved: [] };
    page = await startPage({ of: { live: job }, options }, undefined, (words) => logged.push(words));
    publishers.trades.publish(trades(0, 100));
    publishers.toxicity.publish(buckets(0, 10, [4, 7]));
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await page?.close(false);
  });
  /** Opens the page at this address, and says what the browser found wrong with it. */
  const open = (hash: string, more: Parameters<typeof openTab>[2] = {}) => openTab(browser, `${page.url}${hash}`, more);
  const evaluated = <T>(tab: Tab, what: string) => tab.evaluate(what) as Promise<T>;

  it("an alarm is acknowledged for all by one, and by another in a browser that keeps it", async () => {
    const { tab, wrong } = await open("#view=alarms");
    const { tab: other } = await open("#view=alarms", { width: 390, scheme: "dark" });
    await tab.getByRole("button", { name: "acknowledge: alarm of ALPHA, row 7 of toxicity" }).click();
    expect(await violations(tab)).toEqual([]);
    await tab.getByLabel("note").fill("a <b>call</b>");
    await tab.keyboard.press("Enter");
    await tab.getByText("Say who you are").waitFor();
    await tab.getByLabel("your name").fill("Ann");
    await tab.keyboard.press("Enter");
    for (const one of [tab, other]) await one.getByText(/Ann, .*: a <b>call<\/b>/).waitFor();
    expect(logged).toEqual(["alarm of ALPHA, row 7 of toxicity, raised 2026-01-12T00:01:19.000Z, acknowledged by Ann: a <b>call</b>"]);
    await other.getByRole("button", { name: "acknowledge: alarm of ALPHA, row 4 of toxicity" }).click();
    await other.getByLabel("note").fill("mine alone");
    await other.getByRole("button", { name: "acknowledge in this browser" }).click();
    await other.reload();
    await other.getByText(/here, .*: mine alone/).waitFor();
    expect(await tab.getByText("mine alone").count()).toBe(0);
    await other.getByLabel("only those that nobody acknowledged").check();
    await other.getByText("All alarms are acknowledged.").waitFor();
    expect(await evaluated(other, "document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(await violations(other)).toEqual([]);

    await tab.getByRole("button", { name: "2026-01-12 00:01:19.000" }).click();
    await tab.getByText(/^VPIN 0\.07 was not exceeded by 7 of the 7 buckets of ALPHA before it .* \(100\.0 %\)/).waitFor();
    await tab.locator("dl", { hasText: "hash of toxicity up to it, 8 rows" }).waitFor();
    expect(await violations(tab)).toEqual([]);
    const saved = tab.waitForEvent("download");
    await tab.goto(`${page.url}#view=data&topic=toxicity&zone=Asia/Tokyo`);
    await tab.getByRole("cell", { name: "2026-01-12 09:01:19.000000000" }).first().waitFor();
    await tab.getByRole("button", { name: "save as CSV" }).click();
    const text = await (await (await saved).createReadStream()).toArray();
    expect(Buffer.concat(text).toString()).toMatch(/^row,.*endTime \(Asia\/Tokyo\).*\r\n0,.*2026-01-12T09:00:09\.000000000\+09:00/);
    expect(wrong).toEqual([]);
  });

  it("times and numbers are as they were chosen, here again and where the link leads", async () => {
    const { tab, wrong } = await open("");
    await chart(tab, /^Price: ALPHA, 2026-01-11 23:51:39 to 2026-01-12 00:01:39 UTC/).waitFor();
    await tab.keyboard.press("s");
    await tab.getByLabel("time zone").selectOption("America/New_York");
    await tab.getByLabel("numbers").selectOption("de");
    expect(await violations(tab)).toEqual([]);
    await tab.keyboard.press("Escape");
    const there = /^Price: ALPHA, 2026-01-11 18:51:39 to 2026-01-11 19:01:39 America\/New_York/;
    await chart(tab, there).waitFor();
    await tab
      .getByText(/rank \(cdf\) 0,500/)
      .first()
      .waitFor();
    const { tab: other } = await open(new URL(tab.url()).hash);
    await chart(other, there).waitFor();
    // Without an address it is as this browser kept it; an address that names no zone means UTC.
    await tab.goto("about:blank");
    await tab.goto(page.url);
    await chart(tab, there).waitFor();
    await tab.goto("about:blank");
    await tab.goto(`${page.url}#view=market`);
    await chart(tab, / UTC: /)
      .first()
      .waitFor();
    expect(wrong).toEqual([]);
  });

  it("goes by keys alone, and says the values that its cursor is at", async () => {
    const { tab, wrong } = await open("#view=market");
    await chart(tab, /^Price: ALPHA/).waitFor();
    await tab.keyboard.press("Tab");
    expect(await evaluated(tab, "document.activeElement.textContent")).toBe("to the content");
    await tab.keyboard.press("?");
    await tab.getByRole("dialog", { name: "Keys" }).waitFor();
    expect(await violations(tab)).toEqual([]);
    await tab.keyboard.press("Escape");
    expect(await evaluated(tab, "document.activeElement.textContent")).toBe("to the content");
    const reader = tab.getByRole("application", { name: /^values of Price: ALPHA/ });
    const focused = () => evaluated<string | null>(tab, 'document.activeElement.getAttribute("aria-label")');
    for (let i = 0; i < 40 && !(await focused())?.startsWith("values of Price: ALPHA"); i++) await tab.keyboard.press("Tab");
    const said = reader.locator("[aria-live=polite]");
    await tab.keyboard.press("End");
    await expect.poll(() => said.textContent()).toBe("2026-01-12 00:01:39.000 UTC: price 199");
    for (const key of ["ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowLeft"]) await tab.keyboard.press(key);
    await expect.poll(() => said.textContent()).toBe("2026-01-12 00:01:37.000 UTC: price 197");
    // The stretch stayed.
    expect(new URL(tab.url()).hash).not.toContain("from=");
    expect(wrong).toEqual([]);
  });

  it("is on paper as on a light screen, whole, with its address but not its token; and fills a large screen", async () => {
    const { tab } = await open("#view=alarms", { scheme: "dark" });
    await tab.getByRole("button", { name: "2026-01-12 00:01:19.000" }).waitFor();
    await tab.emulateMedia({ media: "print" });
    await tab.locator(".printed", { hasText: /#view=alarms +printed 20/ }).waitFor();
    expect(await tab.locator(".printed").textContent()).not.toContain("secret");
    const style = (of: string, name: string) => evaluated<string>(tab, `getComputedStyle(document.querySelector("${of}")).${name}`);
    expect([await style("body", "backgroundColor"), await style("nav", "display"), await style(".scroll", "maxHeight")]).toEqual([
      "rgb(255, 255, 255)",
      "none",
      "none",
    ]);
    await tab.emulateMedia({ media: null });
    await tab.setViewportSize({ width: 3840, height: 2160 });
    await tab.getByRole("link", { name: "market" }).click();
    await chart(tab, /^Price: ALPHA/).waitFor();
    const [width, height, letters] = await evaluated<number[]>(
      tab,
      `[...["width", "height"].map((side) => document.querySelector(".grid").getBoundingClientRect()[side]), parseFloat(getComputedStyle(document.body).fontSize)]`,
    );
    expect(width! / 3840).toBeGreaterThan(0.85);
    expect(height! / 2160).toBeGreaterThan(0.6);
    expect(letters).toBeGreaterThan(20);
    expect(await evaluated(tab, "document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  });
});
