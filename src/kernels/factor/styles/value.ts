import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  clip,
  estimation,
  panel,
  panelBench,
  panelSizes,
  rowOf,
  type Section,
  samplePanel,
  sampleUniverse,
  scoresOf,
  tailBounds,
  tailParam,
  universeInput,
} from "../parts/panel.js";

const score = (x: readonly number[], date: number, section: Section): number[] => scoresOf(x, x, date, section, "mean");

/** Value exposures. */
export const value = kernel({
  name: "value",
  rows: "date",
  doc:
    "Mean of the z-scores of log(book / price), log(sales / price) and cash flow / price, each winsorized at `tail` before the logarithm, " +
    "standardized once more. A ratio that is missing, or book or sales not > 0 after winsorizing, makes the exposure NaN, or with `missing` " +
    "skip leaves the mean to the others.",
  source: "toraniko 1.1, styles.py factor_val",
  inputs: {
    bookPrice: panel("ratio", "book value over price"),
    salesPrice: panel("ratio", "sales over price"),
    cashFlowPrice: panel("ratio", "cash flow over price"),
    universe: universeInput,
  },
  params: {
    assets: assetsParam,
    tail: tailParam(0.05),
    missing: { type: "enum", values: ["nan", "skip"], default: "nan", doc: "what becomes of an asset that lacks some of the ratios" },
  },
  state: {},
  outputs: { score: panel("standard deviations", "exposures") },
  workspace: true,
  compare: { score: { f64: { relative: 1e-10, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: 120 * date * assets, bytes: 32 * date * assets }),
  reference({ in: { bookPrice, salesPrice, cashFlowPrice, universe }, params: { assets, tail, missing }, out, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) {
      const z = [bookPrice, salesPrice, cashFlowPrice].map((panel, k) => {
        const x = rowOf(panel, assets, t);
        const clipped = clip(x, tailBounds(estimation(x, universe, t), tail));
        return score(k < 2 ? clipped.map((v) => (v > 0 ? Math.log(v) : Number.NaN)) : clipped, t, { universe });
      });
      const mean = z[0]!.map((_, i) => {
        const own = z.map((scores) => scores[i]!).filter((s) => missing === "nan" || !Number.isNaN(s));
        return own.reduce((a, b) => a + b, 0) / own.length;
      });
      out.score.set(score(mean, t, { universe }), t * assets);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => {
    const ratio = () => samplePanel(date, assets, random).map((x, k) => (k % 13 === 0 ? x : Math.abs(x) + (x === 0 ? 1 : 0)));
    return {
      bookPrice: ratio(),
      salesPrice: ratio(),
      cashFlowPrice: samplePanel(date, assets, random),
      universe: sampleUniverse(date, assets, random),
    };
  },
  golden: [
    {
      source:
        "numpy 2.4.6, toraniko's formula: clip at percentiles 10 and 90, z-scores (ddof 1) of log, log and the ratio itself, their mean, its z-score",
      inputs: {
        bookPrice: [0.5, 1.2, 0.3, 0.8, 2.0, 0.1],
        salesPrice: [1.5, 0.7, 0.2, 2.8, 0.9, 3.0],
        cashFlowPrice: [0.05, -0.02, 0.1, 0.07, 0.01, 0.2],
      },
      options: { tail: 0.1 },
      outputs: {
        score: [-0.1444903676309387, -0.8508519688934596, -1.2392541110021702, 1.2743213057130727, -0.08309583757923948, 1.043370979392735],
      },
      relative: 1e-13,
    },
    {
      source: "numpy 2.4.6: the same with nanpercentile, nanmean and nanstd, one ratio missing",
      inputs: {
        bookPrice: [0.5, 1.2, Number.NaN, 0.8, 2.0, 0.1],
        salesPrice: [1.5, 0.7, 0.2, 2.8, 0.9, 3.0],
        cashFlowPrice: [0.05, -0.02, 0.1, 0.07, 0.01, 0.2],
      },
      options: { tail: 0.1, missing: "skip" },
      outputs: {
        score: [-0.3764474630289574, -1.069833960983341, -0.8617951357981096, 1.257727027636902, -0.12195636494604058, 1.1723058971195468],
      },
      relative: 1e-13,
    },
  ],
  parity: [
    ...panelSizes,
    { dims: { date: 9 }, options: { assets: 41, missing: "skip", tail: 0.1 } },
    { dims: { date: 9 }, options: { assets: 300, missing: "skip" }, without: ["universe"] },
  ],
  bench: panelBench.map((one) => ({ ...one, without: ["universe"] })),
  example: { assets: 6 },
});
