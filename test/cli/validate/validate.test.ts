/** tickforge validate as a user runs it: every bad row with its place, what else is odd, and the exit code. */
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { binance, requireBuilt, tape, temporaryFolder, tickforge } from "../../support/cli.js";

const folder = temporaryFolder();
const rows = tape(5_000, 9);
const lines = binance(rows).trimEnd().split("\n");
const save = (name: string, of: readonly string[]) => writeFileSync(join(folder, name), `${of.join("\n")}\n`);
const validate = (...args: string[]) => tickforge(["validate", ...args], { cwd: folder });
const market = resolve(packageRoot(), process.env.MARKET_DATA ?? "../shared/data");

beforeAll(requireBuilt);

const bad = lines.with(10, lines[10]!.replace(/^(\d+),[\d.]+/, "$1,")).with(20, lines[20]!.replace(/,(True|False),/, ",Maybe,"));
save("good.csv", lines);
save("bad.csv", bad.toSpliced(100, 0, "1,2,3"));

describe("validate", () => {
  it("says that a file is good, and ends with 0", async () => {
    const { code, stdout, stderr } = await validate("good.csv");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^good\.csv {3}binance spot trades, no header, time in us \(detected\)/);
    expect(stdout).toMatch(/ 5,000 good rows {3}volume [\d,.]+ {3}0 bad rows /);
    expect(stdout).toMatch(/\ngood: nothing odd was found\n$/);
  });

  it("lists every bad row with its line and a caret, and ends with 3", async () => {
    const { code, stdout } = await validate("bad.csv");
    expect(code).toBe(3);
    expect(stdout).toMatch(/^line 11: price is empty\n {2}11 \| \d+,,.*\n {18}\^ column 2, price$/m);
    expect(stdout).toMatch(/^line 21: side is 'Maybe', expected one of false, .*\n {2}21 \| .*\n +\^{5} column 6, side$/m);
    expect(stdout).toMatch(/^line 101: has 3 columns, expected 7\n {2}101 \| 1,2,3$/m);
    expect(stdout).toContain("4,998 good rows");
    expect(stdout).toContain("3 bad rows");
    expect(stdout).toMatch(/^found: 1 row with an empty field; left out$/m);
  });

  it("lists so many as are asked for, and counts all", async () => {
    save(
      "many.csv",
      lines.map((line, i) => (i % 2 ? line.replace(/^(\d+),[\d.]+/, "$1,-5") : line)),
    );
    const { code, stdout } = await validate("many.csv", "--most", "3");
    expect(code).toBe(3);
    expect(stdout.match(/^line \d+: price is '-5', expected > 0$/gm)).toHaveLength(3);
    expect(stdout).toMatch(/^2,497 more bad rows not listed: --most 2500 lists them all$/m);
    const all = await validate("many.csv", "--most", "100000");
    expect(all.stdout.match(/^line \d+:/gm)).toHaveLength(2500);
    expect((await validate("many.csv")).stdout.match(/^line \d+:/gm)).toHaveLength(20);
  });

  it("finds what is odd: repeats, outages, prices that cannot be, times going back", async () => {
    const late = rows.map((r, i) => ({ ...r, timeUs: r.timeUs + (i >= 3_000 ? 3_600e6 : 0), price: i === 50 ? 1e7 : r.price }));
    const odd = binance(late).trimEnd().split("\n");
    save("odd.csv", [...odd.slice(0, 1000), odd[999]!, odd[999]!, odd[500]!, ...odd.slice(1000)]);
    const { code, stdout } = await validate("odd.csv", "--json");
    expect(code).toBe(3);
    const { ok, files } = JSON.parse(stdout);
    expect({ ok, bad: files[0].bad.total }).toEqual({ ok: false, bad: 1 });
    expect(files[0].bad.listed[0]).toMatchObject({ line: 1003, code: "E_TIME_BACKWARDS" });
    expect(files[0].quality.map(({ name, count }: { name: string; count: number }) => [name, count])).toEqual([
      ["time_backwards", 1],
      ["repeated_rows", 2],
      ["alike_trades", 2],
      ["outages", 1],
      ["price_outliers", 1],
    ]);
    expect(files[0].quality[3].what).toMatch(
      /^1 outage of more than \d+ min without a trade, 60 min in all, longest 60 min from 2026-01-12 /,
    );
    expect(files[0].quality[4].what).toMatch(/, first 10,000,000 after 6\d,\d+(\.\d)? at 2026-01-12 /);
  });

  it("looks at every file, and ends as the worst of them", async () => {
    writeFileSync(join(folder, "cut.csv.gz"), gzipSync(lines.join("\n")).subarray(0, 3_000));
    const { code, stdout } = await validate("good.csv", "missing.csv", "cut.csv.gz", "bad.csv");
    expect(code).toBe(3);
    for (const text of ["good: nothing odd", "missing.csv: no such file", "[E_FILE_TRUNCATED]", "3 bad rows"])
      expect(stdout).toContain(text);
    expect((await validate("good.csv", "missing.csv")).code).toBe(1);
    const { files } = JSON.parse((await validate("cut.csv.gz", "--json")).stdout);
    expect(files[0].error).toMatchObject({ code: "E_FILE_TRUNCATED" });
  });

  for (const [args, says] of [
    [[], /validate needs a FILE, or the word bus\n {2}tickforge validate trades\.csv\.gz, tickforge validate bus/],
    [["good.csv", "--most", "-1"], /--most is -1, expected 0 or more/],
    [["good.csv", "--bucket-volume", "1"], /no flag is called --bucket-volume/],
  ] as const)
    it(`${args.join(" ") || "nothing"} is refused`, async () => {
      const { code, stderr } = await validate(...args);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) });
    });
});

describe("validate, on real files", () => {
  const real = async (path: string, skip: (why: string) => void) => {
    if (!existsSync(join(market, path))) skip(`${path} is not there; MARKET_DATA names its folder`);
    const { code, stdout } = await validate(join(market, path), "--json");
    const { bad, quality } = JSON.parse(stdout).files[0];
    const found = Object.fromEntries(quality.map(({ name, count }: { name: string; count: number }) => [name, count]));
    return { code, bad, found, texts: quality.map(({ what }: { what: string }) => what).join("\n") };
  };

  it("mtgox: 58 malformed amounts, repeats, an outage of 8.8 hours", async (context) => {
    const { code, bad, found, texts } = await real("mtgox_2013/april_trades.csv.gz", (why) => context.skip(why));
    expect(code).toBe(3);
    expect(bad).toMatchObject({ total: 58, reasons: { number: 58 } });
    expect(bad.listed[0]).toMatchObject({ line: 94_571, column: 3, value: "3e-07.0" });
    expect(found).toEqual({ number: 58, repeated_rows: 12_349, alike_trades: 14_947, outages: 4 });
    expect(texts).toContain("longest 8 h 50 min from 2013-04-21 14:22:00");
  });

  it("okcoin: prices of 1e7 are outliers, not a new price", async (context) => {
    const { code, found, texts } = await real("okcoin_2017/okcoinUSD.csv.gz", (why) => context.skip(why));
    expect(code).toBe(0);
    expect(found).toMatchObject({ outages: 4, zero_sizes: 2 });
    expect(found.price_outliers).toBeGreaterThan(60);
    expect(texts).toContain("first 10,000,000 after 14,999 at 2017-11-15 10:45:52");
  });
});
