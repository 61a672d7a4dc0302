import { kernel } from "../../../core/call/kernel.js";
import { barra, blend, common, sampleAmounts, style, universe } from "../parts/descriptor.js";
import { panel, rowOf, sampleUniverse } from "../parts/panel.js";

/** Dividend yield exposures. */
export const dividendYield = kernel({
  ...style,
  name: "dividend_yield",
  doc: "Dividends of the last twelve months over price (DTOP), winsorized at `tail` and standardized. NaN where one is missing or the price is not > 0; no dividend is a yield of 0.",
  source: barra,
  inputs: {
    dividends: panel("currency a share", "dividends of the last twelve months, 0 = none"),
    price: panel("currency a share", "price"),
    universe,
  },
  params: common,
  reference({ in: { dividends, price, universe }, params: { assets, tail }, out: { score }, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) {
      const paid = rowOf(dividends, assets, t);
      const row = rowOf(price, assets, t).map((p, i) => (p > 0 ? paid[i]! / p : Number.NaN));
      score.set(blend([{ row, weight: 1 }], t, universe, tail), t * assets);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => ({
    dividends: sampleAmounts(date, assets, random).map((x) => (random() < 0.2 ? 0 : x)),
    price: sampleAmounts(date, assets, random).map((x) => (random() < 0.05 ? (random() < 0.4 ? 0 : -x) : x)),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source: "numpy 2.4.6: clip at nanpercentile 10 and 90 of dividends / price, (x - nanmean) / nanstd(ddof=1)",
      inputs: { dividends: [1.0, 0.0, 2.5, 0.3, 4.0, Number.NaN], price: [50.0, 30.0, 40.0, 100.0, 60.0, 20.0] },
      options: { tail: 0.1 },
      outputs: {
        score: [-0.32949692795078145, -0.9285822514976568, 1.0248182981525273, -0.8712230183921049, 1.1044838996880162, Number.NaN],
      },
      relative: 1e-13,
    },
  ],
});
