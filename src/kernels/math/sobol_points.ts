import { kernel } from "../../core/call/kernel.js";
import { drawParams } from "../parts/draws.js";
import { inside, scrambled, scrambleSeed, sobolBits } from "../parts/sobol.js";
import { sobolDirections } from "../parts/sobol_directions.js";

export const directionsInput = {
  dtype: "u32",
  shape: ["dimension", 32],
  unit: "1",
  doc: "direction numbers of each dimension, the first for the highest bit: sobolDirections(dimensions) has those of Joe & Kuo",
} as const;

/** Points that fill the unit cube evenly. */
export const sobolPoints = kernel({
  name: "sobol_points",
  rows: "points",
  doc:
    "Sobol' points, a row a point: as they are, or with a nested uniform scrambling, whose points are each uniform in the cube and as a set still even, so that " +
    "independent scramblings give a standard error. Use a power of two of them. Unscrambled points begin with 0 and are multiples of 2^-32; scrambled ones " +
    "lie in the middle of an interval of that length, so that they have normal quantiles.",
  source:
    "Sobol' (1967); order of Antonov & Saleev (1979); Joe & Kuo (2008), SIAM J. Sci. Comput. 30(5); Owen (1995), nested uniform scrambling; " +
    "by a hash: Burley (2020), J. Comput. Graph. Tech. 9(4), permutation of Laine & Karras (2011), constants of Vegdahl (2021)",
  inputs: { directions: directionsInput },
  params: {
    points: { type: "i32", min: 1, unit: "points", doc: "how many, from the first on" },
    scramble: { type: "enum", values: ["owen", "none"], default: "owen", doc: "nested uniform scrambling, or the points as they are" },
    seed: { ...drawParams.seed, default: 0, doc: "which scrambling" },
    stream: { ...drawParams.stream, doc: "an independent scrambling under the same seed" },
  },
  outputs: {
    points: { dtype: "f64", shape: ["points", "dimension"], unit: "1", doc: "coordinates, in (0, 1) where scrambled, else in [0, 1)" },
  },
  compare: { points: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ points = 0, dimension = 0 }) => ({ flops: 30 * points * dimension, bytes: 8 * points * dimension }),
  reference({ in: { directions }, params: { points, scramble, seed, stream }, out, dims: { dimension = 0 } }) {
    for (let d = 0; d < dimension; d++) {
      const hash = scrambleSeed(d, seed, stream);
      for (let i = 0; i < points; i++) {
        const bits = sobolBits(directions, d, i);
        out.points[i * dimension + d] = scramble === "none" ? bits * 2 ** -32 : inside(scrambled(bits, hash));
      }
    }
  },
  sample: ({ dimension = 1 }) => ({ directions: sobolDirections(dimension) }),
  golden: [
    {
      source: "scipy 1.17.1 stats.qmc.Sobol(5, scramble=False).random(8)",
      inputs: { directions: [...sobolDirections(5)] },
      options: { points: 8, scramble: "none" },
      outputs: {
        points: [
          0, 0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.75, 0.25, 0.25, 0.25, 0.75, 0.25, 0.75, 0.75, 0.75, 0.25, 0.375, 0.375, 0.625, 0.875,
          0.375, 0.875, 0.875, 0.125, 0.375, 0.875, 0.625, 0.125, 0.875, 0.625, 0.625, 0.125, 0.625, 0.375, 0.125, 0.125,
        ],
      },
      relative: 0,
    },
  ],
  parity: [
    { dims: { dimension: 3 }, options: { points: 1_003 } },
    { dims: { dimension: 3 }, options: { points: 129, scramble: "none" } },
    { dims: { dimension: 256 }, options: { points: 37, seed: 2_000_000_000, stream: 9 } },
    { dims: { dimension: 1 }, options: { points: 1 } },
  ],
  bench: [{ dims: { dimension: 100 }, options: { points: 16_384 }, label: "100 dimensions" }],
  example: { points: 16 },
});
