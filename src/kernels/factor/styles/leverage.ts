import { kernel } from "../../../core/call/kernel.js";
import { blend, cne5, common, optionalPanel, rule, sampleAmounts, style, universe, weightParam } from "../parts/descriptor.js";
import { panel, rowOf, samplePanel, sampleUniverse } from "../parts/panel.js";

const over = (top: number, bottom: number): number => (bottom > 0 ? top / bottom : Number.NaN);

/** Leverage exposures. */
export const leverage = kernel({
  ...style,
  name: "leverage",
  doc:
    "Market leverage (cap + preferred + long-term debt) / cap, debt to assets, and book leverage (book + preferred + long-term debt) / book; a " +
    `ratio whose divisor is missing or not > 0 is missing. Preferred equity that is missing counts as 0. ${rule}`,
  source: `${cne5}. USE4: weights 0.75, 0.15, 0.10`,
  inputs: {
    cap: panel("currency", "market capitalization"),
    book: panel("currency", "book equity"),
    longTermDebt: panel("currency", "long-term debt"),
    totalDebt: panel("currency", "total debt"),
    totalAssets: panel("currency", "total assets"),
    preferred: optionalPanel("currency", "preferred equity"),
    universe,
  },
  params: {
    ...common,
    marketWeight: weightParam(0.38, "market leverage"),
    debtWeight: weightParam(0.35, "debt to assets"),
    bookWeight: weightParam(0.27, "book leverage"),
  },
  reference({ in: { cap, book, longTermDebt, totalDebt, totalAssets, preferred, universe }, params, out: { score }, dims: { date = 0 } }) {
    const { assets, tail } = params;
    for (let t = 0; t < date; t++) {
      const [me, be, ld, td, ta] = [cap, book, longTermDebt, totalDebt, totalAssets].map((values) => rowOf(values, assets, t));
      const pe = me!.map((_, i) => preferred?.[t * assets + i] ?? 0).map((x) => (Number.isNaN(x) ? 0 : x));
      const descriptors = [
        { row: me!.map((m, i) => over(m + pe[i]! + ld![i]!, m)), weight: params.marketWeight },
        { row: td!.map((d, i) => over(d, ta![i]!)), weight: params.debtWeight },
        { row: be!.map((b, i) => over(b + pe[i]! + ld![i]!, b)), weight: params.bookWeight },
      ];
      score.set(blend(descriptors, t, universe, tail), t * assets);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => ({
    cap: sampleAmounts(date, assets, random),
    book: samplePanel(date, assets, random),
    longTermDebt: sampleAmounts(date, assets, random),
    totalDebt: sampleAmounts(date, assets, random),
    totalAssets: sampleAmounts(date, assets, random),
    preferred: sampleAmounts(date, assets, random),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source:
        "numpy 2.4.6: the three ratios, one book value below 0, one preferred missing; clip at nanpercentile 10 and 90, scores, weights, scored once more",
      inputs: {
        cap: [100.0, 250.0, 40.0, 900.0, 60.0, 10.0],
        book: [50.0, -20.0, 30.0, 400.0, 25.0, 8.0],
        longTermDebt: [30.0, 100.0, 5.0, 200.0, 40.0, 1.0],
        totalDebt: [35.0, 120.0, 6.0, 260.0, 50.0, 3.0],
        totalAssets: [120.0, 300.0, 45.0, 1000.0, 130.0, 15.0],
        preferred: [0.0, 10.0, 0.0, 5.0, Number.NaN, 0.0],
      },
      options: { tail: 0.1 },
      outputs: {
        score: [
          0.052602708930384816, 0.9682418290163389, -1.0833881886885277, -0.28207272712024256, 1.3442863245709422, -0.9996699467088956,
        ],
      },
      relative: 1e-13,
    },
  ],
  parity: [...style.parity, { dims: { date: 7 }, options: { assets: 41 }, without: ["preferred"] }],
});
