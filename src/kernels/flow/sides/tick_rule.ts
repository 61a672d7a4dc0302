import { kernel } from "../../../core/call/kernel.js";
import { signCheck } from "../../../core/contract/contract.js";

/** Trade signs from prices alone. */
export const tickRule = kernel({
  name: "tick_rule",
  rows: "trade",
  doc: "Sign of the last price change that was not zero: +1 buyer-initiated, -1 seller-initiated, 0 until there is one.",
  source: "Lee & Ready (1991), J. Finance 46(2): the tick test",
  inputs: { price: { dtype: "real", shape: ["trade"], check: { above: 0 }, unit: "price", doc: "price of each trade, > 0" } },
  params: {},
  state: {
    lastPrice: { dtype: "f64", shape: [1], unit: "price", doc: "price of the last trade, 0 before there is one" },
    lastSide: { dtype: "i8", shape: [1], check: signCheck, unit: "sign", doc: "sign of the last trade" },
  },
  outputs: { side: { dtype: "i8", shape: ["trade"], unit: "sign", doc: "+1 buyer-initiated, -1 seller-initiated, 0 unknown" } },
  compare: { side: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ trade = 0 }) => ({ flops: 2 * trade, bytes: 9 * trade }),
  reference({ in: { price }, state: { lastPrice, lastSide }, out: { side } }) {
    for (let i = 0; i < price.length; i++) {
      const change = price[i]! - (lastPrice[0] || price[i]!);
      if (change !== 0) lastSide[0] = Math.sign(change);
      side[i] = lastSide[0]!;
      lastPrice[0] = price[i]!;
    }
  },
  sample({ trade = 0, flat = 0 }, random) {
    const silent = (i: number) => flat === 1 || (i > 0.4 * trade && i < 0.5 * trade);
    let price = 10 ** (6 * random() - 2);
    const tick = price / 4096;
    return {
      price: Float64Array.from({ length: trade }, (_, i) => {
        const r = random();
        if (!silent(i) && (r < 0.25 || price < 8 * tick)) price += tick * Math.ceil(3 * random());
        else if (!silent(i) && r > 0.8) price -= tick;
        return price;
      }),
    };
  },
  golden: [
    {
      source: "hand calculation: up, zero-uptick, down, zero-downtick; 0 before the first change",
      inputs: { price: [10, 10, 10.5, 10.5, 10.5, 10.25, 10.25, 10.5, 10.5, 1e-3] },
      outputs: { side: [0, 0, 1, 1, 1, -1, -1, 1, 1, -1] },
      relative: 0,
    },
  ],
  parity: [
    { dims: { trade: 0 } },
    { dims: { trade: 1 } },
    { dims: { trade: 7 } },
    { dims: { trade: 64 } },
    { dims: { trade: 1_003 } },
    { dims: { trade: 1_003, flat: 1 } },
    { dims: { trade: 40_009 } },
  ],
  bench: [{ dims: { trade: 1_000_000 } }],
});
