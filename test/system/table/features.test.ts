/** Features on one clock: numbers from outside, each instrument as alone, the same in any batches. */
import { describe, expect, it } from "vitest";
import { orderFlowImbalance } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { features } from "../../../src/system/table/features.js";
import { drive, driven, type Input, only } from "../kit/drive.js";

const nan = Number.NaN;
const at = (seconds: number) => BigInt(Math.round(seconds * 10)) * 100_000_000n;
const trade = (seconds: number, price: number, size: number, side: number, instrument = 0): Input => [
  "trades",
  { time: at(seconds), price, size, side, instrument },
];
const quote = (seconds: number, bid: number, bidSize: number, ask: number, askSize: number, instrument = 0): Input => [
  "quotes",
  { time: at(seconds), bid, bidSize, ask, askSize, instrument },
];
const inTime = (rows: Input[]) => rows.sort(([, a], [, b]) => Number((a.time as bigint) - (b.time as bigint)));
const trades = [
  ...[trade(0.1, 100, 2, 1), trade(0.7, 100.5, 1, -1), trade(1.2, 100.25, 4, -1), trade(2.5, 101, 3, 1), trade(2.6, 101, 1, 0)],
  ...[trade(4.1, 100.75, 2, 1), trade(5, 1, 1, 1)],
];
const quotes = [
  ...[quote(0.2, 10, 5, 11, 6), quote(0.3, 10, 7, 11, 1), quote(1.5, 10.5, 2, 11, 1), quote(1.6, 10, 9, 11, 1)],
  ...[quote(2.2, 10, 9, 10.5, 3), quote(2.9, 10, 9, 11, 8), quote(4.5, 10.5, 4, 11.5, 2)],
];

/** Three instruments, of which the third has no quotes. */
function tape(rows: number, seed: number): Input[] {
  const random = seeded(seed);
  const now = [100, 7, 0.5];
  let seconds = 1_700_000_000;
  return Array.from({ length: rows }, (): Input => {
    seconds += 0.5 * random() ** 3;
    const k = Math.floor(3 * random());
    const tick = now[k]! / 1000;
    now[k]! += tick * Math.round(4 * (random() - 0.5));
    const size = () => Math.ceil(9 * random());
    if (k === 2 || random() < 0.4) return trade(seconds, now[k]!, size(), [1, -1, 0][Math.floor(3 * random())]!, k);
    return quote(seconds, now[k]! - tick, size(), now[k]! + tick * Math.ceil(2 * random()), size(), k);
  });
}
const instruments = ["A", "B", "C"];

const book = (seconds: number, bids: [number, number][], asks: [number, number][], instrument = 0): Input => {
  const of = (side: [number, number][], i: 0 | 1) => [0, 1].map((level) => side[level]?.[i] ?? nan);
  return ["book", { time: at(seconds), instrument, bid: of(bids, 0), bidSize: of(bids, 1), ask: of(asks, 0), askSize: of(asks, 1) }];
};

describe("features", () => {
  it("of books are the flows of each level, by hand; a book that was broken is no flow", async () => {
    const rows = [
      trade(0.1, 100, 1, 1),
      book(
        0.2,
        [
          [10, 5],
          [9, 4],
        ],
        [
          [11, 6],
          [12, 7],
        ],
      ),
      // Level 1: the bid's size +2; level 2: the ask falls to 11.5 with 3, which is supply, and the bid is as it was.
      book(
        0.3,
        [
          [10, 7],
          [9, 4],
        ],
        [
          [11, 6],
          [11.5, 3],
        ],
      ),
      // Level 1: the bid falls, its 7 go; level 2: there is no bid any more, its 4 go.
      book(
        1.2,
        [[9, 4]],
        [
          [11, 6],
          [11.5, 3],
        ],
      ),
      book(2.1, [], []),
      book(2.2, [[20, 1]], [[21, 1]]),
      trade(3.1, 100, 1, 1),
      trade(4.1, 100, 1, 1),
    ];
    const found = (await drive(features, rows, { options: { window: 2, levels: 2 } })).features!;
    expect(found.books).toEqual([2, 1, 2, 0]);
    expect(found.levelOfi1).toEqual([nan, 2 - 7, -7, 0]);
    expect(found.levelOfi2).toEqual([nan, -3 - 4, -4, 0]);
    expect(found.depthImbalance).toEqual([(11 - 9) / 20, (4 - 9) / 13, 0, 0]);
    expect((await drive(features, [rows[0]!, trade(1.5, 1, 1, 1)])).features).not.toHaveProperty("levelOfi1");
  });

  it("of one level of a book are those of the kernel on its quotes", async () => {
    const random = seeded(5);
    const rows = Array.from({ length: 400 }, (_, i) => {
      const bid = 100 + Math.floor(4 * random());
      return book(i / 10, [[bid, Math.ceil(9 * random())]], [[bid + 1 + Math.floor(2 * random()), Math.ceil(9 * random())]]);
    });
    const wide = rows.map(([port, row]): Input => {
      const first = (name: string) => [(row[name] as number[])[0]!];
      return [port, { ...row, bid: first("bid"), bidSize: first("bidSize"), ask: first("ask"), askSize: first("askSize") }];
    });
    const found = (await drive(features, wide, { options: { window: 2, levels: 1 }, ports: ["trades", "book"] })).features!;
    const column = (name: string) => Float64Array.from(rows, ([, row]) => (row[name] as number[])[0]!);
    const quotes = { bid: column("bid"), bidSize: column("bidSize"), ask: column("ask"), askSize: column("askSize") };
    const { imbalance } = orderFlowImbalance(quotes, { window: 1 });
    const flows = imbalance.map((value) => (Number.isNaN(value) ? 0 : value));
    const sum = (from: number, to: number) => flows.subarray(from, to).reduce((a, b) => a + b, 0);
    expect(found.levelOfi1).toEqual(found.time!.map((_, bar) => (bar === 0 ? nan : sum(10 * bar - 10, 10 * bar + 10))));
  });

  it("are the sums of the papers over the bars there are", async () => {
    const found = (await drive(features, inTime([...trades, ...quotes]), { options: { window: 3 } })).features!;
    expect(found.time).toEqual([1, 2, 3, 5].map(at));
    expect(found.price).toEqual([100.5, 100.25, 101, 100.75]);
    expect([found.volume, found.trades, found.quotes]).toEqual([
      [3, 4, 4, 2],
      [2, 1, 2, 1],
      [2, 2, 2, 1],
    ]);
    // Cont, Kukanov & Stoikov (2014): e_n by hand 7 | 2 -2 | -3 3 | 12, the first quote adding none
    expect(found.ofi).toEqual([nan, nan, 7, 12]);
    expect(found.tradeImbalance).toEqual([nan, nan, 0, 0.1]);
    expect(found.intensity).toEqual([nan, nan, 5 / 3, 1]);
    expect(found.buyIntensity).toEqual([nan, nan, 2 / 3, 0.5]);
    expect(found.sellIntensity).toEqual([nan, nan, 2 / 3, 0.25]);
    // numpy 2.4.6: r = diff(log(price)); (r ** 2).sum(), pi / 2 * (abs(r[:-1]) * abs(r[1:])).sum()
    for (const [name, value] of [
      ["realizedVariance", 6.78993707011838e-5],
      ["bipowerVariation", 5.8176055657500717e-5],
    ] as const) {
      expect(found[name]!.slice(0, 3)).toEqual([nan, nan, nan]);
      expect(found[name]![3]).toBeCloseTo(value, 16);
    }
    // Gatheral & Oomen (2010): (bid askSize + ask bidSize) / (bidSize + askSize)
    expect(found.microprice).toEqual([10 + 7 / 8, 10.9, 10 + 9 / 17, 10.5 + 4 / 6]);
    expect(found.mid).toEqual([10.5, 10.5, 10.5, 11]);
    expect(found.queueImbalance).toEqual([6 / 8, 0.8, 1 / 17, 2 / 6]);
    expect(found.spread).toEqual([1, 1, 1, 1]);
    expect(found.spreadState).toEqual([1, 2, 2, 2]);
  });

  it("without quotes leave NaN where quotes are needed, and count none", async () => {
    const found = (await drive(features, trades, { options: { window: 3, tickSize: 0.1 } })).features!;
    for (const name of ["ofi", "mid", "microprice", "queueImbalance", "spread", "spreadState"])
      expect(found[name]).toEqual(new Array(4).fill(nan));
    expect(found.quotes).toEqual([0, 0, 0, 0]);
    expect(found.tradeImbalance![3]).toBe(0.1);
  });

  it("of the middle of quotes and of a tick that is given", async () => {
    const found = (await drive(features, quotes, { options: { window: 2, price: "mid", tickSize: 0.25 } })).features!;
    expect(found.price).toEqual([10.5, 10.5, 10.5]);
    expect(found.spreadState).toEqual([4, 4, 4]);
    expect(found.intensity).toEqual([nan, 0, 0]);
  });

  for (const options of [{ window: 5 }, { window: 4, clock: "volume", barVolume: { A: 20, B: 30, C: 25 }, price: "mid" }])
    it(`are the same however they were split, and of each what they are alone (clock ${options.clock ?? "time"})`, async () => {
      const rows = tape(600, 6);
      const { features: all } = await driven(features, rows, { options, instruments });
      expect(all!.time!.length).toBeGreaterThan(40);
      for (const id of [0, 1, 2]) {
        const { features: alone } = await drive(
          features,
          rows.filter(([, row]) => row.instrument === id),
          { options, instruments },
        );
        const some = only(all!, id);
        const length = alone!.time!.length;
        expect(length).toBeGreaterThan(10);
        expect(some.time!.length - length).toBeLessThanOrEqual(1);
        expect(Object.fromEntries(Object.entries(some).map(([name, column]) => [name, column.slice(0, length)]))).toEqual(only(alone!, id));
      }
    });

  it("have the flow of the kernel", async () => {
    const rows = tape(400, 2).filter(([port, { instrument }]) => port === "quotes" && instrument === 1);
    const column = (name: string) => Float64Array.from(rows, ([, row]) => row[name] as number);
    const { imbalance } = orderFlowImbalance({
      bid: column("bid"),
      bidSize: column("bidSize"),
      ask: column("ask"),
      askSize: column("askSize"),
    });
    const { features: found } = await drive(features, rows, { options: { barSeconds: 1000, window: 2 }, instruments });
    expect(found!.time).toEqual([]);
    const ends = await drive(features, [...rows, quote(1_700_002_000, 1, 1, 2, 1, 1), quote(1_700_004_000, 1, 1, 2, 1, 1)], {
      ...{ options: { barSeconds: 1000, window: 2 }, instruments },
    });
    const last = orderFlowImbalance({
      ...{ bid: Float64Array.of(column("bid").at(-1)!, 1), bidSize: Float64Array.of(column("bidSize").at(-1)!, 1) },
      ...{ ask: Float64Array.of(column("ask").at(-1)!, 2), askSize: Float64Array.of(column("askSize").at(-1)!, 1) },
    }).imbalance[1]!;
    expect(ends.features!.ofi).toEqual([Number.NaN, imbalance.slice(1).reduce((sum, x) => sum + x, 0) + last]);
  });

  it("end a bar of volume with the trade that reaches it", async () => {
    const { features: found } = await drive(features, trades, { options: { clock: "volume", barVolume: 5, window: 2 } });
    expect(found!.volume).toEqual([7, 6]);
    expect(found!.time).toEqual([at(1.2), at(4.1)]);
    expect(found!.intensity![1]).toBeCloseTo(6 / 4, 12);
    await expect(drive(features, trades, { options: { clock: "volume", barVolume: { A: 1 } }, instruments: ["A", "B"] })).rejects.toThrow(
      /engine 'features': option 'barVolume' is missing for B/,
    );
  });
});
