/** Margin of accounts as prices move: known numbers, the distance proved by going there, each account as alone, any batches. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { collateral } from "../../../src/system/table/collateral.js";
import { temporaryFolder } from "../../support/cli.js";
import { drive, driven, type Input } from "../kit/drive.js";

const second = 1_000_000_000n;
const price = (time: number, instrument: number, at: number): Input => ["prices", { time: BigInt(time) * second, instrument, price: at }];
const hold = (time: number, instrument: number, quantity: number, more: object = {}): Input => [
  "holdings",
  { time: BigInt(time) * second, instrument, quantity, ...more },
];
const folder = temporaryFolder();
const write = (name: string, text: string | object) => {
  const file = join(folder, name);
  writeFileSync(file, typeof text === "string" ? text : JSON.stringify(text));
  return file;
};
const header = "account,instrument,kind,quantity,strike,expiry,volatility,multiplier";
const lines = {
  x: ["X,,cash,3000,,,,", "X,A,call,-2,105,0.25,0.3,10", "X,B,future,-30,48,,,", "X,A,asset,5,,,,"],
  y: ["Y,B,put,4,45,2023-12-01,0.5,10", "Y,,cash,900,,,,"],
};
const both = write("both.csv", [header, ...lines.x, ...lines.y].join("\n"));
const onlyX = write("x.csv", [header, ...lines.x].join("\n"));
const instruments = ["A", "B"];

describe("margin of holdings", () => {
  for (const [side, quantity] of [
    ["bought", 20],
    ["sold", -20],
  ] as const)
    it(`has the liquidation price of the exchange's formula (${side})`, async () => {
      const rows = [price(0, 0, 100), hold(0, 0, quantity), price(1, 0, 100)];
      const { margin } = await drive(collateral, rows, { options: { cash: 1000 } });
      const { equity, maintenance, initial, excess, call, down, up } = margin!;
      expect([equity, maintenance, initial, excess, call].flat()).toEqual([1000, 200, 220, 800, 0].map((x) => expect.closeTo(x, 9)));
      // Binance, liquidation price of USD-M futures: (balance - side q entry) / (q (rate - side)), 55.56 and 136.36
      if (quantity > 0)
        expect([100 * (1 - (down![0] as number)), up![0]]).toEqual([expect.closeTo(1000 / 18, 9), Number.POSITIVE_INFINITY]);
      else expect([down![0], 100 * (1 + (up![0] as number))]).toEqual([Number.POSITIVE_INFINITY, expect.closeTo(3000 / 22, 9)]);
    });

  it("pays at the price of the row, at the last one, or when the first one comes, and not at all where told", async () => {
    const cases: [Input[], boolean, number][] = [
      [[price(0, 0, 100), hold(0, 0, 2, { price: 90 })], true, 20],
      [[price(0, 0, 100), hold(0, 0, 2, { price: Number.NaN })], true, 0],
      [[hold(0, 0, 2), hold(0, 0, 3), price(0, 0, 100), price(0, 0, 110)], true, 30],
      [[hold(0, 0, 2), price(0, 0, 100)], false, 200],
    ];
    for (const [rows, settle, equity] of cases)
      expect((await drive(collateral, [...rows, hold(1, 0, 0)], { options: { settle } })).margin!.equity).toEqual([equity]);
  });

  it("is called for where equity is below maintenance, and leaves out what has no price", async () => {
    const rows = [price(0, 0, 100), hold(0, 0, 20), hold(0, 1, 1), price(2, 0, 40), price(4, 0, 40)];
    const { margin } = await drive(collateral, rows, { options: { cash: 1000 }, instruments });
    expect(margin!.time).toEqual([second, 3n * second]);
    expect(margin!.call).toEqual([0, expect.closeTo(88 + 200, 9)]);
    expect([margin!.down![1], margin!.up![1]]).toEqual([0, 0]);
    expect(margin!.unpriced).toEqual([1, 1]);
  });
});

describe("margin of a book", () => {
  const start = 1_690_000_000;
  const at = (a: number, b: number) => [price(start, 0, a), price(start, 1, b), price(start + 1, 0, a)];

  it("has nothing left where prices have moved by the distance", async () => {
    const run = async (a: number, b: number) => (await drive(collateral, at(a, b), { options: { book: both }, instruments })).margin!;
    const now = await run(100, 50);
    expect(now.account).toEqual([0, 1]);
    for (const account of [0, 1])
      for (const [name, sign] of [
        ["down", -1],
        ["up", 1],
      ] as const) {
        const move = now[name]![account] as number;
        if (move === Number.POSITIVE_INFINITY) continue;
        const there = await run(100 * (1 + sign * move), 50 * (1 + sign * move));
        expect(there.excess![account]).toBeCloseTo(0, 6);
        const before = await run(100 * (1 + 0.99 * sign * move), 50 * (1 + 0.99 * sign * move));
        expect(before.excess![account]).toBeGreaterThan(0.1);
      }
    expect(now.up![0]).toBeGreaterThan(0.1);
    expect(now.up![0]).toBeLessThan(2);
  });

  it("is of each account what it is alone; options with a date come nearer to it", async () => {
    const rows = [...at(100, 50), price(start + 86_400 * 100, 0, 100), price(start + 86_400 * 200, 0, 100)];
    const two = (await drive(collateral, rows, { options: { book: both }, instruments })).margin!;
    const one = (await drive(collateral, rows, { options: { book: onlyX }, instruments })).margin!;
    for (const name of ["equity", "maintenance", "excess", "call", "down", "up", "unpriced"] as const)
      expect(two[name]!.filter((_, i) => two.account![i] === 0)).toEqual(one[name]);
    const ofY = two.equity!.filter((_, i) => two.account![i] === 1) as number[];
    expect(ofY[1]!).toBeLessThan(ofY[0]!);
    expect(two.unpriced!.at(-1)).toBe(0);
  });

  for (const interval of [1, 0])
    it(`is the same however it was split (interval ${interval})`, async () => {
      const random = seeded(9);
      const now = [100, 50];
      let time = start;
      const rows = Array.from({ length: 150 }, (): Input => {
        time += random() < 0.4 ? 1 : 0;
        const k = random() < 0.5 ? 0 : 1;
        if (random() < 0.15) return hold(time, k, Math.round(10 * (random() - 0.5)), { account: random() < 0.5 ? 0 : 1 });
        if (random() < 0.1)
          return [
            "positions",
            { time: BigInt(time) * second, position: 0, quantity: -3 * random(), expiry: 0.2, volatility: 0.3 + random() },
          ];
        now[k]! *= 1 + 0.02 * (random() - 0.5);
        return price(time, k, now[k]!);
      });
      const { margin } = await driven(collateral, rows, { options: { book: both, interval }, instruments, leastRows: 2 }, [1, 2]);
      expect(new Set(margin!.equity).size).toBeGreaterThan(60);
      expect(margin!.up!.some((x) => (x as number) > 0 && Number.isFinite(x))).toBe(true);
    });

  it("reads the book that the documentation shows", async () => {
    const [, csv] = /```csv\n([^`]*)```/.exec(readFileSync(join(packageRoot(), "docs/engine-methods.md"), "utf8"))!;
    const rows = [price(start, 0, 100_000), price(start, 1, 4000), price(start + 1, 0, 100_000)];
    const options = { book: write("docs.csv", csv!) };
    const { margin } = await drive(collateral, rows, { options, instruments: ["BTCUSDT", "ETHUSDT"] });
    // Cash, 2 coins, 10 futures sold at 3,900, two calls that are worth something to whom they were sold
    expect(margin!.unpriced).toEqual([0]);
    expect(margin!.equity![0]).toBeLessThan(100_000 + 200_000 - 1000);
    expect(margin!.equity![0]).toBeGreaterThan(150_000);
  });

  it("names file and line of what is wrong", async () => {
    const cases: [string, string | object, RegExp][] = [
      ["a.csv", `${header}\nX,A,stock,1,,,,`, /a\.csv, line 2: 'kind' is "stock", expected one of asset, call, put, future, cash/],
      ["b.csv", `${header}\n\nX,C,asset,1,,,,`, /line 3: 'instrument' is "C", expected an instrument of the system: A, B/],
      ["c.csv", `${header}\nX,A,call,1,,0.2,0.3,`, /line 2: 'strike' is "", expected one: the position is a call/],
      ["d.csv", `${header}\nX,A,asset,many,,,,`, /line 2: 'quantity' is "many", expected a finite number/],
      ["e.csv", `${header}\nX,A,asset,1`, /line 2: has 4 cells, the header 8/],
      ["f.json", [{ account: "X", kind: "asset", instrument: "A", quantity: 1 }, { acount: "X" }], /record 2: there is no column 'acount'/],
      ["g.json", '[{"account": }]', /g\.json: is not JSON/],
      ["h.csv", `${header}\nX,A,put,1,5,soon,0.2,`, /'expiry' is "soon", expected years, such as 0.25, or a date/],
    ];
    for (const [name, text, message] of cases)
      await expect(drive(collateral, at(1, 1), { options: { book: write(name, text) }, instruments })).rejects.toThrow(message);
    await expect(drive(collateral, at(1, 1), { options: { book: join(folder, "none.csv") }, instruments })).rejects.toMatchObject({
      code: "E_FILE_MISSING",
    });
  });
});
