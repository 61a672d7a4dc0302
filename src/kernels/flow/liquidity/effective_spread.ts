import { kernel } from "../../../core/call/kernel.js";
import { sampleQuotedTrades } from "../parts/trade_sign.js";

/** What a trade at market paid for immediacy. */
export const effectiveSpread = kernel({
  name: "effective_spread",
  rows: "trade",
  doc: "2 side (price - middle), the middle that of the quote in force; `relative`: over the middle. Negative where the trade was better than it.",
  source: "Huang & Stoll (1996), J. Financial Economics 41(3); definition as in SEC Rule 600(b), average effective spread",
  inputs: {
    price: { dtype: "real", shape: ["trade"], check: { above: 0 }, unit: "price", doc: "price of each trade, > 0" },
    side: {
      dtype: "i8",
      shape: ["trade"],
      check: { min: -1, max: 1 },
      unit: "sign",
      doc: "+1 buyer-initiated, -1 seller-initiated, 0 unknown",
    },
    bid: { dtype: "real", shape: ["trade"], unit: "price", doc: "best bid in force at the trade; NaN or <= 0: no quote" },
    ask: { dtype: "real", shape: ["trade"], unit: "price", doc: "best ask in force at the trade; NaN or <= 0: no quote" },
  },
  params: {
    unit: { type: "enum", values: ["price", "relative"], default: "price", doc: "in units of price, or as a share of the middle" },
  },
  state: {},
  outputs: { spread: { dtype: "real", shape: ["trade"], unit: "price, or ratio", doc: "NaN where the side is 0 or there is no quote" } },
  compare: { spread: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ trade = 0 }) => ({ flops: 6 * trade, bytes: 33 * trade }),
  reference({ in: { price, side, bid, ask }, params: { unit }, out: { spread } }) {
    for (let i = 0; i < price.length; i++) {
      const quoted = bid[i]! > 0 && ask[i]! > 0 && side[i] !== 0;
      const sides = bid[i]! + ask[i]!;
      const distance = side[i]! * (2 * price[i]! - sides);
      spread[i] = quoted ? distance / (unit === "relative" ? sides / 2 : 1) : Number.NaN;
    }
  },
  sample: ({ trade = 0 }, random) => ({
    ...sampleQuotedTrades(trade, random),
    side: Int8Array.from({ length: trade }, () => [1, 1, -1, 0][Math.floor(4 * random())]!),
  }),
  golden: [
    {
      source: "hand calculation: at the ask, at the bid, inside, better than the middle, side unknown, no quote",
      inputs: {
        price: [11, 10, 10.75, 10.25, 11, 11],
        side: [1, -1, 1, 1, 0, 1],
        bid: [10, 10, 10, 10, 10, Number.NaN],
        ask: [11, 11, 11, 11, 11, 11],
      },
      outputs: { spread: [1, 1, 0.5, -0.5, Number.NaN, Number.NaN] },
      relative: 0,
    },
    {
      source: "the same over the middle",
      inputs: { price: [11, 5], side: [1, -1], bid: [9, 7], ask: [11, 9] },
      options: { unit: "relative" },
      outputs: { spread: [0.2, 0.75] },
      relative: 1e-15,
    },
  ],
  parity: [0, 1, 7, 64, 1_003, 40_009].flatMap((trade) => [{ dims: { trade } }, { dims: { trade }, options: { unit: "relative" } }]),
  bench: [{ dims: { trade: 1_000_000 } }],
});
