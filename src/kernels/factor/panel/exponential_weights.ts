import { kernel } from "../../../core/call/kernel.js";

/** Weights that halve every `halfLife`. */
export const exponentialWeights = kernel({
  name: "exponential_weights",
  rows: "value",
  doc: "2^(-age / halfLife): 1 at age 0, a half at age halfLife. Not divided by their sum.",
  source: "toraniko 1.1, math.py exp_weights (exp(-log(2) / half_life * age))",
  inputs: {
    age: { dtype: "real", shape: ["value"], check: { min: 0 }, unit: "any", doc: "how old each value is, >= 0" },
  },
  params: { halfLife: { type: "f64", above: 0, unit: "of age", doc: "age at which a value counts half" } },
  state: {},
  outputs: { weight: { dtype: "real", shape: ["value"], unit: "ratio in [0, 1]", doc: "weight of each value" } },
  compare: { weight: { f64: { relative: 1e-15, floor: 1e-300 }, f32: { relative: 1e-7, floor: 1e-37 } } },
  cost: ({ value = 0 }) => ({ flops: 20 * value, bytes: 16 * value }),
  reference({ in: { age }, params: { halfLife }, out: { weight } }) {
    for (let i = 0; i < age.length; i++) weight[i] = 2 ** (-age[i]! / halfLife);
  },
  sample: ({ value = 0 }, random) => ({
    age: Float64Array.from({ length: value }, (_, i) => (i % 5 === 4 ? Math.floor(6 * random()) : 10 ** (7 * random() - 3.5))),
  }),
  golden: [
    {
      source: "numpy 2.4.6: exp(-log(2) / 126 * arange(5)); halvings by hand",
      inputs: { age: [0, 1, 2, 3, 4, 126, 252, 1260] },
      options: { halfLife: 126 },
      outputs: {
        weight: [1, 0.9945139356168285, 0.9890579681360733, 0.98363193244419, 0.9782356643334578, 0.5, 0.25, 0.0009765625],
      },
      relative: 3e-16,
    },
  ],
  parity: [0, 1, 7, 64, 1_003].map((value) => ({ dims: { value } })),
  bench: [{ dims: { value: 100_000 } }],
  example: { halfLife: 63 },
});
