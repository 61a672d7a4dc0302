import { kernel } from "../../core/call/kernel.js";
import { studentCdf } from "../parts/special.js";

/** Student-t distribution function of a column. */
export const studentTCdf = kernel({
  name: "student_t_cdf",
  rows: "value",
  doc:
    "Distribution function of Student's t with df degrees of freedom at each value, accurate relative to itself in the left tail down to the " +
    "smallest number. Within 5 units in the last place of mpmath's values for df from 0.001 to 1e6, native and reference.",
  source:
    "DLMF 15.7.5, Gauss's continued fraction, behind a power of 106 bits; native and reference take that power by methods of their own",
  inputs: { t: { dtype: "real", shape: ["value"], unit: "any", doc: "any number; NaN gives NaN" } },
  params: { df: { type: "f64", min: 1e-3, max: 1e6, doc: "degrees of freedom" } },
  outputs: { probability: { dtype: "real", shape: ["value"], unit: "probability", doc: "F(t) in [0, 1]" } },
  compare: { probability: { f64: { relative: 2e-15, floor: 1e-300 }, f32: { relative: 1e-7, floor: 1e-36 } } },
  cost: ({ value = 0 }) => ({ flops: 1_500 * value, bytes: 16 * value }),
  reference({ in: { t }, params: { df }, out: { probability } }) {
    for (let i = 0; i < t.length; i++) probability[i] = studentCdf(t[i]!, df);
  },
  sample: ({ value = 0 }, random) => ({
    t: Float64Array.from({ length: value }, (_, i) => {
      if (i < value / 8) return [0, -0, 5, -1e300, 1e-300, Infinity, -Infinity, Number.NaN][i % 8]!;
      return 10 ** (8 * random() - 4) * (random() < 0.6 ? -1 : 1);
    }),
  }),
  golden: [
    {
      source: "closed form for df = 1: 1/2 + atan(t) / pi",
      inputs: { t: [0, 1, -1, -1e6, 1e-3, -1e160] },
      outputs: { probability: [0.5, 0.75, 0.25, 3.1830988618368455e-7, 0.5003183097800805, 3.1830988618379067e-161] },
      relative: 1e-13,
      floor: 0,
    },
    {
      source: "closed form for df = 2: 1/2 + t / (2 sqrt(2 + t^2)), mpmath 1.3.0",
      inputs: { t: [1, -2, -1000, 4] },
      options: { df: 2 },
      outputs: { probability: [0.7886751345948129, 0.09175170953613698, 4.9999925000125e-7, 0.9714045207910317] },
      relative: 1e-14,
      floor: 0,
    },
  ],
  parity: [
    { dims: { value: 0 } },
    { dims: { value: 1 } },
    { dims: { value: 7 }, options: { df: 4 } },
    { dims: { value: 1_003 }, options: { df: 4 } },
    { dims: { value: 1_003 }, options: { df: 0.25 } },
    { dims: { value: 1_003 }, options: { df: 61 } },
    { dims: { value: 303 }, options: { df: 1e5 } },
  ],
  bench: [{ dims: { value: 16_384 }, options: { df: 4 } }],
  example: { df: 1 },
});
