/** tickforge replay with quotes in a file of their own, as a user runs it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { requireBuilt, tape, temporaryFolder, tickforge } from "../../support/cli.js";

const folder = temporaryFolder();
const cents = (value: number) => Math.round(value * 100) / 100;
const rows = tape(3_000, 9).map((r, i) => {
  const middle = cents(r.price);
  const price = i === 1_500 ? 1e6 : i % 5 === 0 ? middle : cents(middle + r.side * 0.01);
  return { ...r, timeUs: r.timeUs + i, price, bid: cents(middle - 0.01), ask: cents(middle + 0.01), sizes: [1 + (i % 7), 1 + (i % 5)] };
});
type Row = (typeof rows)[number];
const write = (name: string, header: string, line: (r: Row, i: number) => unknown[]) =>
  writeFileSync(join(folder, name), `${header}\n${rows.map((r, i) => `${line(r, i).join(",")}\n`).join("")}`);
write("rows.csv", "time,price,size,bid,ask,bid_size,ask_size", (r) => [r.timeUs, r.price, r.size, r.bid, r.ask, ...r.sizes]);
write("trades.csv", "time,price,size", (r) => [r.timeUs, r.price, r.size]);
write("sides.csv", "time,price,size,side", (r) => [r.timeUs, r.price, r.size, r.side > 0 ? "buy" : "sell"]);
write("quotes.csv", "time,bid,ask,bid_size,ask_size", (r) => [r.timeUs, r.bid, r.ask, ...r.sizes]);
write("named.csv", "when,b,a", (r) => [r.timeUs, r.bid, r.ask]);
write("early.csv", "time,bid,ask", (r, i) => [r.timeUs, rows[Math.min(i + 1, 2_999)]!.bid, rows[Math.min(i + 1, 2_999)]!.ask]);
write("far.csv", "time,bid,ask", (r) => [r.timeUs, r.bid * 50, r.ask * 50]);
write("others.csv", "time,symbol,bid,ask", (r, i) => [r.timeUs, `S${i % 2}`, r.bid, r.ask]);
writeFileSync(join(folder, "old.csv"), `time,bid,ask\n${rows[0]!.timeUs - 86_400e6},${rows[0]!.bid},${rows[0]!.ask}\n`);
writeFileSync(join(folder, "empty.csv"), "");
writeFileSync(
  join(folder, "bars.csv"),
  "time,open,high,low,close,volume\n1577836800,1,2,1,2,5\n1577836860,1,2,1,2,5\n1577836920,1,2,1,2,5\n",
);

const replay = (...args: string[]) => tickforge(["replay", ...args, "--bucket-volume", "50"], { cwd: folder });
const jsonOf = async (...args: string[]) => {
  const { code, stdout, stderr } = await replay(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};
const measures = ["--measures", "effective_spread,realized_spread,order_flow_imbalance", "--horizon", "1m"];

beforeAll(requireBuilt);

describe("--quotes", () => {
  it("gives what the same quotes in the rows of the trades give, and keeps them in a recording", async () => {
    const inRows = await jsonOf("rows.csv", ...measures);
    const joined = await jsonOf("trades.csv", "--quotes", "quotes.csv", ...measures, "--record", "joined.tfr");
    expect(joined.options.classify).toBe("lee_ready");
    expect(joined.instruments).toEqual(inRows.instruments);
    expect(joined.quotes).toMatchObject({ trades: 2_999, used: 2_999, tradesBefore: 0, lagSeconds: 0, tradesWithinMillisecond: 3_000 });
    expect(joined.quotes.files).toMatchObject([{ file: "quotes.csv", quotes: 3_000, hasSizes: true }]);
    expect((await jsonOf("joined.tfr", ...measures)).instruments).toEqual(inRows.instruments);
    expect((await jsonOf("trades.csv", "--quotes", "named.csv", "--bid", "b", "--ask", "a")).instruments[0].vpin).toEqual(
      inRows.instruments[0].vpin,
    );
  });

  it("is said on the screen, in next: and on the page, with what is odd about the quotes", async () => {
    const { stdout } = await replay("trades.csv", "--quotes", "quotes.csv", "--report", "page.html");
    expect(stdout).toMatch(/quotes: 3,000 of quotes\.csv \(quotes, columns time = 'time', 'bid' and 'ask', with sizes, time in us/);
    expect(stdout).toMatch(/doubtful: 3,000 trades \(100\.0%\) whose quote came within the millisecond before; .*--quote-lag 20ms/);
    expect(stdout).toMatch(/next: {2}tickforge replay trades\.csv --quotes quotes\.csv /);
    expect(readFileSync(join(folder, "page.html"), "utf8")).toContain("quotes.csv");
    const early = (await replay("sides.csv", "--quotes", "early.csv")).stdout;
    expect(early).toMatch(/lee_ready gives \d+\.\d% of the sides in the file/);
    expect(early).toMatch(/doubtful: \d+\.\d% of the sides in the file are those by lee_ready with these quotes.*--quote-lag 20ms/);
    expect((await jsonOf("sides.csv", "--quotes", "early.csv", "--quote-lag", "1ms")).quotes).toMatchObject({
      sidesBy: "given",
      lagSeconds: 0.001,
    });
    expect((await replay("trades.csv", "--quotes", "old.csv")).stdout).toMatch(
      /doubtful: 3,000 trades \(100\.0%\) whose quote is older than 1 min, the oldest 24 h/,
    );
  });

  it.each([
    ["trades.csv --quotes none.csv", 1, /none\.csv/],
    ["trades.csv --quotes empty.csv", 3, /empty\.csv: is empty/],
    ["trades.csv --quotes trades.csv", 3, /no bid and ask are found in this file of quotes/],
    ["rows.csv --quotes rows.csv", 3, /its quotes stand beside its trades/],
    ["trades.csv --quotes far.csv", 3, /over ten times off the quote/],
    ["trades.csv --quotes others.csv", 3, /quotes are of S0 and S1/],
    ["bars.csv --quotes quotes.csv", 2, /quotes are joined to trades/],
    ["trades.csv --quotes quotes.csv,quotes.csv", 2, /twice/],
    ["trades.csv --quotes -", 2, /a pipe only once/],
    ["trades.csv --quote-lag 5ms", 2, /--quote-lag goes with --quotes/],
    ["--quotes quotes.csv", 2, /--quotes needs a FILE/],
    ["trades.csv sides.csv --compare --quotes quotes.csv", 2, /goes with one tape/],
    ["joined.tfr --quotes quotes.csv", 2, /is for files of trades/],
    ["trades.csv --quotes quotes.csv --report quotes.csv", 2, /quotes\.csv/],
  ])("refuses %s", async (args, code, says) => {
    const { code: left, stderr } = await replay(...args.split(" "));
    expect(stderr).toMatch(says);
    expect(left).toBe(code);
  });
});
