import { kernel } from "../../../core/call/kernel.js";
import { liquidityGolden } from "../golden/liquidity.js";
import { blend, cne5, orthogonalInputs, orthogonality, rule, weightParam } from "../parts/descriptor.js";
import { monthDatesParam, monthsOf } from "../parts/months.js";
import { orthogonalTo } from "../parts/orthogonal.js";
import { assetsParam, panel, rowOf, samplePanel, sampleUniverse, sampleWeights, scoresOf, tailParam } from "../parts/panel.js";
import { datesState, windowAfter } from "../parts/window.js";

/** Logarithm of the mean of the months that are there. */
function logMean(months: readonly number[]): number {
  const known = months.filter((turnover) => !Number.isNaN(turnover));
  return Math.log(known.reduce((a, b) => a + b, 0) / known.length);
}

/** Share turnover of one date; NaN where it cannot be told. */
const turnoverOf = (volume: number, shares: number): number =>
  volume >= 0 && volume < Number.POSITIVE_INFINITY && shares > 0 && shares < Number.POSITIVE_INFINITY ? volume / shares : Number.NaN;

/** Liquidity exposures. */
export const liquidity = kernel({
  name: "liquidity",
  rows: "date",
  doc:
    "Share turnover in three descriptors. A month's turnover is the sum of volume / shares over `monthDates` dates; a date without volume >= 0 " +
    "and shares > 0 adds nothing, and a month with fewer than `minimum` of the others is missing. STOM: logarithm of the last month's; STOQ and STOA: " +
    "logarithm of the mean month of the last `quarterMonths` and `yearMonths`, missing ones left out. An asset that was known and never traded has " +
    `-Infinity, which winsorizing turns into the lower percentile. ${rule} ${orthogonality("`size`, where that is given")}`,
  source: `${cne5}: STOM, STOQ, STOA. USE4: the same weights, and no \`size\``,
  inputs: {
    volume: panel("shares", "shares traded on each date"),
    shares: panel("shares", "shares outstanding on each date"),
    ...orthogonalInputs,
  },
  params: {
    assets: assetsParam,
    monthDates: monthDatesParam,
    quarterMonths: { type: "i32", min: 1, max: 1_000, default: 3, unit: "months", doc: "months of STOQ" },
    yearMonths: { type: "i32", min: 1, max: 1_000, default: 12, unit: "months", doc: "months of STOA" },
    minimum: { type: "i32", min: 1, max: 1_000, default: 11, unit: "dates", doc: "dates that a month needs" },
    monthWeight: weightParam(0.35, "STOM"),
    quarterWeight: weightParam(0.35, "STOQ"),
    yearWeight: weightParam(0.3, "STOA"),
    tail: tailParam(0.01),
  },
  state: {
    older: {
      dtype: "f64",
      shape: ["yearMonths", "monthDates", "assets"],
      init: Number.NaN,
      unit: "ratio",
      doc: "ring of the last turnovers",
    },
    dates: datesState,
  },
  outputs: {
    score: panel("standard deviations", "exposures"),
    month: panel("log ratio", "STOM"),
    quarter: panel("log ratio", "STOQ"),
    year: panel("log ratio", "STOA"),
  },
  refuse: ({ monthDates, quarterMonths, yearMonths, minimum }) =>
    quarterMonths > yearMonths
      ? "'quarterMonths' must not be above 'yearMonths'"
      : minimum > monthDates
        ? "'minimum' must not be above 'monthDates'"
        : undefined,
  workspace: true,
  compare: {
    score: { f64: { relative: 1e-9, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    month: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    quarter: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    year: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
  },
  cost: ({ date = 0 }, { assets, monthDates, yearMonths }) => ({
    flops: 2 * date * assets * (monthDates + yearMonths + 50),
    bytes: 48 * date * assets,
  }),
  reference({ in: { volume, shares, size, weights, universe }, params, state: { older, dates }, out }) {
    const { assets, monthDates, quarterMonths, yearMonths, minimum, tail } = params;
    for (let t = 0; t * assets < volume.length; t++) {
      const fresh = rowOf(volume, assets, t).map((traded, i) => turnoverOf(traded, shares[t * assets + i]!));
      const turnover = windowAfter(fresh, { older }, dates[0]!++, yearMonths * monthDates).map((series) =>
        monthsOf(series, yearMonths, monthDates).map(({ sum, known }) => (known < minimum ? Number.NaN : sum)),
      );
      const [month, quarter, year] = [1, quarterMonths, yearMonths].map((count) =>
        turnover.map((months) => logMean(months.slice(0, count))),
      );
      const descriptors = [
        { row: month!, weight: params.monthWeight },
        { row: quarter!, weight: params.quarterWeight },
        { row: year!, weight: params.yearWeight },
      ];
      const against = size ? [rowOf(size, assets, t)] : [];
      const style = orthogonalTo(against, blend(descriptors, t, universe, tail), t, { universe, weights });
      out.score.set(scoresOf(style, style, t, { universe }, "mean"), t * assets);
      out.month.set(month!, t * assets);
      out.quarter.set(quarter!, t * assets);
      out.year.set(year!, t * assets);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => {
    const usual = Array.from({ length: assets }, () => 10 ** (3 + 3 * random()));
    const outstanding = usual.map((shares) => shares * (20 + 3_000 * random()));
    const traded = (i: number, k: number) => {
      const late = i % 7 === 3 && k < (date * assets) / 4;
      return late || random() < 0.06 ? Number.NaN : i % 9 === 4 || random() < 0.05 ? (random() < 0.2 ? -1 : 0) : usual[i]! * random() ** 2;
    };
    return {
      volume: Float64Array.from({ length: date * assets }, (_, k) => traded(k % assets, k)),
      shares: Float64Array.from({ length: date * assets }, (_, k) => (random() < 0.03 ? 0 : outstanding[k % assets]!)),
      size: samplePanel(date, assets, random),
      weights: sampleWeights(date, assets, random),
      universe: sampleUniverse(date, assets, random),
    };
  },
  golden: liquidityGolden,
  parity: [
    { dims: { date: 20 }, options: { assets: 2, monthDates: 3, yearMonths: 4, minimum: 2 }, without: ["universe", "weights"] },
    { dims: { date: 0 }, options: { assets: 3 } },
    { dims: { date: 20 }, options: { assets: 1, monthDates: 3, yearMonths: 4, minimum: 2 } },
    { dims: { date: 40 }, options: { assets: 21, monthDates: 4, quarterMonths: 2, yearMonths: 5, minimum: 1 } },
    { dims: { date: 30 }, options: { assets: 37, monthDates: 1, quarterMonths: 1, yearMonths: 1, minimum: 1, tail: 0.05 } },
    { dims: { date: 300 }, options: { assets: 18 }, without: ["universe", "weights", "size"] },
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
