import { kernel } from "../../../core/call/kernel.js";
import { panel, universeInput } from "../parts/panel.js";
import { ranked, rankShares, tiedRows } from "../parts/ranks.js";

/** Ranks of each date's cross-section, as shares. */
export const crossSectionRank = kernel({
  ...ranked,
  name: "cross_section_rank",
  doc:
    "Position of each value in rising order among those of its date, ties at their average, over n + 1: in (0, 1). Infinities are the " +
    "largest and smallest values. NaN for NaN and outside the universe.",
  source: "van der Waerden (1952), Indag. Math. 14; ties as scipy.stats.rankdata",
  inputs: { values: panel("any", "what is ranked"), universe: universeInput },
  outputs: { rank: panel("share in (0, 1)", "rank / (n + 1)") },
  compare: { rank: { f64: { relative: 1e-15, floor: 0 }, f32: { relative: 6e-8, floor: 0 } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: date * assets * Math.log2(assets + 1), bytes: 16 * date * assets }),
  reference({ in: { values, universe }, params: { assets }, out: { rank }, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) rank.set(rankShares(values, assets, universe, t), t * assets);
  },
  golden: [
    {
      source: "scipy 1.17 rankdata(x, nan_policy='omit') / (n + 1)",
      inputs: { values: tiedRows },
      outputs: {
        rank: [
          0.8333333333333334,
          0.16666666666666666,
          0.4166666666666667,
          0.4166666666666667,
          0.6666666666666666,
          0.5,
          Number.NaN,
          0.2,
          0.5,
          0.8,
          0.5,
          0.5,
          0.5,
          0.16666666666666666,
          0.8333333333333334,
        ],
      },
      relative: 1e-15,
    },
  ],
});
