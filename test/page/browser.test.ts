/** The page as a user sees it: in Chromium, of a market that runs in this process and of recordings. */
import { join } from "node:path";
import type { Browser, Page as Tab } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/page/server/start_page.js";
import { built, requireBuilt, temporaryFolder } from "../support/cli.js";
import { chart, hasChromium, launch, openTab, violations, why } from "./chromium.js";
import { buckets, hostile, instruments, market, portfolioTopics, recorded, second, solves, start, trades } from "./kit.js";

const options = { host: "127.0.0.1", port: 0, token: undefined, reserved: [] };
const status = {
  ...{ state: "running", seconds: 5, buses: [] },
  engines: [
    {
      ...{ name: "feed", engine: "market_data", state: "running", place: "thread", runner: "f", pid: 1, takenPerSecond: 0 },
      ...{ givenPerSecond: 2, lag: 0, p99Us: 0, latencies: [], work: { calls: 0, timed: 0, timedMs: 0 } },
      ...{ restarts: 0, memoryBytes: 0, refused: 0, lost: 0, stale: [] },
    },
    {
      ...{
        name: "toxicity",
        engine: "toxicity",
        latencies: [],
        work: { calls: 0, timed: 0, timedMs: 0 },
        state: "failed",
        place: "thread",
        runner: "a",
        pid: 1,
        takenPerSecond: 9,
        givenPerSecond: 1,
        lag: 4,
        p99Us: 64,
      },
      ...{ restarts: 2, memoryBytes: 2 ** 25, refused: 0, lost: 0, stale: [], why: "its thread ended with <b>code</b>" },
    },
  ],
  topics: [
    {
      name: "trades",
      bus: "main",
      giver: "feed",
      takers: ["toxicity"],
      rows: 10,
      rowsPerSecond: 2,
      full: 0,
      backpressure: "block",
      missed: 0,
    },
  ],
};

describe.skipIf(!hasChromium)(`in Chromium${why}`, () => {
  let browser: Browser;
  let startPage: typeof import("../../src/page/server/start_page.js").startPage;
  const pages: Page[] = [];
  const folder = temporaryFolder();
  beforeAll(async () => {
    requireBuilt();
    ({ startPage } = await built<typeof import("../../src/page/server/start_page.js")>("page/server/start_page.js"));
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    for (const page of pages) await page.close(false);
  });

  const open = (url: string, more?: Parameters<typeof openTab>[2]) => openTab(browser, url, more);
  const live = async (port = 0, of = market()) => {
    const page = await startPage({ of: { live: of.job }, options: { ...options, port } });
    pages.push(page);
    return { page, ...of };
  };

  it("shows what comes, tells alarms, keeps names as texts, and has nothing that axe or the browser would object to", async () => {
    const { page, publishers } = await live();
    page.hear(status);
    publishers.trades.publish(trades(0, 60));
    publishers.toxicity.publish(buckets(0, 5, []));
    const { tab, wrong } = await open(page.url);
    await chart(tab, /^Price: ALPHA, .* last 159;/).waitFor();
    await chart(tab, /^VPIN and its rank: ALPHA.* last 0\.04;/).waitFor();
    expect(await tab.getByRole("heading", { level: 2 }).allTextContents()).toEqual(instruments);

    publishers.trades.publish(trades(60, 10));
    publishers.toxicity.publish(buckets(5, 1, [5]));
    await chart(tab, /^Price: ALPHA, .* last 169; 1 alarm$/).waitFor();
    await tab.locator("#said", { hasText: "alarm of ALPHA" }).waitFor({ state: "attached" });
    expect(await violations(tab)).toEqual([]);

    await tab.getByRole("link", { name: "system" }).click();
    await tab.getByText("its thread ended with <b>code</b>").waitFor();
    expect(await violations(tab)).toEqual([]);
    await tab.getByRole("link", { name: "data" }).click();
    await tab.getByRole("combobox", { name: /^topic/ }).selectOption("trades");
    await tab.getByRole("cell", { name: hostile }).first().waitFor();
    expect(await violations(tab)).toEqual([]);
    await tab.getByRole("link", { name: "alarms (1)" }).click();
    await tab.getByRole("button", { name: "2026-01-12 00:00:59.000" }).click();
    await tab.getByRole("row", { name: /^19 .*ALPHA/ }).count();
    await tab.getByText("10 trades of that bucket").waitFor();
    expect(await violations(tab)).toEqual([]);
    expect(wrong).toEqual([]);

    const link = tab.url();
    const { tab: other, wrong: wrongThere } = await open(link, { width: 390, scheme: "dark" });
    await other.getByText("10 trades of that bucket").waitFor();
    expect(await other.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(await violations(other)).toEqual([]);
    expect(wrongThere).toEqual([]);
  });

  it("says that it is cut off, and goes on without a hole when its server is there again", async () => {
    const of = market();
    const { page } = await live(0, of);
    of.publishers.trades.publish(trades(0, 60));
    of.publishers.toxicity.publish({ ...buckets(0, 1, []), vpin: Float64Array.of(NaN), cdf: Float64Array.of(NaN) });
    const { tab } = await open(page.url);
    await chart(tab, /^Price: ALPHA, .* last 159;/).waitFor();
    await chart(tab, /^VPIN and its rank: ALPHA.*: VPIN has no number; rank \(cdf\) has no number;/).waitFor();
    await tab.locator("figure", { hasText: "VPIN and its rank: ALPHA" }).getByText("no number in this time yet").waitFor();
    await page.close(false);
    await tab.getByText(/^Disconnected for/).waitFor();
    of.publishers.trades.publish(trades(60, 60));
    const again = await live(Number(new URL(page.url).port), of);
    of.publishers.trades.publish(trades(120, 5));
    await tab.getByText(/^Connected again after/).waitFor();
    await chart(tab, /between 100 and 224, last 224;/)
      .first()
      .waitFor();
    await tab.getByRole("link", { name: "data" }).click();
    await tab.getByRole("cell", { name: "224" }).first().waitFor();
    await again.page.close(true);
    await tab.getByText(/^The system has ended/).waitFor();
    await tab.locator("header").getByText("ended").waitFor();
    await tab.getByRole("cell", { name: "224" }).first().waitFor();
  });

  it("shows weights and how they were found, features that are chosen, and the system as a drawing", async () => {
    const { page, publishers } = await live(0, market(portfolioTopics));
    const { tab, wrong } = await open(`${page.url}#view=portfolio`);
    await tab.getByText(/^No weights, profit or equity/).waitFor();
    expect(await violations(tab)).toEqual([]);
    page.hear(status);
    publishers.weights!.publish(solves(0, 10));
    publishers.trades.publish(trades(0, 60));
    const length = 2;
    const numbers = (...values: number[]) => Float64Array.from({ length }, (_, i) => values[i % values.length]!);
    publishers.features!.publish({
      ...{ time: BigInt64Array.from([second(1), second(2)]), instrument: new Uint32Array(length) },
      ...{ volume: numbers(1), trades: numbers(1), ofi: numbers(-7, 8) },
    });
    await chart(tab, /^Weights \(target_weights\), .*: ALPHA lies between 0.25 and 0.34, last 0.34; <img/).waitFor();
    const weights = tab.getByRole("region", { name: /^Target weights/ }).getByRole("row");
    await weights.filter({ hasText: "0.66" }).waitFor();
    expect((await weights.allTextContents()).slice(1).map((text) => text.slice(0, 5))).toEqual([hostile.slice(0, 5), "ALPHA"]);
    // Earlier the weights of then.
    await tab.goto(`${page.url}#view=portfolio&from=${start}&to=${start + 4500}`);
    await weights.filter({ hasText: "0.71" }).waitFor();
    expect(await violations(tab)).toEqual([]);

    await tab.goto(`${page.url}#view=market`);
    await tab.getByText("features and measures").click();
    await tab.getByRole("checkbox", { name: "ofi" }).check();
    await chart(tab, /^ofi \(features\): ALPHA, .* between \u22127 and 8, last 8/).waitFor();
    expect(tab.url()).toContain("m=features.ofi");
    expect(await violations(tab)).toEqual([]);

    await tab.goto(`${page.url}#view=system`);
    const box = tab.getByRole("button", { name: /^toxicity failed, .* takes trades 2\/s from feed/ });
    await box.focus();
    await tab.keyboard.press("Enter");
    expect(await box.getAttribute("aria-pressed")).toBe("true");
    page.hear({ ...status, seconds: 6, topics: status.topics.map((one) => ({ ...one, rowsPerSecond: 4000 })) });
    await tab.locator("text.flow", { hasText: "trades 4,000/s" }).waitFor({ state: "attached" });
    await tab.getByRole("img", { name: /^trades, rows a second, .* between 2 and 4,000, now 4,000$/ }).waitFor();
    expect(await tab.evaluate("document.activeElement.getAttribute('aria-pressed')")).toBe("true");
    await tab.setViewportSize({ width: 390, height: 800 });
    expect(await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(await violations(tab)).toEqual([]);
    expect(wrong).toEqual([]);
  });

  it("goes to any moment of a recording by keys and drags, and its address leads there again", async () => {
    const { trades: path } = recorded(join(folder, "whole"), 4000, [20, 21, 300]);
    const page = await startPage({ of: { recordings: [path, path.replace("trades", "toxicity")] }, options });
    pages.push(page);
    const { tab, wrong } = await open(page.url);
    await chart(
      tab,
      /^Price: ALPHA, 2026-01-12 00:00:00 to 2026-01-12 01:06:39 UTC: price lies between 100 and 4,?099.*2 alarms$/,
    ).waitFor();
    await tab.keyboard.press("+");
    await chart(tab, /^Price: ALPHA, 2026-01-12 00:16:39 to 2026-01-12 00:49:59 UTC/).waitFor();
    const box = (await tab.locator(".u-over").first().boundingBox())!;
    await tab.mouse.move(box.x + box.width / 4, box.y + 50);
    await tab.mouse.down();
    await tab.mouse.move(box.x + box.width / 2, box.y + 50, { steps: 3 });
    await tab.mouse.up();
    await chart(tab, /^Price: ALPHA, 2026-01-12 00:2\d:\d\d to 2026-01-12 00:3\d:\d\d UTC/).waitFor();
    const { tab: other } = await open(tab.url());
    const label = (of: Tab) => chart(of, "Price: ALPHA").getAttribute("aria-label");
    await expect.poll(async () => (await label(other)) === (await label(tab)), { timeout: 20_000 }).toBe(true);
    await tab.goto(`${page.url}#view=alarms`);
    await tab.getByRole("button", { name: "2026-01-12 00:03:29.000" }).click();
    await tab.getByText("it stood for 10 s").waitFor();
    await tab.getByText("10 trades of that bucket").waitFor();
    expect(wrong).toEqual([]);
  });
});
