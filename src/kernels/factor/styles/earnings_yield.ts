import { kernel } from "../../../core/call/kernel.js";
import { barra, blendPanels, common, optionalPanel, rule, sampleAmounts, style, universe, weightParam } from "../parts/descriptor.js";
import { panel, samplePanel, sampleUniverse } from "../parts/panel.js";

/** Earnings yield exposures. */
export const earningsYield = kernel({
  ...style,
  name: "earnings_yield",
  doc: `Earnings over price in three descriptors: forecast (EPFWD), cash (CETOP), trailing (ETOP). ${rule}`,
  source: barra,
  inputs: {
    forecastEarningsPrice: optionalPanel("ratio", "analysts' forecast of earnings over price"),
    cashEarningsPrice: optionalPanel("ratio", "cash earnings over price"),
    earningsPrice: panel("ratio", "trailing earnings over price"),
    universe,
  },
  params: {
    ...common,
    forecastWeight: weightParam(0.75, "forecastEarningsPrice"),
    cashWeight: weightParam(0.15, "cashEarningsPrice"),
    trailingWeight: weightParam(0.1, "earningsPrice"),
  },
  reference({ in: { forecastEarningsPrice, cashEarningsPrice, earningsPrice, universe }, params, out: { score } }) {
    blendPanels(
      [
        [forecastEarningsPrice, params.forecastWeight],
        [cashEarningsPrice, params.cashWeight],
        [earningsPrice, params.trailingWeight],
      ],
      params,
      universe,
      score,
    );
  },
  sample: ({ date = 0 }, random, { assets }) => ({
    forecastEarningsPrice: samplePanel(date, assets, random, 0.3),
    cashEarningsPrice: sampleAmounts(date, assets, random),
    earningsPrice: samplePanel(date, assets, random),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source: "numpy 2.4.6: clip at nanpercentile 10 and 90, scores (ddof 1), weighted mean of those that are there, scored once more",
      inputs: {
        forecastEarningsPrice: [0.05, 0.07, 0.02, 0.11, 0.04, Number.NaN],
        cashEarningsPrice: [0.1, 0.02, 0.09, 0.15, 0.03, 0.06],
        earningsPrice: [0.02, -0.03, 0.05, 0.01, 0.08, 0.04],
      },
      options: { tail: 0.1 },
      outputs: {
        score: [
          -0.16486129658736995, 0.11694433608314747, -1.01417236866905, 1.8352707259343182, -0.7495478640031695, -0.02363353275787606,
        ],
      },
      relative: 1e-13,
    },
    {
      source: "numpy 2.4.6: one descriptor alone",
      inputs: { earningsPrice: [0.02, -0.03, 0.05, 0.01, 0.08, 0.04] },
      options: { tail: 0.1 },
      outputs: {
        score: [-0.3316021932077157, -1.4168457346147851, 0.7536413481993539, -0.6933500403434056, 1.2962631189028886, 0.391893501063664],
      },
      relative: 1e-13,
    },
  ],
  parity: [...style.parity, { dims: { date: 7 }, options: { assets: 41 }, without: ["forecastEarningsPrice", "cashEarningsPrice"] }],
});
