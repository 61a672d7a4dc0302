/** tickforge replay --measures and --session, as a user runs them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { kyleLambda, timeBars, tradeImbalance, vpin } from "../../../src/index.js";
import { binance, expectClose, requireBuilt, tape, temporaryFolder, tickforge } from "../../support/cli.js";

const folder = temporaryFolder();
const rows = tape(30_000, 5);
writeFileSync(join(folder, "trades.csv"), binance(rows));
const replay = (...args: string[]) => tickforge(["replay", ...args], { cwd: folder });
const columns = {
  time: BigInt64Array.from(rows, (r) => BigInt(r.timeUs) * 1000n),
  price: Float64Array.from(rows, (r) => r.price),
  size: Float64Array.from(rows, (r) => r.size),
  side: Int8Array.from(rows, (r) => r.side as number),
};

beforeAll(requireBuilt);

describe("--measures", () => {
  it("puts a column beside vpin in --out, --json and on the screen", async () => {
    const usual = ["trades.csv", "--bucket-volume", "50", "--measures", "kyle_lambda:20,trade_imbalance", "--bars", "10s"];
    const { code, stdout, stderr } = await replay(...usual, "--out", "measured.csv");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^kyle_lambda +-?[\d.]+(e-\d+)? /m);
    const lines = readFileSync(join(folder, "measured.csv"), "utf8").trimEnd().split("\n");
    expect(lines[0]).toMatch(/,vpin,cdf,alarm,kyle_lambda,trade_imbalance$/);
    const { endIndex } = vpin(columns, { bucketVolume: 50 });
    const cell = (name: number) =>
      lines.slice(1).map((line) => (line.split(",").at(name) === "" ? Number.NaN : Number(line.split(",").at(name))));
    const { imbalance } = tradeImbalance({ size: columns.size, side: columns.side }, { window: 1000 });
    expectClose(
      cell(-1),
      endIndex.map((i) => imbalance[i]!),
      "trade_imbalance",
    );
    const bars = timeBars(columns, { interval: 10 });
    const { lambda } = kyleLambda({ price: bars.last, signedVolume: bars.signedVolume }, { window: 20 });
    const known = endIndex.map((i) => lambda[bars.endIndex.filter((end) => end < i).length - 1] ?? Number.NaN);
    expectClose(cell(-2), known, "kyle_lambda");
    const { instruments, options } = JSON.parse((await replay(...usual, "--json")).stdout);
    expect(instruments[0].measures.trade_imbalance.last).toBeCloseTo(imbalance[endIndex.at(-1)!]!, 9);
    expect(options.measures).toEqual([
      { name: "kyle_lambda", window: 20, of: "bars", unit: "price / volume" },
      { name: "trade_imbalance", window: 1000, of: "trades", unit: "ratio in [-1, 1]" },
    ]);
  });

  it("works on tapes without a side and on several instruments", async () => {
    const line = (r: (typeof rows)[number], i: number) => `${r.timeUs},${r.price},${r.size},${["BTC", "ETH"][i % 3 === 0 ? 1 : 0]}\n`;
    writeFileSync(join(folder, "two.csv"), `time,price,size,symbol\n${rows.map(line).join("")}`);
    const { code, stdout } = await replay("two.csv", "--measures", "all", "--bars", "5s", "--json");
    expect(code).toBe(0);
    const { instruments, options } = JSON.parse(stdout);
    expect(options.classify).toBe("bvc");
    for (const { measures } of instruments) {
      expect(Object.keys(measures).length).toBe(9);
      for (const [name, { mean }] of Object.entries(measures as Record<string, { mean: number }>)) expect(mean, name).not.toBeNull();
    }
  });

  for (const [list, says] of [
    ["kyle", /no measure is called 'kyle'/],
    ["kyle_lambda:0", /window of kyle_lambda is '0', expected 2 to 1000000 bars/],
  ] as const)
    it(`${list} is refused before anything is read`, async () => {
      const { code, stderr } = await replay("missing.csv", "--measures", list);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) });
    });
});

describe("--session", () => {
  it("leaves out trades outside of the hours, and counts them", async () => {
    // The tape begins at midnight UTC, 01:00 in Berlin.
    const inside = rows.filter((r) => r.timeUs < 1_768_176_000_000_000 + 1_800_000_000);
    const { code, stdout } = await replay("trades.csv", "--session", "01:00-01:30@Europe/Berlin", "--bucket-volume", "50");
    expect(code).toBe(0);
    const left = (rows.length - inside.length).toLocaleString("en-US");
    expect(stdout).toContain(`session: 01:00-01:30@Europe/Berlin; ${left} trades outside left out\n`);
    const answer = JSON.parse((await replay("trades.csv", "--session", "01:00-01:10,01:20-01:30@Europe/Berlin", "--json")).stdout);
    const minutes = (r: (typeof rows)[number]) => (r.timeUs - 1_768_176_000_000_000) / 60e6;
    const open = rows.filter((r) => minutes(r) < 10 || (minutes(r) >= 20 && minutes(r) < 30));
    expect(answer).toMatchObject({ trades: open.length, outsideSession: rows.length - open.length });
  });

  it("that cannot be is refused before anything is read", async () => {
    const { code, stderr } = await replay("missing.csv", "--session", "09:30-16:00@New_York");
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/'New_York' is no time zone .*\n.*America\/New_York/) });
  });
});
