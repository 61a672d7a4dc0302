import { kernel } from "../../../core/call/kernel.js";
import { barPrice, keep, lastBar, logReturn, sampleImpact, sum, windowBench, windowSizes } from "../../parts/window.js";

/** Upward variation less downward variation. */
export const signedJump = kernel({
  name: "signed_jump",
  rows: "bar",
  doc: "Realized semivariance of rises less that of falls: the sum of sign(r) r^2, r the log returns of the last `window` bars.",
  source:
    "Patton & Sheppard (2015), Rev. Economics and Statistics 97(3): signed jump variation RS+ - RS-; semivariances of Barndorff-Nielsen, Kinnebrock & Shephard (2010)",
  inputs: {
    price: barPrice,
  },
  params: { window: { type: "i32", min: 1, max: 1_000_000, default: 50, unit: "bars", doc: "returns taken" } },
  state: {
    terms: { dtype: "f64", shape: ["window"], unit: "return^2", doc: "ring of squared returns with their signs" },
    ...lastBar,
  },
  outputs: {
    jump: { dtype: "real", shape: ["bar"], unit: "return^2", doc: "NaN for the first `window` bars: the first of them has no return" },
  },
  // Rises and falls cancel: the error is that of the sums, whose terms reach 1e-3.
  compare: { jump: { f64: { relative: 1e-12, floor: 1e-3 }, f32: { relative: 1.2e-7, floor: 1e-6 } } },
  cost: ({ bar = 0 }) => ({ flops: 30 * bar, bytes: 16 * bar }),
  reference({ in: { price }, params: { window }, state, out: { jump } }) {
    const { terms, rows, lastPrice } = state;
    for (let i = 0; i < price.length; i++) {
      const r = rows[0] === 0 ? 0 : logReturn(lastPrice[0]!, price[i]!);
      keep(terms, rows[0]!, window, r * Math.abs(r));
      rows[0]!++;
      lastPrice[0] = price[i]!;
      jump[i] = rows[0]! > window ? sum(terms) : Number.NaN;
    }
  },
  sample: ({ bar = 0 }, random) => ({ price: sampleImpact(bar, random).price }),
  golden: [
    {
      source: "pandas 1.5.3 (sign(r) * r ** 2).rolling(3).sum(), r = log(price).diff()",
      inputs: { price: [100, 100.5, 100.25, 101, 100.75, 100.75, 99, 99.5, 102, 101.5] },
      options: { window: 3 },
      outputs: {
        jump: [
          Number.NaN,
          Number.NaN,
          Number.NaN,
          7.422610321127329e-5,
          4.320848261936385e-5,
          4.941187639270793e-5,
          -0.0003131748240480794,
          -0.0002816534050922401,
          0.0003341392133482542,
          0.0006170244456502749,
        ],
      },
      relative: 1e-12,
      floor: 1e-5,
    },
    {
      source: "hand calculation: log returns 1, 2, -2, -1",
      inputs: { price: [1, Math.E, Math.E ** 3, Math.E, 1] },
      options: { window: 2 },
      outputs: { jump: [Number.NaN, Number.NaN, 5, 0, -5] },
      relative: 1e-14,
    },
  ],
  parity: windowSizes("bar", 1),
  bench: windowBench("bar"),
});
