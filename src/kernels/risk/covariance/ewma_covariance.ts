import { kernel } from "../../../core/call/kernel.js";
import { assetsParam, close, covarianceOutput, returnsInput, sampleReturns, threeAssets } from "../../parts/matrix.js";

const golden = (decay: number, start: string, covariance: readonly number[]) => ({
  source: `numpy 1.24.2: ${start === "first" ? "the recursion" : "weights decay^age over their sum"}, decay ${decay}`,
  inputs: { returns: threeAssets },
  options: { decay, halfLife: 0, start, batch: 6 },
  outputs: { covariance },
  relative: 1e-14,
  floor: 1e-4,
});

/** Exponentially weighted covariance, updated by one row or by blocks of rows. */
export const ewmaCovariance = kernel({
  name: "ewma_covariance",
  rows: "update",
  doc:
    "Exponentially weighted second moments r r' about 0, decay^age being the weight of a row, after every update of `batch` rows. `decay` or " +
    "`halfLife` sets the decay, exactly one of them. Start `normalized` divides by the sum of the weights; start `first` lets the first row " +
    "stand for all before it: C_1 = r_1 r_1', C_t = decay C_(t-1) + (1 - decay) r_t r_t'.",
  source: "J.P. Morgan (1996), RiskMetrics Technical Document, 4th ed., eq. 5.13 and 5.14; weights as pandas.DataFrame.ewm(adjust=...)",
  inputs: {
    returns: {
      ...returnsInput,
      shape: ["update", "batch", "assets"],
      doc: "`batch` rows for each update, oldest first, a column for each asset. NaN is refused",
    },
  },
  params: {
    assets: assetsParam,
    batch: {
      type: "i32",
      min: 1,
      max: 1_000_000,
      default: 1,
      unit: "rows",
      doc: "rows of an update: a covariance is put out after each update",
    },
    decay: {
      type: "f64",
      min: 0,
      max: 0.999999999,
      default: 0,
      doc: "weight of a row over that of the next one, 0.94 for RiskMetrics' daily returns; 0: set by halfLife",
    },
    halfLife: { type: "f64", min: 0, max: 1e8, default: 0, unit: "rows", doc: "age at which a row counts half; 0: set by decay" },
    start: { type: "enum", values: ["normalized", "first"], default: "normalized", doc: "how the first rows are weighted" },
  },
  state: {
    sums: { dtype: "f64", shape: ["assets", "assets"], unit: "unit of returns^2", doc: "weighted sums on and above the diagonal, 0 below" },
    weight: { dtype: "f64", shape: [1], unit: "ratio", doc: "sum of the weights, 0 before the first row" },
  },
  outputs: { covariance: { ...covarianceOutput, shape: ["update", "assets", "assets"] } },
  workspace: true,
  refuse: ({ decay, halfLife }) => (decay > 0 === halfLife > 0 ? "give decay or halfLife, exactly one of them" : undefined),
  compare: { covariance: close },
  cost: ({ update = 0 }, { assets, batch }) => ({
    flops: update * batch * assets * (assets + 1),
    bytes: update * 8 * (batch * assets + 2 * assets * assets),
  }),
  reference({ in: { returns }, params: { assets, batch, decay, halfLife, start }, state: { sums, weight }, out: { covariance } }) {
    const lambda = decay > 0 ? decay : 2 ** (-1 / halfLife);
    for (let row = 0; row < returns.length / assets; row++) {
      const fresh = start === "first" && weight[0] === 0 ? 1 : 1 - lambda;
      for (let i = 0; i < assets; i++)
        for (let j = i; j < assets; j++) {
          const at = i * assets + j;
          sums[at] = lambda * sums[at]! + fresh * returns[row * assets + i]! * returns[row * assets + j]!;
        }
      weight[0] = lambda * weight[0]! + fresh;
      if ((row + 1) % batch !== 0) continue;
      const to = covariance.subarray(((row + 1) / batch - 1) * assets * assets);
      const whole = start === "first" ? 1 : weight[0]!;
      for (let i = 0; i < assets; i++)
        for (let j = 0; j < assets; j++) to[i * assets + j] = sums[Math.min(i, j) * assets + Math.max(i, j)]! / whole;
    }
  },
  sample: ({ update = 0 }, random, { assets, batch }) => ({ returns: sampleReturns(update * batch, assets, random) }),
  golden: [
    golden(
      0.94,
      "normalized",
      [
        0.0003028460133518797, -2.053929018011042e-5, 0.0002847082708908921, -2.053929018011042e-5, 0.0005142611588272945,
        3.031055198944474e-6, 0.0002847082708908921, 3.031055198944474e-6, 0.00038680689442669624,
      ],
    ),
    golden(
      0.94,
      "first",
      [
        0.0001932629488992, -3.94836040512e-5, 0.00025386538584, -3.94836040512e-5, 0.0001705258422784001, -5.4249560671999966e-5,
        0.00025386538584, -5.4249560671999966e-5, 0.00039590841928,
      ],
    ),
    golden(
      0.5,
      "first",
      [0.00026628125, 5.05625e-5, 0.00035853125, 5.05625e-5, 0.000246, 6.56875e-5, 0.00035853125, 6.56875e-5, 0.00055446875],
    ),
  ],
  parity: [
    { dims: { update: 0 }, options: { assets: 3 } },
    { dims: { update: 1 }, options: { assets: 1 } },
    { dims: { update: 60 }, options: { assets: 7 } },
    { dims: { update: 30 }, options: { assets: 26, batch: 8, start: "first" } },
    { dims: { update: 3 }, options: { assets: 9, batch: 300, decay: 0, halfLife: 40 } },
  ],
  bench: [
    { dims: { update: 32 }, options: { assets: 500 }, label: "500 assets, one row" },
    { dims: { update: 4 }, options: { assets: 500, batch: 8 }, label: "500 assets, 8 rows" },
    { dims: { update: 4 }, options: { assets: 500, batch: 256 }, label: "500 assets, 256 rows" },
  ],
  example: { assets: 3, decay: 0.94 },
});
