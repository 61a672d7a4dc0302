import { kernel } from "../../../core/call/kernel.js";
import { assetsParam, panel, rowOf, sampleUniverse, universeInput } from "../parts/panel.js";
import { correlationOf, factorRow, forwardInput, horizonsParam, rankedPairs, sampleSignal, threeSignals } from "../parts/signal.js";

/** Correlation of a factor with the returns that follow. */
export const informationCoefficient = kernel({
  name: "information_coefficient",
  rows: "date",
  doc:
    "Correlation across the assets of each date's factor with their forward returns, for every horizon: `pearson` of the values, `spearman` " +
    "of their ranks (ties at their average; the rank IC, what alphalens calls the information coefficient). Assets where one of the two is not finite or which are outside " +
    "the universe take no part. NaN with fewer than two pairs, or where one side does not vary.",
  source: "Grinold & Kahn (1999), Active Portfolio Management, ch. 6; alphalens-reloaded, performance.factor_information_coefficient",
  inputs: { factor: panel("any", "the signal"), forward: forwardInput, universe: universeInput },
  params: { assets: assetsParam, horizons: horizonsParam },
  state: {},
  outputs: {
    pearson: { dtype: "real", shape: ["date", "horizons"], unit: "correlation", doc: "of the values" },
    spearman: { dtype: "real", shape: ["date", "horizons"], unit: "correlation", doc: "of the ranks" },
    count: { dtype: "i32", shape: ["date", "horizons"], unit: "assets", doc: "pairs" },
  },
  workspace: true,
  compare: {
    pearson: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    spearman: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    count: { f64: { exact: true }, f32: { exact: true } },
  },
  cost: ({ date = 0 }, { assets, horizons }) => ({ flops: 40 * date * assets * horizons, bytes: 8 * date * assets * (1 + horizons) }),
  reference({ in: { factor, forward, universe }, params: { assets, horizons }, out, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++)
      for (let h = 0; h < horizons; h++) {
        const signal = factorRow(factor, assets, universe, t);
        const returns = rowOf(forward, assets, t * horizons + h);
        const at = t * horizons + h;
        out.pearson[at] = correlationOf(signal, returns).correlation;
        out.spearman[at] = correlationOf(...rankedPairs(signal, returns)).correlation;
        out.count[at] = correlationOf(signal, returns).count;
      }
  },
  sample: ({ date = 0 }, random, { assets, horizons }) => ({
    ...sampleSignal(date, assets, horizons, random),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source: "scipy 1.17 pearsonr and spearmanr of the finite pairs; a factor that does not vary has none",
      inputs: threeSignals,
      options: { horizons: 2 },
      outputs: {
        pearson: [
          0.8876213930404889,
          0.20360971101861486,
          0.9827041917978468,
          -0.17049858486761835,
          Number.NaN,
          Number.NaN,
          -0.4535639938682972,
          0.8228354982021552,
        ],
        spearman: [
          0.9276336570439174,
          0.23190841426097936,
          1.0,
          -0.09999999999999999,
          Number.NaN,
          Number.NaN,
          -0.40583972495671394,
          0.8406680016960503,
        ],
        count: [6, 6, 4, 5, 6, 6, 6, 6],
      },
      relative: 1e-14,
    },
  ],
  parity: [
    { dims: { date: 0 }, options: { assets: 4 } },
    { dims: { date: 7 }, options: { assets: 1 } },
    { dims: { date: 9 }, options: { assets: 37, horizons: 3 } },
    { dims: { date: 8 }, options: { assets: 503, horizons: 2 }, without: ["universe"] },
  ],
  bench: [{ dims: { date: 50 }, options: { assets: 3_000, horizons: 4 }, without: ["universe"], label: "3,000 assets, 4 horizons" }],
  example: { assets: 6 },
});
