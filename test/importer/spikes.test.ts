/** Prices far off for a moment are left out, whatever the batches; what stays, moves on its way or ends the tape is the market's. */
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { Held } from "../../src/importer/held.js";
import { Spikes } from "../../src/importer/spikes.js";
import { requireBuilt, temporaryFolder, tickforge } from "../support/cli.js";

interface Trade {
  second: number;
  price: number;
  instrument?: number;
}
const room = 128;

/** What goes on of the trades, by their places, where they come in batches of `step`. */
function run(trades: readonly Trade[], step: number, drop = true) {
  const spikes = new Spikes(drop);
  const held = new Held(spikes, room);
  const kept: number[] = [];
  const put = ({ size, bid, askSize }: Record<"size" | "bid" | "askSize", Float64Array>, start: number, count: number) => {
    const rows = (of: Float64Array) => Array.from(of.subarray(start, start + count));
    kept.push(...rows(size));
    expect(rows(bid)).toEqual(rows(size)); // each trade keeps its own quote
    expect(rows(askSize)).toEqual(rows(size));
  };
  for (let at = 0; at < trades.length; at += step) {
    const rows = trades.slice(at, at + step);
    const places = Float64Array.from(rows, (_, i) => at + i);
    const columns = {
      ...{ bid: places, ask: places, bidSize: places, askSize: places },
      time: BigInt64Array.from(rows, ({ second }) => BigInt(Math.round(1e9 * second))),
      price: Float64Array.from(rows, ({ price }) => price),
      size: places,
      side: new Int8Array(rows.length),
      instrument: Uint32Array.from(rows, ({ instrument = 0 }) => instrument),
    };
    const sure = held.take(columns, rows.length, put as never);
    if (sure !== undefined) put(columns, 0, sure);
  }
  held.end(put as never);
  return { kept, found: spikes.summary() };
}

const calm = (count: number): Trade[] => Array.from({ length: count }, (_, i) => ({ second: i, price: 100 + ((i * 7) % 5) / 10 }));
const at = (of: Trade[], places: Record<number, Partial<Trade>>): Trade[] => of.map((trade, i) => ({ ...trade, ...places[i] }));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const during = (from: number, to: number, price: (i: number) => number) =>
  Object.fromEntries(range(from, to).map((i) => [i, { price: price(i) }]));

const cases: [string, Trade[], number[]][] = [
  ["nothing", calm(300), []],
  ["one print ten times off, up and down", at(calm(300), { 40: { price: 1000 }, 150: { price: 10 } }), [40, 150]],
  [
    "one that nobody trades away from for minutes",
    at(calm(300), { 40: { price: 1000 } }).map((t, i) => (i > 40 ? { ...t, second: t.second + 200 } : t)),
    [],
  ],
  ["a few of them, not alike", at(calm(300), { 40: { price: 1e7 }, 41: { price: 5e6 }, 42: { price: 400 } }), [40, 41, 42]],
  [
    "many at one time",
    at(
      calm(300),
      during(30, 70, () => 1e4),
    ).map((t, i) => ({ ...t, second: i < 30 ? i : i < 70 ? 30 : i - 39 })),
    range(30, 70),
  ],
  [
    "a crash at once that stays for a minute",
    at(
      calm(300),
      during(100, 161, () => 10),
    ),
    [],
  ],
  [
    "more than a hundred trades in a second",
    at(
      calm(300),
      during(100, 210, () => 10),
    ).map((t, i) => ({ ...t, second: i / 100 })),
    [],
  ],
  [
    "a crash on its way down and up",
    at(
      calm(300),
      during(100, 140, (i) => 100 * 0.8 ** Math.min(i - 100, 140 - i)),
    ),
    [],
  ],
  [
    "a price that stays where it went",
    at(
      calm(300),
      during(100, 300, () => 1000),
    ),
    [],
  ],
  ["the last trade", at(calm(300), { 299: { price: 1000 } }), []],
  ["half of the price for a moment", at(calm(300), { 40: { price: 50 } }), []],
  ["each instrument by itself", calm(300).map((t, i) => ({ ...t, instrument: i % 2, price: i === 101 ? 5 : i % 2 ? 5e4 : 100 })), [101]],
];

describe("what goes on of a tape", () => {
  test.each(cases)("%s", (_, trades, dropped) => {
    const want = trades.map((_, i) => i).filter((i) => !dropped.includes(i));
    for (const step of [1, 7, 50, 64]) {
      const { kept, found } = run(trades, step);
      expect(kept).toEqual(want);
      expect(found.count).toBe(dropped.length);
      const all = run(trades, step, false);
      expect(all.kept.length).toBe(trades.length);
      expect(all.found).toMatchObject({ count: dropped.length, dropped: false, largest: found.largest });
    }
  });

  test("the farthest is named", () => {
    const { found } = run(at(calm(300), { 40: { price: 1000 }, 150: { price: 1e-3 } }), 50);
    expect(found.largest).toEqual({ time: 150_000_000_000n, price: 1e-3, before: expect.closeTo(100, 0), instrument: 0 });
  });

  test("what is not decided takes no more than a slot: more is kept", () => {
    const quiet = at(
      calm(300).map((t, i) => ({ ...t, instrument: i === 10 || i === 11 ? 1 : 0 })),
      { 10: { price: 1 }, 11: { price: 1000 } },
    );
    const { kept, found } = run(
      quiet.map((t) => ({ ...t, second: 0 })),
      50,
    );
    expect([kept, found.count]).toEqual([range(0, 300), 0]);
  });

  test("two instruments in one tape are refused, or read as they are", () => {
    const both = calm(2000).map((t, i) => ({ ...t, price: (i * 7) % 3 === 0 ? 2000 : 100 }));
    expect(() => run(both, 50)).toThrow(
      expect.objectContaining({ code: "E_PRICES_APART", hint: expect.stringContaining("--outliers keep") }),
    );
    expect(run(both, 50, false).kept.length).toBe(2000);
  });
});

describe("the answer", () => {
  beforeAll(requireBuilt);
  const folder = temporaryFolder();
  const replay = (...args: string[]) => tickforge(["replay", ...args], { cwd: folder });
  const rows = range(0, 40_000).map((i) => [
    1_600_000_000 + 2 * i,
    1000 + 20 * Math.sin(i / 700) + ((i * 7919) % 13) / 10,
    1 + ((i * 31) % 7),
  ]);
  const bad = rows.map(([t, p, s], i) => [t, i % 9000 === 8979 ? 1e7 : p, s]);
  const put = (name: string, of: readonly (readonly (number | undefined)[])[]) =>
    writeFileSync(join(folder, name), `time,price,size\n${of.map((row) => row.join(",")).join("\n")}\n`);

  test("is that of the tape without such trades, and says what they change; with --outliers keep it says so too", async () => {
    put("bad.csv", bad);
    put(
      "good.csv",
      bad.filter((row) => row[1] !== 1e7),
    );
    const json = async (...args: string[]) => JSON.parse((await replay(...args, "--json")).stdout);
    const [dropped, good, kept] = [await json("bad.csv"), await json("good.csv"), await json("bad.csv", "--outliers", "keep")];
    const [{ vpin: of }, { vpin: want }] = [dropped.instruments[0], good.instruments[0]];
    for (const name of ["last", "mean", "p95", "max"]) expect(of[name]).toBeCloseTo(want[name], 12);
    expect(dropped.trades).toBe(good.trades);
    expect(dropped.spikes).toMatchObject({ count: 4, dropped: true, largest: { price: 1e7 } });
    expect(kept.spikes).toMatchObject({ count: 4, dropped: false });
    expect(kept.spikes.vpin.last).toBeLessThan(0.2 * dropped.spikes.vpin.last);
    expect(dropped.spikes.otherwise.last).toBeCloseTo(kept.spikes.vpin.last, 2);
    expect(kept.spikes.otherwise.last).toBeCloseTo(dropped.spikes.vpin.last, 2);
    const { stdout } = await replay("bad.csv");
    expect(stdout).toMatch(
      /^doubtful: 4 trades more than three times off .* 10,000,000 after .*; left out; with them \(--outliers keep\) VPIN is 0\.\d+ at the end/m,
    );
    expect((await replay("bad.csv", "--outliers", "keep", "--report", "bad.html")).stdout).toMatch(
      /without them \(--outliers drop\) VPIN is/,
    );
  });

  const market = resolve(packageRoot(), process.env.MARKET_DATA ?? "../shared/data");
  const [okcoin, mtgox] = ["okcoin_2017/okcoinUSD.csv.gz", "mtgox_2013/april_trades.csv.gz"].map((path) => join(market, path)) as [
    string,
    string,
  ];
  test.skipIf(!existsSync(okcoin))(
    "of a book that was swept to ten million is no longer near zero; a crash is kept",
    { timeout: 60_000 },
    async () => {
      const ok = JSON.parse((await replay(okcoin, "--on-bad", "skip", "--json")).stdout);
      expect(ok.spikes).toMatchObject({ count: 66, largest: { price: 1e7 } });
      expect(ok.spikes.vpin.last).toBeGreaterThan(0.1);
      expect(ok.spikes.otherwise.last).toBeLessThan(0.01);
      const crash = JSON.parse((await replay(mtgox, "--on-bad", "skip", "--classify", "bvc", "--json")).stdout);
      expect(crash.spikes).toMatchObject({ count: 0, otherwise: null });
    },
  );
});
