import { kernel } from "../../../core/call/kernel.js";
import { spread } from "../../parts/sample.js";
import { assetsParam, panel } from "../parts/panel.js";

/** Returns from each date on, over several horizons. */
export const forwardReturns = kernel({
  name: "forward_returns",
  rows: "date",
  doc:
    "price(t + h) / price(t) - 1 for each horizon h, counted in the rows given, never in calendar days. NaN where one of the prices is missing " +
    "or not > 0, so for the last h dates. It looks ahead, so it cannot be streamed.",
  source: "alphalens-reloaded, utils.compute_forward_returns",
  inputs: {
    price: panel("price", "adjusted price"),
    horizon: { dtype: "i32", shape: ["horizons"], check: { min: 1 }, unit: "dates", doc: "horizons, in dates" },
  },
  params: { assets: assetsParam },
  outputs: { forward: { dtype: "real", shape: ["date", "horizons", "assets"], unit: "ratio", doc: "return over each horizon" } },
  compare: { forward: { f64: { relative: 1e-15, floor: 1 }, f32: { relative: 6e-8, floor: 1 } } },
  cost: ({ date = 0, horizons = 0 }, { assets }) => ({ flops: 2 * date * horizons * assets, bytes: 24 * date * horizons * assets }),
  reference({ in: { price, horizon }, params: { assets }, out: { forward }, dims: { date = 0, horizons = 0 } }) {
    for (let t = 0; t < date; t++)
      for (let h = 0; h < horizons; h++)
        for (let i = 0; i < assets; i++) {
          const now = price[t * assets + i]!;
          const later = t + horizon[h]! < date ? price[(t + horizon[h]!) * assets + i]! : Number.NaN;
          forward[(t * horizons + h) * assets + i] = now > 0 && later > 0 ? later / now - 1 : Number.NaN;
        }
  },
  sample: ({ date = 0, horizons = 0 }, random, { assets }) => ({
    price: Float64Array.from({ length: date * assets }, () =>
      random() < 0.05 ? [0, -1, Number.NaN][Math.floor(3 * random())]! : spread(random),
    ),
    horizon: Int32Array.from({ length: horizons }, (_, h) => 1 + 3 * h),
  }),
  golden: [
    {
      source: "hand: two assets, horizons 1 and 2",
      inputs: { price: [100, 10, 110, 5, 99, 0], horizon: [1, 2] },
      options: { assets: 2 },
      outputs: {
        forward: [0.1, -0.5, -0.01, Number.NaN, -0.1, ...Array(7).fill(Number.NaN)],
      },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { date: 0, horizons: 2 }, options: { assets: 3 } },
    { dims: { date: 3, horizons: 3 }, options: { assets: 1 } },
    { dims: { date: 20, horizons: 3 }, options: { assets: 37 } },
  ],
  bench: [{ dims: { date: 100, horizons: 4 }, options: { assets: 3_000 } }],
  example: { assets: 5 },
});
