/** Exposures and returns of a panel -> what market, sectors and factors returned, and what is left. */
import { compounded, meanTest, type Study, seriesCorrelation } from "../../analysis/signal.js";
import { factorReturns } from "../../kernels/factor/model/factor_returns.js";
import type { StudyInput } from "./factor_input.js";

/** Of factor_returns, with what it was estimated from. */
export interface Regression {
  /** [date, asset], NaN where there is none or it is left out. */
  returns: Float64Array;
  /** Exposures at the end of each date [date, style, asset]. */
  styles: Float64Array;
  /** Dates by which exposures lie before returns. */
  lag: 0 | 1;
  /** [date, 1 + sectors + styles]. */
  factorReturns: Float64Array;
  tStatistics: Float64Array;
  /** [date, asset]; NaN for what takes no part. */
  residuals: Float64Array;
  rSquared: Float64Array;
  used: Int32Array;
  minimumNorm: Int8Array;
}

export const column = (rows: number, width: number, at: number, of: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: rows }, (_, t) => of[t * width + at]!);

export function regress(of: StudyInput, exposures: readonly Float64Array[], returns: Float64Array): Regression {
  const { assets, sectors, mode } = of;
  const styles = exposures.length;
  const stacked = new Float64Array(of.time.length * styles * assets);
  for (const [k, values] of exposures.entries())
    for (let t = 0; t < of.time.length; t++) stacked.set(values.subarray(t * assets, (t + 1) * assets), (t * styles + k) * assets);
  const found = factorReturns({ returns, cap: of.cap, sector: of.sector, styles: stacked }, { assets, sectors, styles, mode });
  return { ...(found as unknown as Regression), returns, styles: stacked, lag: mode === "joint" ? 1 : 0 };
}

/** Exposures that correlate by more than this are one factor under two names. */
const nearlyOne = 0.999;

function alikeOf(names: readonly string[], exposures: readonly Float64Array[]): Study["alike"] {
  return names.flatMap((a, i) =>
    names.slice(i + 1).flatMap((b, j) => {
      const correlation = seriesCorrelation(exposures[i]!, exposures[i + 1 + j]!);
      return Math.abs(correlation) > nearlyOne ? [{ names: [a, b] as const, correlation }] : [];
    }),
  );
}

export function riskSplit(of: StudyInput, exposures: readonly Float64Array[], r: Regression): Omit<Study, "signals"> {
  const { assets, sectors } = of;
  const dates = of.time.length;
  const styles = exposures.length;
  const width = 1 + sectors + styles;
  const at = [0, ...exposures.map((_, k) => 1 + sectors + k)];
  const series = at.map((k) => column(dates, width, k, r.factorReturns));
  const own = of.factors.map(({ name }) => name);
  const names = ["market", ...own];
  const flagged = Array.from(r.used.keys()).filter((t) => r.minimumNorm[t] === 1);
  const tooFew = flagged.filter((t) => r.used[t]! < sectors + styles).length;
  return {
    returns: series.map((values, k) => ({
      name: names[k]!,
      values,
      cumulative: compounded(values),
      test: meanTest(values),
      absoluteT: meanTest(column(dates, width, at[k]!, r.tStatistics).map(Math.abs)).mean,
    })),
    sectorReturns: Array.from({ length: sectors }, (_, s) => meanTest(column(dates, width, 1 + s, r.factorReturns))),
    correlation: Float64Array.from(series.flatMap((a) => series.map((b) => seriesCorrelation(a, b)))),
    rSquared: r.rSquared,
    specific: Float64Array.from({ length: dates }, (_, t) => {
      const left = r.residuals.subarray(t * assets, (t + 1) * assets).filter((x) => !Number.isNaN(x));
      return left.length > 1 ? Math.sqrt(left.reduce((sum, x) => sum + x * x, 0) / left.length) : Number.NaN;
    }),
    used: r.used,
    collinear: flagged.length - tooFew,
    tooFew,
    alike: alikeOf(own, exposures),
  };
}
