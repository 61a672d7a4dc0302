import { kernel } from "../../core/call/kernel.js";
import { normalCdf as cdf } from "../parts/special.js";

/** Standard normal distribution function of a column. */
export const normalCdf = kernel({
  name: "normal_cdf",
  rows: "value",
  doc:
    "Standard normal distribution function of each value, accurate relative to itself in the left tail down to the smallest number. " +
    "Within 4 units in the last place of mpmath's values, native and reference.",
  source: "Mills ratio by minimax polynomials (native); Laplace's continued fraction and the power series (reference)",
  inputs: { x: { dtype: "real", shape: ["value"], unit: "standard deviations", doc: "any number; NaN gives NaN" } },
  params: {},
  outputs: { probability: { dtype: "real", shape: ["value"], unit: "probability", doc: "F(x) in [0, 1]" } },
  compare: { probability: { f64: { relative: 2e-15, floor: 1e-306 }, f32: { relative: 1e-7, floor: 1e-36 } } },
  cost: ({ value = 0 }) => ({ flops: 56 * value, bytes: 16 * value }),
  reference({ in: { x }, out: { probability } }) {
    for (let i = 0; i < x.length; i++) probability[i] = cdf(x[i]!);
  },
  sample: ({ value = 0, usual = 0 }, random) => ({
    x: Float64Array.from({ length: value }, (_, i) => {
      if (!usual && i < value / 8) return [0, -0, 5, -38.5, 39, Infinity, -Infinity, Number.NaN][i % 8]!;
      return 40 * 10 ** (-6 * random()) * (random() < 0.6 ? -1 : 1);
    }),
  }),
  golden: [
    {
      source: "Abramowitz & Stegun (1964), tables 26.1 and 26.2; the far left tail from mpmath 1.3.0, erfc",
      inputs: { x: [0, 1, -1, 2, -5, -10, -37.5] },
      outputs: {
        probability: [
          0.5, 0.8413447460685429, 0.15865525393145705, 0.9772498680518208, 2.866515718791939e-7, 7.619853024160525e-24,
          4.605353009581955e-308,
        ],
      },
      relative: 1e-15,
      floor: 0,
    },
  ],
  parity: [0, 1, 7, 1_003].map((value) => ({ dims: { value } })),
  bench: [{ dims: { value: 16_384, usual: 1 }, label: "in cache" }, { dims: { value: 1_000_000, usual: 1 } }],
});
