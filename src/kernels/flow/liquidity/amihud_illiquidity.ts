import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { spread } from "../../parts/sample.js";

/** Stands in the ring for a bar without a term; terms are never negative. */
const leftOut = -1;

/** Price impact of traded value from bars alone. */
export const amihudIlliquidity = kernel({
  name: "amihud_illiquidity",
  rows: "bar",
  doc: "Mean of |return| / (price * volume) over the last `window` bars; bars without traded value are left out of the mean.",
  source: "Amihud (2002), J. Financial Markets 5(1), eq. 1",
  inputs: {
    price: { dtype: "real", shape: ["bar"], check: { above: 0 }, unit: "currency", doc: "last price of each bar, > 0" },
    volume: { dtype: "real", shape: ["bar"], check: { min: 0 }, unit: "volume", doc: "traded volume of each bar, >= 0" },
  },
  params: { window: { type: "i32", min: 1, max: 1_000_000, default: 21, unit: "bars", doc: "bars averaged" } },
  state: {
    terms: { dtype: "f64", shape: ["window"], init: leftOut, unit: "1 / currency", doc: "ring of |return| / value, -1 for a bar left out" },
    rows: counter("bars", "bars so far"),
    lastPrice: { dtype: "f64", shape: [1], unit: "currency", doc: "price of the last bar, 0 before there is one" },
  },
  outputs: {
    illiquidity: {
      dtype: "real",
      shape: ["bar"],
      unit: "1 / currency",
      doc: "NaN for the first `window` bars (the first of them has no return) and where no bar of the window has value",
    },
  },
  // Terms are never negative, so sums in another order differ by roundings of the sum itself: no floor.
  compare: { illiquidity: { f64: { relative: 1e-12, floor: 0 }, f32: { relative: 1.2e-7, floor: 0 } } },
  cost: ({ bar = 0 }) => ({ flops: 9 * bar, bytes: 24 * bar }),
  reference({ in: { price, volume }, params: { window }, state: { terms, rows, lastPrice }, out: { illiquidity } }) {
    for (let i = 0; i < price.length; i++) {
      const value = price[i]! * volume[i]!;
      const change = price[i]! / lastPrice[0]! - 1;
      terms[rows[0]! % window] = rows[0] === 0 || value === 0 ? leftOut : Math.abs(change) / value;
      rows[0]!++;
      lastPrice[0] = price[i]!;
      const counted = terms.filter((term) => term !== leftOut);
      const sum = counted.reduce((total, term) => total + term, 0);
      illiquidity[i] = rows[0]! > window ? sum / counted.length : Number.NaN;
    }
  },
  sample({ bar = 0 }, random) {
    const flat = (i: number) => i > 0.3 * bar && i < 0.4 * bar;
    const silent = (i: number) => i > 0.35 * bar && i < 0.5 * bar;
    let price = 80;
    return {
      price: Float64Array.from({ length: bar }, (_, i) => (flat(i) ? price : (price *= 1 + 0.04 * (random() - 0.499)))),
      volume: Float64Array.from({ length: bar }, (_, i) => (silent(i) || random() < 0.1 ? 0 : 1e3 * spread(random))),
    };
  },
  golden: [
    {
      source: "hand calculation of eq. 1: terms 0.25/0.25, 0.2/0.4, none, 1/4, none, none over windows of 2",
      inputs: { price: [4, 5, 4, 4, 8, 8, 10], volume: [1, 0.05, 0.1, 0, 0.5, 0, 0] },
      options: { window: 2 },
      outputs: { illiquidity: [Number.NaN, Number.NaN, 0.75, 0.5, 0.25, 0.25, Number.NaN] },
      relative: 1e-15,
    },
    {
      source: "pandas 3.0.6 (pct_change().abs() / value, 0 as NaN).rolling(3, min_periods=1).mean(), first 3 rows set to NaN",
      inputs: {
        price: [8, 8.2, 8.15, 8.15, 7.9, 8.325, 8.3, 8.4, 8.05, 8.05, 8.1, 9],
        volume: [1, 0.002, 0, 4, 0.0125, 0, 0, 0, 0.001, 3, 0.00025, 0.07],
      },
      options: { window: 3 },
      outputs: {
        illiquidity: [
          Number.NaN,
          Number.NaN,
          Number.NaN,
          0.7621951219512169,
          0.15531567911780716,
          0.15531567911780716,
          0.31063135823561433,
          Number.NaN,
          5.175983436852997,
          2.5879917184264984,
          2.747744293637995,
          1.0812054290314996,
        ],
      },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { bar: 0 } },
    { dims: { bar: 1 } },
    { dims: { bar: 7 }, options: { window: 3 } },
    { dims: { bar: 1_003 }, options: { window: 1 } },
    { dims: { bar: 2_003 }, options: { window: 512 } },
    { dims: { bar: 5_003 }, options: { window: 1_300 } },
    { dims: { bar: 40_009 } },
    { dims: { bar: 1_003 } },
  ],
  bench: [{ dims: { bar: 1_000_000 } }, { dims: { bar: 1_000_000 }, options: { window: 2_520 }, label: "window 2520" }],
});
