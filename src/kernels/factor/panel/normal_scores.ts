import { kernel } from "../../../core/call/kernel.js";
import { normalQuantile } from "../../parts/special.js";
import { panel, universeInput } from "../parts/panel.js";
import { ranked, rankShares, tiedRows } from "../parts/ranks.js";

/** Normal scores of each date's cross-section. */
export const normalScores = kernel({
  ...ranked,
  name: "normal_scores",
  doc:
    "Standard normal quantile of rank / (n + 1), ranks as in cross_section_rank: a cross-section of any shape becomes a normal one. NaN " +
    "for NaN and outside the universe.",
  source: "van der Waerden (1952), Indag. Math. 14",
  inputs: { values: panel("any", "what is scored"), universe: universeInput },
  outputs: { score: panel("standard deviations", "normal scores") },
  compare: { score: { f64: { relative: 1e-14, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: date * assets * (45 + Math.log2(assets + 1)), bytes: 16 * date * assets }),
  reference({ in: { values, universe }, params: { assets }, out: { score }, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) score.set(rankShares(values, assets, universe, t).map(normalQuantile), t * assets);
  },
  golden: [
    {
      source: "scipy 1.17 norm.ppf(rankdata(x, nan_policy='omit') / (n + 1))",
      inputs: { values: tiedRows },
      outputs: {
        score: [
          0.967421566101701,
          -0.967421566101701,
          -0.2104283942479247,
          -0.2104283942479247,
          0.43072729929545744,
          0,
          Number.NaN,
          -0.8416212335729142,
          0,
          0.8416212335729143,
          0,
          0,
          0,
          -0.967421566101701,
          0.967421566101701,
        ],
      },
      relative: 1e-15,
    },
  ],
});
