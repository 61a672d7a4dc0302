/** tickforge replay on files with quotes beside their trades, as a user runs it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { leeReady, tradesTopic, vpin } from "../../../src/index.js";
import { expectClose, requireBuilt, tape, temporaryFolder, tickforge } from "../../support/cli.js";

const folder = temporaryFolder();
const rows = tape(4_000, 9);
const cents = (value: number) => Math.round(value * 100) / 100;
/** A spread of two cents around a middle that follows the price; the true side trades at it four times in five. */
const quoted = rows.map((r, i) => {
  const middle = cents(r.price);
  const at = i % 5 === 0 ? middle : cents(middle + r.side * 0.01);
  return { ...r, price: at, bid: cents(middle - 0.01), ask: cents(middle + 0.01) };
});
const write = (name: string, header: string, line: (r: (typeof quoted)[number], i: number) => unknown[]) =>
  writeFileSync(join(folder, name), `${header}\n${quoted.map((r, i) => `${line(r, i).join(",")}\n`).join("")}`);
write("quotes.csv", "time,price,size,bid,ask,bid_size,ask_size", (r, i) => [r.timeUs, r.price, r.size, r.bid, r.ask, i % 7, i % 5]);
write("sides.csv", "time,price,size,side,b,a", (r) => [r.timeUs, r.price, r.size, r.side > 0 ? "buy" : "sell", r.bid, r.ask]);
write("plain.csv", "time,price,size", (r) => [r.timeUs, r.price, r.size]);
const bad = ["", 0, 1e9];
write("bad.csv", "time,price,size,bid,ask", (r, i) => [
  r.timeUs,
  r.price,
  r.size,
  i % 10 < 3 ? bad[i % 10] : i % 10 === 3 ? r.ask : r.bid,
  r.ask,
]);
const replay = (...args: string[]) => tickforge(["replay", ...args], { cwd: folder });
const jsonOf = async (...args: string[]) => {
  const { code, stdout, stderr } = await replay(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};

const number = (of: (r: (typeof quoted)[number]) => number) => Float64Array.from(quoted, of);
const time = BigInt64Array.from(quoted, (r) => BigInt(r.timeUs) * 1000n);
const columns = { time, price: number((r) => r.price), size: number((r) => r.size) };
/** A time for each row: of several quotes at one time the kernel would take the last. */
const each = BigInt64Array.from(quoted, (_, i) => BigInt(i));
const { side } = leeReady({ time: each, price: columns.price, quoteTime: each, bid: number((r) => r.bid), ask: number((r) => r.ask) });

beforeAll(requireBuilt);

describe("sides from quotes", () => {
  it("are those of a file without a side, and the screen, --json and the page say so", async () => {
    const { code, stdout } = await replay("quotes.csv", "--bucket-volume", "50", "--out", "lr.csv", "--report", "lr.html");
    expect(code).toBe(0);
    expect(stdout).toContain("quotes: 'bid' and 'ask', with sizes");
    expect(stdout).toContain(
      "side: lee_ready: above or below the middle of the quote, at it by the tick rule (no side in the file, and quotes are there)",
    );
    const want = vpin({ ...columns, side }, { bucketVolume: 50 });
    const lines = readFileSync(join(folder, "lr.csv"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(","));
    const at = lines[0]!.indexOf("vpin");
    expectClose(
      lines.slice(1).map((line) => (line[at] === "" ? Number.NaN : Number(line[at]))),
      want.vpin,
      "vpin",
    );
    expect(readFileSync(join(folder, "lr.html"), "utf8")).toContain("lee_ready");
    const json = await jsonOf("quotes.csv", "--bucket-volume", "50");
    expect(json.options.classify).toBe("lee_ready");
    expect(json.quotes).toMatchObject({ trades: 4_000, used: 4_000, agreement: null });
    expect((await jsonOf("quotes.csv", "--bucket-volume", "50", "--classify", "bvc")).quotes).toBe(null);
    expect((await jsonOf("plain.csv", "--bucket-volume", "50")).options.classify).toBe("bvc");
  });

  it("are held against those in the file", async () => {
    const json = await jsonOf("sides.csv", "--classify", "lee_ready", "--bid", "b", "--ask", "a");
    const same = quoted.filter((r, i) => side[i] === r.side).length;
    const none = quoted.filter((_, i) => side[i] === 0).length;
    expect(json.quotes.givenSides).toEqual({ same, opposite: 4_000 - same - none, nothing: none });
    expect(json.quotes.agreement).toBeCloseTo(same / (4_000 - none), 12);
    expect(json.quality.find(({ name }: { name: string }) => name === "sides_disagree").count).toBe(4_000 - same - none);
    const { stdout } = await replay("sides.csv", "--classify", "lee_ready", "--bid", "b", "--ask", "a");
    expect(stdout).toContain("of the sides in the file agree");
    expect((await jsonOf("sides.csv")).options.classify).toBe("given");
  });

  it("that no quote tells are counted and said", async () => {
    const { quotes, quality } = await jsonOf("bad.csv", "--classify", "quote_rule");
    expect(quotes.notUsed).toEqual({ missing: 400, zero: 400, crossed: 400, locked: 400, far: 0 });
    expect(quotes.used).toBe(2_400);
    const { stdout } = await replay("bad.csv");
    for (const words of ["without a quote", "side of 0", "crossed", "locked"])
      expect(stdout).toMatch(new RegExp(`doubtful: 400 trades \\(10\\.0%\\) .*${words}.*; side by the tick rule`));
    expect(quality.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(["quotes_missing", "quotes_zero", "quotes_crossed", "quotes_locked"]),
    );
  });

  it("are refused where there are no quotes", async () => {
    for (const args of [["plain.csv"], []]) {
      const { code, stderr } = await replay(...args, "--classify", "emo");
      expect(code).toBe(3);
      expect(stderr).toMatch(/--classify emo takes sides from quotes, and there are none/);
    }
    expect((await replay("plain.csv", "--classify", "emo")).stderr).toContain("--bid COL --ask COL");
  });

  it("come out of a recording as of its file", async () => {
    const of = (json: { instruments: unknown[]; quotes: unknown; options: { classify: string } }) => [
      json.instruments,
      json.quotes,
      json.options.classify,
    ];
    const file = await jsonOf("quotes.csv", "--record", "quotes.tfr");
    expect(of(await jsonOf("quotes.tfr"))).toEqual(of(file));
    await jsonOf("sides.csv", "--record", "sides.tfr");
    expect((await replay("sides.tfr", "--classify", "emo")).stderr).toContain("there are none");
    expect(tradesTopic({ quotes: true }).columns).toHaveProperty("askSize");
  });
});

describe("measures of quotes", () => {
  const spreads = "effective_spread:100,realized_spread:100,order_flow_imbalance:100";
  it("stand beside vpin, over the last trades that have one", async () => {
    const usual = ["quotes.csv", "--bucket-volume", "50", "--measures", spreads, "--horizon", "10s"];
    const { code, stdout } = await replay(...usual, "--out", "spreads.csv");
    expect(code).toBe(0);
    const lines = readFileSync(join(folder, "spreads.csv"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(","));
    const { endIndex } = vpin({ ...columns, side }, { bucketVolume: 50 });
    const plain = quoted
      .map((r, i) => 2 * side[i]! * (r.price - (r.bid + r.ask) / 2))
      .map((value, i) => (side[i] === 0 ? Number.NaN : value));
    const want = endIndex.map((at) => {
      const known = plain.slice(0, at + 1).filter((value) => !Number.isNaN(value));
      return known.length < 100 ? Number.NaN : known.slice(-100).reduce((a, b) => a + b, 0) / 100;
    });
    const at = lines[0]!.indexOf("effective_spread");
    const cells = lines.slice(1).map((line) => (line[at] === "" ? Number.NaN : Number(line[at])));
    expect(cells.findIndex((value, i) => Math.abs(value - want[i]!) > 1e-9)).toBe(-1);
    expect(cells.filter((value) => value > 0).length).toBeGreaterThan(50);
    for (const name of ["effective_spread", "realized_spread", "order_flow_imbalance"])
      expect(stdout).toMatch(new RegExp(`^${name} +-?[\\d.]+`, "m"));
    const { options } = await jsonOf(...usual);
    expect(options.measures[1]).toEqual({ name: "realized_spread", window: 100, of: "trades", unit: "price", horizonSeconds: 10 });
  });

  it("have sides by lee_ready where the tape has none by trade, and it is said", async () => {
    const { code, stdout } = await replay("quotes.csv", "--classify", "bvc", "--measures", "effective_spread:100");
    expect(code).toBe(0);
    expect(stdout).toContain("quotes: what is measured of them has its sides by lee_ready");
  });

  it("need quotes, and sizes where they count sizes", async () => {
    expect(await replay("plain.csv", "--measures", "realized_spread")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("realized_spread needs quotes"),
    });
    const without = await replay("bad.csv", "--measures", "order_flow_imbalance");
    expect(without).toMatchObject({ code: 3, stderr: expect.stringContaining("--bid-size COL --ask-size COL") });
  });
});

const market = resolve(process.env.MARKET_DATA ?? "../shared/data");
const absent = existsSync(market) ? undefined : `no real data at ${market}: set MARKET_DATA`;
describe.skipIf(absent)(`real files (${absent ?? market})`, () => {
  it("Sierra's sides are those of its quotes", async () => {
    expect((await jsonOf(join(market, "sierra/tbt.txt.gz"), "--classify", "lee_ready", "--window", "5")).quotes).toMatchObject({
      agreement: 1,
    });
  });
  it("Databento's mbp-1: three names, sides of the aggressor", async () => {
    const json = await jsonOf(
      join(market, "databento/futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"),
      "--classify",
      "lee_ready",
      "--window",
      "5",
    );
    expect(json.quotes.agreement).toBeGreaterThan(0.95);
  });
});
