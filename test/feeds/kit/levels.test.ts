/** Levels that are read in one walk, and all that is beside them: both forms of the parser must say the same. */
import { describe, expect, it } from "vitest";
import { binance } from "../../../src/feeds/binance/spot.js";
import type { MessageRule } from "../../../src/files/frames/frame_rules.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { outcome, parse, type Read } from "./parse.js";

const frame = (bids: readonly string[], asks: readonly string[]) =>
  `{"stream":"x@depth","data":{"e":"depthUpdate","E":1724999999000,"s":"X","U":1,"u":2,"b":[${bids.join(",")}],"a":[${asks.join(",")}]}}`;
const level = (price: string, size = "1") => `["${price}","${size}"]`;
const levels = (count: number, from = 1) => Array.from({ length: count }, (_, i) => level(`${from + i}.50`, `${i}.0010`));

function same(read: Read, frames: readonly string[]) {
  const [native, reference] = (["native", "reference"] as const).map((backend) => parse(read, ["X"], frames, { backend }));
  expect(native).toEqual(reference);
  return native!;
}

describe("levels", () => {
  it("have price, size, digits and side of their list, also where there are more than are read at once", () => {
    const rows = same(binance, [frame(levels(3), levels(2, 10))]);
    expect(rows.map(({ price, size, side }) => [price, size, side])).toEqual([
      ...[
        [1.5, 0.001, 1],
        [2.5, 1.001, 1],
        [3.5, 2.001, 1],
      ],
      ...[
        [10.5, 0.001, -1],
        [11.5, 1.001, -1],
      ],
    ]);
    expect(rows.map(({ state, priceDigits, sizeDigits }) => [state, priceDigits, sizeDigits])).toEqual([
      [1, 2, 4],
      ...[0, 0, 0].map(() => [0, 2, 4]),
      [2, 2, 4],
    ]);
    const all = [0, 1, 511, 512, 513].flatMap((bids) => [0, 1, 2].map((asks) => frame(levels(bids), levels(asks, 5000))));
    expect(same(binance, all).filter(({ state }) => state & 1).length).toBe(all.length);
  });

  it("are numbers as JSON and venues write them: what is not plain is read as any other value, and refused as it would be", () => {
    const odd = ["1", "0", "-1", "+1", "1.", ".5", "", ".", "1e2", "1E-2", "01.5", "1.5.5", "1,5", " 1", "1 ", "x", "9007199254740993"];
    const long = ["12345678901234567890", "0.12345678901234567890", "1234567890.123456789", "9007199254740992.1", "900719925474099.3"];
    const good = levels(4);
    const lists = [...odd, ...long].flatMap((text) => [
      [...good, level(text), ...good],
      [...good, level("1", text), ...good],
    ]);
    const rows = same(
      binance,
      lists.flatMap((list) => [frame(list, good), frame(good, list)]),
    );
    expect(new Set(outcome(rows))).toEqual(
      new Set([
        "depth",
        "price: no price above 0",
        "price: no number",
        "price: missing",
        "size: below 0",
        "size: no number",
        "size: missing",
      ]),
    );
    for (const one of [
      '["1","2","3"]',
      '["1"]',
      "[]",
      '[ "1","2"]',
      '["1" ,"2"]',
      '["1",2]',
      "[1,2]",
      '{"0":"1"}',
      '[["1","2"]]',
      "null",
      '["1","2"',
      '["\\u0031","2"]',
    ])
      same(binance, [frame([...good, one], good), frame([one], []), frame([], [one, ...good])]);
  });

  it("are read by the rule: places turned round, a third value, a side of their own, a list that no rule wants, deep ones", () => {
    const rule = (more: object): Read => ({ rules: [{ rows: "depth", when: {}, symbol: "s", ...more } as unknown as MessageRule] });
    const text = `{"s":"X","more":[${levels(20)}],"b":[${levels(5)}],"t":"1724999999","a":[["2","3"],["4","5"]]}`;
    const at = { at: "b", side: 1, price: "0", size: "1" };
    const read = (list: object) => same(rule({ levels: [{ ...at, ...list }] }), [text]);
    expect(read({}).length).toBe(5);
    expect(read({ price: "1", size: "0" }).map(({ price }) => price)).toEqual([0.001, 1.001, 2.001, 3.001, 4.001]);
    expect(read({ at: "a", price: "1", size: "0" }).map(({ price, size }) => [price, size])).toEqual([
      [3, 2],
      [5, 4],
    ]);
    expect(read({ at: "a", side: { at: "1", up: "3", down: "5" } }).map(({ side }) => side)).toEqual([1, -1]);
    expect(read({ time: { at: "1", form: "s" } }).map(({ time }) => time)).toEqual(
      [0n, 1n, 2n, 3n, 4n].map((s) => s * 1_000_000_000n + 1_000_000n),
    );
    expect(read({ price: "0", size: "^t" }).every(({ size }) => size === 1724999999)).toBe(true);
    const deep = (depth: number) => `{"s":"X","n":${"[".repeat(depth)}${level("1")}${"]".repeat(depth)},"b":[["1","2"]]}`;
    for (const depth of [28, 29, 30, 31, 32]) same(rule({ levels: [at] }), [deep(depth)]);
    expect(outcome(same(rule({ levels: [at] }), [deep(30), deep(31)]))).toEqual(["depth", "no JSON"]);
  });

  it("are the same of both forms where bytes are changed, left out or put in between", () => {
    const random = seeded(3);
    const pick = (of: string) => of[Math.floor(random() * of.length)]!;
    const whole = [frame(levels(3), levels(3, 7)), frame(levels(1), []), frame([level("61837.63000000", "0.00012000")], levels(2))];
    const frames = Array.from({ length: process.env.TICKFORGE_DEEP ? 100_000 : 6_000 }, (_, i) => {
      const text = whole[i % whole.length]!;
      const at = text.indexOf('"b"') + Math.floor(random() * (text.length - text.indexOf('"b"')));
      return (
        text.slice(0, at) + (random() < 0.7 ? pick('0123456789.-+eE"[]{},: \\n\u0001') : "") + text.slice(at + (random() < 0.5 ? 1 : 0))
      );
    });
    const rows = same(binance, frames);
    expect(new Set(outcome(rows)).size).toBeGreaterThan(6);
  });
});
