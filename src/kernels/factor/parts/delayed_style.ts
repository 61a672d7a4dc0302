/** Styles made of the returns of a window that ends `lag` dates ago: all but what they make of it. */
import type { RealView } from "../../../core/contract/contract.js";
import {
  assetsParam,
  type Numbers,
  panel,
  rowOf,
  styleScores,
  tailParam,
  universeInput,
  type Weighting,
  weightInput,
  weightingParam,
} from "./panel.js";
import { delayedState, sampleWindow, windowAfter } from "./window.js";

/** What such styles share beside parameters, sizes and golden numbers. */
export const delayedStyle = {
  rows: "date",
  inputs: { returns: panel("ratio", "simple return of each date"), weights: weightInput, universe: universeInput },
  state: delayedState,
  outputs: { score: panel("standard deviations", "exposures; NaN for the first lag + window - 1 dates") },
  compare: { score: { f64: { relative: 1e-10, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } } },
  sample: ({ date = 0 }: Readonly<Record<string, number>>, random: () => number, { assets }: Readonly<Record<string, any>>) =>
    sampleWindow(date, assets, random),
  example: { assets: 4 },
} as const;

/** Parameters in the order of the native forms; `halfLife` is their own. */
export const before = (window: number, what: string, lag: number) =>
  ({
    assets: assetsParam,
    window: { type: "i32", min: 1, max: 10_000, default: window, unit: "dates", doc: what },
    lag: { type: "i32", min: 0, max: 10_000, default: lag, unit: "dates", doc: "newest returns left out" },
  }) as const;
export const behind = { tail: tailParam(0.01), weighting: weightingParam } as const;

interface Call {
  in: { returns: RealView; weights?: Numbers | undefined; universe?: Numbers | undefined };
  params: { assets: number; window: number; lag: number; tail: number; weighting: Weighting };
  state: { recent: Float64Array; older: Float64Array; dates: Float64Array };
  out: { score: RealView };
}

/** Scores of every date from what `exposure` makes of each asset's returns of the window, the newest first. */
export function scoreWindows(
  { in: { returns, ...section }, params, state, out: { score } }: Call,
  exposure: (returns: number[]) => number,
) {
  const { assets, window, lag, tail, weighting } = params;
  for (let t = 0; t * assets < returns.length; t++) {
    const raw = windowAfter(rowOf(returns, assets, t), state, state.dates[0]!++, window, lag).map(exposure);
    score.set(styleScores(raw, t, section, tail, weighting), t * assets);
  }
}

/** Sizes that fill vectors and leave edges; lags longer than the panel. */
export const delayedSizes = [
  { dims: { date: 0 }, options: { assets: 3, window: 5 } },
  { dims: { date: 12 }, options: { assets: 1, window: 3, lag: 2 } },
  { dims: { date: 40 }, options: { assets: 21, window: 9, lag: 3, halfLife: 4 } },
  { dims: { date: 20 }, options: { assets: 35, window: 1, lag: 30 } },
  { dims: { date: 30 }, options: { assets: 40, window: 5, lag: 1, tail: 0.05, weighting: "both" } },
] as const;
