import { kernel } from "../../../core/call/kernel.js";
import { directionsInput } from "../../math/sobol_points.js";
import { drawParams } from "../../parts/draws.js";
import { inside, scrambled, scrambleSeed, sobolBits } from "../../parts/sobol.js";
import { sobolDimensions, sobolDirections } from "../../parts/sobol_directions.js";
import { normalQuantile } from "../../parts/special.js";
import { bookOf, smoothedRisk } from "../parts/delta_gamma.js";
import { modelInputs, normals, sampleModel, simulatedParams, simulatedRisk } from "../parts/simulation.js";
import { tailProbability } from "../parts/tail.js";

const result = (doc: string) => ({ dtype: "f64", shape: [1], unit: "currency", doc }) as const;
const close = { f64: { relative: 1e-7, floor: 1e-2 }, f32: { relative: 1e-7, floor: 1e-2 } } as const;
const three = {
  delta: [4, -2, 3.2],
  gamma: [-6, 1, 0.5, 1, 4, -2, 0.5, -2, -3],
  mean: [0.001, -0.0005, 0.0002],
  covariance: [0.01, 0.0025, -0.00125, 0.0025, 0.0225, 0.005, -0.00125, 0.005, 0.00625],
};

/** VaR and ES of a book of second order. */
export const deltaGammaRisk = kernel({
  name: "delta_gamma_risk",
  rows: "paths",
  doc:
    "VaR and ES of a book whose value changes by theta + delta'r + r' gamma r / 2, r normal. In coordinates along the delta and along what is left of " +
    "the gamma a path costs one multiplication or two an asset. Method `sobol`: scrambled Sobol' points for all coordinates but the one along the delta, over " +
    "which the tail is integrated exactly, so that it is smooth; the standard error comes from independent scramblings. Method `monte_carlo`: independent " +
    "paths, errors as monte_carlo_risk has them. On a book of 100 assets with a second order half as large as the first, 16,384 points err by 5e-5 of the VaR, as many plain paths by 1.2e-2; the error falls with the power -0.93 of the points. Coordinates beyond those of `directions` are drawn at random; they are those that matter least.",
  source:
    "Glasserman, Heidelberger & Shahabuddin (2000), Manage. Sci. 46(10), for the coordinates; Owen (1995), scrambled points; " +
    "Griewank, Kuo, Leovey & Sloan (2018), J. Comput. Appl. Math. 344, and L'Ecuyer, Puchhammer & Ben Abdellah (2022) for integrating one variable first",
  inputs: {
    delta: { dtype: "f64", shape: ["assets"], check: {}, unit: "currency", doc: "change of the value with the return of each asset" },
    gamma: {
      dtype: "f64",
      shape: ["assets", "assets"],
      check: {},
      unit: "currency",
      doc: "second derivatives; symmetric, what is above the diagonal is not read",
    },
    mean: modelInputs.mean,
    covariance: {
      dtype: "f64",
      shape: ["assets", "assets"],
      check: {},
      unit: "ratio^2",
      doc: "of the returns; positive definite, what is above the diagonal is not read",
    },
    directions: { ...directionsInput, optional: true },
  },
  params: {
    ...simulatedParams,
    paths: {
      ...simulatedParams.paths,
      default: 16_384,
      doc: "paths, or points of all scramblings together: each has a power of two of them",
    },
    theta: { type: "f64", default: 0, unit: "currency", doc: "change of the value where nothing moves" },
    method: { type: "enum", values: ["sobol", "monte_carlo"], default: "sobol", doc: "how the coordinates are drawn" },
    scramblings: { type: "i32", min: 2, max: 64, default: 8, doc: "independent scramblings that share the points of method 'sobol'" },
    ...drawParams,
  },
  outputs: {
    var: result("value at risk; a loss is positive"),
    es: result("expected shortfall"),
    varError: result("standard error of `var`"),
    esError: result("standard error of `es`"),
  },
  threads: true,
  refuse({ method, paths, scramblings }, _, given) {
    if (method !== "sobol") return undefined;
    if (given && !given.has("directions"))
      return "method 'sobol' needs 'directions': give sobolDirections(dimensions), or method 'monte_carlo'";
    return Number.isInteger(Math.log2(paths / scramblings))
      ? undefined
      : `paths are ${paths}; method 'sobol' needs ${scramblings} scramblings times a power of two`;
  },
  workspace: true,
  compare: { var: close, es: close, varError: close, esError: close },
  cost: ({ paths = 0 }, { assets, method }) => ({
    flops: paths * ((method === "sobol" ? 90 : 80) * assets + (method === "sobol" ? 1_200 : 0)),
    bytes: 16 * assets * assets,
  }),
  reference({ in: { delta, gamma, mean, covariance, directions }, params, out }) {
    const { assets, paths, confidence, theta, scramblings, seed, stream } = params;
    const book = bookOf(delta, gamma, mean, covariance, theta);
    if ("failed" in book)
      return { consumed: 0, produced: 0, refused: { code: "notDefinite", input: "covariance", row: book.failed * (assets + 1) } };
    const { constant, slope, halfCurve, cross, half, sigma, unit } = book;
    const given = (x: ArrayLike<number>) => ({
      c: constant + half.reduce((sum, h, i) => sum + h * x[i]! ** 2, 0),
      b: slope + cross.reduce((sum, g, i) => sum + g * x[i]!, 0),
    });
    if (params.method === "monte_carlo") {
      const losses = Float64Array.from({ length: paths }, (_, path) => {
        const z = normals(path, assets, params);
        const { c, b } = given(z.subarray(1));
        return -(c + b * z[0]! + halfCurve * z[0]! ** 2);
      });
      const found = simulatedRisk(losses, confidence);
      for (const key of ["var", "es", "varError", "esError"] as const) out[key][0] = unit * found[key];
      return undefined;
    }
    const points = paths / scramblings;
    const even = Math.min(assets - 1, directions!.length / 32);
    const found = Array.from({ length: scramblings }, (_, s) => {
      const hashes = Array.from({ length: even }, (_, d) => scrambleSeed(d, seed, stream * 64 + s));
      const at = Array.from({ length: points }, (_, i) => {
        const x = normals(s * points + i, assets - 1, params);
        hashes.forEach((hash, d) => {
          x[d] = normalQuantile(inside(scrambled(sobolBits(directions!, d, i), hash)));
        });
        return given(x);
      });
      const of = (key: "c" | "b") => Float64Array.from(at, (point) => point[key]);
      return smoothedRisk(of("c"), of("b"), halfCurve, tailProbability(confidence), sigma);
    });
    for (const [key, error] of [
      ["var", "varError"],
      ["es", "esError"],
    ] as const) {
      const mean = found.reduce((sum, one) => sum + one[key], 0) / scramblings;
      const squares = found.reduce((sum, one) => sum + (one[key] - mean) ** 2, 0);
      out[key][0] = unit * mean;
      out[error][0] = unit * Math.sqrt(squares / (scramblings * (scramblings - 1)));
    }
    return undefined;
  },
  sample(_, random, { assets }) {
    const { size, inputs } = sampleModel(assets, random);
    const delta = Float64Array.from(size, (s) => (random() - 0.4) / s);
    const gamma = Float64Array.from({ length: assets * assets }, (_, k) => {
      const [i, j] = [Math.floor(k / assets), k % assets];
      return i % 3 === 2 ? 0 : ((random() - 0.6) * (i === j ? 3 : 0.5)) / (size[i]! * size[j]!) / assets;
    });
    return {
      delta,
      gamma,
      mean: inputs.mean,
      covariance: inputs.covariance,
      directions: sobolDirections(Math.min(assets, sobolDimensions)),
    };
  },
  golden: [
    ...(
      [
        [0.95, 0.7126581068493878, 0.9221557019044],
        [0.99, 1.053124795385924, 1.2332674553885],
      ] as const
    ).map(([confidence, value, shortfall]) => ({
      source:
        "numpy 2.4.6, scipy 1.17.1: Imhof's inversion of the characteristic function by the midpoint rule, two step sizes; likewise the mean of the excess over the VaR",
      inputs: { ...three, directions: [...sobolDirections(2)] },
      options: { assets: 3, confidence, theta: 0.01, paths: 2_048, scramblings: 4 },
      outputs: { var: [value], es: [shortfall] },
      relative: 1e-3,
      floor: 0,
    })),
    {
      source: "closed form of one asset, scipy 1.17.1: brentq on the roots of the parabola, quad for the ES",
      inputs: { delta: [1], gamma: [-8], covariance: [0.01], directions: [...sobolDirections(1)] },
      options: { assets: 1, confidence: 0.99, paths: 4, scramblings: 2 },
      outputs: { var: [0.44911802786666977], es: [0.554534064884993], varError: [0], esError: [0] },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: {}, options: { assets: 5, paths: 128, scramblings: 4 } },
    { dims: {}, options: { assets: 2, paths: 16, scramblings: 2, confidence: 0.9, theta: 3 }, without: ["mean"] },
    { dims: {}, options: { assets: 1, paths: 2, scramblings: 2 } },
    { dims: {}, options: { assets: 12, paths: 96, scramblings: 3, confidence: 0.99, threads: 2 } },
    { dims: {}, options: { assets: 7, paths: 803, method: "monte_carlo" }, without: ["directions"] },
    { dims: {}, options: { assets: 26, paths: 301, method: "monte_carlo", threads: 2, confidence: 0.9 } },
    { dims: {}, options: { assets: 1, paths: 50, method: "monte_carlo" }, without: ["directions", "mean"] },
  ],
  bench: [
    { dims: {}, options: { assets: 100, paths: 16_384 }, label: "100 assets, smoothed Sobol" },
    { dims: {}, options: { assets: 100, paths: 16_384, method: "monte_carlo" }, label: "100 assets, plain Monte Carlo" },
  ],
  example: { assets: 3, confidence: 0.95, seed: 1 },
});
