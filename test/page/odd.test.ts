/** Order books, and recordings as they ought not to be, as a user sees them: in one start of Chromium. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page as Tab } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RingBus } from "../../src/bus/ring/ring.js";
import { bookTopic } from "../../src/feeds/books/book_topics.js";
import type { Page } from "../../src/page/server/start_page.js";
import { built, requireBuilt, temporaryFolder } from "../support/cli.js";
import { asksOf, chart, hasChromium, launch, openTab, violations, why } from "./chromium.js";
import { hostile, instruments, recorded } from "./kit.js";
import { bookFile, books, damaged, each, type Row, tradesFile, unknownFile, week } from "./odd.js";

const options = { host: "127.0.0.1", port: 0, token: undefined, reserved: [] };
const longName = "A very long name ".repeat(20).trim();
const rightToLeft = "\u05d0\u05d1\u05d2/\u05d3\u05d4";
const emoji = "\u{1f980}/USD";

describe.skipIf(!hasChromium)(`in Chromium${why}`, () => {
  let browser: Browser;
  let startPage: typeof import("../../src/page/server/start_page.js").startPage;
  const pages: Page[] = [];
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, `${name}.tfr`);
  beforeAll(async () => {
    requireBuilt();
    ({ startPage } = await built<typeof import("../../src/page/server/start_page.js")>("page/server/start_page.js"));
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    for (const page of pages) await page.close(false);
  });
  const shown = async (recordings: readonly string[], more: { hash?: string; width?: number; scheme?: "dark" } = {}) => {
    const page = await startPage({ of: { recordings }, options });
    pages.push(page);
    return { page, ...(await openTab(browser, page.url + (more.hash ?? ""), more)) };
  };
  const ladder = (tab: Tab, of: string) => tab.locator("figure.ladder", { hasText: `Order book: ${of}` });
  const said = (tab: Tab, text: string | RegExp) => tab.locator(".state", { hasText: text }).waitFor();
  const fits = async (tab: Tab) => expect(await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);

  it("shows the book of a running system as it changes", async () => {
    const topic = bookTopic({ levels: 10, rows: 16, slots: 4 });
    const bus = new RingBus();
    const publisher = bus.publisher(topic);
    const job = { name: "market", instruments: ["ALPHA"], memory: { rings: bus.memories() as SharedArrayBuffer[] } };
    const page = await startPage({ of: { live: { ...job, topics: [{ topic: topic as never, bus: "main" }] } }, options });
    pages.push(page);
    publisher.publish(books(1, 10));
    const { tab, wrong } = await openTab(browser, page.url);
    const rows = () => ladder(tab, "ALPHA").getByRole("row").allInnerTexts();
    await ladder(tab, "ALPHA").getByText("spread 1 (99.5 bp)   mid 100.5   imbalance \u22120.33").waitFor();
    expect((await rows()).map((row) => row.split(/\s+/).join(" "))).toEqual([
      "level bid size bid ask ask size",
      ...Array.from({ length: 10 }, (_, k) => `${k + 1} ${k + 1} ${100 - k} ${101 + k}${k === 9 ? " ?" : ""} ${2 * (k + 1)}`),
    ]);
    publisher.publish(books(1, 10, { from: 7 }));
    await ladder(tab, "ALPHA").getByText("mid 107.5").waitFor();
    expect(await asksOf(tab, "books"), "four times a second, not with every picture").toBeLessThan(20);
    publisher.publish(books(1, 10, { from: 8, broken: 8 }));
    await ladder(tab, "ALPHA").getByText("The book is empty or broken").waitFor();
    expect(await ladder(tab, "ALPHA").getByRole("table").isVisible()).toBe(false);
    expect(wrong).toEqual([]);
  });

  it("shows the book of an alarm, of the pointer and of the end of a stretch, with values at the pointer in all charts", async () => {
    const { trades } = recorded(join(folder, "books"), 300, [20], (i) => 100.5 + i);
    const all = [
      trades,
      trades.replace("trades", "toxicity"),
      bookFile(join(folder, "books", "book.tfr"), 300, instruments, { broken: 150 }),
    ];
    const { tab, wrong, page } = await shown(all, { hash: "#alarm=toxicity:20" });
    await ladder(tab, "ALPHA").getByText("2026-01-12 00:03:29.000 UTC, when the alarm was raised").waitFor();
    await ladder(tab, "ALPHA").getByText("mid 309.5").waitFor();
    await tab.getByRole("button", { name: "close", exact: true }).click();
    await ladder(tab, hostile).getByText("00:04:59.000 UTC, the newest").waitFor();
    await chart(
      tab,
      /^Price: ALPHA, .*: price lies between 100.5 and 399.5, last 399.5; bid lies between 100 and 399, .* ask lies/,
    ).waitFor();

    const over = (await tab.locator(".u-over").first().boundingBox())!;
    await tab.mouse.move(over.x + over.width / 2, over.y + 40);
    await ladder(tab, "ALPHA").getByText("The book is empty or broken").waitFor({ state: "detached" });
    await ladder(tab, "ALPHA")
      .getByText(/00:02:29.000 UTC, at the pointer/)
      .waitFor();
    await ladder(tab, hostile).getByText("mid 249.5").waitFor();
    expect(await tab.locator(".values:visible").allInnerTexts()).toEqual([
      ...["price 249.5\nbid 249\nask 250", "VPIN 0.14\nrank (cdf) 0.5", "price 249.5\nbid 249\nask 250"].map((values) =>
        expect.stringMatching(`^2026-01-12 00:02:29\\.\\d{3}\n${values.replace(/[().]/g, "\\$&")}$`),
      ),
    ]);
    expect(await violations(tab)).toEqual([]);
    const stretch = `#from=${Date.UTC(2026, 0, 12)}&to=${Date.UTC(2026, 0, 12, 0, 1, 0, 500)}&i=ALPHA`;
    const small = await openTab(browser, page.url + stretch, { width: 390, scheme: "dark" });
    await ladder(small.tab, "ALPHA").getByText("00:01:00.000 UTC, at the end of what is shown").waitFor();
    await ladder(small.tab, "ALPHA").getByText("mid 160.5").waitFor();
    await fits(small.tab);
    expect(await violations(small.tab)).toEqual([]);
    await small.tab.goto(`${page.url}#from=${Date.UTC(2026, 0, 11)}&to=${Date.UTC(2026, 0, 11, 1)}&i=ALPHA`);
    await ladder(small.tab, "ALPHA")
      .getByText("No book is known at 2026-01-11 01:00:00.000 UTC: no earlier row of book is kept.")
      .waitFor();
    expect([wrong, small.wrong]).toEqual([[], []]);
  });

  it("draws prices of any size and sign, holes and times that go back, under any name", async () => {
    const of: [string, Row[]][] = [
      ["SMALL", each(60, (i) => 1e-9 * (1 + i / 100))],
      ["LARGE", each(60, (i) => 1e12 + i)],
      ["BOTH", each(60, (i) => (i % 2 ? 1e-9 : 1e12))],
      ["HOLES", each(60, (i) => (i % 10 === 3 ? Number.NaN : i === 44 ? Number.POSITIVE_INFINITY : 100 + i))],
      ["NOTHING", each(60, () => Number.NaN)],
      ["NEGATIVE", each(60, (i) => -37.63 - i)],
      ["EQUAL", each(60, () => 61_800.25)],
      ["BACK", [...each(40), ...each(20)]],
      ["TWICE", each(60).map(({ price }, i) => ({ at: i >> 1, price }))],
      ...[hostile, longName, rightToLeft, emoji].map((name): [string, Row[]] => [name, each(10)]),
    ];
    const rows = of.flatMap(([, rows], id) => rows.map((row) => ({ ...row, of: id })));
    const names = of.map(([name]) => name);
    const hash = `#${new URLSearchParams(names.map((name): [string, string] => ["i", name]))}`;
    const other = tradesFile(file("other"), each(60), ["SMALL"], "trades_b");
    const { tab, wrong } = await shown([tradesFile(file("odd"), rows, names), other], { hash, width: 390, scheme: "dark" });
    await said(tab, "67 values of what is drawn are no number: lines are broken there. 20 rows say an earlier time than one before them");
    const label = async (title: string) =>
      (await chart(tab, `Price${title === "SMALL" ? " (trades)" : ""}: ${title}, `).getAttribute("aria-label"))!.split("UTC: ")[1];
    await chart(tab, "Price (trades_b): SMALL").waitFor();
    // Lines come with frames of their own, after what is said of the files.
    await expect
      .poll(() => Promise.all(names.slice(0, 9).map(label)), { timeout: 30_000 })
      .toEqual([
        "price lies between 1.00e\u22129 and 1.59e\u22129, last 1.59e\u22129; 0 alarms",
        "price lies between 1,000,000,000,000 and 1,000,000,000,059, last 1,000,000,000,059; 0 alarms",
        "price lies between 1.00e\u22129 and 1,000,000,000,000, last 1.00e\u22129; 0 alarms",
        "price lies between 100 and 159, last 159; 0 alarms",
        "price has no number; 0 alarms",
        "price lies between \u221296.63 and \u221237.63, last \u221296.63; 0 alarms",
        "price lies between 61,800.25 and 61,800.25, last 61,800.25; 0 alarms",
        "price lies between 100 and 139, last 119; 0 alarms",
        "price lies between 100 and 159, last 159; 0 alarms",
      ]);
    expect(await tab.getByRole("heading", { level: 2 }).allTextContents()).toEqual(names);
    expect(await tab.locator("main").innerText()).not.toMatch(/(^|[^\d.,])0\.00\b|NaN|Infinity|undefined/);
    await fits(tab);
    expect(wrong).toEqual([]);
  });

  it("keeps the choice among hundreds of instruments usable", async () => {
    const names = Array.from({ length: 300 }, (_, i) => `INSTRUMENT-${i}`);
    const rows = names.flatMap((_, of) => [0, 1, 2].map((at) => ({ at, price: of + at, of })));
    const { tab, wrong } = await shown([tradesFile(file("many"), rows, names)]);
    await tab.getByText("300 instruments, 3 shown; 285 more are not listed here").waitFor();
    expect(await tab.getByRole("checkbox").count()).toBe(15);
    await tab.getByLabel("find an instrument").fill("ment-29");
    await tab.getByText("300 instruments, 3 shown").waitFor();
    expect(await tab.getByRole("checkbox").count()).toBe(14);
    await tab.getByRole("checkbox", { name: "INSTRUMENT-299" }).check();
    await tab.getByRole("heading", { name: "INSTRUMENT-299" }).waitFor();
    await tab.getByLabel("find an instrument").fill("no such name");
    await tab.getByText("300 instruments, 4 shown; no other one has that word").waitFor();
    expect(wrong).toEqual([]);
  });

  it("breaks lines at a gap, says it, and shows one row alone", async () => {
    const rows = [...each(100), ...each(100, (i) => 300 + i).map(({ at, price }) => ({ at: at + week, price }))];
    const { tab, page } = await shown([tradesFile(file("gap"), rows)]);
    const gap = "No rows for 6 days 23 h, 2026-01-12 00:01:39 to 2026-01-19 00:00:00 UTC: the line is broken there.";
    const told = gap.replace("6 days 23 h", "7 days");
    await tab.locator("figure").getByText(told).waitFor();
    // In the midst of it, where no row is in sight on either side.
    await tab.goto(`${page.url}#from=${Date.UTC(2026, 0, 14)}&to=${Date.UTC(2026, 0, 15)}`);
    await tab.locator("figure").getByText("no number in this time yet").or(tab.locator("figure").getByText(told)).waitFor();
    expect(await inked(tab)).toBe(false);
    const one = await shown([tradesFile(file("one"), [{ at: 5, price: 3 }])]);
    await chart(one.tab, "Price: ALPHA, 2026-01-12 00:00:04 to 2026-01-12 00:00:05 UTC: price lies between 3 and 3, last 3").waitFor();
    await expect.poll(() => inked(one.tab), { timeout: 10_000 }).toBe(true);
  });

  it("says of each recording what is wrong with it, and shows what can be", async () => {
    const { trades } = recorded(join(folder, "good"), 2000, []);
    const toxicity = trades.replace("trades", "toxicity");
    const version = damaged(toxicity, file("version"), { at: 0 });
    const bytes = readFileSync(version);
    bytes.set(readFileSync(toxicity).subarray(0, 4));
    bytes[4] = 9;
    writeFileSync(version, bytes);
    const cut = damaged(tradesFile(file("whole"), each(200), ["ALPHA"], "trades_b"), file("cut"), { cut: 100 });
    const torn = damaged(trades, file("torn"), { at: 0.5 });
    const { tab } = await shown([torn, cut, version]);
    await said(
      tab,
      /torn\.tfr: frame 7 .* 1,792 rows before that are shown\. .*cut\.tfr: .* rows before that are shown\. .*version\.tfr: .*version/,
    );
    await chart(tab, /^Price \(trades\): ALPHA, .* last 995;/).waitFor();
    const empty = await shown([tradesFile(file("empty"), [])]);
    await said(empty.tab, "empty.tfr: there is no row in it.");
    const unknown = await shown([unknownFile(file("weather"))]);
    await unknown.tab.getByText("the rows of all topics are under data. Recorded here: weather.").waitFor();
    await unknown.tab.getByRole("link", { name: "data" }).click();
    await unknown.tab.getByRole("cell", { name: "\u22122.5" }).waitFor();
  });

  /** Whether any stroke of a line is in the chart, by its colour. */
  const inked = (tab: Tab): Promise<boolean> =>
    tab.evaluate(() => {
      const doc = (globalThis as any).document;
      const canvas = doc.querySelector(".picture canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 4)
        if (data[i] === 0 && data[i + 1] === 0x72 && data[i + 2] === 0xb2 && data[i + 3] === 255) return true;
      return false;
    });
});
