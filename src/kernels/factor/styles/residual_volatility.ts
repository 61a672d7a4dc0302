import { kernel } from "../../../core/call/kernel.js";
import { residualVolatilityGolden } from "../golden/residual_volatility.js";
import { blend, cne5, orthogonalInputs, orthogonality, rule, weightParam } from "../parts/descriptor.js";
import { marketInput, marketRegression, marketsState, sampleMarket, weightedDeviation } from "../parts/market_regression.js";
import { monthDatesParam, monthsOf } from "../parts/months.js";
import { orthogonalTo } from "../parts/orthogonal.js";
import { assetsParam, panel, rowOf, samplePanel, scoresOf, styleScores, tailParam } from "../parts/panel.js";
import { datesState, decay, olderState, windowAfter } from "../parts/window.js";

interface Range {
  months: number;
  monthDates: number;
  minimum: number;
  range: "log" | "difference";
}

/** How far the cumulative log return of the last 1, 2 ... months ranges; of returns that begin with the newest. */
function cumulativeRange(returns: readonly number[], { months, monthDates, minimum, range }: Range): number {
  const logs = returns.map((r) => (r > -1 && r < Number.POSITIVE_INFINITY ? Math.log1p(r) : Number.NaN));
  const parts = monthsOf(logs, months, monthDates);
  let z = 0;
  const total = parts.map(({ sum }) => (z += sum));
  const [low, high] = [Math.min(...total), Math.max(...total)];
  if (parts.reduce((known, month) => known + month.known, 0) < minimum) return Number.NaN;
  if (range === "difference") return high - low;
  return low > -1 ? Math.log1p(high) - Math.log1p(low) : Number.NaN;
}

/** Residual volatility exposures. */
export const residualVolatility = kernel({
  name: "residual_volatility",
  rows: "date",
  doc:
    "Volatility beyond the market's, in three descriptors over the last `window` dates. DASTD: weighted deviation of the returns, weights " +
    "2^(-age / dailyHalfLife). CMRA: log(1 + Zmax) - log(1 + Zmin), with Z(T) the sum of log(1 + return) over the last T = 1 ... `months` months of " +
    "`monthDates` dates; missing where Zmin is not > -1, or with `range` difference Zmax - Zmin, which is always there. HSIGMA: residualDeviation " +
    "of beta, weights 2^(-age / residualHalfLife). Dates without a value are left out, for CMRA also returns not > -1; a descriptor needs " +
    `\`minimum\` of them. ${rule} ${orthogonality("the slope on the market (scored as beta's), unless `orthogonal` is none, and on `size`")}`,
  source: `${cne5}: DASTD, CMRA, HSIGMA. USE4: weights 0.75, 0.15, 0.10, and no \`size\``,
  inputs: {
    returns: panel("ratio", "excess return of each date"),
    market: marketInput,
    ...orthogonalInputs,
  },
  params: {
    assets: assetsParam,
    window: { type: "i32", min: 2, max: 10_000, default: 252, unit: "dates", doc: "dates of the descriptors" },
    dailyHalfLife: { type: "f64", above: 0, default: 42, unit: "dates", doc: "age at which a return counts half in DASTD" },
    residualHalfLife: { type: "f64", above: 0, default: 63, unit: "dates", doc: "age at which a date counts half in HSIGMA" },
    months: { type: "i32", min: 1, max: 1_000, default: 12, unit: "months", doc: "months of CMRA" },
    monthDates: monthDatesParam,
    minimum: { type: "i32", min: 2, max: 10_000, default: 63, unit: "dates", doc: "dates that a descriptor needs" },
    range: { type: "enum", values: ["log", "difference"], default: "log", doc: "form of CMRA" },
    orthogonal: { type: "enum", values: ["beta", "none"], default: "beta", doc: "what is taken off beside `size`" },
    dailyWeight: weightParam(0.74, "DASTD"),
    rangeWeight: weightParam(0.16, "CMRA"),
    residualWeight: weightParam(0.1, "HSIGMA"),
    tail: tailParam(0.01),
  },
  state: {
    older: olderState("ratio", "ring of the last returns"),
    markets: marketsState,
    dates: datesState,
  },
  outputs: {
    score: panel("standard deviations", "exposures"),
    dailyDeviation: panel("ratio", "DASTD"),
    cumulativeRange: panel("ratio", "CMRA"),
    residualDeviation: panel("ratio", "HSIGMA"),
  },
  refuse: ({ window, months, monthDates }) =>
    months * monthDates > window ? "'window' must hold 'months' times 'monthDates' dates" : undefined,
  workspace: true,
  compare: {
    score: { f64: { relative: 1e-9, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    dailyDeviation: { f64: { relative: 1e-10, floor: 1e-4 }, f32: { relative: 1.2e-7, floor: 1e-4 } },
    cumulativeRange: { f64: { relative: 1e-10, floor: 1e-3 }, f32: { relative: 1.2e-7, floor: 1e-3 } },
    residualDeviation: { f64: { relative: 1e-9, floor: 1e-4 }, f32: { relative: 1.2e-7, floor: 1e-4 } },
  },
  cost: ({ date = 0 }, { assets, window }) => ({ flops: 18 * date * assets * window, bytes: 40 * date * assets }),
  reference({ in: { returns, market, size, weights, universe }, params, state: { older, markets, dates }, out }) {
    const { assets, window, minimum, tail } = params;
    const [daily, residual] = [decay(window, params.dailyHalfLife), decay(window, params.residualHalfLife)];
    for (let t = 0; t < market.length; t++) {
      const now = dates[0]!++;
      const [x] = windowAfter([market[t]!], { older: markets }, now, window);
      const series = windowAfter(rowOf(returns, assets, t), { older }, now, window);
      const onMarket = series.map((y) => marketRegression(x!, y, residual, minimum));
      const deviation = series.map((y) => weightedDeviation(y, daily, minimum));
      const range = series.map((y) => cumulativeRange(y, params));
      const left = onMarket.map((found) => found.deviation);
      const descriptors = [
        { row: deviation, weight: params.dailyWeight },
        { row: range, weight: params.rangeWeight },
        { row: left, weight: params.residualWeight },
      ];
      const slopes = onMarket.map(({ slope }) => slope);
      const against = params.orthogonal === "beta" ? [styleScores(slopes, t, { universe }, tail)] : [];
      if (size) against.push(rowOf(size, assets, t));
      const style = orthogonalTo(against, blend(descriptors, t, universe, tail), t, { universe, weights });
      out.score.set(scoresOf(style, style, t, { universe }, "mean"), t * assets);
      out.dailyDeviation.set(deviation, t * assets);
      out.cumulativeRange.set(range, t * assets);
      out.residualDeviation.set(left, t * assets);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => ({
    ...sampleMarket(date, assets, random),
    size: samplePanel(date, assets, random),
  }),
  golden: residualVolatilityGolden,
  parity: [
    { dims: { date: 20 }, options: { assets: 3, window: 6, months: 2, monthDates: 3, minimum: 4 }, without: ["universe", "weights"] },
    { dims: { date: 0 }, options: { assets: 3, window: 6, months: 2, monthDates: 3 } },
    { dims: { date: 20 }, options: { assets: 1, window: 6, months: 2, monthDates: 3, minimum: 4 } },
    {
      dims: { date: 40 },
      options: { assets: 21, window: 12, dailyHalfLife: 3, residualHalfLife: 4, months: 4, monthDates: 3, minimum: 8 },
    },
    { dims: { date: 30 }, options: { assets: 37, window: 11, months: 3, monthDates: 3, minimum: 5, range: "difference", tail: 0.05 } },
    { dims: { date: 30 }, options: { assets: 19, window: 9, months: 9, monthDates: 1, minimum: 3, orthogonal: "none" }, without: ["size"] },
    {
      dims: { date: 140 },
      options: { assets: 18, window: 20, months: 2, monthDates: 10, minimum: 5 },
      without: ["universe", "weights", "size"],
    },
  ],
  bench: [
    {
      dims: { date: 504 },
      options: { assets: 3_000 },
      without: ["universe", "weights", "size"],
      label: "3,000 assets, 252 of 504 dates",
    },
  ],
  example: { assets: 4 },
});
