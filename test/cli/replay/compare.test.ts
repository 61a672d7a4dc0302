/** Several instruments in one call: joined or apart, on the screen, in files and on one page. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { groupsOf } from "../../../src/cli/replay/groups.js";
import { binance, requireBuilt, tape, temporaryFolder, tickforge } from "../../support/cli.js";

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

describe("a tape with too few trades", () => {
  const few = text.slice(0, 60).join("");
  writeFileSync(join(folder, "solusdt-2026-02.csv"), few);
  writeFileSync(join(folder, "adausdt-2026-02.csv"), few);
  const left = /solusdt-2026-02 has 60 trades, and one VPIN needs about [\d,]+ of such sizes/;

  it("is named and left out on the screen, in --json and on the page; the others are compared", async () => {
    const files = ["btcusdt-2026-01.csv", "solusdt-2026-02.csv", "ethusdt-2026-02.csv", "--compare"];
    const { code, stdout, stderr } = await replay(...files, "--report", "left.html", "--out", "left.csv");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^3 tapes, each by itself/);
    expect(stdout).toMatch(new RegExp(`^left out: ${left.source}$`, "m"));
    expect(stdout).toMatch(/^btcusdt-2026-01 +12,000 .*\nethusdt-2026-02 +8,000 /m);
    expect(readFileSync(join(folder, "left.html"), "utf8")).toMatch(new RegExp(`<p class="notice">Left out: ${left.source}\\.`));
    const answer = JSON.parse((await replay(...files, "--json")).stdout);
    expect(answer.tapes.map(({ title }: { title: string }) => title)).toEqual(["btcusdt-2026-01", "ethusdt-2026-02"]);
    expect(answer.leftOut).toEqual([
      { title: "solusdt-2026-02", files: ["solusdt-2026-02.csv"], trades: 60, tradesNeeded: expect.any(Number), code: "E_TOO_FEW_TRADES" },
    ]);
    expect(answer.leftOut[0].tradesNeeded).toBeGreaterThan(60);
  });

  it("leaves a comparison of one, which still is a comparison", async () => {
    const files = ["btcusdt-2026-01.csv", "solusdt-2026-02.csv", "--compare"];
    const { code, stdout } = await replay(...files, "--report", "one.html");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 tapes, .*\nleft out: solusdt-2026-02 /);
    expect(stdout).toMatch(/^btcusdt-2026-01 +12,000 /m);
    expect(readFileSync(join(folder, "one.html"), "utf8")).toMatch(left);
    expect(JSON.parse((await replay(...files, "--json")).stdout).tapes).toHaveLength(1);
  });

  it("ends with 3 where every tape is one, each of them named", async () => {
    const { code, stdout, stderr } = await replay("solusdt-2026-02.csv", "adausdt-2026-02.csv", "--out", "none.csv");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(left);
    expect(stderr).toMatch(/adausdt-2026-02 has 60 trades.*\[E_TOO_FEW_TRADES\]/s);
    expect(readdirSync(folder).filter((name) => name.startsWith("none"))).toEqual([]);
  });
});

describe("buckets that do not fit the tape are told of on the screen, the page, in the table and in --json", () => {
  const lines = (every: number, size: (i: number) => number, side = true) =>
    `time,price,size${side ? ",side" : ""}\n${Array.from({ length: 4_000 }, (_, i) => `${1_768_176_000 + Math.floor(i / every)},${100 + (i % 7)},${size(i)}${side ? `,${i % 3 ? "buy" : "sell"}` : ""}\n`).join("")}`;
  writeFileSync(
    join(folder, "even-usd.csv"),
    lines(1, () => 1),
  );
  for (const { name, file, args, doubts, cell, says } of [
    {
      ...{ name: "bars larger than a bucket", file: lines(100, () => 1, false), args: ["--bucket-volume", "30", "--bars", "1s"] },
      ...{ doubts: ["buckets_in_one", "bars_over_one_bucket"], cell: "buckets in one bar, bars &gt; bucket" },
      says: /40 of 40 bars are larger than a bucket, the largest 3\.33 times/,
    },
    {
      ...{
        name: "few trades a bucket",
        file: lines(1, () => 1),
        args: ["--bucket-volume", "5"],
        doubts: ["few_trades_a_bucket"],
        cell: "few trades",
      },
      says: /a bucket has 5 trades on average, fewer than 10/,
    },
    {
      ...{ name: "buckets within one print", file: lines(1, (i) => (i % 100 ? 1 : 500)), args: ["--bucket-volume", "50"] },
      ...{ doubts: ["buckets_in_one", "few_trades_a_bucket"], cell: "buckets in one print, few trades" },
      says: /of [\d,]+ buckets \(\d\d\.\d%\) begin and end within one print/,
    },
  ])
    it(name, async () => {
      writeFileSync(join(folder, "odd-usd.csv"), file);
      const { stdout } = await replay("odd-usd.csv", ...args, "--report", "fit.html", "--force");
      expect(stdout).toMatch(new RegExp(`^doubtful: .*${says.source}`, "m"));
      expect(readFileSync(join(folder, "fit.html"), "utf8")).toMatch(new RegExp(`Before you read on.*${says.source}`, "s"));
      expect(JSON.parse((await replay("odd-usd.csv", ...args, "--json")).stdout).instruments[0].doubtsOfFit).toEqual(doubts);
      const both = ["odd-usd.csv", "even-usd.csv", "--compare", "--window", "10", ...args];
      const table = await replay(...both, "--report", "fits.html", "--force");
      expect(table.stdout).toMatch(new RegExp(`^odd-usd .* ${cell.replace("&gt;", ">")}$`, "m"));
      expect(readFileSync(join(folder, "fits.html"), "utf8")).toContain(`>${cell}</td>`);
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
