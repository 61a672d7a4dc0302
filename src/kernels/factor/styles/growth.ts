import { kernel } from "../../../core/call/kernel.js";
import { barra, blendPanels, common, optionalPanel, rule, sampleAmounts, style, universe, weightParam } from "../parts/descriptor.js";
import { panel, samplePanel, sampleUniverse } from "../parts/panel.js";

/** Growth exposures. */
export const growth = kernel({
  ...style,
  name: "growth",
  doc: `Growth in three descriptors: forecast (EGRLF), of earnings (EGRO), of sales (SGRO). ${rule}`,
  source: barra,
  inputs: {
    forecastGrowth: optionalPanel("ratio", "analysts' forecast of long-term earnings growth"),
    earningsGrowth: panel("ratio", "slope of earnings a share over the years, over their mean size"),
    salesGrowth: optionalPanel("ratio", "slope of sales a share over the years, over their mean size"),
    universe,
  },
  params: {
    ...common,
    forecastWeight: weightParam(0.7, "forecastGrowth"),
    earningsWeight: weightParam(0.2, "earningsGrowth"),
    salesWeight: weightParam(0.1, "salesGrowth"),
  },
  reference({ in: { forecastGrowth, earningsGrowth, salesGrowth, universe }, params, out: { score } }) {
    blendPanels(
      [
        [forecastGrowth, params.forecastWeight],
        [earningsGrowth, params.earningsWeight],
        [salesGrowth, params.salesWeight],
      ],
      params,
      universe,
      score,
    );
  },
  sample: ({ date = 0 }, random, { assets }) => ({
    forecastGrowth: samplePanel(date, assets, random, 0.3),
    earningsGrowth: sampleAmounts(date, assets, random),
    salesGrowth: samplePanel(date, assets, random),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source: "numpy 2.4.6: clip at nanpercentile 10 and 90, scores (ddof 1), weighted mean of those that are there, scored once more",
      inputs: {
        forecastGrowth: [0.05, 0.07, 0.02, 0.11, 0.04, Number.NaN],
        earningsGrowth: [0.1, 0.02, 0.09, 0.15, 0.03, 0.06],
        salesGrowth: [0.02, -0.03, 0.05, 0.01, 0.08, 0.04],
      },
      options: { tail: 0.1 },
      outputs: {
        score: [
          -0.0871580706652747, -0.002688060204597827, -0.9108408039639946, 1.8786033420765222, -0.7912692515395435, -0.08664715570311177,
        ],
      },
      relative: 1e-13,
    },
    {
      source: "numpy 2.4.6: one descriptor alone",
      inputs: { earningsGrowth: [0.1, 0.02, 0.09, 0.15, 0.03, 0.06] },
      options: { tail: 0.1 },
      outputs: {
        score: [0.7068622344798786, -1.1642436803197997, 0.45738144583992124, 1.330564206079771, -1.0395032859998214, -0.29106092007995005],
      },
      relative: 1e-13,
    },
  ],
  parity: [...style.parity, { dims: { date: 7 }, options: { assets: 41 }, without: ["forecastGrowth", "salesGrowth"] }],
});
