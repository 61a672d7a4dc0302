/** Orders on paper: worked examples by hand, each instrument as alone, any batches, and what fills and holdings add up to. */
import { describe, expect, it } from "vitest";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { execution } from "../../../src/system/table/execution.js";
import { drive, driven, type Input, only } from "../kit/drive.js";

const second = 1_000_000_000n;
const at = (time: number) => BigInt(Math.round(time * 1e9));
const quote = (time: number, bid: number, bidSize: number, ask: number, askSize: number, instrument = 0): Input => [
  "quotes",
  { time: at(time), instrument, bid, bidSize, ask, askSize },
];
const trade = (time: number, side: number, price: number, size: number, instrument = 0): Input => [
  "trades",
  { time: at(time), instrument, side, price, size },
];
const order = (time: number, id: number, side: number, price: number, size: number, more: object = {}, instrument = 0): Input => [
  "orders",
  { time: at(time), instrument, order: BigInt(id), side, price, size, kind: 8, decision: Number.NaN, ...more },
];
const cancel = (time: number, id: number) => order(time, id, 0, Number.NaN, 0, { kind: 13 });
const options = { tick: 0.5, lot: 1 };

describe("execution", () => {
  it("lets an order wait behind what was there, and fills what trades take beyond that", async () => {
    const rows = [
      ...[quote(1, 100, 5, 101, 4), order(2, 7, 1, 100, 3, { decision: 100.5 }), trade(3, -1, 100, 4), trade(4, -1, 100, 2)],
      ...[quote(5, 99.5, 9, 100.5, 4), trade(6, -1, 99.5, 9), order(7, 8, -1, Number.NaN, 2, { kind: 9, decision: 99 }), cancel(8, 7)],
    ];
    const {
      fills,
      order_news: news,
      holdings,
    } = await drive(execution, rows, { options: { ...options, makerFee: -0.001, takerFee: 0.002 } });
    expect(news!.kind).toEqual([1, 2, 2, 2, 4]);
    expect(news!.order).toEqual([7n, 7n, 7n, 8n, 7n]);
    expect([news!.queue![0], news!.left]).toEqual([5, [3, 2, 0, 0, 0]]);
    // One lot of the trade at 4 s is beyond the five ahead; that at 6 s is at a worse price than the order's.
    expect(fills!.time).toEqual([4n, 6n, 7n].map((time) => time * second));
    expect([fills!.price, fills!.size, fills!.side, fills!.maker]).toEqual([
      [100, 100, 99.5],
      [1, 2, 2],
      [1, 1, -1],
      [1, 1, 0],
    ]);
    expect(fills!.decision).toEqual([100.5, 100.5, 99]);
    expect(fills!.fee).toEqual([-0.1, -0.2, 0.398].map((fee) => expect.closeTo(fee, 12)));
    expect(holdings!.quantity).toEqual([1, 3, 1]);
    expect(holdings!.cash!.at(-1)).toBeCloseTo(-300 + 199 + 0.3 - 0.398, 10);
  });

  it("tells after the latencies, at the first row then, and settles a cancel by when it is there", async () => {
    const late = { ...options, entryLatency: 1e9, answerLatency: 1e9 };
    const rows = [
      ...[quote(0, 100, 1, 101, 1), order(1, 1, 1, 100, 2), order(1, 2, 1, 99, 2), quote(2.5, 100, 1, 101, 1), cancel(2.6, 1)],
      ...[trade(3, -1, 100, 3), quote(5, 100, 1, 101, 1, 1)],
    ];
    const { order_news: news } = await drive(execution, rows, { options: late, instruments: ["A", "B"] });
    expect([news!.kind, news!.order]).toEqual([
      [1, 1, 2, 4],
      [1n, 2n, 1n, 1n],
    ]);
    expect(news!.happened).toEqual([at(2), at(2), at(3), at(3.6)]);
    // Two are told with the trade at 3 s; the others once a row of another instrument says that 5 s have come.
    expect(news!.time).toEqual([at(3), at(3), at(5), at(5)]);
    expect(news!.queue!.slice(0, 2)).toEqual([1, Number.NaN]);
  });

  it("rejects what is off the grid or of no side, and goes on", async () => {
    const rows = [
      ...[quote(0, 100, 1, 101, 1), order(1, 1, 1, 100.2, 1), order(1, 2, 1, 100, 1.5), order(1, 3, 0, 100, 1), order(1, 4, 1, 100, 1)],
      ...[order(1, 5, 1, 102, 1, { kind: 10 }), order(1, 6, 1, 101, 3, { kind: 12 }), order(1, 7, 1, 101, 3, { kind: 11 })],
    ];
    const { order_news: news, fills } = await drive(execution, rows, { options });
    expect([news!.order, news!.kind, news!.reason]).toEqual([
      [1n, 2n, 3n, 4n, 5n, 6n, 7n, 7n],
      [4, 4, 4, 1, 4, 3, 2, 3],
      [8, 8, 8, 0, 3, 6, 0, 5],
    ]);
    expect(fills!.size).toEqual([1]);
  });

  it("turns requests away where answers would find no room, and goes on", async () => {
    const late = { ...options, answerLatency: 1e9, ownOrders: 8, answers: 256 };
    const flood = Array.from({ length: 300 }, () => cancel(1, 7));
    const rows = [
      quote(0, 100, 5, 101, 4),
      order(1, 7, 1, 100, 3),
      ...flood,
      quote(3, 100, 5, 101, 4),
      cancel(3, 7),
      quote(5, 100, 5, 101, 4),
    ];
    const { order_news: news } = await driven(execution, rows, { options: late });
    const turnedAway = news!.reason!.filter((reason) => reason === 4).length;
    expect([news!.kind![0], turnedAway]).toEqual([4, 192]);
    // All that were let through are answered: accepted, cancelled, and that no such order rests.
    expect(news!.kind!.filter((kind) => kind === 1 || kind === 3).length).toBe(2);
    expect(news!.reason!.filter((reason) => reason === 1).length).toBe(300 - 192 - 1 + 1);
    expect(news!.kind!.length).toBe(302);
  });

  it("tells of orders that come behind rows of the market that are a second later than their way allows", async () => {
    const logged: string[] = [];
    const rows = [
      quote(0, 100, 5, 101, 4),
      quote(9, 100, 5, 101, 4),
      order(8.2, 1, 1, 100, 3),
      order(2, 2, 1, 100, 3),
      order(1, 3, 1, 100, 3),
    ];
    await drive(execution, rows, { options: { ...options, entryLatency: 1e9 }, log: (line) => logged.push(line) });
    expect(logged).toEqual([
      expect.stringContaining("order 2 came 6.0 s of market time too late"),
      expect.stringMatching(/^order 3 came 7\.0 s .* \(2 so far\)\. The market comes faster/),
    ]);
  });

  it("takes of quotes what they show and no more, and the queue of an order does not shrink when the price leaves it", async () => {
    const rows = [
      ...[quote(0, 100, 5, 101, 2), order(1, 1, 1, 100, 1), quote(2, 100.5, 3, 101, 2), quote(3, 100, 4, 101, 2), trade(4, -1, 100, 4)],
      ...[order(5, 2, 1, Number.NaN, 5, { kind: 9 }), order(6, 3, 1, Number.NaN, 5, { kind: 9 }), trade(7, -1, 100, 1)],
      ...[quote(8, Number.NaN, Number.NaN, Number.NaN, Number.NaN), order(9, 4, -1, Number.NaN, 1, { kind: 9 })],
    ];
    const { fills, order_news: news } = await drive(execution, rows, { options });
    expect([fills!.order, fills!.size, fills!.price]).toEqual([
      [2n, 1n],
      [2, 1],
      [101, 100],
    ]);
    expect(news!.reason!.at(-1)).toBe(5);
  });

  it("takes portfolio's orders, without kinds, and books by their changes", async () => {
    const change = (time: number, side: number, price: number, size: number, flags: number): Input => [
      "book_changes",
      { time: at(time), instrument: 0, side, price, size, flags },
    ];
    const plain = (time: number, id: number, side: number, price: number, size: number): Input => [
      "orders",
      { time: at(time), instrument: 0, order: BigInt(id), side, price, size },
    ];
    const rows = [
      ...[
        change(0, 1, 100, 5, 1),
        change(0, -1, 101, 2, 0),
        change(0, -1, 102, 4, 2),
        plain(1, 1, 1, Number.NaN, 3),
        plain(1, 2, 1, 100, 2),
      ],
      ...[plain(2, 2, 0, Number.NaN, 0), change(3, -1, 102, 0, 1 + 2), plain(4, 3, 1, Number.NaN, 1)],
    ];
    const { fills, order_news: news } = await drive(execution, rows, { options: { ...options, book: "book_changes" } });
    expect([fills!.price, fills!.size, fills!.decision]).toEqual([
      [101, 102],
      [2, 1],
      [Number.NaN, Number.NaN],
    ]);
    expect(news!.kind).toEqual([2, 2, 1, 3, 3]);
  });

  it("is the same however it was split, of each instrument what it is alone, and its holdings are the sums of its fills", async () => {
    const rows = tape(900, 3, 5);
    const instruments = ["A", "B", "C"];
    const how = { options: { tick: 0.01, lot: 0.25, makerFee: -0.0001, takerFee: 0.0004 }, instruments };
    const { fills, holdings, order_news: news } = await driven(execution, rows, how);
    expect(fills!.size!.length).toBeGreaterThan(50);
    expect(new Set(news!.kind)).toEqual(new Set([1, 2, 3, 4, 5]));
    for (const id of [0, 1, 2]) {
      const own = await drive(
        execution,
        rows.filter(([, row]) => row.instrument === id),
        how,
      );
      expect(only(own.order_news!, id)).toEqual(only(news!, id));
      const mine = only(fills!, id) as Record<string, number[]>;
      let [held, cash] = [0, 0];
      mine.size!.forEach((size, i) => {
        held += mine.side![i]! * size;
        cash -= mine.side![i]! * size * mine.price![i]! + mine.fee![i]!;
        expect(only(holdings!, id).quantity![i]).toBeCloseTo(held, 9);
        expect(only(holdings!, id).cash![i]).toBeCloseTo(cash, 6);
      });
    }
    await driven(execution, rows, { ...how, options: { ...how.options, entryLatency: 3e8, answerLatency: 1e8, queue: "power" } }, [3]);
  });
});

/** Quotes that walk, trades at them, and orders of all kinds around them. */
function tape(rows: number, instruments: number, seed: number): Input[] {
  const random = seeded(seed);
  const mid = Array.from({ length: instruments }, (_, i) => 10_000 + 500 * i);
  const whole = (most: number) => Math.ceil(most * random());
  let [time, id] = [100, 0];
  return Array.from({ length: rows }, (): Input => {
    time += random() < 0.2 ? 0 : 0.2 * random();
    const i = Math.floor(instruments * random());
    const side = random() < 0.5 ? 1 : -1;
    const draw = random();
    if (draw < 0.4) {
      mid[i]! += Math.floor(3 * random()) - 1;
      return quote(time, (mid[i]! - 1) / 100, whole(20) / 4, (mid[i]! + 1) / 100, whole(20) / 4, i);
    }
    if (draw < 0.7) return trade(time, random() < 0.1 ? 0 : side, (mid[i]! + side * whole(2)) / 100, whole(30) / 8, i);
    const price = (mid[i]! + whole(5) - 3) / 100;
    const known = Math.max(1, id - Math.floor(6 * random()));
    if (draw < 0.8) return order(time, known, side, price, whole(8) / 4, { kind: 13 + Math.floor(3 * random()) }, i);
    return order(time, ++id, side, price, whole(16) / 4, { kind: 8 + Math.floor(5 * random()), decision: price }, i);
  });
}
