import { kernel } from "../../core/call/kernel.js";
import { studentQuantile } from "../parts/special.js";

/** Student-t quantiles of a column of probabilities. */
export const studentTQuantile = kernel({
  name: "student_t_quantile",
  rows: "value",
  doc:
    "Inverse of the distribution function of Student's t with df degrees of freedom: the t with F(t) = p. -Infinity at 0, Infinity at 1 and where t is too " +
    "large for a number, NaN outside [0, 1]. Within 5 units in the last place of mpmath's values for df from 1 to 1e6, native and reference, down to the smallest " +
    "probability; below 1 the tail itself makes the error grow as 1 / df.",
  source: "Newton's method (native) and bisection (reference) on the distribution function of student_t_cdf",
  inputs: { probability: { dtype: "real", shape: ["value"], unit: "probability", doc: "p in [0, 1]; NaN gives NaN" } },
  params: { df: { type: "f64", min: 1e-3, max: 1e6, doc: "degrees of freedom" } },
  outputs: { t: { dtype: "real", shape: ["value"], unit: "any", doc: "the value that the variable stays below with probability p" } },
  compare: { t: { f64: { relative: 2e-12, floor: 0 }, f32: { relative: 1e-7, floor: 0 } } },
  cost: ({ value = 0 }) => ({ flops: 8_000 * value, bytes: 16 * value }),
  reference({ in: { probability }, params: { df }, out: { t } }) {
    for (let i = 0; i < t.length; i++) t[i] = studentQuantile(probability[i]!, df);
  },
  sample: ({ value = 0 }, random) => ({
    probability: Float64Array.from({ length: value }, (_, i) => {
      if (i < value / 8) return [0, 1, 0.5, 0.25, 0.75, -1e-3, 1.001, Number.NaN][i % 8]!;
      return i % 4 === 0 ? 10 ** (-30 * random() ** 3) : i % 4 === 1 ? 1 - 10 ** (-9 * random()) : random();
    }),
  }),
  golden: [
    {
      source: "closed form for df = 1: tan(pi (p - 1/2)), mpmath 1.3.0",
      inputs: { probability: [0.5, 0.75, 0.25, 0.999, 1e-100, 1e-300] },
      outputs: { t: [0, 1, -1, 318.30883898555015, -3.1830988618379064e99, -3.1830988618379066e299] },
      relative: 1e-13,
      floor: 0,
    },
    {
      source: "closed form for df = 2: (2 p - 1) / sqrt(2 p (1 - p)), mpmath 1.3.0",
      inputs: { probability: [0.6, 0.01, 0.99] },
      options: { df: 2 },
      outputs: { t: [0.2886751345948128, -6.964556734283274, 6.964556734283271] },
      relative: 4e-15,
      floor: 0,
    },
  ],
  parity: [
    { dims: { value: 0 } },
    { dims: { value: 1 } },
    { dims: { value: 203 } },
    { dims: { value: 203 }, options: { df: 4 } },
    { dims: { value: 103 }, options: { df: 0.5 } },
    { dims: { value: 103 }, options: { df: 1e5 } },
  ],
  bench: [{ dims: { value: 4_096 }, options: { df: 4 } }],
  example: { df: 1 },
});
