import { kernel } from "../../core/call/kernel.js";
import { normalQuantile as quantile } from "../parts/special.js";

/** Standard normal quantiles of a column of probabilities. */
export const normalQuantile = kernel({
  name: "normal_quantile",
  rows: "value",
  doc:
    "Inverse of the standard normal distribution function: the x with F(x) = p. -Infinity at 0, Infinity at 1, NaN outside [0, 1]. " +
    "Within 5 units in the last place of mpmath's values, native and reference.",
  source: "Wichura (1988), Appl. Statist. 37(3), algorithm AS 241 (native); Newton's method on the area and the log tail (reference)",
  inputs: { probability: { dtype: "real", shape: ["value"], unit: "probability", doc: "p in [0, 1]; NaN gives NaN" } },
  params: {},
  outputs: {
    x: {
      dtype: "real",
      shape: ["value"],
      unit: "standard deviations",
      doc: "the value that a standard normal variable stays below with probability p",
    },
  },
  compare: { x: { f64: { relative: 1.5e-15, floor: 0 }, f32: { relative: 1e-7, floor: 0 } } },
  cost: ({ value = 0 }) => ({ flops: 45 * value, bytes: 16 * value }),
  reference({ in: { probability }, out: { x } }) {
    for (let i = 0; i < x.length; i++) x[i] = quantile(probability[i]!);
  },
  sample: ({ value = 0, uniform = 0 }, random) => ({
    probability: Float64Array.from({ length: value }, (_, i) => {
      if (uniform) return random();
      if (i < value / 8) return [0, 1, 0.5, 0.075, 0.925, -1e-3, 1.001, Number.NaN][i % 8]!;
      return i % 4 === 0 ? 10 ** (-300 * random() ** 3) : i % 4 === 1 ? 1 - 10 ** (-15 * random()) : random();
    }),
  }),
  golden: [
    {
      source: "Abramowitz & Stegun (1964), table 26.5 and p. 977; Wichura's own test values: p = 0.25, 0.001, 1e-20",
      inputs: { probability: [0.5, 0.25, 0.001, 1e-20, 0.9, 0.975] },
      outputs: { x: [0, -0.6744897501960817, -3.0902323061678136, -9.262340089798407, 1.2815515655446006, 1.9599639845400538] },
      relative: 4e-16,
      floor: 0,
    },
  ],
  parity: [0, 1, 7, 255, 1_003].map((value) => ({ dims: { value } })),
  bench: [{ dims: { value: 16_384, uniform: 1 }, label: "in cache" }, { dims: { value: 1_000_000, uniform: 1 } }],
});
