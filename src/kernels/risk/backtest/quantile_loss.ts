import { kernel } from "../../../core/call/kernel.js";
import { backtestInputs, lossesWithHits, sampleBacktest } from "../parts/backtest.js";
import { confidenceParam } from "../parts/portfolios.js";
import { tailProbability } from "../parts/tail.js";

/** How good are forecasts of a VaR? The smaller the better. */
export const quantileLoss = kernel({
  name: "quantile_loss",
  rows: "day",
  doc:
    "Quantile (pinball, check, tick) loss of a VaR: confidence * (loss - VaR) on days beyond it, else (1 - confidence) * (VaR - loss). The true quantile has the " +
    "smallest expected loss, so that forecasts for the same days can be ranked by their mean.",
  source: "Koenker & Bassett (1978), Econometrica 46(1); Gneiting (2011), J. Am. Stat. Assoc. 106(494), as a score of quantiles",
  inputs: backtestInputs,
  params: { confidence: confidenceParam },
  outputs: {
    score: { dtype: "real", shape: ["day"], unit: "of loss", doc: "quantile loss of each day, >= 0" },
    mean: { dtype: "real", shape: [1], unit: "of loss", doc: "mean over the days" },
  },
  needs: () => ({ day: 1 }),
  compare: {
    score: { f64: { relative: 1e-14, floor: 1e-6 }, f32: { relative: 1.2e-7, floor: 1e-6 } },
    mean: { f64: { relative: 1e-12, floor: 0 }, f32: { relative: 1.2e-7, floor: 0 } },
  },
  cost: ({ day = 0 }) => ({ flops: 4 * day, bytes: 24 * day }),
  reference({ in: { loss, var: risk }, params: { confidence }, out: { score, mean } }) {
    const alpha = tailProbability(confidence);
    let total = 0;
    for (let t = 0; t < loss.length; t++) {
      const over = loss[t]! - risk[t]!;
      const value = over > 0 ? (1 - alpha) * over : alpha * -over;
      score[t] = value;
      total += value;
    }
    mean[0] = total / loss.length;
  },
  sample: ({ day = 0, rate = 1 }, random) => sampleBacktest(day, random, rate),
  golden: [
    ...(
      [
        [[0, 2, 3], 0.9, [0.9, 0, 0], 0.3],
        [[1, 2, 4], 0.9, [0, 0, 0.1], 1 / 30],
      ] as const
    ).map(([forecast, confidence, score, mean]) => ({
      source: `scikit-learn's documentation, mean_pinball_loss([1, 2, 3], [${forecast}], alpha=${confidence})`,
      inputs: { loss: [1, 2, 3], var: [...forecast] },
      options: { confidence },
      outputs: { score: [...score], mean: [mean] },
      relative: 1e-13,
    })),
    {
      source: "hand calculation: 3 hits 0.5 above the VaR and 7 days 1.5 below it at 75 %",
      inputs: lossesWithHits(10, (t) => t % 4 === 1),
      options: { confidence: 0.75 },
      outputs: { mean: [(3 * 0.75 * 0.5 + 7 * 0.25 * 1.5) / 10] },
      relative: 1e-15,
    },
  ],
  parity: [1, 7, 250, 1_003].flatMap((day) => [{ dims: { day } }, { dims: { day, rate: 0.6 } }]),
  bench: [{ dims: { day: 1_000_000 } }],
  example: { confidence: 0.95 },
});
