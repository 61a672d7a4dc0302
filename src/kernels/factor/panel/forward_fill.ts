import { kernel } from "../../../core/call/kernel.js";
import { assetsParam, panel, panelBench, panelSizes, samplePanel } from "../parts/panel.js";

/** Holes of a panel filled with what came before. */
export const forwardFill = kernel({
  name: "forward_fill",
  rows: "date",
  doc:
    "Each missing value becomes the last one that its asset had, for at most `limit` dates in a row; after that, and before the first " +
    "value, it stays NaN. A limit has to be given: a fill without one hides assets that are no longer there.",
  source: "definition; pandas ffill(limit)",
  inputs: { values: panel("any", "what is filled") },
  params: { assets: assetsParam, limit: { type: "i32", min: 0, unit: "dates", doc: "dates in a row that are filled at most" } },
  state: {
    last: { dtype: "f64", shape: ["assets"], init: Number.NaN, unit: "unit of values", doc: "last value of each asset" },
    age: { dtype: "f64", shape: ["assets"], unit: "dates", doc: "dates since then" },
  },
  outputs: { filled: panel("unit of values", "the values, holes filled") },
  compare: { filled: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: 2 * date * assets, bytes: 32 * date * assets }),
  reference({ in: { values }, params: { assets, limit }, state: { last, age }, out: { filled } }) {
    for (let k = 0; k < values.length; k++) {
      const i = k % assets;
      const held = Number.isNaN(values[k]!);
      age[i] = held ? age[i]! + 1 : 0;
      if (!held) last[i] = values[k]!;
      filled[k] = age[i]! <= limit ? last[i]! : Number.NaN;
    }
  },
  sample: ({ date = 0 }, random, { assets }) => ({ values: samplePanel(date, assets, random, 0.6) }),
  golden: [
    {
      source: "hand: two assets, limit 2; the second begins late and ends early",
      inputs: { values: [1, Number.NaN, Number.NaN, 5, Number.NaN, Number.NaN, 4, Number.NaN, Number.NaN, Number.NaN] },
      options: { assets: 2, limit: 2 },
      outputs: { filled: [1, Number.NaN, 1, 5, 1, 5, 4, 5, 4, Number.NaN] },
      relative: 0,
    },
    {
      source: "hand: limit 0 fills nothing",
      inputs: { values: [1, Number.NaN, 3] },
      options: { assets: 1, limit: 0 },
      outputs: { filled: [1, Number.NaN, 3] },
      relative: 0,
    },
  ],
  parity: [...panelSizes, { dims: { date: 40 }, options: { assets: 37, limit: 4 } }],
  bench: panelBench,
  example: { assets: 5, limit: 2 },
});
