/** A panel of assets -> how well its factors foretell returns, and what the market, sectors and factors returned. */

import { meanTest, type Signal, type Study } from "../../analysis/signal.js";
import { forwardFill } from "../../kernels/factor/panel/forward_fill.js";
import { forwardReturns } from "../../kernels/factor/panel/forward_returns.js";
import { styleScore } from "../../kernels/factor/panel/style_score.js";
import { factorRankAutocorrelation } from "../../kernels/factor/signals/factor_rank_autocorrelation.js";
import { informationCoefficient } from "../../kernels/factor/signals/information_coefficient.js";
import { quantileReturns } from "../../kernels/factor/signals/quantile_returns.js";
import { quantileTurnover } from "../../kernels/factor/signals/quantile_turnover.js";
import { momentum } from "../../kernels/factor/styles/momentum.js";
import { size } from "../../kernels/factor/styles/size.js";
import { value } from "../../kernels/factor/styles/value.js";
import type { StudyInput } from "./factor_input.js";
import { column, type Regression, regress, riskSplit } from "./factor_split.js";

/** Mean and deviation; exposures of neighbouring assets are no series, so no error is stated. */
function spreadOf(values: Float64Array) {
  const x = values.filter(Number.isFinite);
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const deviation = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (x.length - 1));
  return { count: x.length, mean, deviation, error: Number.NaN, t: Number.NaN, ratio: Number.NaN };
}

export async function factorStudy(of: StudyInput): Promise<{ study: Study; regression: Regression }> {
  const { assets } = of;
  const dates = of.time.length;
  const total = of.factors.length + 2;
  const tell = (done: number, what: string) => of.onProgress?.(done, total, what);
  await tell(0, "returns");
  const forward = of.label ?? forwardOf(of, of.horizons);
  const exposures = of.factors.map((factor) => exposuresOf(of, factor));
  const signals: Signal[] = [];
  for (const [k, values] of exposures.entries()) {
    await tell(1 + k, of.factors[k]!.name);
    signals.push(signalOf(of, of.factors[k]!.name, values, forward));
  }
  await tell(total - 1, "factor returns");
  const returns = new Float64Array(of.price.length).fill(Number.NaN);
  returns.set(forwardOf(of, [1]).subarray(0, (dates - 1) * assets), assets);
  const regression = regress(of, exposures, returns);
  return { study: { signals, ...riskSplit(of, exposures, regression) }, regression };
}

/** Returns over the horizons; none that spans a jump which is left out, and -1 over a total loss, whatever comes after it. */
function forwardOf({ price, leftOut, lost, assets }: StudyInput, horizons: readonly number[]): Float64Array {
  const forward = forwardReturns({ price, horizon: Int32Array.from(horizons) }, { assets }).forward as Float64Array;
  const dates = price.length / assets;
  const spanning = (cell: number, become: (t: number, horizon: number) => number) => {
    const [date, asset] = [Math.floor(cell / assets), cell % assets];
    for (const [k, horizon] of horizons.entries())
      for (let t = Math.max(0, date - horizon); t < date; t++)
        if (t + horizon < dates) forward[(t * horizons.length + k) * assets + asset] = become(t * assets + asset, horizon);
  };
  for (const cell of leftOut) spanning(cell, () => Number.NaN);
  for (const cell of [...lost].reverse()) spanning(cell, (from) => (price[from]! > 0 ? -1 : Number.NaN));
  return forward;
}

function exposuresOf(of: StudyInput, factor: StudyInput["factors"][number]): Float64Array {
  const { assets, window, lag, halfLife } = of;
  if (factor.kind === "value") {
    const { bookPrice, salesPrice, cashFlowPrice } = factor.ratios!;
    return value({ bookPrice, salesPrice, cashFlowPrice }, { assets, missing: "skip" }).score as Float64Array;
  }
  if (factor.kind === "momentum") return momentum({ returns: bridged(of) }, { assets, window, lag, halfLife }).score as Float64Array;
  if (factor.kind === "size") return size({ cap: of.cap }, { assets, lower: 0.5, upper: 0.5 }).score as Float64Array;
  return styleScore({ values: factor.values! }, { assets }).score as Float64Array;
}

/** A price that is missing for a few dates must not cost an asset its momentum for a whole window: its return comes late, on the next price. */
const bridgedDates = 5;

function bridged({ price, assets }: StudyInput): Float64Array {
  const { filled } = forwardFill({ values: price }, { assets, limit: bridgedDates });
  const returns = new Float64Array(price.length).fill(Number.NaN);
  for (let cell = assets; cell < price.length; cell++)
    if (filled[cell - assets]! > 0) returns[cell] = filled[cell]! / filled[cell - assets]! - 1;
  return returns;
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
  const byQuantile = Array.from({ length: quantiles }, (_, q) => column(dates, horizons * quantiles, q, grouped.mean));
  const spread = byQuantile.at(-1)!.map((value, t) => value - byQuantile[0]![t]!);
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
    quantiles: byQuantile.map((values) => meanTest(values, first)),
    quantileReturns: byQuantile,
    spread,
    spreadTest: meanTest(spread, first),
    turnover: Array.from({ length: quantiles }, (_, q) => meanTest(column(dates, quantiles, q, turnover))),
    autocorrelation: meanTest(autocorrelation),
    exposure: spreadOf(factor),
  };
}
