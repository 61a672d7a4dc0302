/** Prices -> portfolios set up anew from date to date by what was known then, what that cost, and what they came to. */

import type { WalkForwardResult, WalkUniverse } from "../../analysis/walk_forward.js";
import { needFunction, needObject } from "../../core/contract/arguments.js";
import { DataError } from "../../core/contract/errors.js";
import { type Estimate, estimateAt } from "./estimate.js";
import { frontierOf } from "./frontier.js";
import { halted, type Market, type MarketPrices, marketOf } from "./market.js";
import { withoutOutliers } from "./outliers.js";
import { priceDoubts } from "./price_doubts.js";
import type { RiskModel } from "./risk_models.js";
import { tradeDates } from "./schedule.js";
import { drawdownsOf, measuresOf } from "./walk_measures.js";
import { checkPrices, fileOf, type Settings, settingsOf, type WalkForwardOptions } from "./walk_options.js";
import { WalkedAccount } from "./walked_account.js";

/** Hears how far the walk is; what it returns is waited for. */
export type OnProgress = (done: number, total: number, what: string) => Promise<void> | undefined;

/**
 * A walk-forward study. On the first date of every period (`rebalance`) each portfolio is set up anew, at the prices of that date, with weights
 * from the `window` returns that end `delay` dates before it; between these dates it drifts. What is bought or sold costs `costs` of it.
 * Equal weight and inverse volatility are always walked beside the objectives asked for, over the same assets and dates.
 *
 * Which assets: those with a price on the last known date, there for a whole window, that moved in it. An asset without a price for more than
 * 20 dates has left: what was held of it is paid out as cash at its last price times 1 + `delistingReturn`, and invested with the next
 * rebalance; cash earns nothing. With fewer dates missing it stays at its last price, and cannot be traded on such a date.
 *
 * No look-ahead: weights are a function of prices up to their date alone. Values are those of the prices up to their date too, but that a jump was
 * an unadjusted split, the 20 prices behind it tell (with `splits: "keep"`, none do).
 *
 * `prices.price` is [date, asset], NaN where there is none. Values are in units of the start. In each account start + gains - costs is the end,
 * asset by asset; the difference is `ledger.difference`, and one beyond rounding throws E_LEDGER. A solver that gives no answer leaves what is
 * held as it is (equal weight at the first date), with an entry in `troubles`. Throws TickforgeError: E_TOO_FEW (one asset, or a history no longer
 * than the window), E_BAD_PRICE, E_DATE_REPEATED, E_LENGTH, E_OPTION_RANGE, E_OPTION_MISSING, E_OPTIONS,
 * E_RUINED (short positions lost more than there was).
 * Measures: Bailey & Lopez de Prado (2014), J. Portf. Manag. 40(5), for the deflated Sharpe ratio; the kernels performance_measures and drawdowns.
 */
export async function walkForward(
  prices: MarketPrices,
  options: WalkForwardOptions = {},
  onProgress: OnProgress = () => undefined,
): Promise<WalkForwardResult> {
  checkPrices(prices);
  needObject("walkForward: options", options);
  needFunction("walkForward: onProgress", onProgress);
  const settings = settingsOf(options, prices);
  const { kept, empty } = withoutEmptyDates(prices);
  const market = marketOf(kept, settings.keepSplits !== undefined);
  const { window, delay, riskModel, rebalance, costs, delistingReturn, periodsPerYear, riskFreeRate } = settings;
  const { minWeight, maxWeight, maxShort, maxTurnover, costAware } = options;
  const { first, dates } = datesOf(market, settings, fileOf(prices));
  const runs = settings.objectives.map(({ objective, role }) => new WalkedAccount(objective, role, market, settings));
  const leaving = leavingOf(market);
  const counts: number[] = [];
  let last: { estimate: Estimate; model: RiskModel } | undefined;
  const able = new Uint8Array(market.assets.length);
  for (let date = first; date < market.time.length; date++) {
    if (date > first) for (const run of runs) run.drift(date, leaving.get(date) ?? []);
    if (dates.has(date + delay)) for (const run of runs) run.see(date);
    if (dates.has(date)) {
      await onProgress(date - first, market.time.length - first, "the walk");
      const estimate = estimateAt(market, date - delay, window);
      counts.push(estimate.assets.length);
      for (const a of estimate.assets) able[a] = 1;
      if (estimate.assets.length > 0) {
        const model = riskModel.of(estimate, settings);
        for (const run of runs) run.rebalance(date, estimate, model);
        last = { estimate, model };
      }
    }
    for (const run of runs) run.close();
  }
  const walked = runs.map((run) => run.walked());
  const { measures, ...luck } = measuresOf(walked, settings);
  return {
    ...{ assets: market.assets, time: market.time, first },
    portfolios: walked.map(({ costs: _, ...one }, i) => ({
      ...{ ...one, measures: measures[i]!, drawdowns: drawdownsOf(one.returns, first) },
      withoutOutliers: withoutOutliers(one.returns, one.outliers, first, settings),
    })),
    universe: { ...universeOf(market, settings, empty, counts, able), ...priceDoubts(kept) },
    frontier: frontierOf(
      last!.estimate,
      last!.model,
      walked.map(({ name, turns }) => ({ name, turn: turns.at(-1) })),
      settings,
    ),
    ...{ riskModel: riskModel.name, riskModelDoc: riskModel.doc, expectedReturns: expectedOf(settings), rebalance: String(rebalance) },
    ...{ window, delay, costs, delistingReturn, periodsPerYear, riskFreeRate },
    limits: { minWeight, maxWeight, maxShort, maxTurnover, costAware },
    ...luck,
    trialsStated: settings.trials !== undefined,
  };
}

const expectedOf = ({ objectives, expectedReturns: { name, doc } }: Settings): WalkForwardResult["expectedReturns"] => ({
  ...{ name, doc },
  needed: objectives.some(({ objective }) => objective.needsExpected),
});

/** Dates on which some asset has a price. */
function withoutEmptyDates(prices: MarketPrices): { kept: MarketPrices; empty: number } {
  const width = prices.assets.length;
  const row = (of: Float64Array, d: number) => of.subarray(d * width, (d + 1) * width);
  const days = Array.from(prices.time.keys()).filter((d) => !row(prices.price, d).every(Number.isNaN));
  const empty = prices.time.length - days.length;
  if (empty === 0) return { kept: prices, empty };
  const only = (of: Float64Array) => {
    const out = new Float64Array(days.length * width);
    days.forEach((d, i) => void out.set(row(of, d), i * width));
    return out;
  };
  const { price, volume, open } = prices;
  return {
    kept: {
      ...prices,
      ...{ time: BigInt64Array.from(days, (d) => prices.time[d]!), price: only(price) },
      ...(volume && { volume: only(volume) }),
      ...(open && { open: only(open) }),
    },
    empty,
  };
}

/** Dates of trade, from the first on which two assets can be bought and a date comes after. */
function datesOf(market: Market, { window, delay, rebalance }: Settings, file: string): { first: number; dates: ReadonlySet<number> } {
  const { time } = market;
  const least = window + delay + 2;
  if (time.length < least)
    throw new DataError(
      "E_TOO_FEW",
      `${file}: ${time.length} dates; a window of ${window} returns, ${delay} dates of delay and one return after them need ${least}`,
      {
        ...{ file, value: time.length },
        hint: "give a longer history, or a shorter window",
      },
    );
  const dates = tradeDates(time, rebalance, window + delay).filter((date) => date < time.length - 1);
  const first = dates.find((date) => estimateAt(market, date - delay, window).assets.length >= 2);
  if (first !== undefined) return { first, dates: new Set(dates.filter((date) => date >= first)) };
  const why =
    dates.length === 0
      ? `no date of trade (${rebalance}) lies behind the first ${window + delay} returns`
      : `two assets with a whole window of ${window} returns are there on no date of trade`;
  throw new DataError("E_TOO_FEW", `${file}: ${why}`, {
    ...{ file, value: time.length },
    hint: "give a longer history, a shorter window or more assets",
  });
}

/** Assets that are taken for gone, by the date on which that is seen, and their last price. */
function leavingOf({ stays, time }: Market): Map<number, { asset: number; last: number }[]> {
  const leaving = new Map<number, { asset: number; last: number }[]>();
  for (const [asset, own] of stays.entries())
    for (const { to } of own) {
      const at = to + halted + 1;
      if (at < time.length) leaving.set(at, [...(leaving.get(at) ?? []), { asset, last: to }]);
    }
  return leaving;
}

function universeOf(
  { stays, time, carried, splits, perhaps, assets }: Market,
  { keepSplits }: Settings,
  emptyDates: number,
  counts: readonly number[],
  able: Uint8Array,
): Omit<WalkUniverse, "alike" | "still" | "reversal"> {
  const end = time.length - 1;
  return {
    stays: stays.flatMap((own, asset) =>
      own.filter(({ from, to }) => from > 0 || to < end).map(({ from, to }) => ({ asset, from, to, gone: to + halted < end })),
    ),
    ...{ carried, emptyDates, splits, perhaps, splitsKept: keepSplits },
    ...{ least: Math.min(...counts), most: Math.max(...counts) },
    never: Array.from(assets.keys()).filter((a) => !able[a]),
  };
}
