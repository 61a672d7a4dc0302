import { kernel } from "../../../core/call/kernel.js";
import { spread } from "../../parts/sample.js";

/** Returns of a series of prices. */
export const priceReturns = kernel({
  name: "price_returns",
  rows: "price",
  doc: "Simple returns p_t / p_(t-1) - 1 of a series of prices, exact to a rounding or two of the return also where prices are close.",
  source: "Campbell, Lo & MacKinlay (1997), The Econometrics of Financial Markets, eq. 1.4.1",
  inputs: { price: { dtype: "real", shape: ["price"], check: { above: 0 }, unit: "price", doc: "prices, oldest first, > 0" } },
  params: {},
  state: { last: { dtype: "f64", shape: [1], unit: "price", doc: "last price, 0 before there is one" } },
  outputs: { returns: { dtype: "real", shape: ["price"], unit: "ratio", doc: "NaN for the first price" } },
  compare: { returns: { f64: { relative: 1e-15, floor: 0 }, f32: { relative: 1.2e-7, floor: 1e-30 } } },
  cost: ({ price = 0 }) => ({ flops: 2 * price, bytes: 16 * price }),
  reference({ in: { price }, state: { last }, out: { returns } }) {
    for (let i = 0; i < price.length; i++) {
      returns[i] = last[0] === 0 ? Number.NaN : (price[i]! - last[0]!) / last[0]!;
      last[0] = price[i]!;
    }
    return undefined;
  },
  sample: ({ price = 0 }, random) => {
    let now = 50 * spread(random);
    return {
      price: Float64Array.from({ length: price }, (_, i) =>
        i > 0.4 * price && i < 0.5 * price ? now : (now *= 1 + 0.02 * (random() - 0.48)),
      ),
    };
  },
  golden: [
    {
      source: "hand calculation: 100, 110, 99, 99 move by 10 %, -10 % and 0 %",
      inputs: { price: [100, 110, 99, 99] },
      outputs: { returns: [Number.NaN, 0.1, -0.1, 0] },
      relative: 1e-15,
    },
  ],
  parity: [0, 1, 7, 1_003].map((price) => ({ dims: { price } })),
  bench: [{ dims: { price: 1_000_000 } }],
});
