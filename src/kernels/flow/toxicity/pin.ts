import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { keep, sum } from "../../parts/window.js";
import { drawnPeriods } from "../parts/informed_sample.js";
import { type Estimate, estimateClose, estimateOutputs, grid, InformedTrading, parameterClose } from "../parts/informed_trading.js";

const unknown = (rows: number): number[] => new Array<number>(rows).fill(Number.NaN);

/** Probability of informed trading from daily counts of buys and sells. */
export const pin = kernel({
  name: "pin",
  rows: "day",
  doc:
    "Probability of informed trading by maximum likelihood over the last `window` days. Days have no news, bad news or good news; buys and sells are " +
    "Poisson counts, more of them on the side of the news. The likelihood is evaluated on a grid of 125 starting values (Yan & Zhang 2012) and " +
    "maximized from the `starts` best of them; terms of a day are factored so that no count overflows (Easley, Hvidkjaer & O'Hara 2010; Lin & Ke 2011).",
  source:
    "Easley, Kiefer, O'Hara & Paperman (1996), J. Finance 51(4), eq. 5 to 7; one rate a side as in Easley, Hvidkjaer & O'Hara (2002), J. Finance 57(5)",
  inputs: {
    buys: { dtype: "real", shape: ["day"], check: { min: 0, max: 1e15 }, unit: "trades", doc: "buyer-initiated trades of each day, >= 0" },
    sells: {
      dtype: "real",
      shape: ["day"],
      check: { min: 0, max: 1e15 },
      unit: "trades",
      doc: "seller-initiated trades of each day, >= 0",
    },
  },
  params: {
    window: { type: "i32", min: 5, max: 10_000, default: 60, unit: "days", doc: "days of one estimate" },
    starts: {
      type: "i32",
      min: 1,
      max: 125,
      default: 10,
      doc: "starting values that the likelihood is maximized from, the best first; 125: all",
    },
  },
  state: {
    trades: { dtype: "f64", shape: [2, "window"], unit: "trades", doc: "rings of buys and sells" },
    rows: counter("days", "days so far"),
  },
  outputs: {
    pin: {
      dtype: "real",
      shape: ["day"],
      unit: "ratio in [0, 1]",
      doc: "alpha mu / (alpha mu + epsilonBuy + epsilonSell); 0 where news cannot be told from chance; NaN for the first `window` - 1 days and for a window without trades",
    },
    ...estimateOutputs("day", "trades / day"),
  },
  compare: { pin: parameterClose, ...estimateClose },
  cost: ({ day = 0 }, { window, starts }) => ({ flops: day * window * (125 + 30 * starts) * 100, bytes: 65 * day }),
  reference({ in: { buys, sells }, params: { window, starts }, state: { trades, rows }, out }) {
    for (let i = 0; i < buys.length; i++) {
      keep(trades, rows[0]!, window, buys[i]!, sells[i]!);
      rows[0]!++;
      const found = rows[0]! < window ? undefined : estimate(trades.subarray(0, window), trades.subarray(window), starts);
      for (const key of ["alpha", "delta", "mu", "epsilonBuy", "epsilonSell", "logLikelihood"] as const)
        out[key][i] = found?.[key] ?? Number.NaN;
      out.pin[i] = found ? (found.alpha === 0 ? 0 : informedShare(found)) : Number.NaN;
      out.converged[i] = found?.converged ? 1 : 0;
    }
    return undefined;
  },
  sample: ({ day = 0, trades = 100 }, random) => {
    const { buy, sell } = drawnPeriods(day, trades, random, () => 1);
    return { buys: buy, sells: sell };
  },
  golden: [
    {
      // Days 3, 4, 7 and 8 are told from the others beyond rounding: means of buys on them and off them, and of all sells. The
      // package prints alpha 0.3526, PIN 0.1801 and a log-likelihood of 44371.29 for these days: not the maximum.
      source:
        "days of the example of YZ() in R InfoTrad 1.2 (Celik & Tinic 2018); maximum by hand: 4 days of 10, 705.5 buys on them, 263.33 else",
      inputs: { buys: [350, 250, 500, 552, 163, 345, 847, 923, 123, 349], sells: [382, 500, 463, 550, 200, 323, 456, 342, 578, 455] },
      options: { window: 10 },
      outputs: {
        pin: [...unknown(9), 0.2044464994409666],
        alpha: [...unknown(9), 0.4],
        delta: [...unknown(9), 0],
        mu: [...unknown(9), 442.1666666666667],
        epsilonBuy: [...unknown(9), 263.3333333333333],
        epsilonSell: [...unknown(9), 424.9],
        logLikelihood: [...unknown(9), 44371.8364260674],
        converged: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      },
      relative: 1e-9,
    },
    {
      source:
        "scipy 1.17.1 on the mixture as written: best of 125 minimize(method='L-BFGS-B', ftol=1e-15), then Nelder-Mead(xatol=1e-13, fatol=1e-13), numpy 2.4.6",
      inputs: {
        buys: [55, 40, 48, 61, 102, 95, 44, 52, 39, 98, 47, 50, 43, 90, 58, 41],
        sells: [40, 75, 33, 38, 35, 41, 78, 30, 36, 37, 42, 81, 39, 28, 36, 31],
      },
      options: { window: 16 },
      outputs: {
        pin: [...unknown(15), 0.19042402],
        alpha: [...unknown(15), 0.43769966],
        delta: [...unknown(15), 0.42837709],
        mu: [...unknown(15), 45.2186694],
        epsilonBuy: [...unknown(15), 48.5818137],
        epsilonSell: [...unknown(15), 35.5634883],
        logLikelihood: [...unknown(15), 5006.176643489885],
      },
      relative: 2e-7,
    },
    {
      source: "hand calculation: without news the log-likelihood is 50 ln 10 - 50 + 100 ln 20 - 100",
      inputs: { buys: [10, 10, 10, 10, 10], sells: [20, 20, 20, 20, 20] },
      options: { window: 5 },
      outputs: {
        pin: [...unknown(4), 0],
        epsilonBuy: [...unknown(4), 10],
        epsilonSell: [...unknown(4), 20],
        logLikelihood: [...unknown(4), 264.7024820051014],
      },
      relative: 1e-14,
    },
    {
      source:
        "hand calculation: the same counts every day are no news; days with trades beside days without are the news; no trades are no estimate",
      inputs: { buys: [10, 10, 10, 10, 10, 0, 0, 0, 0, 0], sells: [20, 20, 20, 20, 20, 0, 0, 0, 0, 0] },
      options: { window: 5 },
      outputs: {
        alpha: [...unknown(4), 0, 0.8, 0.6, 0.4, 0.2, Number.NaN],
        converged: [0, 0, 0, 0, 1, 1, 1, 1, 1, 0],
      },
      relative: 1e-8,
    },
  ],
  parity: [
    ...[0, 1, 7, 64].map((day) => ({ dims: { day, trades: 50 }, options: { window: 5, starts: 3 } })),
    { dims: { day: 75, trades: 20 } },
    { dims: { day: 64, trades: 1 }, options: { window: 21, starts: 4 } },
    { dims: { day: 64, trades: 1e6 }, options: { window: 21, starts: 4 } },
    { dims: { day: 30, trades: 3000 }, options: { window: 27, starts: 125 } },
  ],
  bench: [{ dims: { day: 300 } }, { dims: { day: 300 }, options: { starts: 125 }, label: "all starting values" }],
});

const informedShare = ({ alpha, mu, epsilonBuy, epsilonSell }: Estimate): number => (alpha * mu) / (alpha * mu + epsilonBuy + epsilonSell);

/**
 * Maximizes from the best points of Yan & Zhang's grid: alpha, delta, and what part of the mean buys is uninformed. Points at which
 * uninformed sells would be negative are moved to the border instead of left out, so that one-sided days have some as well.
 */
function estimate(buy: Float64Array, sell: Float64Array, starts: number): Estimate | undefined {
  const model = new InformedTrading({ buy, sell, time: new Float64Array(buy.length).fill(1) });
  if (!model.possible) return undefined;
  const [meanBuy, meanSell] = [sum(buy) / buy.length, sum(sell) / sell.length];
  const points: { x: number[]; lack: number }[] = [];
  for (const alpha of grid)
    for (const delta of grid)
      for (const uninformed of grid) {
        const mu = Math.max((meanBuy - uninformed * meanBuy) / (alpha * (1 - delta)), (meanBuy + meanSell) / 10);
        const epsilonSell = Math.max(meanSell - alpha * delta * mu, meanSell / 10);
        const x = model.coordinates(alpha, delta, mu, uninformed * meanBuy, epsilonSell);
        // Points that differ by rounding are alike, so that every backend begins at the same ones.
        points.push({ x, lack: Math.round(model.lack(x, []) / (2 ** 12 * model.noise)) });
      }
  points.sort((a, b) => a.lack - b.lack);
  return model.estimate(points.slice(0, starts).map(({ x }) => x));
}
