import { kernel } from "../../../core/call/kernel.js";
import { attributionGolden } from "../golden/risk.js";
import { exposureInputs, factorParams, portfolioExposure, sampleModel, sampleWeights, stylesGiven } from "../parts/portfolio_exposure.js";

const close = { f64: { relative: 1e-10, floor: 1e-5 }, f32: { relative: 1e-10, floor: 1e-5 } } as const;

/** Realized returns of a portfolio by factor. */
export const returnAttribution = kernel({
  name: "return_attribution",
  rows: "date",
  doc:
    "Realized return of a portfolio on each date, split by the factors: x_k f_k for exposure x_k = sum of w_i times the exposures of asset i; " +
    "specific is what is left of the total: selection of assets. The parts sum to the total. Exposures are those that the factor " +
    "returns were estimated with. NaN where an asset that is held has no return, sector or exposure; an asset of weight 0 need not have them.",
  source: "Grinold & Kahn (2000), Active Portfolio Management, 2nd ed., ch. 17, eq. 17.11",
  inputs: {
    weights: {
      dtype: "real",
      shape: ["date", "assets"],
      check: {},
      unit: "1",
      doc: "weight of each asset at the beginning of each date. NaN is refused",
    },
    returns: { dtype: "real", shape: ["date", "assets"], unit: "ratio", doc: "return of each asset on each date; NaN: none" },
    factorReturns: {
      dtype: "f64",
      shape: ["date", "factors"],
      unit: "ratio",
      doc: "market, sectors, styles, as factor_returns gives them; NaN: none",
    },
    sector: exposureInputs.sector,
    styles: { ...exposureInputs.styles, shape: ["date", "styles", "assets"] },
  },
  params: factorParams,
  outputs: {
    total: { dtype: "f64", shape: ["date"], unit: "ratio", doc: "return of the portfolio" },
    contributions: { dtype: "f64", shape: ["date", "factors"], unit: "ratio", doc: "of each factor; 0 where exposure is 0" },
    specific: { dtype: "f64", shape: ["date"], unit: "ratio", doc: "total less contributions" },
  },
  refuse: stylesGiven,
  compare: { total: close, contributions: close, specific: close },
  cost: ({ date = 0 }, { assets, styles }) => ({ flops: date * assets * (2 * styles + 4), bytes: 8 * date * assets * (styles + 2) }),
  reference({ in: given, params: model, out, dims: { date = 0 } }) {
    const { assets, factors, styles } = model;
    for (let t = 0; t < date; t++) {
      const w = given.weights.slice(t * assets, (t + 1) * assets);
      const x = portfolioExposure(w, given.sector, given.styles?.subarray(t * styles * assets), model);
      const parts = x.map((value, k) => (value === 0 ? 0 : value * given.factorReturns[t * factors + k]!));
      let total = 0;
      for (let i = 0; i < assets; i++) if (w[i] !== 0) total += w[i]! * given.returns[t * assets + i]!;
      out.total[t] = total;
      out.contributions.set(parts, t * factors);
      out.specific[t] = total - parts.reduce((sum, part) => sum + part, 0);
    }
  },
  sample: ({ date = 0 }, random, params) => {
    const { assets, sectors, styles } = params as { assets: number; sectors: number; styles: number };
    const model = sampleModel({ assets, sectors, styles: styles * date }, random);
    return {
      weights: sampleWeights(date, assets, random),
      returns: Float64Array.from({ length: date * assets }, (_, i) => (i % assets === 3 ? Number.NaN : 0.03 * (random() - 0.45))),
      factorReturns: Float64Array.from({ length: date * (1 + sectors + styles) }, () => 0.02 * (random() - 0.4)),
      ...model,
    };
  },
  golden: attributionGolden,
  parity: [
    { dims: { date: 0 } },
    { dims: { date: 4 }, options: { assets: 7, sectors: 2, styles: 0 }, without: ["styles"] },
    { dims: { date: 6 }, options: { assets: 203, sectors: 5, styles: 4 } },
  ],
  bench: [{ dims: { date: 32 }, options: { assets: 3_000, sectors: 11, styles: 10 } }],
  example: { assets: 6, sectors: 2, styles: 1 },
});
