/** The first thousand rows of a day of Apple at NASDAQ, as LOBSTER rebuilt it: our book after each message is the one of its file. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { book, orderBook } from "../../../../src/index.js";

const folder = join(process.env.MARKET_DATA ?? "../shared/data", "lobster_aapl");
const missing = existsSync(folder) ? undefined : `no ${folder}: set MARKET_DATA`;
const table = (kind: string) => {
  const file = readdirSync(folder).find((name) => name.includes(kind))!;
  const text = gunzipSync(readFileSync(join(folder, file))).toString();
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(",").map(Number));
};
const shown = 10;

interface Order {
  action: number;
  order: bigint;
  side: number;
  price: number;
  size: number;
  flags: number;
}
const columns = (rows: readonly Order[]) => ({
  action: Uint8Array.from(rows, (row) => row.action),
  order: BigInt64Array.from(rows, (row) => row.order),
  side: Int8Array.from(rows, (row) => row.side),
  price: Float64Array.from(rows, (row) => row.price),
  size: Float64Array.from(rows, (row) => row.size),
  flags: Uint8Array.from(rows, (row) => row.flags),
});

/** Of a row of the file: levels of a side from the best on. */
const levelsOf = (row: readonly number[], side: 1 | -1) =>
  Array.from({ length: shown }, (_, k) => [row[4 * k + (side === 1 ? 2 : 0)]!, row[4 * k + (side === 1 ? 3 : 1)]!] as const);
/** The visible levels as orders of which nothing is known, each of an id that no message has. */
const seeds = (row: readonly number[]): Order[] => {
  const all = ([1, -1] as const).flatMap((side) =>
    levelsOf(row, side).map(([price, size], k) => ({
      action: 1,
      order: BigInt(-1 - k - (side === 1 ? 100 : 0)),
      side,
      price,
      size,
      flags: 0,
    })),
  );
  all[0]!.flags = 1;
  all.at(-1)!.flags |= 2;
  return all;
};
/** Types: 1 a new order, 2 a part cancelled, 3 deleted, 4 executed, 5 a hidden order executed, 7 a halt. */
const message = ([, type, order, size, price, side]: readonly number[]): Order => ({
  ...{ action: type === 1 ? 1 : type! <= 4 ? 2 : 0, order: BigInt(order!), side: side!, price: price!, size: size!, flags: 2 },
});

describe.skipIf(missing)(`LOBSTER${missing ? `: ${missing}` : ""}`, () => {
  const [messages, books] = missing ? [[], []] : [table("message"), table("orderbook")];

  it("every row of the book is rebuilt from its message; what comes in sight from below the tenth level cannot be known", () => {
    const stream = orderBook.stream({ depth: shown, levels: shown, orders: 1000 });
    stream.pushBatch(columns(seeds(books[0]!)));
    let [sure, unknown, seeded] = [0, 0, 0];
    for (let row = 1; row < messages.length; row++) {
      stream.pushBatch(columns([message(messages[row]!)]));
      stream.poll();
      const { bids, asks, bid, bidSize, ask, askSize } = stream.results;
      const at = bids.length - 1;
      const sides = [
        { side: 1, known: bids[at]!, price: bid, size: bidSize },
        { side: -1, known: asks[at]!, price: ask, size: askSize },
      ] as const;
      for (const { side, known, price, size } of sides) {
        const want = levelsOf(books[row]!, side).slice(0, known);
        const got = want.map((_, k) => [price[at * shown + k], size[at * shown + k]]);
        expect(got, `row ${row}, side ${side}`).toEqual(want);
        sure += known;
        unknown += shown - known;
      }
      if (sides.every(({ known }) => known === shown)) continue;
      seeded++;
      stream.pushBatch(columns(seeds(books[row]!)));
      stream.poll();
    }
    const rows = messages.length - 1;
    expect(sure + unknown).toBe(2 * shown * rows);
    // The file alone says how often that is: the tenth level is then worse than the tenth of the row before.
    const below = ([1, -1] as const).map((side) => {
      const tenth = (row: number) => side * levelsOf(books[row]!, side)[shown - 1]![0];
      return books.filter((_, row) => row > 0 && tenth(row) < tenth(row - 1)).length;
    });
    expect({ rows, unknown, seeded }).toEqual({ rows: 998, unknown: below[0]! + below[1]!, seeded: 318 });
    expect(sure).toBe(19_642);
  });

  it("each cancel, delete and execution of an order that came since is of that order: its price, and no more than it has left", () => {
    const rows = messages.map(message);
    const out = orderBook(columns(rows), { depth: 1000, orders: 1000 });
    const rests = new Map<bigint, number>();
    let known = 0;
    for (const [i, { action, order, price, size }] of rows.entries()) {
      if (action === 1) rests.set(order, size);
      else if (action === 2 && rests.has(order)) {
        known++;
        const left = rests.get(order)! - size;
        expect([out.found[i], out.levelPrice[i], out.rest[i]], `row ${i}`).toEqual([2, price, left]);
        if (messages[i]![1] === 3) expect(left, `row ${i}: deleted whole`).toBe(0);
        if (left === 0) rests.delete(order);
        else rests.set(order, left);
      } else if (action === 2) expect(out.found[i], `row ${i}`).toBe(3);
    }
    expect(known).toBeGreaterThan(300);
  });

  it("book, given the levels that order_book changed, is the same book", () => {
    const rows = [...seeds(books[0]!), ...messages.slice(1).map(message)];
    const options = { depth: 200, levels: shown };
    const orders = orderBook(columns(rows), { ...options, orders: 1000 });
    const { levelSide: side, levelPrice: price, levelSize: size } = orders;
    const levels = book({ side, price, size, flags: columns(rows).flags }, options);
    for (const name of ["before", "place", "bid", "bidSize", "ask", "askSize", "bids", "asks"] as const)
      expect(levels[name], name).toEqual(orders[name]);
  });
});
