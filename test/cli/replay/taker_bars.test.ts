/** Bars that say what buyers took of them: their sides are those, and VPIN is that of the buckets that they fill. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { beforeAll, describe, expect, test } from "vitest";
import { collectTrades } from "../../../src/files/read/trades.js";
import { Random } from "../../../src/market/random.js";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const folder = temporaryFolder();

interface Trade {
  ms: number;
  price: number;
  size: number;
  buy: boolean;
}
interface Bar {
  ms: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  bought: number;
}

/** A walk with hours in which buyers take most. */
function walk(count: number): Trade[] {
  const source = Random.fromSeed(7, 0);
  const random = () => source.uniform();
  let [ms, price] = [Date.UTC(2024, 0, 2), 100];
  return Array.from({ length: count }, (_, i) => {
    ms += Math.floor(random() * 900);
    const buy = random() < (Math.floor(i / 2000) % 3 === 0 ? 0.8 : 0.45);
    price = Math.round(100 * (price + (random() - 0.5) / 10)) / 100;
    return { ms, price, size: Math.ceil(random() * 500) / 100, buy };
  });
}

function barsOf(trades: readonly Trade[], seconds: number): Bar[] {
  const bars: Bar[] = [];
  for (const { ms, price, size, buy } of trades) {
    const start = Math.floor(ms / (1000 * seconds)) * 1000 * seconds;
    if (bars.at(-1)?.ms !== start) bars.push({ ms: start, open: price, high: price, low: price, close: price, volume: 0, bought: 0 });
    const bar = bars.at(-1)!;
    bar.high = Math.max(bar.high, price);
    bar.low = Math.min(bar.low, price);
    bar.close = price;
    bar.volume += size;
    if (buy) bar.bought += size;
  }
  return bars;
}

const kline = (seconds: number) => (bar: Bar) =>
  [
    ...[bar.ms, bar.open, bar.high, bar.low, bar.close, bar.volume.toFixed(8), bar.ms + 1000 * seconds - 1],
    ...[(bar.volume * bar.close).toFixed(8), 1, bar.bought.toFixed(8), (bar.bought * bar.close).toFixed(8), 0],
  ].join(",");
const names = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore";
const put = (name: string, lines: readonly string[]) => writeFileSync(join(folder, name), `${lines.join("\n")}\n`);

/** Buckets and VPIN by the definition, of volumes as the file has them. */
function plain(bars: readonly Bar[], bucketVolume: number, window: number): number[] {
  const gaps: number[] = [];
  let [buy, filled] = [0, 0];
  for (const bar of bars) {
    const [volume, bought] = [Number(bar.volume.toFixed(8)), Number(bar.bought.toFixed(8))];
    for (let left = volume; left > 0; ) {
      const part = Math.min(left, bucketVolume - filled);
      buy += (part * bought) / volume;
      filled += part;
      left -= part;
      if (filled < bucketVolume) continue;
      gaps.push(Math.abs(2 * buy - bucketVolume));
      [buy, filled] = [0, 0];
    }
  }
  return gaps.flatMap((_, i) => {
    if (i + 1 < window) return [];
    return [gaps.slice(i + 1 - window, i + 1).reduce((a, b) => a + b, 0) / (window * bucketVolume)];
  });
}

const vpinOf = (file: string): number[] => {
  const [head, ...rows] = readFileSync(join(folder, file), "utf8").trim().split("\n");
  const column = head!.split(",").indexOf("vpin");
  return rows.map((row) => Number(row.split(",")[column] || "NaN")).filter((value) => !Number.isNaN(value));
};

async function same(bars: readonly Bar[], lines: readonly string[], bucketVolume: number) {
  put("bars.csv", lines);
  const ran = await tickforge(["replay", "bars.csv", "--bucket-volume", String(bucketVolume), "--json", "-o", "vpin.csv", "--force"], {
    cwd: folder,
  });
  expect(ran.stderr).toBe("");
  const answer = JSON.parse(ran.stdout);
  const expected = plain(bars, bucketVolume, 50);
  const found = vpinOf("vpin.csv");
  expect(found.length).toBe(expected.length);
  expect(found.length).toBeGreaterThan(100);
  found.forEach((value, i) => void expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-9));
  expect([answer.rows, answer.options.classify, answer.sides, answer.unknownSideShare]).toEqual([
    ...["bars of the file", "given", "taker buy volume of the bars", 0],
  ]);
  return answer;
}

const trades = walk(40_000);

const replay = ["replay", "bars.csv", "--bucket-volume", "500", "--json", "-o", "vpin.csv", "--force"];

describe("klines", () => {
  test.each([
    [1, "without names", false],
    [60, "with names", true],
  ])("of %i s, %s: VPIN by the buyers' part of each", async (seconds, _, named) => {
    const bars = barsOf(trades, seconds);
    const answer = await same(bars, [...(named ? [names] : []), ...bars.map(kline(seconds))], 500);
    expect(answer.quality.map(({ name }: { name: string }) => name)).not.toContain("unknown_sides");
  });

  test("bars with a wild price are left out, with the buyers' part of theirs alone", async () => {
    const bars = barsOf(trades, 1);
    const isWild = (i: number) => i % 500 === 250;
    const wild = bars.map((bar, i) => (isWild(i) ? { ...bar, close: 10 * bar.close, high: 10 * bar.close } : bar));
    put("bars.csv", [names, ...wild.map(kline(1))]);
    const { stdout } = await tickforge(replay, { cwd: folder });
    expect(JSON.parse(stdout).spikes.count).toBe(wild.filter((_, i) => isWild(i)).length);
    const expected = plain(
      bars.filter((_, i) => !isWild(i)),
      500,
      50,
    );
    expect(vpinOf("vpin.csv").length).toBe(expected.length);
    vpinOf("vpin.csv").forEach((value, i) => void expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-9));
  });

  test("several instruments, and files that follow each other", async () => {
    const bars = barsOf(trades, 60);
    const rows = bars.flatMap((bar) => [`A,${kline(60)(bar)}`, `B,${kline(60)({ ...bar, bought: bar.volume - bar.bought })}`]);
    put("two.csv", [`symbol,${names}`, ...rows]);
    const two = await tickforge(["replay", "two.csv", "--bucket-volume", "500", "--json"], { cwd: folder });
    const expected = plain(bars, 500, 50).at(-1)!;
    for (const { vpin } of JSON.parse(two.stdout).instruments) expect(Math.abs(vpin.last - expected)).toBeLessThan(1e-9);

    const half = Math.floor(bars.length / 2);
    put("k-1.csv", [names, ...bars.slice(0, half).map(kline(60))]);
    put("k-2.csv", [names, ...bars.slice(half).map(kline(60))]);
    const parts = await tickforge(["replay", "k-1.csv", "k-2.csv", "--bucket-volume", "500", "--json"], { cwd: folder });
    expect(Math.abs(JSON.parse(parts.stdout).instruments[0].vpin.last - expected)).toBeLessThan(1e-9);

    put("k-2.csv", [
      "open_time,open,high,low,close,volume",
      ...bars.slice(half).map((bar) => kline(60)(bar).split(",").slice(0, 6).join()),
    ]);
    const mixed = await tickforge(["replay", "k-1.csv", "k-2.csv"], { cwd: folder });
    expect([mixed.code, mixed.stderr]).toEqual([2, expect.stringContaining("do not say what buyers took of them")]);
  });

  test("the screen and the page say whose sides they are; bvc when it is asked for, and on a pipe that is read as it comes", async () => {
    const lines = barsOf(trades, 60).map(kline(60));
    put("bars.csv", lines);
    const said = async (args: string[], input?: string) =>
      (await tickforge(["replay", ...args], { cwd: folder, ...(input && { input }) })).stdout;
    expect(await said(["bars.csv", "--classify", "given", "--report", "page.html", "--bucket-volume", "500"])).toContain(
      "\nside: taker buy volume of the bars\n",
    );
    expect(readFileSync(join(folder, "page.html"), "utf8")).toContain("taker buy volume of the bars");
    expect(await said(["bars.csv", "--classify", "bvc", "--bucket-volume", "500"])).toContain("\nside: bvc: bars of the file, 60 s");
    const pipe = await said(["-", "--bucket-volume", "500"], `${lines.join("\n")}\n`);
    expect(pipe).toContain("\nside: bvc: bars of the file");
    expect(pipe).toContain("the taker buy volume of the bars is not read from a pipe with --bucket-volume");
    const seconds = barsOf(trades, 1).map(kline(1));
    expect(await said(["-"], `${seconds.join("\n")}\n`)).toContain("\nside: taker buy volume of the bars\n");
  });
});

describe("columns of other bars", () => {
  const bars = barsOf(trades, 60);
  const row = (bar: Bar, ...more: string[]) => [bar.ms, bar.open, bar.high, bar.low, bar.close, bar.volume.toFixed(8), ...more].join(",");
  const head = "time,open,high,low,close,volume";

  test.each(["taker_buy_base_asset_volume", "Taker buy base asset volume", "buy_volume", "buyVolume"])("%s", async (name) => {
    put("bars.csv", [`${head},${name}`, ...bars.map((bar) => row(bar, bar.bought.toFixed(8)))]);
    const { columns, facts } = await collectTrades(join(folder, "bars.csv"), { bars: true });
    expect(facts.files[0]!.layout.bought).toEqual({ bought: 6 });
    expect([...columns.bought!]).toEqual(bars.map(({ bought }) => Number(bought.toFixed(8))));
  });

  test("a table of columns, with the same rules", async () => {
    const some = bars.slice(0, 100);
    const column = (of: (bar: Bar) => number) => Float64Array.from(some, of);
    const bought = column((bar) => bar.bought);
    bought[20] = 1e9;
    const table = tableFromArrays({
      ...{ open_time: BigInt64Array.from(some, ({ ms }) => BigInt(ms)), open: column((bar) => bar.open), high: column((bar) => bar.high) },
      ...{ low: column((bar) => bar.low), close: column((bar) => bar.close), volume: column((bar) => bar.volume) },
      taker_buy_volume: bought,
    });
    const path = join(folder, "bars.arrow");
    writeFileSync(path, tableToIPC(table, "file"));
    await expect(collectTrades(path, { bars: true })).rejects.toMatchObject({
      bad: { refusal: "bought", line: 21, value: "1000000000", columnName: "taker_buy_volume" },
    });
    const { columns, facts } = await collectTrades(path, { bars: true, onBad: "skip" });
    expect(facts.files[0]!.refusedBy).toEqual({ bought: 1 });
    expect([...columns.bought!]).toEqual(some.filter((_, i) => i !== 20).map((bar) => bar.bought));
  });

  test("bought and sold must be the volume; where most are not, they are not read and that is said", async () => {
    const sold = (bar: Bar, factor = 1) => ((bar.volume - bar.bought) * factor).toFixed(8);
    const lines = (factor: (i: number) => number) => [
      `${head},buy_volume,sell_volume`,
      ...bars.map((bar, i) => row(bar, bar.bought.toFixed(8), sold(bar, factor(i)))),
    ];
    put(
      "bars.csv",
      lines(() => 1),
    );
    const { facts } = await collectTrades(join(folder, "bars.csv"), { bars: true });
    expect(facts.files[0]!.layout.bought).toEqual({ bought: 6, sold: 7 });
    put(
      "bars.csv",
      lines((i) => (i === 7 ? 2 : 1)),
    );
    const bad = await tickforge(["replay", "bars.csv"], { cwd: folder });
    expect([bad.code, bad.stderr]).toEqual([
      3,
      expect.stringMatching(/line 9: buy_volume and sell_volume are .* not the volume of the bar/),
    ]);
    put(
      "bars.csv",
      lines(() => 2),
    );
    const { stdout } = await tickforge(["replay", "bars.csv", "--bucket-volume", "500"], { cwd: folder });
    expect(stdout).toContain("column 'buy_volume' is no part of the volume of the bars");
    expect(stdout).toContain("side: bvc: bars of the file");
  });

  test.each([
    ["-1", "is -1, expected >= 0"],
    ["1e9", "is 1e9, more than the volume of the bar"],
    ["", "is empty"],
    ["x", "is 'x', not a number"],
  ])("'%s' is a bad row, skipped and counted", async (value, what) => {
    const lines = bars.slice(0, 200).map((bar, i) => row(bar, i === 20 ? value : bar.bought.toFixed(8)));
    for (const [name, text] of [
      ["bars.csv", [`${head},taker_buy_volume`, ...lines].join("\n")],
      ["bars.jsonl", lines.map((line) => JSON.stringify(jsonOf(line, [...head.split(","), "taker_buy_volume"]))).join("\n")],
    ] as const) {
      writeFileSync(join(folder, name), `${text}\n`);
      const path = join(folder, name);
      const line = name === "bars.csv" ? 22 : 21;
      await expect(collectTrades(path, { bars: true })).rejects.toMatchObject({
        message: expect.stringContaining(`line ${line}: taker_buy_volume ${what}`),
        bad: { refusal: "bought", line, value, columnName: "taker_buy_volume" },
      });
      const { columns, facts } = await collectTrades(path, { bars: true, onBad: "skip" });
      expect([facts.rows, facts.files[0]!.refusedBy]).toEqual([199, { bought: 1 }]);
      const expected = bars.slice(0, 200).filter((_, i) => i !== 20);
      expect([...columns.bought!]).toEqual(expected.map(({ bought }) => Number(bought.toFixed(8))));
    }
  });

  test("a bar without volume has no side, and fills nothing", async () => {
    const empty = bars.flatMap((bar, i) => (i % 3 === 0 ? [bar, { ...bar, ms: bar.ms + 30_000, volume: 0, bought: 0 }] : [bar]));
    await same(bars, [`${head},taker_buy_volume`, ...empty.map((bar) => row(bar, bar.bought.toFixed(8)))], 500);
  });
});

const jsonOf = (line: string, keys: readonly string[]) => Object.fromEntries(line.split(",").map((cell, i) => [keys[i]!, cell]));

const market = resolve(process.env.MARKET_DATA ?? "../shared/data");
const path = join(market, "binance_2024/hb_spot_btcusdt_20240808_visionlayout.csv.gz");
describe.skipIf(!existsSync(path))("klines of a day of Binance, whose trades have true sides", () => {
  test.each([1, 60])("of %i s", async (seconds) => {
    const lines = gunzipSync(readFileSync(path)).toString().trim().split("\n");
    const real = lines.map((line): Trade => {
      const [, price, size, , ms, maker] = line.split(",");
      return { ms: Number(ms), price: Number(price), size: Number(size), buy: maker === "False" };
    });
    const bars = barsOf(real, seconds);
    const volume = bars.reduce((sum, bar) => sum + bar.volume, 0);
    await same(bars, bars.map(kline(seconds)), Number((volume / 300).toFixed(4)));
  });
});
