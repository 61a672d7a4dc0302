/** Bars in files without names: klines and rows of date, open, high, low, close and volume, told by what they hold; days, gaps, other lengths. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectTrades } from "../../../src/files/read/trades.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import { requireBuilt, tickforge } from "../../support/cli.js";
import "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-bars-"));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

interface Bar {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}
const wave = (i: number) => 100 + 5 * Math.sin(i / 9) + ((i * 37) % 11) / 10;
const bars: Bar[] = Array.from({ length: 3000 }, (_, i) => {
  const [open, close] = [wave(i), wave(i + 1)].map((p) => Number(p.toFixed(2))) as [number, number];
  return { open, close, high: Math.max(open, close) + 0.1, low: Math.min(open, close) - 0.1, volume: 1000 + ((i * 7919) % 500) };
});
const text = (row: (bar: Bar, i: number) => (string | number)[], of = bars) => `${of.map((bar, i) => row(bar, i).join(",")).join("\n")}\n`;
const ohlcv = ({ open, high, low, close, volume }: Bar) => [open, high.toFixed(2), low.toFixed(2), close, volume];
const start = Date.UTC(2020, 0, 6);
const kline = (unit: number) => (bar: Bar, i: number) => {
  const ms = start + 60_000 * i;
  const stamp = (at: number, rest: string) => `${at}${unit === 1000 ? rest : ""}`;
  return [
    stamp(ms, "000"),
    ...ohlcv(bar),
    stamp(ms + 59_999, "999"),
    bar.volume * bar.close,
    10,
    bar.volume / 2,
    (bar.volume / 2) * bar.close,
    0,
  ];
};
/** Weekdays. */
const day = (i: number) => new Date(start + 86_400_000 * (i + 2 * Math.floor(i / 5))).toISOString().slice(0, 10);

const read = async (path: string, options: ReadOptions = { bars: true }) => {
  const { columns, facts } = await collectTrades(path, options);
  return { time: columns.time, price: [...columns.price], size: [...columns.size], layout: facts.files[0]!.layout };
};
const closes = bars.map(({ close }) => close);
const volumes = bars.map(({ volume }) => volume);

describe("bars without names", () => {
  test.each([
    ["klines in ms", text(kline(1)), 60, "bars of 60 s, binance klines", 0],
    ["klines in us", text(kline(1000)), 60, "bars of 60 s, binance klines", 0],
    [
      "days",
      text((bar, i) => [day(i), ...ohlcv(bar)]),
      86_400,
      "bars of 86400 s, columns by what they hold, time = 0, price = 4, size = 5",
      0,
    ],
    [
      "another order",
      text((bar, i) => [bar.volume, bar.close, bar.low.toFixed(2), bar.high.toFixed(2), bar.open, start + 3_600_000 * i]),
      3600,
      "bars of 3600 s, columns by what they hold, time = 5, price = 1, size = 0",
      5,
    ],
  ])("%s", async (_, of, seconds, name) => {
    const found = await read(put("bars.csv", of));
    expect([found.layout.barSeconds, found.layout.name]).toEqual([seconds, name]);
    expect([found.price, found.size]).toEqual([closes, volumes]);
    expect(Number(found.time[0]! / 1_000_000n)).toBe(start);
    await expect(read(put("bars.csv", of), {})).rejects.toMatchObject({ code: "E_FORMAT_UNKNOWN" });
  });

  test("days under names, in any usual form or the one that is said; a month that may be a day is refused", async () => {
    const named = (form: (date: string) => string, of = bars) =>
      put("named.csv", `Date,Open,High,Low,Close,Volume\n${text((bar, i) => [form(day(i)), ...ohlcv(bar)], of)}`);
    const dots = (date: string) => date.split("-").reverse().join(".");
    const plain = await read(named((date) => date));
    expect((await read(named(dots))).time).toEqual(plain.time);
    expect((await read(named(dots), { bars: true, timeFormat: "%d.%m.%Y" })).time).toEqual(plain.time);
    const slashes = (date: string) => date.split("-").reverse().join("/");
    await expect(read(named(slashes, bars.slice(0, 4)))).rejects.toMatchObject({
      code: "E_DATE_ORDER",
      hint: "say which: --time-format '%m/%d/%Y', or --time-format '%d/%m/%Y'",
    });
  });

  test.each([
    ["no column is always the highest", text((bar, i) => [day(i), bar.open, bar.low, bar.low, bar.close, bar.volume])],
    ["closes that are no open of the next", text((bar, i) => [day(i), 100, 130, 70, 100 + (i % 3), bar.volume])],
    ["too few rows", text((bar, i) => [day(i), ...ohlcv(bar)], bars.slice(0, 5))],
    ["klines whose highs are not", text((bar, i) => kline(1)({ ...bar, high: bar.low }, i))],
  ])("refused: %s", async (_, of) => {
    await expect(read(put("none.csv", of))).rejects.toMatchObject({
      code: "E_FORMAT_UNKNOWN",
      message: expect.stringContaining("columns: 0 = "),
    });
  });
});

describe("bars that say little are told", () => {
  beforeAll(requireBuilt);
  const tape = async (path: string) => {
    const { stdout } = await tickforge(["replay", path, "--json"]);
    const found: { name: string; count: number }[] = JSON.parse(stdout).quality;
    return found.map(({ name, count }) => [name, count]);
  };

  test("days; weekends are no outage", async () => {
    const found = await tape(
      put(
        "days.csv",
        text((bar, i) => [day(i), ...ohlcv(bar)]),
      ),
    );
    expect(found).toEqual([["slow_bars", 118]]);
  });

  test("minutes with some missing say nothing, minutes behind hours do", async () => {
    const some = (bar: Bar, i: number) => [start + 60_000 * (i + Math.floor(i / 300)), ...ohlcv(bar)];
    expect(await tape(put("some.csv", text(some)))).toEqual([]);
    const hours = (bar: Bar, i: number) => [start + (i < 300 ? 3_600_000 * i : 3_600_000 * 300 + 60_000 * i), ...ohlcv(bar)];
    expect(await tape(put("hours.csv", text(hours)))).toContainEqual(["bars_of_other_lengths", 2699]);
  });
});
