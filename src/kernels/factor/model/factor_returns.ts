import { kernel } from "../../../core/call/kernel.js";
import { factorGolden } from "../golden/factor_returns.js";
import { joint, twoStage } from "../parts/factor_regression.js";
import { sampleCrossSections } from "../parts/factor_sample.js";
import { clip, tailBounds } from "../parts/panel.js";
import { noSection, sectionOf } from "../parts/section.js";

const close = (relative: number, floor: number) => ({ f64: { relative, floor }, f32: { relative, floor } });

/** Cross-sectional factor returns. */
export const factorReturns = kernel({
  name: "factor_returns",
  rows: "date",
  doc:
    "Returns of market, sectors and styles on each date, by least squares over its assets with weights sqrt(cap), or those given. `joint`: one regression on " +
    "all factors, sector returns sum to zero weighted by cap, or equally (`constraint`). `two-stage`: market and sectors first, sector returns sum to zero; then styles on " +
    "what is left. An asset takes part where return, cap and all styles are numbers, its sector is not -1 and the universe, if given, has it; the " +
    "others have residual NaN. Return (winsorized, where that is asked for) = market + sector + sum of style return * exposure + residual. " +
    "Collinear styles, or fewer assets than factors, are answered by the solution of minimum norm, and `minimumNorm` is 1. A sector with one " +
    "asset explains it: residual 0. A sector without assets has no return in `joint` (NaN); in `two-stage` it has that of minimum norm over " +
    "market and all sectors but the last, flagged as well. Dates on which no asset takes part, or sums overflow, are NaN. Dates that use the exposures of the date " +
    "before, with the same assets, use its factorisation.",
  source:
    "joint: Menchero, Orr & Wang (2011), The Barra US Equity Model (USE4), Methodology Notes, section 2, eq. 2.2; Heston & Rouwenhorst (1994), J. Financ. Econ. 36(1). two-stage: toraniko 1.1 model.py; R^2 about 0, and standard errors of weighted least squares, in both [ours]",
  inputs: {
    returns: {
      dtype: "real",
      shape: ["date", "assets"],
      expects: "a finite number, or NaN where there is none",
      unit: "ratio",
      doc: "return of each asset on each date; NaN: none",
    },
    cap: {
      dtype: "real",
      shape: ["exposure", "assets"],
      expects: "a finite number > 0, or NaN where there is none",
      unit: "currency",
      doc: "market capitalisation; NaN: none, the asset takes no part. A set of exposures is a row of cap, styles and universe",
    },
    sector: {
      dtype: "i32",
      shape: ["map", "assets"],
      check: { min: -1, below: "sectors" },
      unit: "id",
      doc: "sector of each asset from 0, -1: none. One row for all sets of exposures or one for each; the last stands for sets beyond it",
    },
    styles: {
      dtype: "real",
      shape: ["exposure", "styles", "assets"],
      optional: true,
      expects: "a finite number, or NaN where there is none",
      unit: "any",
      doc: "exposure of each asset to each style; NaN: none",
    },
    universe: { dtype: "u8", shape: ["exposure", "assets"], optional: true, check: { max: 1 }, unit: "flag", doc: "1: takes part" },
    exposureOf: {
      dtype: "i32",
      shape: ["date"],
      optional: true,
      check: { min: -1 },
      expects: "a row of cap, or -1 for none",
      unit: "index",
      doc: "set of exposures that each date uses, -1: none. Without it date t uses set t - lag, or the last one where there are fewer",
    },
    weights: {
      dtype: "real",
      shape: ["exposure", "assets"],
      optional: true,
      expects: "a finite number > 0, or NaN where there is none",
      unit: "any",
      doc: "weight of each asset in the sums of squares, one over specific variance for example; NaN: none, the asset takes no part. Without it sqrt(cap)",
    },
  },
  params: {
    assets: { type: "i32", min: 1, max: 10_000_000, unit: "assets", doc: "assets of a date" },
    sectors: { type: "i32", min: 1, max: 10_000, unit: "sectors", doc: "number of sectors" },
    styles: { type: "i32", min: 0, max: 500, default: 0, unit: "styles", doc: "number of styles" },
    factors: {
      type: "i32",
      min: 0,
      default: 0,
      derived: ({ sectors, styles }) => 1 + sectors + styles,
      unit: "factors",
      doc: "1 + sectors + styles: computed, need not be given",
    },
    mode: { type: "enum", values: ["joint", "two-stage"], default: "joint", doc: "one regression, or styles on what sectors leave" },
    lag: {
      type: "i32",
      min: -1,
      max: 1_000_000,
      default: -1,
      unit: "dates",
      doc: "dates by which exposures lie before returns; -1: 1 with joint, 0 with two-stage",
    },
    winsorize: {
      type: "f64",
      min: -1,
      max: 0.4999,
      default: -1,
      doc: "returns of a date are cut at this percentile and 1 minus it (numpy's linear percentiles); 0: not; -1: 0.05 with two-stage, 0 with joint",
    },
    residualize: {
      type: "enum",
      values: ["yes", "no"],
      default: "yes",
      doc: "two-stage: styles explain what market and sectors leave, or `no`: the returns themselves",
    },
    constraint: {
      type: "enum",
      values: ["cap", "equal"],
      default: "cap",
      doc: "joint: sector returns sum to zero weighted by cap, or each sector that has assets alike. two-stage: they always sum to zero unweighted",
    },
  },
  outputs: {
    factorReturns: { dtype: "f64", shape: ["date", "factors"], unit: "ratio", doc: "market, sectors by id, styles" },
    standardErrors: { dtype: "f64", shape: ["date", "factors"], unit: "ratio", doc: "NaN where there are no more assets than factors" },
    tStatistics: { dtype: "f64", shape: ["date", "factors"], unit: "ratio", doc: "return over standard error, NaN where that is 0" },
    residuals: { dtype: "real", shape: ["date", "assets"], unit: "ratio", doc: "NaN for assets that take no part" },
    rSquared: { dtype: "f64", shape: ["date"], unit: "ratio", doc: "1 - sum of w e^2 / sum of w r^2: about 0, as the market is a factor" },
    used: { dtype: "i32", shape: ["date"], unit: "assets", doc: "assets that took part" },
    rank: { dtype: "i32", shape: ["date"], unit: "factors", doc: "independent factors; sectors + styles at full rank" },
    minimumNorm: {
      dtype: "i8",
      shape: ["date"],
      unit: "flag",
      doc: "1: the factors are collinear, the solution of minimum norm was taken",
    },
  },
  needs: () => ({ map: 1 }),
  refuse: ({ styles }, _, given) =>
    given && given.has("styles") !== styles > 0
      ? `${styles} styles, but the input 'styles' is ${given.has("styles") ? "given" : "missing"}`
      : undefined,
  // Block sums of the native form, and sectors taken out of the products after the sum, cost digits where styles hardly vary inside sectors.
  compare: {
    factorReturns: close(1e-9, 1e-3),
    standardErrors: close(1e-9, 1e-3),
    tStatistics: close(1e-8, 1e-1),
    residuals: { f64: { relative: 1e-9, floor: 1e-3 }, f32: { relative: 1e-6, floor: 1e-3 } },
    rSquared: close(1e-9, 1e-2),
    used: close(0, 1),
    rank: close(0, 1),
    minimumNorm: close(0, 1),
  },
  workspace: true,
  cost: ({ date = 0 }, { assets, styles }) => ({
    flops: date * assets * (styles * (styles + 1) + 6 * styles + 12),
    bytes: date * 8 * assets * (styles + 3),
  }),
  reference({ in: given, params, out, dims: { date = 0 } }) {
    const { assets, sectors, styles, factors, mode } = params;
    const lag = params.lag >= 0 ? params.lag : mode === "joint" ? 1 : 0;
    const share = params.winsorize >= 0 ? params.winsorize : mode === "joint" ? 0 : 0.05;
    const sets = given.cap.length / assets;
    for (const view of [out.factorReturns, out.standardErrors, out.tStatistics, out.residuals, out.rSquared]) view.fill(Number.NaN);
    for (let t = 0; t < date; t++) {
      const set = given.exposureOf ? given.exposureOf[t]! : Math.min(t - lag, sets - 1);
      if (set >= sets) return { consumed: 0, produced: 0, refused: { code: "badValue", input: "exposureOf", row: t } };
      const section = set < 0 ? noSection() : sectionOf(given, params, t, set);
      if ("input" in section) return { consumed: 0, produced: 0, refused: { code: "badValue", ...section } };
      out.used[t] = section.asset.length;
      out.rank[t] = out.minimumNorm[t] = 0;
      if (section.asset.length === 0) continue;
      if (share > 0) section.value = clip(section.value, tailBounds(section.value, share));
      const found =
        mode === "joint"
          ? joint(section, sectors, styles, params.constraint)
          : twoStage(section, sectors, styles, params.residualize === "yes");
      if (!found) continue;
      out.factorReturns.set(found.returns, t * factors);
      out.standardErrors.set(found.errors, t * factors);
      out.tStatistics.set(
        found.returns.map((f, k) => (found.errors[k] === 0 ? Number.NaN : f / found.errors[k]!)),
        t * factors,
      );
      section.asset.forEach((asset, i) => {
        out.residuals[t * assets + asset] = found.residuals[i]!;
      });
      out.rSquared[t] = found.rSquared;
      out.rank[t] = found.rank;
      const present = mode === "joint" ? new Set(section.sector).size : sectors;
      out.minimumNorm[t] = found.rank < present + styles ? 1 : 0;
    }
    return undefined;
  },
  sample: ({ date = 0, sets = date }, random, params, without) => sampleCrossSections(date, sets, params, random, without),
  golden: factorGolden,
  parity: [
    { dims: { date: 0 }, options: { lag: 0 }, without: ["exposureOf", "weights"] },
    { dims: { date: 3 }, options: { assets: 61, sectors: 4, styles: 3 }, without: ["exposureOf", "universe", "weights"] },
    { dims: { date: 4 }, options: { assets: 130, sectors: 5, styles: 2, mode: "two-stage" }, without: ["exposureOf", "weights"] },
    { dims: { date: 3 }, options: { assets: 200, sectors: 11, styles: 10, lag: 0, winsorize: 0.1 }, without: ["exposureOf", "weights"] },
    { dims: { date: 6, sets: 2 }, options: { assets: 333, sectors: 6, styles: 5 }, without: ["universe", "weights"] },
    { dims: { date: 6, sets: 2 }, options: { assets: 90, sectors: 3, styles: 1, mode: "two-stage", residualize: "no" } },
    { dims: { date: 5 }, options: { assets: 130, sectors: 5, styles: 3, lag: 0, constraint: "equal" }, without: ["exposureOf"] },
    { dims: { date: 4 }, options: { assets: 61, sectors: 9, styles: 2, constraint: "equal" }, without: ["exposureOf", "weights"] },
    { dims: { date: 11, sets: 1 }, options: { assets: 1_208, sectors: 6, styles: 7, lag: 0 }, without: ["exposureOf", "universe"] },
    { dims: { date: 2 }, options: { assets: 40, sectors: 3, lag: 0, styles: 0 }, without: ["styles", "exposureOf", "weights"] },
    { dims: { date: 2 }, options: { assets: 9, sectors: 4, lag: 0, styles: 12 }, without: ["exposureOf", "weights"] },
    {
      dims: { date: 11, sets: 1 },
      options: { assets: 1_208, sectors: 6, styles: 7, lag: 0 },
      without: ["exposureOf", "universe", "weights"],
    },
    {
      dims: { date: 6, sets: 1 },
      options: { assets: 1_001, sectors: 4, styles: 12, mode: "two-stage" },
      without: ["exposureOf", "universe", "weights"],
    },
  ],
  bench: [
    {
      dims: { date: 32 },
      options: { assets: 3_000, sectors: 11, styles: 10, lag: 0 },
      without: ["exposureOf", "universe", "weights"],
      label: "10 styles",
    },
    {
      dims: { date: 32 },
      options: { assets: 3_000, sectors: 11, styles: 3, lag: 0 },
      without: ["exposureOf", "universe", "weights"],
      label: "3 styles",
    },
    {
      dims: { date: 32, sets: 1 },
      options: { assets: 3_000, sectors: 11, styles: 10, lag: 0 },
      without: ["exposureOf", "universe", "weights"],
      label: "reused",
    },
    {
      dims: { date: 32 },
      options: { assets: 3_000, sectors: 11, styles: 10, mode: "two-stage" },
      without: ["exposureOf", "universe", "weights"],
      label: "two-stage",
    },
  ],
  example: { assets: 5, sectors: 2, styles: 1 },
});
