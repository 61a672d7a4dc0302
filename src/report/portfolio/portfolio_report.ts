/** What the page of walked portfolios is made from, and how its figures are written. */
import type { WalkedPortfolio, WalkForwardResult } from "../../analysis/walk_forward.js";
import type { ReportFile } from "../kit/page.js";
import { percent } from "../kit/text.js";

/** Everything on the page. */
export interface PortfolioReport {
  commandLine: string;
  version: string;
  files: readonly ReportFile[];
  /** Assets of the file that were left out, and why. */
  excluded: readonly { asset: string; why: string }[];
  result: WalkForwardResult;
}

export const dayOf = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10);

export const shown = (value: number): string => percent(value, 2);

/** `inverse volatility`. */
export const titleOf = ({ name }: Pick<WalkedPortfolio, "name">): string => name.replaceAll("_", " ");

const letters = "ABCDEFGHIJKLMNOP";
/** Of the portfolio at a place of the run: it stands at its line and at its point. */
export const letterOf = (place: number): string => letters[place] ?? "";

/** `5 bp`. */
export const costsText = (costs: number): string => `${Number((1e4 * costs).toPrecision(6))} bp`;

/** `monthly`, `every 20 dates`. */
export const everyText = (rebalance: string): string => (/^\d+$/.test(rebalance) ? `every ${rebalance} dates` : rebalance);

/** The first that was asked for. */
export const mainOf = ({ portfolios }: WalkForwardResult): WalkedPortfolio => portfolios[0]!;

/**
 * Whether outlier returns made so much of the return a year (a percentage point, and a tenth of the volatility) or of the volatility (a tenth)
 * that the figures without them stand beside it.
 */
export const restsOnOutliers = ({ measures: m, withoutOutliers: w }: WalkedPortfolio): boolean =>
  Math.abs(m.annualReturn - w.annualReturn) >= Math.max(0.01, 0.1 * w.annualVolatility) ||
  Math.abs(m.annualVolatility / w.annualVolatility - 1) >= 0.1;

/** In an order of their size. */
export const largestOutliers = ({ outliers }: WalkedPortfolio): WalkedPortfolio["outliers"] =>
  [...outliers].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
