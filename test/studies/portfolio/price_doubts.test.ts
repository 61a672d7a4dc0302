/** Columns that are hardly prices are told. */
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import { portfolioRemarks } from "../../../src/report/portfolio/portfolio_remarks.js";
import { priceDoubts } from "../../../src/studies/portfolio/price_doubts.js";
import { walkForward } from "../../../src/studies/portfolio/walk_forward.js";
import { changed, madePrices } from "./made_prices.js";

const clean = madePrices(200, 5);
const at = (d: number, a: number) => clean.price[d * 5 + a]!;
const remarks = async (prices: typeof clean) =>
  portfolioRemarks({ excluded: [], result: await walkForward(prices, { window: 60, periodsPerYear: 252, objective: "equal_weight" }) });

describe("prices as they are", () => {
  it("give no doubt", () => expect(priceDoubts(clean)).toEqual({ alike: [], still: [], reversal: undefined }));
});

describe("a column that is another's", () => {
  const twice = changed(clean, (p, d, a) => (d === 7 && (a === 1 || a === 4) ? Number.NaN : a === 4 ? at(d, 1) : p));
  it("is told, holes and all", async () => {
    expect(priceDoubts(twice).alike).toEqual([{ asset: 4, as: 1 }]);
    expect(await remarks(twice)).toContain("1 asset with the prices of another throughout, held beside it: A4 as A1");
  });
  it("is none where one price differs, or one hole", () => {
    expect(priceDoubts(changed(twice, (p, d, a) => (a === 4 && d === 50 ? p * 1.0001 : p))).alike).toEqual([]);
    expect(priceDoubts(changed(twice, (p, d, a) => (a === 4 && d === 50 ? Number.NaN : p))).alike).toEqual([]);
  });
});

describe("a price that stands still", () => {
  const rests = (dates: number) => changed(clean, (p, d, a) => (a === 2 && d > 100 && d <= 100 + dates ? at(100, 2) : p));
  it("for 21 dates is told, with its longest time", async () => {
    expect(priceDoubts(rests(21)).still).toEqual([{ asset: 2, from: 100, to: 121 }]);
    expect((await remarks(rests(30))).join("\n")).toMatch(/1 asset whose price stands still .*: A2 2015-05-21 \.\. 2015-07-02$/m);
  });
  it("for 20 is none, and a hole neither ends nor begins one", () => {
    expect(priceDoubts(rests(20)).still).toEqual([]);
    const holed = changed(rests(30), (p, d, a) => (a === 2 && d === 110 ? Number.NaN : p));
    expect(priceDoubts(holed).still).toEqual([{ asset: 2, from: 100, to: 130 }]);
  });
});

describe("returns in the place of prices", () => {
  const growth = changed(clean, (p, d, a) => (d === 0 ? 1 : p / at(d - 1, a)));
  it("are told by what they take back", async () => {
    expect(priceDoubts(growth).reversal).toBeCloseTo(-0.5, 1);
    expect((await remarks(growth))[0]).toMatch(/^these are hardly prices: .*\(autocorrelation -0\.[45]\d\), as returns/);
  });
  it("of one column among prices are not, nor are prices of which one has bad prints", () => {
    expect(priceDoubts(changed(clean, (p, d, a) => (a === 0 && d > 0 ? p / at(d - 1, a) : p))).reversal).toBeUndefined();
    expect(priceDoubts(changed(clean, (p, d, a) => (a === 0 && d % 9 === 0 ? 3 * p : p))).reversal).toBeUndefined();
  });
});
