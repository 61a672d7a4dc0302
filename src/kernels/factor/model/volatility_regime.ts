import { kernel } from "../../../core/call/kernel.js";
import { regimeGolden } from "../golden/risk.js";

const close = { f64: { relative: 1e-11, floor: 1e-6 }, f32: { relative: 1e-11, floor: 1e-6 } } as const;

/** How far forecasts of volatility are from what happens now. */
export const volatilityRegime = kernel({
  name: "volatility_regime",
  rows: "date",
  doc:
    "Volatility-regime adjustment: B_t, the root of the weighted mean over the columns of (return / forecast)^2, tells whether a date was wilder than forecast; " +
    "the multiplier is the root of the exponentially weighted mean of B^2, and multiplies all volatilities (its square, all covariances). For factors weigh the " +
    "columns equally; for specific risk weigh by cap. A column counts where its return is a number, its forecast and weight are > 0; a date on which none does is passed over.",
  source: "Menchero, Orr & Wang (2011), USE4 Methodology Notes, section 4.3, eq. 4.8 to 4.11, and 5.3",
  inputs: {
    returns: { dtype: "real", shape: ["date", "columns"], unit: "ratio", doc: "of factors, or specific returns of assets; NaN: none" },
    forecast: { dtype: "real", shape: ["date", "columns"], unit: "ratio", doc: "volatility forecast before each date; NaN: none" },
    weights: { dtype: "real", shape: ["date", "columns"], optional: true, unit: "any", doc: "weight of each column; left out: equal" },
  },
  params: {
    columns: { type: "i32", min: 1, max: 10_000_000, unit: "columns", doc: "factors, or assets" },
    halfLife: { type: "f64", above: 0, max: 1e8, default: 42, unit: "dates", doc: "age at which a date counts half" },
  },
  state: { sums: { dtype: "f64", shape: [2], unit: "ratio", doc: "weighted sum of B^2, and of the weights" } },
  outputs: {
    bias: { dtype: "f64", shape: ["date"], unit: "ratio", doc: "B: 1 where forecasts were right on average; NaN where no column counts" },
    multiplier: {
      dtype: "f64",
      shape: ["date"],
      unit: "ratio",
      doc: "of the volatilities, from dates up to this one; NaN before the first",
    },
  },
  compare: { bias: close, multiplier: close },
  cost: ({ date = 0 }, { columns }) => ({ flops: 5 * date * columns, bytes: 24 * date * columns }),
  reference({ in: { returns, forecast, weights }, params, state: { sums }, out, dims: { date = 0 } }) {
    const { columns } = params;
    const fade = 2 ** (-1 / params.halfLife);
    for (let t = 0; t < date; t++) {
      let squares = 0;
      let total = 0;
      for (let at = t * columns; at < (t + 1) * columns; at++) {
        const w = weights?.[at] ?? 1;
        const z = returns[at]! / forecast[at]!;
        if (!(forecast[at]! > 0 && w > 0 && Number.isFinite(z) && Number.isFinite(w))) continue;
        squares += w * z * z;
        total += w;
      }
      const square = squares / total;
      if (total > 0) {
        sums[0] = fade * sums[0]! + square;
        sums[1] = fade * sums[1]! + 1;
      }
      out.bias[t] = Math.sqrt(square);
      out.multiplier[t] = Math.sqrt(sums[0]! / sums[1]!);
    }
  },
  sample: ({ date = 0 }, random, { columns }, without) => {
    const jump = (value: number) => (random() < 0.03 ? (random() < 0.3 ? Number.POSITIVE_INFINITY : 20 * value) : value);
    const hole = (value: number, at: number) => (random() < 0.1 || Math.floor(at / columns) === 2 ? Number.NaN : jump(value));
    const length = date * columns;
    return {
      returns: Float64Array.from({ length }, (_, at) => hole(0.02 * (random() - 0.45), at)),
      forecast: Float64Array.from({ length }, () => (random() < 0.05 ? (random() < 0.4 ? 0 : -0.01) : 0.01 + 0.01 * random())),
      ...(without.has("weights") ? {} : { weights: Float64Array.from({ length }, () => (random() < 0.05 ? -1 : 10 ** (3 * random()))) }),
    };
  },
  golden: regimeGolden,
  parity: [
    { dims: { date: 0 } },
    { dims: { date: 30 }, options: { columns: 9, halfLife: 4 }, without: ["weights"] },
    { dims: { date: 8 }, options: { columns: 203 } },
  ],
  bench: [{ dims: { date: 250 }, options: { columns: 3_000 } }],
  example: { columns: 3 },
});
