/** A portfolio and the regression of a panel -> its risk by factor, and what each factor has added to its returns. */
import type { Part, PortfolioSplit } from "../../analysis/portfolio.js";
import { meanTest, summed } from "../../analysis/signal.js";
import { factorCovariance } from "../../kernels/factor/model/factor_covariance.js";
import { factorRisk } from "../../kernels/factor/model/factor_risk.js";
import { returnAttribution } from "../../kernels/factor/model/return_attribution.js";
import { specificRisk } from "../../kernels/factor/model/specific_risk.js";
import type { StudyInput } from "./factor_input.js";
import { column, type Regression } from "./factor_split.js";

export interface Holdings {
  /** `equal`, `cap`, or the file. */
  from: string;
  /** Of each asset, of a file. */
  weights?: Float64Array;
}

/** Defaults of factor_covariance and specific_risk. */
const halfLives = { variance: 84, correlation: 504, specific: 84 } as const;
/** Assets whose contributions are listed. */
const listed = 15;

const gross = (weights: ArrayLike<number>): number => Array.from(weights).reduce((sum, w) => sum + Math.abs(w), 0);

/** Weights over the assets that take part, scaled so that what they are worth in all stays; and the share of it that they had. */
function weightsOver({ weights }: Holdings, base: (asset: number) => number, takesPart: (asset: number) => boolean, assets: number) {
  const whole = Float64Array.from({ length: assets }, (_, i) => weights?.[i] ?? (takesPart(i) ? base(i) : 0));
  const kept = whole.map((w, i) => (takesPart(i) ? w : 0));
  const [size, left] = [gross(whole), gross(kept)];
  const to = weights ? size : 1;
  return { weights: kept.map((w) => (left > 0 ? (w * to) / left : 0)), explained: size > 0 ? left / size : Number.NaN };
}

/** Factors that never have a return, sectors without assets, have none to covary. */
function covarianceOf(r: Regression, factors: number, dates: number) {
  const f = r.factorReturns.slice();
  for (let k = 0; k < factors; k++) {
    const own = column(dates, factors, k, f);
    if (own.every(Number.isNaN)) for (let t = 0; t < dates; t++) if (!Number.isNaN(f[t * factors]!)) f[t * factors + k] = 0;
  }
  const used = Array.from({ length: dates }, (_, t) => f.subarray(t * factors, (t + 1) * factors)).filter(
    (row) => !row.some(Number.isNaN),
  ).length;
  const { covariance } = factorCovariance(
    { factorReturns: f },
    { factors, batch: dates, varianceHalfLife: halfLives.variance, correlationHalfLife: halfLives.correlation },
  );
  return { covariance, used };
}

/** Whether an asset has all exposures at the end of a date. */
function isExposed({ assets, sector, cap, factors }: StudyInput, { styles }: Regression, t: number, i: number): boolean {
  if (sector[i]! < 0 || !(cap[t * assets + i]! > 0)) return false;
  return factors.every((_, k) => Number.isFinite(styles[(t * factors.length + k) * assets + i]!));
}

/** The last date on which some asset has exposures; -1: none. */
const lastExposed = (of: StudyInput, r: Regression): number =>
  Array.from(of.time.keys()).findLast((t) => of.sector.some((_, i) => isExposed(of, r, t, i))) ?? -1;

/** The forecast at the end of the last date, and the past with the weights of each date's beginning. */
export function portfolioSplit(
  of: StudyInput,
  r: Regression,
  holdings: Holdings,
  sectorNames: readonly string[],
  assetNames: readonly string[],
): PortfolioSplit | undefined {
  const { assets, sectors, cap, sector } = of;
  const dates = of.time.length;
  const styles = of.factors.length;
  const model = { assets, sectors, styles };
  const factors = 1 + sectors + styles;
  const last = lastExposed(of, r);
  if (last < 0) return undefined;
  const capAt = (t: number) => (i: number) => (holdings.from === "cap" ? cap[t * assets + i]! : 1);

  const { covariance, used } = covarianceOf(r, factors, dates);
  const lastCap = cap.slice(last * assets, (last + 1) * assets);
  const { volatility } = specificRisk({ residuals: r.residuals, cap: lastCap }, { assets, batch: dates, halfLife: halfLives.specific });
  const exposed = r.styles.slice(last * styles * assets, (last + 1) * styles * assets);
  const has = (i: number) => isExposed(of, r, last, i) && volatility[i]! >= 0;
  const now = weightsOver(holdings, capAt(last), has, assets);
  const risk = factorRisk({ weights: now.weights, sector, styles: exposed, covariance, specific: volatility }, model);

  const past = attribution(of, r, holdings, capAt);
  const names = ["market", ...Array.from({ length: sectors }, (_, s) => sectorNames[s] ?? ""), ...of.factors.map(({ name }) => name)];
  const part = (name: string, kind: Part["kind"], exposure: number, contribution: number, realized: Float64Array): Part => ({
    ...{ name, kind, exposure, contribution, realized, test: meanTest(realized), sum: sumOf(realized) },
  });
  const total = risk.total[0]!;
  const added = (asset: string, i: number) => ({ asset, weight: now.weights[i]!, contribution: now.weights[i]! * risk.marginal[i]! });
  return {
    ...{ from: holdings.from, time: of.time[last]!, held: now.weights.filter((w) => w !== 0).length, explained: now.explained },
    without: assetNames.flatMap((asset, i) => (holdings.weights?.[i] && !has(i) ? [{ asset, weight: holdings.weights[i]! }] : [])),
    ...{ explainedMean: meanTest(past.explained).mean, covarianceDates: used },
    ...{ total, factor: risk.factor[0]!, specific: risk.specificRisk[0]! },
    parts: [
      ...names.flatMap((name, k) => {
        const kind = k === 0 ? "market" : k <= sectors ? "sector" : "factor";
        if (kind === "sector" && sectorNames.length === 0) return []; // the one of all assets returns 0 beside the market
        return [part(name, kind, risk.exposures[k]!, risk.contributions[k]!, column(dates, factors, k, past.contributions))];
      }),
      part("specific", "specific", Number.NaN, risk.specificRisk[0]! ** 2 / total, past.specific),
    ],
    ...{ realized: past.total, test: meanTest(past.total), sum: sumOf(past.total) },
    assets: assetNames
      .map(added)
      .filter(({ weight }) => weight !== 0)
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
      .slice(0, listed),
    halfLives,
  };
}

const sumOf = (values: Float64Array): number => summed(values).at(-1)!;

/** Contributions of each date to what the portfolio returned; NaN on dates without a regression or of nothing held. */
function attribution(of: StudyInput, r: Regression, holdings: Holdings, capAt: (t: number) => (asset: number) => number) {
  const { assets, sectors, sector } = of;
  const dates = of.time.length;
  const styles = of.factors.length;
  const weights = new Float64Array(dates * assets);
  const explained = new Float64Array(dates).fill(Number.NaN);
  const exposures = new Float64Array(r.styles.length).fill(Number.NaN);
  for (let t = 1; t < dates; t++) {
    if (t >= r.lag) exposures.set(r.styles.subarray((t - r.lag) * styles * assets, (t - r.lag + 1) * styles * assets), t * styles * assets);
    if (r.used[t] === 0) continue;
    const base = capAt(t - 1);
    const own = weightsOver(holdings, base, (i) => Number.isFinite(r.residuals[t * assets + i]!) && base(i) > 0, assets);
    weights.set(own.weights, t * assets);
    explained[t] = own.explained;
  }
  const found = returnAttribution(
    { weights, returns: r.returns, factorReturns: r.factorReturns, sector, styles: exposures },
    { assets, sectors, styles },
  );
  const [total, contributions, specific] = [found.total.slice(), found.contributions.slice(), found.specific.slice()];
  const factors = 1 + sectors + styles;
  for (let t = 0; t < dates; t++)
    if (!weights.subarray(t * assets, (t + 1) * assets).some((w) => w !== 0)) {
      total[t] = specific[t] = Number.NaN;
      contributions.fill(Number.NaN, t * factors, (t + 1) * factors);
    }
  return { total, contributions, specific, explained };
}
