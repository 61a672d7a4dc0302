import { kernel } from "../../core/call/kernel.js";
import { spread } from "../parts/sample.js";

/** The natural logarithm of a column. */
export const log = kernel({
  name: "log",
  rows: "value",
  doc:
    "Natural logarithm of each value, over the whole range with the subnormal numbers: -Infinity at 0, NaN below. " +
    "Within 1 unit in the last place of mpmath's values, native and reference.",
  source: "definition",
  inputs: { x: { dtype: "real", shape: ["value"], unit: "any", doc: "any number; NaN gives NaN" } },
  params: {},
  outputs: { y: { dtype: "real", shape: ["value"], unit: "any", doc: "log(x)" } },
  compare: { y: { f64: { relative: 1e-15, floor: 0 }, f32: { relative: 1e-7, floor: 0 } } },
  cost: ({ value = 0 }) => ({ flops: 27 * value, bytes: 16 * value }),
  reference({ in: { x }, out: { y } }) {
    for (let i = 0; i < x.length; i++) y[i] = Math.log(x[i]!);
  },
  sample: ({ value = 0, usual = 0 }, random) => ({
    x: Float64Array.from({ length: value }, (_, i) => {
      if (!usual && i < value / 8) return [0, -0, 1, -1, 5e-324, Infinity, -Infinity, Number.NaN][i % 8]!;
      return i % 3 === 0 || usual ? spread(random) : i % 3 === 1 ? 1 + 1e-3 * (random() - 0.4) : 10 ** (616 * random() - 308);
    }),
  }),
  golden: [
    {
      source: "OEIS A002162, A002392: log 2, log 10; the smallest and largest numbers, mpmath 1.3.0",
      inputs: { x: [1, 2, 10, 0.5, 5e-324, 1.7976931348623157e308] },
      outputs: { y: [0, Math.LN2, Math.LN10, -Math.LN2, -744.4400719213812, 709.782712893384] },
      relative: 3e-16,
      floor: 0,
    },
  ],
  parity: [0, 1, 7, 1_003].map((value) => ({ dims: { value } })),
  bench: [{ dims: { value: 16_384, usual: 1 }, label: "in cache" }, { dims: { value: 1_000_000, usual: 1 } }],
});
