import { kernel } from "../../../core/call/kernel.js";
import { factorCovariance, factorsParam, sampleCovarianceOf, solvePositive } from "../parts/stress.js";

const close = { f64: { relative: 1e-10, floor: 1e-3 }, f32: { relative: 1e-10, floor: 1e-3 } } as const;

/** Shocks to some factors, carried to the others and to assets. */
export const factorShock = kernel({
  name: "factor_shock",
  rows: "scenario",
  doc:
    "Scenarios that say what some factors do: the others follow by their conditional expectation given those, " +
    "E[f_u | f_s = x] = S_us S_ss^-1 x with means of 0, and assets by their exposures, B f. `distance` is the Mahalanobis norm of what was given, " +
    "sqrt(x' S_ss^-1 x): how many standard deviations away it lies. Where the covariance of the given factors is singular, the row is NaN.",
  source: "Kupiec (1998), J. Derivatives 6(1), eq. 3; the conditional normal distribution as in Anderson (2003), theorem 2.5.1",
  inputs: {
    covariance: factorCovariance,
    shock: {
      dtype: "f64",
      shape: ["scenario", "factors"],
      unit: "as the factors",
      doc: "what each factor does in each scenario; NaN: it is free and follows the others",
      expects: "a finite shock, or NaN for a factor that follows the others",
    },
    exposures: {
      dtype: "f64",
      shape: ["asset", "factors"],
      optional: true,
      check: {},
      unit: "ratio",
      doc: "betas of each asset to the factors",
    },
  },
  params: { factors: factorsParam },
  outputs: {
    factorReturn: { dtype: "f64", shape: ["scenario", "factors"], unit: "as the factors", doc: "all factors: those given as they were" },
    distance: {
      dtype: "f64",
      shape: ["scenario"],
      unit: "standard deviations",
      doc: "Mahalanobis norm of the factors given; 0 where none is",
    },
    assetReturn: {
      dtype: "f64",
      shape: ["scenario", "asset"],
      optional: "exposures",
      unit: "as the factors",
      doc: "what each asset does",
    },
  },
  compare: { factorReturn: close, distance: close, assetReturn: close },
  workspace: true,
  cost: ({ scenario = 0, asset = 0 }, { factors }) => ({
    flops: scenario * (factors ** 3 / 3 + 2 * factors * (factors + asset)),
    bytes: 8 * (factors * factors + scenario * (2 * factors + asset) + asset * factors),
  }),
  reference({ in: { covariance, shock, exposures }, params: { factors: n }, out }) {
    const at = (i: number, j: number) => covariance[Math.max(i, j) * n + Math.min(i, j)]!;
    for (let s = 0; s < out.distance.length; s++) {
      const row = shock.subarray(s * n, (s + 1) * n);
      const infinite = row.findIndex((x) => Math.abs(x) === Number.POSITIVE_INFINITY);
      if (infinite >= 0) return { consumed: s, produced: 0, refused: { code: "badValue", input: "shock", row: s * n + infinite } };
      const given = Array.from(row.keys()).filter((i) => !Number.isNaN(row[i]!));
      const x = given.map((i) => row[i]!);
      const m = given.length;
      const y = solvePositive(
        Float64Array.from({ length: m * m }, (_, k) => at(given[Math.floor(k / m)]!, given[k % m]!)),
        m,
        x,
      );
      const follows = (i: number) => given.reduce((sum, j, k) => sum + at(i, j) * y![k]!, 0);
      const moved = Float64Array.from(row, (value, i) => (y === undefined ? Number.NaN : Number.isNaN(value) ? follows(i) : value));
      out.factorReturn.set(moved, s * n);
      out.distance[s] = y === undefined ? Number.NaN : Math.sqrt(x.reduce((sum, value, k) => sum + value * y[k]!, 0));
      const assets = exposures ? exposures.length / n : 0;
      for (let a = 0; a < assets; a++) out.assetReturn![s * assets + a] = moved.reduce((sum, f, i) => sum + exposures![a * n + i]! * f, 0);
    }
    return undefined;
  },
  sample: ({ scenario = 0, asset = 0 }, random, { factors }) => {
    const covariance = sampleCovarianceOf(factors, random);
    return {
      covariance,
      shock: Float64Array.from({ length: scenario * factors }, (_, i) =>
        Math.floor(i / factors) % 5 === 4 || random() < 0.5 ? Number.NaN : 0.4 * (random() - 0.6),
      ),
      exposures: Float64Array.from({ length: asset * factors }, () => random() - 0.3),
    };
  },
  golden: [
    {
      source: "numpy 2.4.6: S[:, i] @ linalg.solve(S[ix_(i, i)], x), B @ f and sqrt(x @ linalg.solve(S[ix_(i, i)], x)); then nothing given",
      inputs: {
        covariance: [0.04, 0, 0, 0.012, 0.09, 0, -0.006, 0.015, 0.0225],
        shock: [-0.1, Number.NaN, Number.NaN, -0.1, Number.NaN, 0.05, Number.NaN, Number.NaN, Number.NaN],
        exposures: [1, 0.5, 0, 0.8, -0.2, 1.1],
      },
      outputs: {
        factorReturn: [-0.1, -0.03, 0.015, -0.1, -0.00277777777777777, 0.05, 0, 0, 0],
        distance: [0.5, 0.553816723260469, 0],
        assetReturn: [-0.115, -0.0575, -0.10138888888888889, -0.02444444444444445, 0, 0],
      },
      relative: 1e-14,
    },
  ],
  parity: [
    { dims: { scenario: 0, asset: 2 } },
    { dims: { scenario: 6, asset: 0 }, options: { factors: 1 } },
    { dims: { scenario: 20, asset: 9 }, options: { factors: 7 } },
    { dims: { scenario: 5, asset: 3 }, options: { factors: 26 }, without: ["exposures"] },
  ],
  bench: [{ dims: { scenario: 100, asset: 1_000 }, options: { factors: 40 } }],
  example: { factors: 3 },
});
