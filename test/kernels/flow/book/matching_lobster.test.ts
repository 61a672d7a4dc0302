/** Executions that happened: an own order put in right before one of the market's fills when that one was executed, and not before. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { matching } from "../../../../src/index.js";

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

interface Row {
  time: bigint;
  kind: number;
  order: bigint;
  side: number;
  price: number;
  size: number;
}
const columns = (rows: readonly Row[]) => ({
  time: BigInt64Array.from(rows, (row) => row.time),
  kind: Uint8Array.from(rows, (row) => row.kind),
  order: BigInt64Array.from(rows, (row) => row.order),
  side: Int8Array.from(rows, (row) => row.side),
  price: Float64Array.from(rows, (row) => row.price),
  size: Float64Array.from(rows, (row) => row.size),
});

/** Kind by LOBSTER's type: 1 a new order, 2 a part cancelled, 3 deleted, 4 executed, 5 a hidden order executed: a trade by the other side. */
const kindOf: Readonly<Record<number, number>> = { 1: 4, 2: 6, 3: 7, 4: 5, 5: 2 };
const message = ([seconds, type, order, size, price, side]: readonly number[]): Row => ({
  ...{ time: BigInt(Math.round(seconds! * 1e9)), kind: kindOf[type!] ?? 0, order: BigInt(order!) },
  ...{ side: type === 5 ? -side! : side!, price: price!, size: size! },
});

describe.skipIf(missing)(`executions of LOBSTER${missing ? `: ${missing}` : ""}`, () => {
  it("an own order before each that was executed: filled at its price by the same messages, whole", () => {
    const messages = table("message");
    const first = table("orderbook")[0]!;
    const time = message(messages[0]!).time;
    // The book after the first message, as orders of which nothing else is known.
    const seeds = Array.from({ length: 20 }, (_, i): Row => {
      const [at, side] = [4 * (i >> 1) + (i % 2 ? 2 : 0), i % 2 ? 1 : -1];
      return { time, kind: 4, order: BigInt(-1 - i), side, price: first[at]!, size: first[at + 1]! };
    });
    const rows = messages.slice(1).map(message);
    const executed = new Set(rows.filter(({ kind }) => kind === 5).map(({ order }) => order));
    let [tried, fills, partly] = [0, 0, 0];
    for (const [i, row] of rows.entries()) {
      if (row.kind !== 4 || !executed.has(row.order)) continue;
      const own = { ...row, kind: 8, order: 1n };
      const tape = [...seeds, ...rows.slice(0, i), own, ...rows.slice(i)];
      const out = matching(columns(tape), { queue: "exact", beyond: "empty", depth: 1000 });
      const its = [...tape.keys()].filter((at) => tape[at]!.kind === 5 && tape[at]!.order === row.order);
      const got = [...out.time.keys()].filter((at) => out.kind[at] === 2);
      const want = its.map((at) => [at, tape[at]!.size, row.price, tape[at]!.time]);
      expect(
        got.map((at) => [out.row[at], out.size[at], out.price[at], out.happened[at]]).slice(0, want.length),
        `order ${row.order}`,
      ).toEqual(want);
      tried++;
      fills += want.length;
      if (want.length > 1) partly++;
    }
    expect({ tried, fills, partly }).toEqual({ tried: 73, fills: 94, partly: 13 });
  });
});
