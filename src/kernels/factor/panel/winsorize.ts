import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  clip,
  estimation,
  panel,
  panelBench,
  panelSizes,
  rowOf,
  samplePanel,
  sampleUniverse,
  tailBounds,
  tailParam,
  universeInput,
} from "../parts/panel.js";

/** Clips the ends of each date's cross-section. */
export const winsorize = kernel({
  name: "winsorize",
  rows: "date",
  doc:
    "Each date's values, clipped to the percentiles `tail` and 1 - `tail` of the finite values in the estimation universe: linear " +
    "interpolation at (n - 1) p, as numpy's nanpercentile. Assets outside the universe are clipped to the same bounds. NaN stays NaN, " +
    "infinities become the bounds; without a finite value in the universe the date is NaN.",
  source: "toraniko 1.1, math.py winsorize; Hyndman & Fan (1996), Am. Stat. 50(4), type 7",
  inputs: { values: panel("any", "what is clipped"), universe: universeInput },
  params: { assets: assetsParam, tail: tailParam(0.01) },
  state: {},
  outputs: { winsorized: panel("unit of values", "the values within their bounds") },
  workspace: true,
  compare: { winsorized: { f64: { relative: 1e-13, floor: 1e-6 }, f32: { relative: 1.2e-7, floor: 1e-6 } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: 6 * date * assets, bytes: 16 * date * assets }),
  reference({ in: { values, universe }, params: { assets, tail }, out: { winsorized }, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) {
      const x = rowOf(values, assets, t);
      winsorized.set(clip(x, tailBounds(estimation(x, universe, t), tail)), t * assets);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => ({
    values: samplePanel(date, assets, random),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source:
        "numpy 2.4.6: clip(x, nanpercentile(f, 10), nanpercentile(f, 90)) with f = x where finite; one date has a NaN, one two infinities",
      inputs: {
        values: [3.1, -2.4, 0.7, 12.5, 1.1, 5, Number.NaN, -1, 2.5, 40, 7.5, Infinity, 7.25, -Infinity, 1],
      },
      options: { assets: 5, tail: 0.1 },
      outputs: {
        winsorized: [
          3.1,
          -1.16,
          0.7,
          8.74,
          1.1,
          5,
          Number.NaN,
          0.050000000000000266,
          2.5,
          29.500000000000007,
          7.45,
          7.45,
          7.25,
          2.25,
          2.25,
        ],
      },
      relative: 1e-15,
    },
  ],
  parity: [
    ...panelSizes,
    { dims: { date: 9 }, options: { assets: 603, tail: 0.05 } },
    { dims: { date: 6 }, options: { assets: 300, tail: 0.49 } },
    { dims: { date: 6 }, options: { assets: 64, tail: 0 } },
    { dims: { date: 5 }, options: { assets: 3_000 }, without: ["universe"] },
  ],
  bench: panelBench.map((one) => ({ ...one, without: ["universe"] })),
  example: { assets: 5 },
});
