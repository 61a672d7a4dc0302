/** Margin: what is refused and what is marked, updates in part, and how the three kernels go together. */
import { describe, expect, it } from "vitest";
import { liquidationDistance, marginGrid, portfolioMargin, positionStatus, scanScenarios } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { samplePositions } from "../../../src/kernels/risk/parts/positions.js";

const both = ["reference", "native"];
const instruments = 6;
const ranges = { priceRange: new Float64Array(instruments).fill(0.15), volatilityRange: new Float64Array(instruments).fill(0.3) };
const book = () => ({ ...samplePositions(200, instruments, seeded(5)), ...ranges, ...scanScenarios });
type Book = ReturnType<typeof book>;

const faults: [string, RegExp, (b: Book) => void][] = [
  ["quantity", /'quantity' row 21 is NaN, expected a number of at most 1e15/, (b) => (b.quantity[21] = Number.NaN)],
  ["multiplier", /'multiplier' row 21 is 0, expected a number > 0/, (b) => (b.multiplier[21] = 0)],
  ["kind", /'kind' row 21 is 9, expected 0 \(asset\)/, (b) => (b.kind[21] = 9)],
  ["underlying", /'underlying' row 21 is 77, expected a row of 'price' that holds a price above 1e-280/, (b) => (b.underlying[21] = 77)],
  ["strike", /'strike' row 22 is -5, expected a strike above 1e-280/, (b) => [(b.kind[22] = 1), (b.strike[22] = -5)]],
  ["strike", /'strike' row 22 is 1e-310, expected a strike above/, (b) => [(b.kind[22] = 1), (b.strike[22] = 1e-310)]],
  [
    "expiry",
    /'expiry' row 22 is -0.01, expected 0 \(expires now\).* an expired option is no position/,
    (b) => [(b.kind[22] = 1), (b.expiry[22] = -0.01)],
  ],
  [
    "volatility",
    /'volatility' row 22 is 20, expected 0 to 10, where 0.2 stands for 20 %/,
    (b) => [(b.kind[22] = 2), (b.volatility[22] = 20)],
  ],
  ["rate", /'rate' row 22 is Infinity, expected a rate from -1 to 10/, (b) => [(b.kind[22] = 2), (b.rate[22] = Number.POSITIVE_INFINITY)]],
  ["dividendYield", /'dividendYield' row 22 is 11, expected a rate/, (b) => [(b.kind[22] = 2), (b.dividendYield[22] = 11)]],
];

describe.each(both)("%s: one bad position", (backend) => {
  const clean = marginGrid(book(), {}, { backend });
  for (const [column, message, spoil] of faults)
    it(`${column}: an error that names it, or a mark that hides no other`, () => {
      const spoilt = book();
      spoil(spoilt);
      expect(() => marginGrid(spoilt, {}, { backend })).toThrow(message);
      const { status, value, profit } = marginGrid(spoilt, { bad: "mark" }, { backend });
      const bad = Number(/row (\d+)/.exec(message.source)![1]);
      expect([...status].map((code) => positionStatus[code])).toEqual([...status].map((_, i) => (i === bad ? column : "ok")));
      expect([value[bad], ...profit.subarray(16 * bad, 16 * bad + 16)].every(Number.isNaN)).toBe(true);
      for (const out of [value, profit]) out.fill(0, (bad * out.length) / 200, ((bad + 1) * out.length) / 200);
      const want = { value: clean.value.slice(), profit: clean.profit.slice() };
      for (const out of [want.value, want.profit]) out.fill(0, (bad * out.length) / 200, ((bad + 1) * out.length) / 200);
      expect(value).toEqual(want.value);
      expect(profit).toEqual(want.profit);
    });

  it("an instrument without a price spoils its positions alone", () => {
    const spoilt = book();
    spoilt.price[3] = Number.NaN;
    const { status } = marginGrid(spoilt, { bad: "mark" }, { backend });
    expect([...status].map((code) => positionStatus[code])).toEqual([...spoilt.underlying].map((u) => (u === 3 ? "price" : "ok")));
    expect(() => marginGrid(spoilt, {}, { backend })).toThrow(
      /'underlying' row \d+ is 3, expected a row of 'price' that holds a price above 1e-280/,
    );
  });

  it("a shock that takes a price to 0 is refused with the instrument, whatever is done about positions", () => {
    const priceRange = ranges.priceRange.slice().fill(0.5, 4, 5);
    expect(() => marginGrid({ ...book(), priceRange }, { bad: "mark" }, { backend })).toThrow(
      /'priceRange' row 4 is 0.5, expected a range at which no shock takes the price to 0/,
    );
    const volatilityRange = ranges.volatilityRange.slice().fill(1.5, 2, 3);
    expect(() => marginGrid({ ...book(), volatilityRange }, {}, { backend })).toThrow(/'volatilityRange' row 2 is 1.5/);
  });

  it("an account without cash, an id that there is not, and an unpriced position are named", () => {
    const accounts = {
      profit: Float64Array.of(1, -1),
      value: Float64Array.of(5, 5),
      account: Uint32Array.of(0, 1),
      group: Uint32Array.of(0, 0),
    };
    const run = (more: object) =>
      portfolioMargin({ ...accounts, cash: Float64Array.of(1, 1), ...more }, { scenarios: 1, groups: 1 }, { backend });
    expect(run({}).maintenance).toEqual(Float64Array.of(0, 1));
    expect(() => run({ account: Uint32Array.of(0, 2) })).toThrow(/'account' row 1 is 2, expected a row of 'cash'/);
    expect(() => run({ group: Uint32Array.of(0, 1) })).toThrow(/'group' row 1 is 1/);
    expect(() => run({ cash: Float64Array.of(1, Number.NaN) })).toThrow(/'cash' row 1 is NaN/);
    expect(() => run({ value: Float64Array.of(5, Number.NaN) })).toThrow(/'value' row 1 is NaN, expected a value: NaN says/);
    const wide = { ...accounts, cash: Float64Array.of(1, 1), profit: Float64Array.of(1, 2, 3, 4, 5, Number.NEGATIVE_INFINITY) };
    expect(() => portfolioMargin(wide, { scenarios: 3, groups: 1 }, { backend })).toThrow(
      /'profit' row 1, column 2 is -Infinity, expected a profit/,
    );
  });
});

describe.each(both)("%s: a price that moves", (backend) => {
  it("reprices the rows of its instrument alone, to the bit of a whole run", () => {
    const b = book();
    const order = [...b.underlying.keys()].sort((i, j) => b.underlying[i]! - b.underlying[j]!);
    for (const [name, column] of Object.entries(b))
      if (column.length === 200) Object.assign(b, { [name]: (column as Float64Array).map((_, i) => column[order[i]!]!) });
    const out = marginGrid(b, {}, { backend });
    const bound = marginGrid.bind({ in: b, out }, {}, { backend });
    for (const [u, factor] of [
      [4, 1.03],
      [0, 0.9],
      [5, 1.2],
    ] as const) {
      b.price[u]! *= factor;
      const [from, to] = [b.underlying.indexOf(u), b.underlying.lastIndexOf(u) + 1];
      const before = out.profit.slice();
      bound(0, to, from);
      expect(out).toEqual(marginGrid(b, {}, { backend }));
      expect(out.profit.subarray(16 * from, 16 * to)).not.toEqual(before.subarray(16 * from, 16 * to));
      expect(out.profit.subarray(0, 16 * from)).toEqual(before.subarray(0, 16 * from));
    }
  });
});

describe.each(both)("%s: accounts", (backend) => {
  it("a hedge within a class group needs less than its parts, one across groups does not", () => {
    const legs = {
      quantity: Float64Array.of(100, -1),
      kind: Uint8Array.of(0, 1),
      multiplier: Float64Array.of(1, 100),
      underlying: Uint32Array.of(0, 0),
      strike: Float64Array.of(0, 50),
      expiry: Float64Array.of(0, 0.25),
      volatility: Float64Array.of(0, 0.3),
      price: Float64Array.of(50),
      priceRange: Float64Array.of(0.15),
      volatilityRange: Float64Array.of(0.3),
      ...scanScenarios,
    };
    const { profit, value } = marginGrid(legs, {}, { backend });
    const account = Uint32Array.of(0, 0);
    const cash = Float64Array.of(0);
    const margin = (group: Uint32Array) =>
      portfolioMargin({ profit, value, account, group, cash }, { groups: 2 }, { backend }).maintenance[0]!;
    const parts = [0, 1].map((i) => -Math.min(...profit.subarray(16 * i, 16 * i + 16)));
    expect(margin(Uint32Array.of(0, 1))).toBeCloseTo(parts[0]! + parts[1]!, 10);
    expect(margin(Uint32Array.of(1, 1))).toBeLessThan(0.9 * parts[0]!);
  });

  it("at the distance of liquidation equity is the maintenance that was", () => {
    const b = samplePositions(40, 1, seeded(9));
    const { value } = marginGrid(
      { ...b, priceRange: Float64Array.of(0), volatilityRange: Float64Array.of(0), ...scanScenarios },
      {},
      { backend },
    );
    const set = new Uint32Array(40);
    const room = Float64Array.of(50);
    const { down, up } = liquidationDistance({ ...b, set, room }, {}, { backend });
    const reached = [-down[0]!, up[0]!].filter(Number.isFinite);
    expect(reached.length).toBeGreaterThan(0);
    for (const move of reached) {
      const price = b.price.map((p) => p * (1 + move));
      const moved = marginGrid(
        { ...b, price, priceRange: Float64Array.of(0), volatilityRange: Float64Array.of(0), ...scanScenarios },
        {},
        { backend },
      );
      const lost = moved.value.reduce((sum, v, i) => sum + value[i]! - v, 0);
      expect(lost).toBeCloseTo(50, 6);
    }
  });
});
