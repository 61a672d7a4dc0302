import { kernel } from "../../core/call/kernel.js";
import { normalPdf as pdf } from "../parts/special.js";

/** Standard normal density of a column. */
export const normalPdf = kernel({
  name: "normal_pdf",
  rows: "value",
  doc:
    "Standard normal density of each value, accurate relative to itself down to the smallest number. " +
    "Within 2 units in the last place of mpmath's values, native and reference.",
  source: "definition",
  inputs: { x: { dtype: "real", shape: ["value"], unit: "standard deviations", doc: "any number; NaN gives NaN" } },
  params: {},
  outputs: { density: { dtype: "real", shape: ["value"], unit: "per standard deviation", doc: "exp(-x^2 / 2) / sqrt(2 pi)" } },
  compare: { density: { f64: { relative: 2e-15, floor: 1e-306 }, f32: { relative: 1e-7, floor: 1e-36 } } },
  cost: ({ value = 0 }) => ({ flops: 35 * value, bytes: 16 * value }),
  reference({ in: { x }, out: { density } }) {
    for (let i = 0; i < x.length; i++) density[i] = pdf(x[i]!);
  },
  sample: ({ value = 0 }, random) => ({
    x: Float64Array.from({ length: value }, (_, i) => {
      if (i < value / 8) return [0, -0, 5, -38.5, 39, Infinity, -Infinity, Number.NaN][i % 8]!;
      return 40 * 10 ** (-6 * random()) * (random() < 0.6 ? -1 : 1);
    }),
  }),
  golden: [
    {
      source: "Abramowitz & Stegun (1964), table 26.1; the far tail from mpmath 1.3.0",
      inputs: { x: [0, 1, -2, 10, -37.5] },
      outputs: { density: [0.3989422804014327, 0.24197072451914334, 0.05399096651318805, 7.694598626706419e-23, 1.7282337322841054e-306] },
      relative: 5e-16,
      floor: 0,
    },
  ],
  parity: [0, 1, 7, 1_003].map((value) => ({ dims: { value } })),
  bench: [{ dims: { value: 16_384 }, label: "in cache" }, { dims: { value: 1_000_000 } }],
});
