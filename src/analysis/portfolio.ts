/** What the risk and the returns of a portfolio come to by a factor model: the shape of the answer. */
import { type MeanTest, meanTest } from "./signal.js";

export interface Part {
  name: string;
  kind: "market" | "sector" | "factor" | "specific";
  /** Sum of weight times exposure; NaN for what is specific. */
  exposure: number;
  /** To the volatility of a date: the contributions sum to it. */
  contribution: number;
  /** Of the realized returns of the dates, by date, and over them; NaN where no date has one. */
  realized: Float64Array;
  test: MeanTest;
  /** Sum over the dates. */
  sum: number;
}

export interface PortfolioSplit {
  /** `cap`, `equal`, or the file of the weights. */
  from: string;
  /** Date at whose end the forecast is made: ns since 1970. */
  time: bigint;
  /** Assets held in the forecast, and the share of the gross weight that has exposures. */
  held: number;
  explained: number;
  /** Assets of a file of weights that have no exposures at that date, with their weights: left out, the others scaled up. */
  without: readonly { asset: string; weight: number }[];
  /** Mean share of gross weight that is explained on the dates of the past. */
  explainedMean: number;
  /** Dates whose factor returns make the covariance. */
  covarianceDates: number;
  /** Volatilities of a date. */
  total: number;
  factor: number;
  specific: number;
  parts: readonly Part[];
  /** Realized return of the portfolio by date. */
  realized: Float64Array;
  test: MeanTest;
  sum: number;
  /** The largest contributions of assets to the volatility. */
  assets: readonly { asset: string; weight: number; contribution: number }[];
  halfLives: { variance: number; correlation: number; specific: number };
}

/** All sectors as one part; their number is its name. */
export function sectorsTogether({ parts, realized }: Pick<PortfolioSplit, "parts" | "realized">): Part {
  const own = parts.filter(({ kind }) => kind === "sector");
  const add = (of: (part: Part) => number) => {
    const all = own.map(of).filter(Number.isFinite);
    const sum = all.reduce((a, b) => a + b, 0);
    return Math.abs(sum) < 1e-12 ? 0 : sum; // with cap weights they cancel but for rounding
  };
  const together = realized.map((whole, t) => (Number.isFinite(whole) ? add((x) => x.realized[t]!) : Number.NaN));
  return {
    ...{ name: `${own.length} sector${own.length === 1 ? "" : "s"}`, kind: "sector", exposure: Number.NaN },
    ...{ contribution: add((x) => x.contribution), realized: together, test: meanTest(together), sum: add((x) => x.sum) },
  };
}
