import { kernel } from "../../../core/call/kernel.js";
import { logReturn, sampleImpact } from "../../parts/window.js";

const scale = 3 - 2 * Math.SQRT2;

/** Spread from the high and low prices of two neighbouring bars. */
export const corwinSchultzSpread = kernel({
  name: "corwin_schultz_spread",
  rows: "bar",
  doc:
    "2 (e^alpha - 1) / (1 + e^alpha), from the log ranges of a bar and the one before and of both together: the range grows with the " +
    "root of time, the spread does not. One estimate a bar: average them. Prices are taken as they are, without a correction for gaps overnight.",
  source: "Corwin & Schultz (2012), J. Finance 67(2), eq. 14 and 18; estimates below 0 set to 0 as in section II",
  inputs: {
    high: { dtype: "real", shape: ["bar"], check: { above: 0 }, unit: "price", doc: "highest price of each bar, > 0" },
    low: { dtype: "real", shape: ["bar"], check: { above: 0 }, unit: "price", doc: "lowest price of each bar, > 0" },
  },
  params: {
    negative: { type: "enum", values: ["zero", "keep"], default: "zero", doc: "what becomes of an estimate below 0" },
  },
  state: { last: { dtype: "f64", shape: [2], unit: "price", doc: "high and low of the last bar, 0 before there is one" } },
  outputs: {
    spread: {
      dtype: "real",
      shape: ["bar"],
      unit: "share of the price",
      doc: "NaN for the first bar, and where high is below low in this bar or the one before",
    },
  },
  // alpha is a difference of roots that are about 1e-2: where it is near 0 its digits are those of the roots.
  compare: { spread: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-4 } } },
  cost: ({ bar = 0 }) => ({ flops: 110 * bar, bytes: 24 * bar }),
  reference({ in: { high, low }, params: { negative }, state: { last }, out: { spread } }) {
    for (let i = 0; i < high.length; i++) {
      const [highBefore, lowBefore] = [last[0]!, last[1]!];
      last.set([high[i]!, low[i]!]);
      const given = lowBefore > 0 && highBefore >= lowBefore && high[i]! >= low[i]!;
      const beta = logReturn(lowBefore, highBefore) ** 2 + logReturn(low[i]!, high[i]!) ** 2;
      const gamma = logReturn(Math.min(low[i]!, lowBefore), Math.max(high[i]!, highBefore)) ** 2;
      const alpha = (Math.sqrt(2 * beta) - Math.sqrt(beta)) / scale - Math.sqrt(gamma / scale);
      const estimate = 2 * Math.tanh(alpha / 2);
      spread[i] = given ? (negative === "zero" ? Math.max(0, estimate) : estimate) : Number.NaN;
    }
  },
  sample({ bar = 0 }, random) {
    const { price } = sampleImpact(bar, random);
    const range = price.map((p, i) => (i > 0.3 * bar && i < 0.35 * bar ? 0 : p * 0.02 * random() ** 3));
    const wrong = (i: number) => (i % 97 === 50 ? -1 : 1);
    return { high: price.map((p, i) => p + wrong(i) * range[i]!), low: price.map((p, i) => p - 0.4 * wrong(i) * range[i]!) };
  },
  golden: [
    {
      source: "eq. 14 and 18 in 40-digit decimal arithmetic (Python's decimal)",
      inputs: { high: [101.5, 103.25, 102, 105, 104, 100], low: [99.25, 101, 101.75, 102.5, 104, 95] },
      options: { negative: "keep" },
      outputs: { spread: [Number.NaN, -0.019505090418605434, 0.00032891388496421407, -0.017428598944994506, 0.0, -0.09461649655742382] },
      relative: 1e-14,
    },
    {
      source: "the same, estimates below 0 set to 0",
      inputs: { high: [101.5, 103.25, 102, 105, 104, 100], low: [99.25, 101, 101.75, 102.5, 104, 95] },
      outputs: { spread: [Number.NaN, 0, 0.00032891388496421407, 0, 0.0, 0] },
      relative: 1e-14,
    },
  ],
  parity: [0, 1, 7, 64, 1_003, 40_009].flatMap((bar) => [{ dims: { bar } }, { dims: { bar }, options: { negative: "keep" } }]),
  bench: [{ dims: { bar: 1_000_000 } }],
});
