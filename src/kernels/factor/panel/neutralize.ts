import { kernel } from "../../../core/call/kernel.js";
import { spread } from "../../parts/sample.js";
import { fitWeights, residuals } from "../parts/orthogonal.js";
import { assetsParam, type Numbers, panel, rowOf, sampleUniverse, sampleWeights, universeInput, weightInput } from "../parts/panel.js";

/** Values less what groups and exposures explain of them. */
export const neutralize = kernel({
  name: "neutralize",
  rows: "date",
  doc:
    "Residuals of each date's weighted regression of the values on one constant for each group (one for all without groups) and on the " +
    "`columns` exposures. Estimated on the assets whose value and exposures are finite, whose group is not -1 and which are in the universe with a " +
    "weight > 0; the others get residuals of the same fit where theirs can be told, else NaN. An exposure that the ones before it and the " +
    "groups explain is left out; `rank` counts what is left, so less than groups + columns tells of it. The residuals do not depend " +
    "on which one is left out, but for assets outside the estimation.",
  source: "Frisch & Waugh (1933), Econometrica 1(4); Bjorck (1967), BIT 7 (modified Gram-Schmidt)",
  inputs: {
    values: panel("any", "what is neutralized"),
    group: {
      dtype: "i32",
      shape: ["date", "assets"],
      optional: true,
      check: { min: -1, below: "groups" },
      unit: "id",
      doc: "group of each asset, from 0 on, such as its sector; -1: none. Left out: all are in one",
    },
    exposures: {
      dtype: "real",
      shape: ["date", "columns", "assets"],
      optional: true,
      unit: "any",
      doc: "`columns` rows of exposures for each date, NaN = missing",
    },
    weights: weightInput,
    universe: universeInput,
  },
  params: {
    assets: assetsParam,
    groups: { type: "i32", min: 1, max: 100_000, default: 1, doc: "number of groups" },
    columns: { type: "i32", min: 0, max: 1_000, default: 0, doc: "exposures of each asset" },
  },
  state: {},
  outputs: {
    residual: panel("unit of values", "what groups and exposures do not explain"),
    rank: { dtype: "i32", shape: ["date"], unit: "columns", doc: "groups with a member and exposures that are not explained by others" },
  },
  refuse: ({ columns }, _, given) =>
    given && columns > 0 !== given.has("exposures") ? "'exposures' and the option 'columns', their number, go together" : undefined,
  workspace: true,
  compare: {
    residual: { f64: { relative: 1e-11, floor: 1 }, f32: { relative: 1.2e-7, floor: 1 } },
    rank: { f64: { exact: true }, f32: { exact: true } },
  },
  cost: ({ date = 0 }, { assets, columns }) => ({
    flops: date * assets * (6 + 4 * columns * (columns + 2)),
    bytes: 8 * date * assets * (columns + 2),
  }),
  reference({ in: { values, group, exposures, weights, universe }, params: { assets, groups, columns }, out, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) {
      const value = rowOf(values, assets, t);
      const ids = group ? rowOf(group, assets, t) : value.map(() => 0);
      const e = Array.from({ length: columns }, (_, k) => rowOf(exposures as Numbers, assets, t * columns + k));
      const weight = fitWeights(value, e, ids, t, { universe, weights });
      out.rank[t] = residuals(value, e, weight, ids, groups);
      out.residual.set(
        value.map((v) => (Number.isFinite(v) ? v : Number.NaN)),
        t * assets,
      );
    }
  },
  sample: ({ date = 0 }, random, { assets, groups, columns }) => ({
    values: Float64Array.from({ length: date * assets }, () => (random() < 0.05 ? Number.NaN : 3 * random() - 1)),
    group: Int32Array.from({ length: date * assets }, () => Math.floor(random() * (groups + 0.3)) - (random() < 0.05 ? 1 : 0)).map((g) =>
      Math.min(g, groups - 1),
    ),
    exposures: sampleExposures(date, assets, columns, random),
    weights: sampleWeights(date, assets, random),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source: "numpy 2.4.6 linalg.lstsq by three groups",
      inputs: { values: [1, 2, 4, 3, 5, 7, 6, 2.5], group: [0, 0, 0, 1, 1, 1, 2, 2] },
      options: { assets: 8, groups: 3 },
      outputs: {
        residual: [
          -1.333333333333334, -0.3333333333333339, 1.666666666666666, -2.0000000000000018, -1.7763568394002505e-15, 1.9999999999999982,
          1.75, -1.75,
        ],
        rank: [3],
      },
      relative: 1e-14,
    },
    {
      source: "numpy 2.4.6 linalg.lstsq by three groups and two exposures, weighted",
      inputs: {
        values: [1, 2, 4, 3, 5, 7, 6, 2.5],
        group: [0, 0, 0, 1, 1, 1, 2, 2],
        exposures: [0.5, 1, -1, 2, 0.3, 0.7, -0.2, 0.1, 1, 0.2, 0.4, -0.6, 0.8, 1.5, 0, -1],
        weights: [1, 2, 1, 3, 1, 1, 2, 4],
      },
      options: { assets: 8, groups: 3, columns: 2 },
      outputs: {
        residual: [
          -1.9861290385151156, 0.5613641813994694, 0.8634006757161821, 0.26768438481966506, -1.0173084383409012, 0.2142552838819105,
          1.1952594065970494, -0.5976297032985238,
        ],
        rank: [5],
      },
      relative: 1e-14,
    },
    {
      source: "numpy 2.4.6 linalg.lstsq by a constant and two exposures",
      inputs: { values: [1, 2, 4, 3, 5, 7, 6, 2.5], exposures: [0.5, 1, -1, 2, 0.3, 0.7, -0.2, 0.1, 1, 0.2, 0.4, -0.6, 0.8, 1.5, 0, -1] },
      options: { assets: 8, columns: 2 },
      outputs: {
        residual: [
          -3.392859099482668, -1.4810711155113445, -0.5439805394025248, 0.6533735158995384, 0.6903610756744492, 2.2654964741608037,
          2.1568357647666527, -0.3481560761049072,
        ],
        rank: [3],
      },
      relative: 1e-14,
    },
    {
      source: "numpy 2.4.6 linalg.lstsq by the same and their sum: nothing changes but the rank",
      inputs: {
        values: [1, 2, 4, 3, 5, 7, 6, 2.5],
        exposures: [0.5, 1, -1, 2, 0.3, 0.7, -0.2, 0.1, 1, 0.2, 0.4, -0.6, 0.8, 1.5, 0, -1, 1.5, 1.2, -0.6, 1.4, 1.1, 2.2, -0.2, -0.9],
      },
      options: { assets: 8, columns: 3 },
      outputs: {
        residual: [
          -3.392859099482668, -1.4810711155113445, -0.5439805394025248, 0.6533735158995384, 0.6903610756744492, 2.2654964741608037,
          2.1568357647666527, -0.3481560761049072,
        ],
        rank: [3],
      },
      relative: 1e-14,
    },
  ],
  parity: [
    { dims: { date: 0 }, options: { assets: 5 }, without: ["exposures"] },
    { dims: { date: 5 }, options: { assets: 1 }, without: ["exposures"] },
    { dims: { date: 5 }, options: { assets: 64, groups: 6 }, without: ["exposures", "weights"] },
    { dims: { date: 5 }, options: { assets: 100, columns: 4 }, without: ["group", "universe"] },
    { dims: { date: 6 }, options: { assets: 303, groups: 11, columns: 6 } },
    { dims: { date: 6 }, options: { assets: 12, groups: 11, columns: 6 } },
  ],
  bench: [
    {
      dims: { date: 100 },
      options: { assets: 3_000, groups: 11 },
      without: ["exposures", "weights", "universe"],
      label: "3,000 assets, 11 groups",
    },
    { dims: { date: 100 }, options: { assets: 3_000, groups: 11, columns: 10 }, without: ["universe"], label: "and 10 exposures" },
  ],
  example: { assets: 5 },
});

/** Exposures of several sizes with holes; from three on one is a sum of others, and one is constant. */
function sampleExposures(dates: number, assets: number, columns: number, random: () => number): Float64Array {
  const x = new Float64Array(dates * columns * assets);
  for (let t = 0; t < dates; t++)
    for (let k = 0; k < columns; k++) {
      const size = spread(random);
      for (let i = 0; i < assets; i++) {
        const at = (t * columns + k) * assets + i;
        const fresh = random() < 0.01 ? Number.NaN : size * (random() + random() - 0.7);
        x[at] = k === 2 ? x[at - assets]! - 0.5 * x[at - 2 * assets]! : k === 3 ? 0.7 : fresh;
      }
    }
  return x;
}
