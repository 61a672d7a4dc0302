import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { biasGolden } from "../golden/risk.js";

const close = { f64: { relative: 1e-10, floor: 1e-6 }, f32: { relative: 1e-10, floor: 1e-6 } } as const;

/** Whether risk was forecast well. */
export const biasStatistic = kernel({
  name: "bias_statistic",
  rows: "date",
  doc:
    "Standard deviation (ddof 1) of return / forecast over the last `window` dates, for each column (portfolio). 1: risk was right; above 1: " +
    "it was forecast too low. With right forecasts of normal returns 95 % lie within 1 +- sqrt(2 / window). NaN for the first window - 1 dates, and while a " +
    "NaN or a forecast that is not > 0 lies in the window.",
  source: "Menchero, Orr & Wang (2011), USE4 Methodology Notes, appendix A, eq. A1 to A3",
  inputs: {
    returns: { dtype: "real", shape: ["date", "columns"], unit: "ratio", doc: "realized return of each portfolio on each date" },
    forecast: { dtype: "real", shape: ["date", "columns"], unit: "ratio", doc: "its volatility, forecast before the date" },
  },
  params: {
    columns: { type: "i32", min: 1, max: 1_000_000, unit: "columns", doc: "portfolios" },
    window: { type: "i32", min: 2, max: 100_000, default: 252, unit: "dates", doc: "dates of the deviation" },
  },
  state: {
    ring: { dtype: "f64", shape: ["window", "columns"], unit: "ratio", doc: "the last returns over their forecasts" },
    seen: counter("dates", "dates so far"),
  },
  outputs: { bias: { dtype: "f64", shape: ["date", "columns"], unit: "ratio", doc: "bias statistic" } },
  workspace: true,
  compare: { bias: close },
  cost: ({ date = 0 }, { columns, window }) => ({ flops: 5 * date * columns * window, bytes: 16 * date * columns * window }),
  reference({ in: { returns, forecast }, params: { columns, window }, state: { ring, seen }, out: { bias }, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) {
      const slot = seen[0]! % window;
      for (let c = 0; c < columns; c++) {
        const at = t * columns + c;
        ring[slot * columns + c] = forecast[at]! > 0 ? returns[at]! / forecast[at]! : Number.NaN;
      }
      seen[0]!++;
      for (let c = 0; c < columns; c++) {
        const z = Array.from({ length: window }, (_, k) => ring[k * columns + c]!);
        const mean = z.reduce((sum, x) => sum + x, 0) / window;
        const squares = z.reduce((sum, x) => sum + (x - mean) ** 2, 0);
        bias[t * columns + c] = seen[0]! >= window ? Math.sqrt(squares / (window - 1)) : Number.NaN;
      }
    }
  },
  sample: ({ date = 0 }, random, { columns }) => ({
    returns: Float64Array.from({ length: date * columns }, (_, at) => (at === 5 ? Number.NaN : 0.05 * (random() - 0.4))),
    forecast: Float64Array.from({ length: date * columns }, (_, at) => (at === 30 ? 0 : at === 60 ? -0.01 : 0.01 + 0.01 * random())),
  }),
  golden: biasGolden,
  parity: [
    { dims: { date: 0 } },
    { dims: { date: 40 }, options: { columns: 3, window: 7 } },
    { dims: { date: 61 }, options: { columns: 1, window: 20 } },
  ],
  bench: [{ dims: { date: 500 }, options: { columns: 100 } }],
  example: { columns: 2, window: 4 },
});
