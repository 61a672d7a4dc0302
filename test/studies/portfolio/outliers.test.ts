/** Returns that made a result are named, and what it is without them. */
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import { portfolioRemarks } from "../../../src/report/portfolio/portfolio_remarks.js";
import { restsOnOutliers } from "../../../src/report/portfolio/portfolio_report.js";
import { walkForward } from "../../../src/studies/portfolio/walk_forward.js";
import { changed, madePrices } from "./made_prices.js";

const options = { objective: "equal_weight", window: 60, rebalance: 50, periodsPerYear: 252, costs: 0 } as const;
const clean = madePrices(300, 4);
/** First purchase on date 61, then on 111, 161: prints of the day after the second. */
const print = (times: number) => changed(clean, (p, d, a) => (a === 2 && d === 112 ? times * p : p));

describe("a bad print of one day", () => {
  it("is two outliers, whose shares of the value are weight times return, and the figures without them are those of the other returns", async () => {
    const { portfolios, first, assets } = await walkForward(print(8), options);
    const { outliers, returns, withoutOutliers, measures, value } = portfolios[0]!;
    expect(outliers.map(({ asset, at }) => [assets[asset], at])).toEqual([
      ["A2", 112],
      ["A2", 113],
    ]);
    const [up, down] = outliers;
    const moved = (8 * clean.price[112 * 4 + 2]!) / clean.price[111 * 4 + 2]!;
    expect(1 + up!.return).toBeCloseTo(moved, 12);
    expect(up!.contribution).toBeCloseTo(0.25 * (moved - 1), 12);
    expect(down!.contribution).toBeLessThan(-0.5);
    const kept = returns.map((r, i) => r - (i + first + 1 === 112 ? up!.contribution : i + first + 1 === 113 ? down!.contribution : 0));
    const grown = kept.reduce((all, r) => all * (1 + r), 1);
    expect(1 + withoutOutliers.annualReturn).toBeCloseTo(grown ** (252 / returns.length), 12);
    expect(Math.max(...value)).toBeGreaterThan(2.5);
    expect(withoutOutliers.annualVolatility).toBeLessThan(0.2);
    expect(measures.annualVolatility).toBeGreaterThan(1);
    expect(restsOnOutliers(portfolios[0]!)).toBe(true);
  });

  it("is said by asset, date, size and what remains", async () => {
    const result = await walkForward(print(8), options);
    const [said] = portfolioRemarks({ excluded: [], result }).filter((remark) => remark.startsWith("equal_weight: "));
    expect(said).toMatch(
      /^equal_weight: -?\d+\.\d\d% a year rests on 2 returns ten times as large as is usual for the asset: A2 2015-06-08 \(price times 8\.\d+: 17,\d{3} bp of the value\), A2 2015-06-09 \(price times 0\.12\d+: -\d,?\d+ bp of the value\); without them -?\d+\.\d\d% a year, volatility \d+\.\d\d%, Sharpe -?\d\.\d\d: look at these prices$/,
    );
  });
});

describe("what is no outlier", () => {
  it.each([
    ["prices as they are", clean],
    ["a day nine times as large as usual", print(1.07)],
    [
      "a print of an asset that nobody holds",
      changed(print(8), (p, d, a) => (a === 2 && d < 105 ? Number.NaN : p)), // it has no whole window before 165
    ],
  ])("%s", async (_, prices) => {
    const { portfolios } = await walkForward(prices, options);
    for (const one of portfolios) {
      expect(one.outliers).toEqual([]);
      expect(one.withoutOutliers).toEqual({
        ...{ annualReturn: one.measures.annualReturn, annualVolatility: one.measures.annualVolatility },
        ...{ sharpe: one.measures.sharpe, maxDrawdown: one.measures.maxDrawdown },
      });
      expect(restsOnOutliers(one)).toBe(false);
    }
  });

  it("a jump that is taken for a split, whose return is 0; taken as it is, it is one, and the remark says so", async () => {
    const split = changed(clean, (p, d, a) => (a === 1 && d >= 130 ? p / 5 : p));
    const out = await walkForward(split, options);
    expect(out.portfolios[0]!.outliers).toEqual([]);
    const kept = await walkForward(split, { ...options, splits: "keep" });
    expect(kept.portfolios[0]!.outliers).toMatchObject([{ asset: 1, at: 130 }]);
    expect(portfolioRemarks({ excluded: [], result: kept }).join("\n")).toMatch(
      /A1 .*look at these prices; 1 is like an unadjusted split, which --splits leave-out takes as 0/,
    );
  });
});
