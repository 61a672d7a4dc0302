/** A panel of assets -> how well its factors foretell returns, and what the market, sectors and factors returned. */
import { compounded, meanTest, type Signal, type Study, seriesCorrelation } from "../analysis/signal.js";
import { factorRankAutocorrelation } from "../kernels/factor/factor_rank_autocorrelation.js";
import { factorReturns } from "../kernels/factor/factor_returns.js";
import { forwardReturns } from "../kernels/factor/forward_returns.js";
import { informationCoefficient } from "../kernels/factor/information_coefficient.js";
import { momentum } from "../kernels/factor/momentum.js";
import { quantileReturns } from "../kernels/factor/quantile_returns.js";
import { quantileTurnover } from "../kernels/factor/quantile_turnover.js";
import { size } from "../kernels/factor/size.js";
import { styleScore } from "../kernels/factor/style_score.js";

export interface StudyInput {
  assets: number;
  time: BigInt64Array;
  /** Total-return price or index [date, asset]. */
  price: Float64Array;
  cap: Float64Array;
  /** Sector of each asset, -1 = none. */
  sector: Int32Array;
  sectors: number;
  factors: readonly { name: string; kind: "column" | "momentum" | "size"; values?: Float64Array }[];
  horizons: readonly number[];
  quantiles: number;
  window: number;
  lag: number;
  halfLife: number;
  mode: "joint" | "two-stage";
  onProgress?: (done: number, total: number, what: string) => void;
}

const column = (rows: number, width: number, at: number, of: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: rows }, (_, t) => of[t * width + at]!);

/** Mean and deviation; exposures of neighbouring assets are no series, so no error is stated. */
function spreadOf(values: Float64Array) {
  const x = values.filter(Number.isFinite);
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const deviation = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (x.length - 1));
  return { count: x.length, mean, deviation, error: Number.NaN, t: Number.NaN, ratio: Number.NaN };
}

export function factorStudy(of: StudyInput): Study {
  const { assets } = of;
  const dates = of.time.length;
  const total = of.factors.length + 2;
  const tell = (done: number, what: string) => of.onProgress?.(done, total, what);
  tell(0, "returns");
  const horizon = Int32Array.from(of.horizons);
  const { forward } = forwardReturns({ price: of.price, horizon }, { assets });
  const next = forwardReturns({ price: of.price, horizon: Int32Array.of(1) }, { assets }).forward;
  const returns = new Float64Array(of.price.length).fill(Number.NaN);
  returns.set(next.subarray(0, (dates - 1) * assets), assets);
  const exposures = of.factors.map((factor) => exposuresOf(of, factor, returns));
  const signals = exposures.map((values, k) => {
    tell(1 + k, of.factors[k]!.name);
    return signalOf(of, of.factors[k]!.name, values, forward);
  });
  tell(total - 1, "factor returns");
  return { signals, ...riskSplit(of, exposures, returns) };
}

function exposuresOf(of: StudyInput, factor: StudyInput["factors"][number], returns: Float64Array): Float64Array {
  const { assets, window, lag, halfLife } = of;
  if (factor.kind === "momentum") return momentum({ returns }, { assets, window, lag, halfLife }).score as Float64Array;
  if (factor.kind === "size") return size({ cap: of.cap }, { assets, lower: 0.5, upper: 0.5 }).score as Float64Array;
  return styleScore({ values: factor.values! }, { assets }).score as Float64Array;
}

function signalOf(of: StudyInput, name: string, factor: Float64Array, forward: Float64Array): Signal {
  const { assets, quantiles } = of;
  const dates = of.time.length;
  const horizons = of.horizons.length;
  const ic = informationCoefficient({ factor, forward }, { assets, horizons });
  const grouped = quantileReturns({ factor, forward }, { assets, horizons, quantiles });
  const { turnover } = quantileTurnover({ quantile: grouped.quantile }, { assets, quantiles });
  const { autocorrelation } = factorRankAutocorrelation({ factor }, { assets });
  const first = of.horizons[0]!;
  const quantile = (q: number) => column(dates, horizons * quantiles, q, grouped.mean);
  const [top, bottom] = [quantile(quantiles - 1), quantile(0)];
  const spread = top.map((value, t) => value - bottom[t]!);
  const priced = of.price.filter((p) => p > 0).length;
  return {
    name,
    coverage: factor.filter((x, i) => Number.isFinite(x) && of.price[i]! > 0).length / priced,
    ic: column(dates, horizons, 0, ic.spearman),
    decay: of.horizons.map((h, k) => ({
      horizon: h,
      rank: meanTest(column(dates, horizons, k, ic.spearman), h),
      pearson: meanTest(column(dates, horizons, k, ic.pearson), h),
    })),
    quantiles: Array.from({ length: quantiles }, (_, q) => meanTest(quantile(q), first)),
    spread,
    spreadTest: meanTest(spread, first),
    turnover: Array.from({ length: quantiles }, (_, q) => meanTest(column(dates, quantiles, q, turnover))),
    autocorrelation: meanTest(autocorrelation),
    exposure: spreadOf(factor),
  };
}

function riskSplit(of: StudyInput, exposures: readonly Float64Array[], returns: Float64Array): Omit<Study, "signals"> {
  const { assets, sectors, mode } = of;
  const dates = of.time.length;
  const styles = exposures.length;
  const stacked = new Float64Array(dates * styles * assets);
  for (const [k, values] of exposures.entries())
    for (let t = 0; t < dates; t++) stacked.set(values.subarray(t * assets, (t + 1) * assets), (t * styles + k) * assets);
  const r = factorReturns(
    { returns, cap: of.cap, sector: of.sector, ...(styles > 0 && { styles: stacked }) },
    { assets, sectors, styles, mode },
  );
  const width = 1 + sectors + styles;
  const at = [0, ...exposures.map((_, k) => 1 + sectors + k)];
  const series = at.map((k) => column(dates, width, k, r.factorReturns));
  const names = ["market", ...of.factors.map(({ name }) => name)];
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
    rSquared: r.rSquared as Float64Array,
    specific: Float64Array.from({ length: dates }, (_, t) => {
      const own = (r.residuals as Float64Array).subarray(t * assets, (t + 1) * assets).filter((x) => !Number.isNaN(x));
      return own.length > 1 ? Math.sqrt(own.reduce((sum, x) => sum + x * x, 0) / own.length) : Number.NaN;
    }),
    used: r.used as Int32Array,
    minimumNorm: (r.minimumNorm as Int8Array).filter((flag) => flag === 1).length,
  };
}
