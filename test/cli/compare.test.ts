/** Several instruments in one call: joined or apart, on the screen, in files and on one page. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { groupsOf } from "../../src/cli/groups.js";
import { binance, requireBuilt, tape, temporaryFolder, tickforge } from "../support/cli.js";

const folder = temporaryFolder();
const rows = tape(20_000, 4);
const replay = (...args: string[]) => tickforge(["replay", ...args], { cwd: folder });
const text = binance(rows).split(/(?<=\n)/);
writeFileSync(join(folder, "btcusdt-2026-01.csv"), text.slice(0, 12_000).join(""));
writeFileSync(join(folder, "btcusdt-2026-02.csv"), text.slice(12_000).join(""));
// The same prices, so that nothing but its name tells it apart.
writeFileSync(join(folder, "ethusdt-2026-02.csv"), text.slice(12_000).join(""));
const usual = ["--bucket-volume", "20", "--window", "10"];

beforeAll(requireBuilt);

describe("which files belong together", () => {
  const names = (files: string[], how = {}) =>
    groupsOf(files, { compare: false, join: false, ...how }).map(({ files: own }) => own.join("+"));
  for (const [files, groups] of [
    [["BTCUSDT-trades-2024-01.zip", "BTCUSDT-trades-2024-02.zip"], 1],
    [["a.csv", "b.csv"], 1],
    [["x/trades_jan.csv", "y/trades_feb.csv.gz"], 1],
    [["part1.csv", "part-2.csv"], 1],
    [["BTCUSDT-trades-2024-01.zip", "ETHUSDT-trades-2024-01.zip"], 2],
    [["BTC-1.csv", "ETH-1.csv", "BTC-2.csv"], 2],
    [["AAPL_2012-06-21_message_10.csv", "MSFT_2012-06-21_message_10.csv"], 2],
  ] as const)
    it(`${files.join(", ")}: ${groups}`, () => {
      expect(names([...files])).toHaveLength(groups);
      expect(names([...files], { join: true })).toEqual([files.join("+")]);
      expect(names([...files], { compare: true })).toEqual([...files]);
    });

  it("keeps the parts of each in their order", () => {
    expect(names(["BTC-1.csv", "ETH-1.csv", "BTC-2.csv"])).toEqual(["BTC-1.csv+BTC-2.csv", "ETH-1.csv"]);
  });
});

describe("files of different instruments", () => {
  it("are not joined: each has the numbers that it has alone", async () => {
    const { code, stdout, stderr } = await replay("btcusdt-2026-01.csv", "ethusdt-2026-02.csv", "--json", ...usual);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { schema, tapes } = JSON.parse(stdout);
    expect(schema).toBe(1);
    for (const [i, file] of ["btcusdt-2026-01.csv", "ethusdt-2026-02.csv"].entries()) {
      const alone = JSON.parse((await replay(file, "--json", ...usual)).stdout);
      expect(tapes[i].instruments[0]).toEqual({ ...alone.instruments[0], name: null });
      expect(tapes[i].files).toEqual([file]);
    }
  });

  it("are one tape where that is asked for, as parts of one are without asking", async () => {
    const joined = JSON.parse((await replay("btcusdt-2026-01.csv", "ethusdt-2026-02.csv", "--join", "--json", ...usual)).stdout);
    const parts = JSON.parse((await replay("btcusdt-2026-01.csv", "btcusdt-2026-02.csv", "--json", ...usual)).stdout);
    expect(joined.trades).toBe(rows.length);
    expect(joined.instruments).toEqual(parts.instruments);
  });

  it("stand beside each other on the screen and in --out", async () => {
    const out = ["--out", "both.csv", "--measures", "trade_imbalance:50"];
    const { stdout } = await replay("btcusdt-2026-01.csv", "btcusdt-2026-02.csv", "ethusdt-2026-02.csv", ...usual, ...out);
    expect(stdout).toMatch(
      /^2 tapes, each by itself \(--join: the files are parts of one tape\)\nbtcusdt-2026-01 and 1 more {3}binance spot/,
    );
    expect(stdout).toMatch(/^btcusdt-2026-01 and 1 more +20,000 /m);
    expect(stdout).toMatch(/^ethusdt-2026-02 +8,000 /m);
    expect(stdout).toMatch(/^means over buckets +trade_imbalance$/m);
    const [header, ...lines] = readFileSync(join(folder, "both.csv"), "utf8").trimEnd().split("\n");
    expect(header).toMatch(/^start_time,end_time,end_index,instrument,.*,trade_imbalance$/);
    const counts = new Map<string, number>();
    for (const line of lines) counts.set(line.split(",")[3]!, (counts.get(line.split(",")[3]!) ?? 0) + 1);
    const { tapes } = JSON.parse(
      (await replay("btcusdt-2026-01.csv", "btcusdt-2026-02.csv", "ethusdt-2026-02.csv", "--json", ...usual)).stdout,
    );
    expect([...counts.values()]).toEqual(tapes.map(({ buckets }: { buckets: number }) => buckets));
  });

  for (const [args, says] of [
    [["btcusdt-2026-01.csv", "ethusdt-2026-02.csv", "--record", "x.rec"], /--record holds one tape/],
    [["btcusdt-2026-01.csv", "ethusdt-2026-02.csv", "--compare", "--join"], /--compare and --join say the opposite/],
    [["btcusdt-2026-01.csv", "--compare"], /--compare needs two FILEs or more/],
    [["--compare"], /--compare needs two FILEs or more/],
  ] as const)
    it(`${args.join(" ")} is refused`, async () => {
      const { code, stderr } = await replay(...args);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) });
    });
});

describe("the page of several instruments", () => {
  const symbols = ["AAA", "<b>B&B", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH"];
  const pageOf = async (name: string, ...args: string[]) => {
    const { code, stderr } = await replay(...args, "--report", name);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const page = readFileSync(join(folder, name), "utf8");
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]!);
    expect(ids.length).toBe(new Set(ids).size);
    for (const [, to] of page.matchAll(/ (?:href="#|aria-labelledby="|aria-describedby=")([^"]+)"/g)) expect(ids).toContain(to);
    return page;
  };

  it("has an index, a table of all, and a section for each of the largest", async () => {
    const lines = rows.map((r, i) => `${r.timeUs},${r.price},${r.size},${r.side > 0 ? "buy" : "sell"},${symbols[Math.min(7, i % 11)]}\n`);
    writeFileSync(join(folder, "symbols.csv"), `time,price,size,side,symbol\n${lines.join("")}`);
    const page = await pageOf("symbols.html", "symbols.csv", ...usual);
    expect(page.length).toBeLessThan(1_200_000);
    expect(page.match(/<section id="instrument-\d+"/g)).toHaveLength(6);
    expect(page).toContain("&lt;b&gt;B&amp;B");
    expect(page).not.toContain("<b>B");
    for (const symbol of symbols.filter((s) => s !== "<b>B&B")) expect(page).toContain(`${symbol}`);
    const { instruments } = JSON.parse(/<script type="application\/json" id="summary">(.*?)<\/script>/s.exec(page)![1]!);
    expect(instruments).toHaveLength(8);
    expect(instruments[0].name).toBe("HHH");
  });

  it("names the files of all tapes, with the data of each", async () => {
    const page = await pageOf("tapes.html", "btcusdt-2026-01.csv", "ethusdt-2026-02.csv", ...usual);
    expect(page.match(/sha256 [0-9a-f]{64}/g)).toHaveLength(2);
    expect(page).toContain("Data of btcusdt-2026-01.csv");
    expect(page).toContain("Data of ethusdt-2026-02.csv");
  });
});
