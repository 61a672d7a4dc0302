/** The answer of tickforge portfolio as one JSON object. */
import type { Turn, WalkedPortfolio, WalkForwardResult } from "../../analysis/walk_forward.js";
import { portfolioRemarks } from "../../report/portfolio/portfolio_remarks.js";
import { largestOutliers, restsOnOutliers } from "../../report/portfolio/portfolio_report.js";
import { toSecond } from "../kit/format.js";
import type { PortfolioAnswer } from "./portfolio_screen.js";

const day = (ns: bigint): string => toSecond(ns).slice(0, 10);
const number = (value: number): number | null => (Number.isFinite(value) ? value : null);
const numbers = (of: object) => Object.fromEntries(Object.entries(of).map(([key, value]) => [key, number(value as number)]));

export function portfolioJson({ result, excluded, prices, written, words, seconds }: PortfolioAnswer, version: string): string {
  const { time, first, universe, assets } = result;
  const at = (place: number) => day(time[place]!);
  const { riskModel, riskModelDoc, expectedReturns, rebalance, window, delay, costs, delistingReturn, periodsPerYear, riskFreeRate } =
    result;
  const { stays, splits, perhaps, never, alike, still, reversal, ...counts } = universe;
  return `${JSON.stringify(
    {
      ...{ schema: 1, command: "portfolio", version, file: words[0], format: prices.notes.join("; "), columns: prices.chosen },
      ...{ from: at(first), to: at(time.length - 1), assets: assets.length, excluded },
      conventions: {
        ...{ rebalance, window, delay, costs, delistingReturn, periodsPerYear, riskFreeRate, riskModel, riskModelDoc },
        ...{ limits: result.limits, expectedReturns, returns: "simple", cash: "earns nothing", trials: result.trials },
        ...{ trialsStated: result.trialsStated, luckiestSharpe: number(result.luckiest * Math.sqrt(periodsPerYear)) },
      },
      remarks: portfolioRemarks({ excluded, result }),
      universe: {
        ...{ ...counts, splitsKept: universe.splitsKept ?? null, never: never.map((a) => assets[a]) },
        stays: stays.map(({ asset, from, to, gone }) => ({ asset: assets[asset], from: at(from), to: at(to), gone })),
        alike: alike.map(({ asset, as }) => ({ asset: assets[asset], as: assets[as] })),
        still: still.map(({ asset, from, to }) => ({ asset: assets[asset], from: at(from), to: at(to) })),
        autocorrelation: reversal ?? null,
        splits: splits.map(({ asset, time: when, ratio, as }) => ({ asset, date: day(when), ratio, as })),
        perhapsSplits: perhaps.map(({ asset, time: when, ratio, perhaps: what }) => ({ asset, date: day(when), ratio, perhaps: what })),
      },
      dates: Array.from(time.subarray(first), day),
      portfolios: result.portfolios.map((one) => portfolioOf(one, result)),
      frontier:
        "why" in result.frontier
          ? result.frontier
          : {
              ...{
                date: at(result.frontier.decided),
                volatility: [...result.frontier.volatility],
                expected: [...result.frontier.expected],
              },
              portfolios: result.frontier.points,
            },
      ...{ written, seconds },
    },
    null,
    2,
  )}\n`;
}

function portfolioOf(one: WalkedPortfolio, of: WalkForwardResult) {
  const { name, role, value, turns, troubles, paidOut, ledger, measures, drawdowns } = one;
  const { time, assets } = of;
  const at = (place: number) => day(time[place]!);
  return {
    ...{ name, role, measures: numbers(measures), money: ledger },
    outliers: largestOutliers(one).map(({ asset, at: when, return: own, contribution }) => ({
      ...{ asset: assets[asset], date: at(when), ratio: 1 + own, contribution },
    })),
    ...{ restsOnOutliers: restsOnOutliers(one), withoutOutliers: numbers(one.withoutOutliers) },
    drawdowns: drawdowns.map(({ depth, peak, trough, recovery }) => ({
      ...{ depth, peak: at(peak), trough: at(trough), recovery: recovery === undefined ? null : at(recovery) },
    })),
    troubles: troubles.map(({ decided, what, held }) => ({ date: at(decided), what, held })),
    paidOut: paidOut.map(({ asset, last, at: when, share }) => ({ asset: assets[asset], last: at(last), paid: at(when), share })),
    rebalances: turns.map(({ decided, traded, turnover, cost, locked, forecast, weights }) => ({
      ...{ decided: at(decided), traded: at(traded), assets: weights.length, turnover, cost, locked },
      forecastVolatility: forecast * Math.sqrt(of.periodsPerYear),
    })),
    last: lastOf(turns.at(-1), assets),
    value: Array.from(value),
  };
}

/** The weights that are held now, and their shares of the risk. */
function lastOf(turn: Turn | undefined, names: readonly string[]) {
  if (!turn) return null;
  const { assets, weights, riskShares } = turn;
  return Array.from(assets, (a, i) => ({ asset: names[a]!, weight: weights[i]!, riskShare: number(riskShares[i]!) })).filter(
    ({ weight }) => weight !== 0,
  );
}
