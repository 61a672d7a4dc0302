import { kernel } from "../../../core/call/kernel.js";

const tolerance = (relative: number) => ({ f64: { relative, floor: 1e-6 }, f32: { relative, floor: 1e-6 } });

/** Hill's estimator of how heavy the tail of losses is. */
export const hill = kernel({
  name: "hill",
  rows: "observation",
  doc:
    "Tail index of losses by Hill's estimator, for each number k of largest losses asked for (a range of them makes the Hill plot): the shape xi " +
    "is the mean of log(loss / threshold) over the k largest, the threshold being the next one; alpha = 1 / xi, with standard error xi / sqrt(k). " +
    "It assumes a tail like loss^-alpha. NaN where the threshold is not above 0: k + 1 positive losses are needed.",
  source:
    "Hill (1975), Ann. Statist. 3(5), eq. 2.4; standard error as in Hall (1982), J. R. Stat. Soc. B 44(1). With k largest and the k-th as " +
    "threshold, as Embrechts, Kluppelberg & Mikosch (1997), eq. 6.27, have it, xi is (k - 1) / k times that of k - 1 here",
  inputs: {
    loss: {
      dtype: "real",
      shape: ["observation"],
      check: { min: -1e300, max: 1e300 },
      unit: "loss",
      doc: "losses, positive where money is lost; those not above 0 are no part of a tail",
    },
    largest: {
      dtype: "i32",
      shape: ["order"],
      check: { min: 1 },
      unit: "observations",
      doc: "numbers k of largest losses, >= 1, in any order",
    },
  },
  params: {},
  outputs: {
    shape: { dtype: "f64", shape: ["order"], unit: "1", doc: "xi; 0 where the k + 1 largest losses are equal" },
    tailIndex: { dtype: "f64", shape: ["order"], unit: "1", doc: "alpha = 1 / xi: moments above it do not exist" },
    standardError: { dtype: "f64", shape: ["order"], unit: "1", doc: "of the shape: xi / sqrt(k), for independent losses" },
    threshold: { dtype: "f64", shape: ["order"], unit: "loss", doc: "loss number k + 1 in falling order" },
  },
  // Differences of logarithms: absolute in the shape, so relative to what it is worth.
  compare: {
    shape: tolerance(1e-10),
    tailIndex: tolerance(1e-10),
    standardError: tolerance(1e-10),
    threshold: { f64: { exact: true }, f32: { exact: true } },
  },
  workspace: true,
  cost: ({ observation = 0 }) => ({ flops: 40 * observation, bytes: 8 * observation }),
  reference({ in: { loss, largest }, out }) {
    const falling = Float64Array.from(loss).sort().reverse();
    largest.forEach((k, i) => {
      const threshold = k < falling.length && falling[k]! > 0 ? falling[k]! : Number.NaN;
      let sum = 0;
      for (let j = 0; j < k && threshold > 0; j++) sum += Math.log1p((falling[j]! - threshold) / threshold);
      const shape = threshold > 0 ? sum / k : Number.NaN;
      out.shape[i] = shape;
      out.tailIndex[i] = 1 / shape;
      out.standardError[i] = shape / Math.sqrt(k);
      out.threshold[i] = threshold;
    });
    return undefined;
  },
  sample: ({ observation = 0, order = 0 }, random) => ({
    loss: Float64Array.from({ length: observation }, (_, i) =>
      i % 10 === 3
        ? 2.5
        : i > 0.6 * observation && i < 0.7 * observation
          ? 0
          : random() < 0.3
            ? -(random() ** -2)
            : 0.01 * random() ** -0.7,
    ),
    largest: Int32Array.from({ length: order }, (_, i) => 1 + i * i),
  }),
  golden: [
    {
      source: "numpy 2.4.6: mean(log(s[:k])) - log(s[k]) of losses sorted in falling order; eight of them are not enough for nine",
      inputs: { loss: [3.2, 0.5, -1, 8.4, 2.2, 12.5, 1.7, 0.9, 5.1, 4.4], largest: [1, 3, 7, 9] },
      outputs: {
        shape: [0.3974969384589877, 0.6127957557050525, 1.5692236373784179, Number.NaN],
        tailIndex: [2.5157426466648785, 1.6318650883106223, 0.6372577981750412, Number.NaN],
        standardError: [0.3974969384589877, 0.3537977945145722, 0.5931107851353563, Number.NaN],
        threshold: [8.4, 4.4, 0.9, Number.NaN],
      },
      relative: 1e-14,
    },
    {
      source: "closed form: losses e^3, e^2, e, 1 have logarithms 3, 2, 1 above the last: xi = 2, alpha = 1/2, error 2 / sqrt(3)",
      inputs: { loss: [Math.E, 1, Math.E ** 3, Math.E ** 2], largest: [3] },
      outputs: { shape: [2], tailIndex: [0.5], standardError: [2 / Math.sqrt(3)], threshold: [1] },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { observation: 0, order: 1 } },
    { dims: { observation: 7, order: 3 } },
    { dims: { observation: 1_003, order: 33 } },
    { dims: { observation: 4_001, order: 9 } },
  ],
  bench: [{ dims: { observation: 100_000, order: 50 } }],
});
