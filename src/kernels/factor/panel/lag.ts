import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { assetsParam, panel, panelBench, panelSizes, samplePanel } from "../parts/panel.js";

/** A panel as it was some dates ago. */
export const lag = kernel({
  name: "lag",
  rows: "date",
  doc: "Each date's values are those of `periods` dates before; NaN for the first `periods` dates. What keeps exposures from knowing the return they explain.",
  source: "definition",
  inputs: { values: panel("any", "what is held back") },
  params: { assets: assetsParam, periods: { type: "i32", min: 1, max: 100_000, default: 1, unit: "dates", doc: "dates back" } },
  state: {
    ring: { dtype: "f64", shape: ["periods", "assets"], init: Number.NaN, unit: "unit of values", doc: "values of the last dates" },
    dates: counter("dates", "dates so far"),
  },
  outputs: { lagged: panel("unit of values", "the values of `periods` dates before") },
  compare: { lagged: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: 0, bytes: 32 * date * assets }),
  reference({ in: { values }, params: { assets, periods }, state: { ring, dates }, out: { lagged } }) {
    for (let at = 0; at < values.length; at += assets) {
      const slot = (dates[0]!++ % periods) * assets;
      lagged.set(ring.subarray(slot, slot + assets), at);
      ring.set(values.subarray(at, at + assets), slot);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => ({ values: samplePanel(date, assets, random) }),
  golden: [
    {
      source: "hand: two assets, two dates back",
      inputs: { values: [1, 10, 2, 20, 3, Number.NaN, 4, 40, 5, 50] },
      options: { assets: 2, periods: 2 },
      outputs: { lagged: [Number.NaN, Number.NaN, Number.NaN, Number.NaN, 1, 10, 2, 20, 3, Number.NaN] },
      relative: 0,
    },
  ],
  parity: [
    ...panelSizes,
    { dims: { date: 40 }, options: { assets: 37, periods: 11 } },
    { dims: { date: 4 }, options: { assets: 3, periods: 9 } },
  ],
  bench: panelBench,
  example: { assets: 5 },
});
