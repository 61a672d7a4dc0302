import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { assetsParam, panel, samplePanel, sampleUniverse, universeInput } from "../parts/panel.js";
import { averageRanks } from "../parts/ranks.js";
import { correlationOf, factorRow } from "../parts/signal.js";

/** How much of a factor's order is left some dates later. */
export const factorRankAutocorrelation = kernel({
  name: "factor_rank_autocorrelation",
  rows: "date",
  doc:
    "Correlation of the factor's ranks on each date with those of `period` dates before, over the assets ranked on both. Ranks are those " +
    "among each date's own assets, ties at their average. NaN for the first `period` dates, with fewer than two assets in common, and " +
    "where one side does not vary. Infinities count as missing.",
  source: "alphalens-reloaded, performance.factor_rank_autocorrelation",
  inputs: { factor: panel("any", "the signal"), universe: universeInput },
  params: { assets: assetsParam, period: { type: "i32", min: 1, max: 10_000, default: 1, unit: "dates", doc: "dates looked back" } },
  state: {
    ring: { dtype: "f64", shape: ["period", "assets"], init: Number.NaN, unit: "rank", doc: "ranks of the last dates" },
    dates: counter("dates", "dates so far"),
  },
  outputs: { autocorrelation: { dtype: "real", shape: ["date"], unit: "correlation", doc: "of the ranks" } },
  workspace: true,
  compare: { autocorrelation: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: 30 * date * assets, bytes: 16 * date * assets }),
  reference({ in: { factor, universe }, params: { assets, period }, state: { ring, dates }, out: { autocorrelation } }) {
    for (let t = 0; t * assets < factor.length; t++) {
      const slot = (dates[0]!++ % period) * assets;
      const ranks = averageRanks(factorRow(factor, assets, universe, t));
      autocorrelation[t] = correlationOf(ranks, [...ring.subarray(slot, slot + assets)]).correlation;
      ring.set(ranks, slot);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => {
    const lasting = samplePanel(1, assets, random, 0);
    return {
      factor: samplePanel(date, assets, random).map((x, k) =>
        Number.isFinite(x) ? 0.1 * Math.tanh(x) + Math.tanh(lasting[k % assets]!) : x,
      ),
      universe: sampleUniverse(date, assets, random),
    };
  },
  golden: [
    {
      source: "scipy 1.17 rankdata of each date, numpy 2.4.6 corrcoef of the assets ranked on both",
      inputs: { factor: [0.5, 1.2, -0.3, 0.5, 2.0, 0.1, Number.NaN, 0.4, 0.8, -0.2, 1.0, 1.0, 0.3, -1.0, 2.0, 0.3, 0.2, -0.5, 1.5, 0.9] },
      outputs: { autocorrelation: [Number.NaN, -0.7006490497453707, -0.9959100033104787, -0.05129891760425771] },
      relative: 1e-14,
    },
  ],
  parity: [
    { dims: { date: 0 }, options: { assets: 4 } },
    { dims: { date: 30 }, options: { assets: 37, period: 3 } },
    { dims: { date: 12 }, options: { assets: 101 }, without: ["universe"] },
  ],
  bench: [{ dims: { date: 100 }, options: { assets: 3_000 }, without: ["universe"] }],
  example: { assets: 5 },
});
