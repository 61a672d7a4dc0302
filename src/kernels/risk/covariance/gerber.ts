import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  close,
  columnMeans,
  covariance,
  covarianceCost,
  covarianceOutput,
  covarianceSizes,
  fourAssets,
  returnsInput,
  sampleReturns,
} from "../../parts/matrix.js";

/** Covariance by counting the rows in which two assets move together, or apart, by more than a threshold. */
export const gerber = kernel({
  name: "gerber",
  rows: "observation",
  doc:
    "Gerber statistic of each pair of columns, and the covariance with it as correlation. A row counts for a column where its value is at least " +
    "`threshold` population standard deviations above 0, or as far below. Together less apart, over the rows in which both count (`gerber0`), at least one does " +
    "(`gerber1`, the paper's, and what skfolio gives by default), or the root of the product of how often each does (`gerber2`, positive semidefinite). " +
    "The names are Riskfolio's. A constant column has statistics NaN and covariances 0; a `gerber0` of columns that never count together is NaN, their covariance too.",
  source:
    "Gerber, Markowitz, Ernst, Miao, Javid & Sargen (2022), J. Portf. Manag. 48(3), eq. 7 (gerber0), 13 (gerber1) and the alternative form of the authors' code (gerber2)",
  inputs: { returns: returnsInput },
  params: {
    assets: assetsParam,
    threshold: { type: "f64", above: 0, max: 1, default: 0.5, unit: "standard deviations", doc: "moves below it are noise" },
    statistic: { type: "enum", values: ["gerber0", "gerber1", "gerber2"], default: "gerber1", doc: "what the difference is divided by" },
  },
  outputs: {
    covariance: covarianceOutput,
    correlation: { dtype: "f64", shape: ["assets", "assets"], unit: "ratio in [-1, 1]", doc: "Gerber statistic, 1 on the diagonal" },
  },
  needs: () => ({ observation: 2 }),
  workspace: true,
  compare: { covariance: close, correlation: { f64: { relative: 1e-14, floor: 0 }, f32: { relative: 1e-14, floor: 0 } } },
  cost: ({ observation = 0 }, { assets }) => covarianceCost(2 * observation, assets),
  reference({ in: { returns }, params: { assets, threshold, statistic }, out }) {
    const s = covariance(returns, assets, 0);
    const deviation = columnMeans(returns, assets).map((_, j) => Math.sqrt(s[j * assets + j]!));
    const moves = Array.from(returns, (x, i) => {
      const limit = threshold * deviation[i % assets]!;
      return x >= limit ? 1 : x <= -limit ? -1 : 0;
    });
    for (let i = 0; i < assets; i++)
      for (let j = 0; j < assets; j++) {
        let [difference, both, first, second] = [0, 0, 0, 0];
        for (let t = 0; t < moves.length; t += assets) {
          const [a, b] = [moves[t + i]!, moves[t + j]!];
          difference += a * b;
          both += Math.abs(a * b);
          first += Math.abs(a);
          second += Math.abs(b);
        }
        const over = { gerber0: both, gerber1: first + second - both, gerber2: Math.sqrt(first) * Math.sqrt(second) }[statistic];
        const [a, b] = [deviation[i]!, deviation[j]!];
        const value = i === j ? 1 : Math.max(-1, Math.min(1, difference / over));
        out.correlation[i * assets + j] = a > 0 && b > 0 ? value : Number.NaN;
        out.covariance[i * assets + j] = a > 0 && b > 0 ? value * a * b : 0;
      }
  },
  sample: ({ observation = 0 }, random, { assets }) => ({ returns: sampleReturns(observation, assets, random) }),
  golden: [
    ...(
      [
        [
          "gerber0",
          [1, 1, -1, 0.6, 1, 1, -1, 0.6, -1, -1, 1, -0.2, 0.6, 0.6, -0.2, 1],
          [
            0.0010039097222222224, 0.0007775587814519492, -0.0006769004043843029, 0.00014796202643705954, 0.0007775587814519492,
            0.0006022430555555555, -0.0005242800641797983, 0.00011460111445369008, -0.0006769004043843029, -0.0005242800641797983,
            0.0004564097222222222, -3.325516671195805e-5, 0.00014796202643705954, 0.00011460111445369008, -3.325516671195805e-5,
            6.0576388888888876e-5,
          ],
        ],
        [
          "gerber1",
          [
            1, 0.5714285714285714, -0.5714285714285714, 0.3333333333333333, 0.5714285714285714, 1, -0.5, 0.3, -0.5714285714285714, -0.5, 1,
            -0.1, 0.3333333333333333, 0.3, -0.1, 1,
          ],
          [
            0.0010039097222222224, 0.00044431930368682806, -0.00038680023107674446, 8.220112579836641e-5, 0.00044431930368682806,
            0.0006022430555555555, -0.00026214003208989916, 5.730055722684504e-5, -0.00038680023107674446, -0.00026214003208989916,
            0.0004564097222222222, -1.6627583355979027e-5, 8.220112579836641e-5, 5.730055722684504e-5, -1.6627583355979027e-5,
            6.0576388888888876e-5,
          ],
        ],
        [
          "gerber2",
          [
            1, 0.7302967433402214, -0.7302967433402214, 0.4472135954999579, 0.7302967433402214, 1, -0.6666666666666667, 0.4082482904638631,
            -0.7302967433402214, -0.6666666666666667, 1, -0.13608276348795434, 0.4472135954999579, 0.4082482904638631, -0.13608276348795434,
            1,
          ],
          [
            0.0010039097222222222, 0.0005678486458499495, -0.0004943381608875354, 0.00011028438306729538, 0.0005678486458499495,
            0.0006022430555555556, -0.00034952004278653227, 7.797618176828747e-5, -0.0004943381608875354, -0.00034952004278653227,
            0.0004564097222222223, -2.26272749320794e-5, 0.00011028438306729538, 7.797618176828747e-5, -2.26272749320794e-5,
            6.0576388888888876e-5,
          ],
        ],
      ] as const
    ).map(([statistic, correlation, covariance]) => ({
      source: `numpy 2.4.6, counts by products of indicator matrices as Riskfolio-Lib 7 (GerberStatistic.py, ${statistic}) has them`,
      inputs: { returns: fourAssets },
      options: { assets: 4, statistic },
      outputs: { correlation, covariance },
      relative: 1e-13,
      floor: 1e-4,
    })),
    {
      source:
        "hand calculation: deviations 2, 3 and 0, moves + + - -, + 0 0 - and a constant: twice together, over four rows in which one moves",
      inputs: { returns: [2, 6, 7, 2, 0, 7, -2, 0, 7, -2, -2, 7] },
      options: { assets: 3 },
      outputs: {
        covariance: [4, 3, 0, 3, 9, 0, 0, 0, 0],
        correlation: [1, 0.5, Number.NaN, 0.5, 1, Number.NaN, Number.NaN, Number.NaN, Number.NaN],
      },
      relative: 1e-15,
    },
  ],
  parity: [
    ...covarianceSizes,
    { dims: { observation: 40 }, options: { assets: 8, statistic: "gerber0", threshold: 0.9 } },
    { dims: { observation: 259 }, options: { assets: 25, statistic: "gerber2" } },
    { dims: { observation: 3 }, options: { assets: 5, statistic: "gerber0", threshold: 1 } },
  ],
  bench: [{ dims: { observation: 2_500 }, options: { assets: 1_000 } }],
  example: { assets: 3 },
});
