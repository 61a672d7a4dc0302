import { kernel } from "../../core/call/kernel.js";

/** The exponential function of a column. */
export const exp = kernel({
  name: "exp",
  rows: "value",
  doc:
    "Exponential function of each value, over the whole range: Infinity above 709.782712893384, gradually 0 through the subnormal " +
    "numbers below -708.4. Within 1.2 units in the last place of mpmath's values, native and reference.",
  source: "definition",
  inputs: { x: { dtype: "real", shape: ["value"], unit: "any", doc: "any number; NaN gives NaN" } },
  params: {},
  outputs: { y: { dtype: "real", shape: ["value"], unit: "any", doc: "e^x" } },
  // The floors let a few of the smallest subnormal numbers differ.
  compare: { y: { f64: { relative: 1e-15, floor: 1e-306 }, f32: { relative: 1e-7, floor: 1e-36 } } },
  cost: ({ value = 0 }) => ({ flops: 20 * value, bytes: 16 * value }),
  reference({ in: { x }, out: { y } }) {
    for (let i = 0; i < x.length; i++) y[i] = Math.exp(x[i]!);
  },
  sample: ({ value = 0, usual = 0 }, random) => ({
    x: Float64Array.from({ length: value }, (_, i) =>
      !usual && i < value / 8
        ? [0, -0, 1, -750, 720, Infinity, -Infinity, Number.NaN][i % 8]!
        : 10 ** (6 * random() - 3.2) * (random() < 0.4 ? 1 : -1),
    ),
  }),
  golden: [
    {
      source: "OEIS A001113, A068985, A092553: e, 1/e, e^-2; the largest and smallest arguments of a finite result, mpmath 1.3.0",
      inputs: { x: [0, 1, -1, -2, 709.782712893384, -745.1332191019411, -746] },
      outputs: { y: [1, Math.E, 0.36787944117144233, 0.1353352832366127, 1.7976931348622732e308, 5e-324, 0] },
      relative: 3e-16,
      floor: 0,
    },
  ],
  parity: [0, 1, 7, 1_003].map((value) => ({ dims: { value } })),
  bench: [{ dims: { value: 16_384, usual: 1 }, label: "in cache" }, { dims: { value: 1_000_000, usual: 1 } }],
});
