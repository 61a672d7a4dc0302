/** What to know before the figures: who was there, what was done about the others, what went otherwise than asked. Screen, page and answer alike. */
import type { WalkedPortfolio, WalkForwardResult } from "../../analysis/walk_forward.js";
import { count, plural } from "../kit/text.js";
import { dayOf, largestOutliers, mainOf, type PortfolioReport, restsOnOutliers } from "./portfolio_report.js";

/** As a terminal writes it too: ASCII. */
const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;
const some = (all: readonly string[], most: number): string =>
  `${all.slice(0, most).join(", ")}${all.length > most ? ` and ${count(all.length - most)} more` : ""}`;

type Asked = Pick<PortfolioReport, "excluded" | "result">;

export function portfolioRemarks({ excluded, result }: Asked): string[] {
  return [
    ...troubleRemarks(result),
    ...doubtRemarks(result),
    ...outlierRemarks(result),
    ...(excluded.length > 0
      ? [
          `${plural(excluded.length, "asset")} left out: ${some(
            excluded.map(({ asset, why }) => `${asset} (${why})`),
            6,
          )}`,
        ]
      : []),
    ...memberRemarks(result),
    ...goneRemarks(result),
    ...priceRemarks(result),
    ...shortRemarks(result),
    ...budgetRemarks(result),
    ...splitRemarks(result),
    ...modelRemarks(result),
    trialRemark(result),
  ];
}

function troubleRemarks({ portfolios, time }: WalkForwardResult): string[] {
  return portfolios.flatMap(({ name, troubles, turns }) => {
    if (troubles.length === 0) return [];
    const listed = some(
      troubles.map(({ decided, what, held }) => `${dayOf(time[decided]!)} ${what}; held ${held}`),
      2,
    );
    const asked = turns.length + troubles.filter(({ held }) => held !== taken && held !== "equal weight").length;
    return [`${name}: no clean answer on ${count(troubles.length)} of ${plural(asked, "date")}: ${listed}`];
  });
}

/** What is read as prices, and is hardly that. */
function doubtRemarks({ universe: { alike, still, reversal }, assets, time }: WalkForwardResult): string[] {
  return [
    ...(reversal !== undefined
      ? [
          `these are hardly prices: most assets take back what they did the date before (autocorrelation ${reversal.toFixed(2)}), as returns, volumes or ratios do that are read as prices`,
        ]
      : []),
    ...(alike.length > 0
      ? [
          `${plural(alike.length, "asset")} with the prices of another throughout, held beside it: ${some(
            alike.map(({ asset, as }) => `${assets[asset]} as ${assets[as]}`),
            6,
          )}`,
        ]
      : []),
    ...(still.length > 0
      ? [
          `${plural(still.length, "asset")} whose price stands still for more than 20 dates, and seems to have less risk than it has: ${some(
            still.map(({ asset, from, to }) => `${assets[asset]} ${dayOf(time[from]!)} .. ${dayOf(time[to]!)}`),
            3,
          )}`,
        ]
      : []),
  ];
}

/** Figures that a few returns made, which may be no returns: bad prints, splits, payouts. */
function outlierRemarks({ portfolios, assets, time, universe: { splits, splitsKept } }: WalkForwardResult): string[] {
  const split = new Set(splits.map((jump) => `${jump.asset} ${jump.time}`));
  return portfolios.filter(restsOnOutliers).map((one) => {
    const { name, outliers, measures: m, withoutOutliers: w } = one;
    const listed = some(
      largestOutliers(one).map(
        ({ asset, at, return: own, contribution }) =>
          `${assets[asset]} ${dayOf(time[at]!)} (price times ${Number((1 + own).toPrecision(4))}: ${Math.round(1e4 * contribution).toLocaleString("en-US")} bp of the value)`,
      ),
      3,
    );
    const alike = splitsKept === undefined ? 0 : outliers.filter(({ asset, at }) => split.has(`${assets[asset]} ${time[at]}`)).length;
    return (
      `${name}: ${percent(m.annualReturn)} a year rests on ${plural(outliers.length, "return")} ten times as large as is usual for the asset: ${listed}; ` +
      `without ${outliers.length === 1 ? "it" : "them"} ${percent(w.annualReturn)} a year, volatility ${percent(w.annualVolatility)}, Sharpe ${w.sharpe.toFixed(2)}: ` +
      `look at these prices${alike > 0 ? `; ${count(alike)} ${alike === 1 ? "is" : "are"} like an unadjusted split, which --splits leave-out takes as 0` : ""}`
    );
  });
}

/** As a walk says it of weights that are used although the solver had not ended. */
const taken = "its weights all the same";

function memberRemarks({ universe, assets, time }: WalkForwardResult): string[] {
  const { stays, least, most, never } = universe;
  const who = new Set(stays.map(({ asset }) => asset)).size;
  const listed = some(
    stays.map(({ asset, from, to }) => `${assets[asset]} ${dayOf(time[from]!)} .. ${dayOf(time[to]!)}`),
    3,
  );
  const able = least === most ? count(most) : `${count(least)} to ${count(most)}`;
  return [
    ...(who > 0
      ? [`${count(who)} of ${plural(assets.length, "asset")} not there throughout (${listed}): ${able} could be bought at a rebalance`]
      : []),
    ...(never.length > 0
      ? [
          `${plural(never.length, "asset")} never bought, for want of a whole window of prices, or of a move in it: ${some(
            never.map((a) => assets[a]!),
            6,
          )}`,
        ]
      : []),
  ];
}

/** What became of the money in assets whose prices ended. */
function goneRemarks(result: WalkForwardResult): string[] {
  const { assets, time, universe, delistingReturn } = result;
  const { name, paidOut, ledger } = mainOf(result);
  const worth = delistingReturn === 0 ? "at the last price" : `at the last price less ${percent(-delistingReturn)}`;
  const listed = some(
    paidOut.map(({ asset, last, share }) => `${assets[asset]} ${dayOf(time[last]!)} (${percent(share)})`),
    3,
  );
  const years = Number(time.at(-1)! - time[0]!) / (365.25 * 86_400e9);
  return [
    ...(paidOut.length > 0
      ? [
          `${plural(paidOut.length, "time")} prices ended while ${name} held the asset: paid out ${worth} 21 dates later, in cash until the next rebalance: ${listed}` +
            `${delistingReturn === 0 ? "; what was lost after the last price is in no figure (--delisting-return)" : ""}`,
        ]
      : []),
    ...(ledger.unpriced > 0
      ? [
          `${percent(ledger.unpriced / ledger.end)} of the end value of ${name} is in assets without a price on the last date, at their last one`,
        ]
      : []),
    ...(years > 3 && !universe.stays.some(({ gone }) => gone)
      ? [
          "no asset's prices end before the file does: those that failed are probably not in it, and every portfolio here looks better than it was (survivorship)",
        ]
      : []),
  ];
}

function priceRemarks(result: WalkForwardResult): string[] {
  const { carried, emptyDates } = result.universe;
  const locked = mainOf(result).turns.filter((turn) => turn.locked > 0);
  return [
    ...(carried > 0
      ? [`${plural(carried, "price")} missing while an asset was there (20 dates or fewer): its return comes with the next price`]
      : []),
    ...(locked.length > 0
      ? [
          `at ${plural(locked.length, "rebalance")} ${mainOf(result).name} held assets without a price, which stayed as they were: up to ${percent(
            locked.reduce((most, turn) => Math.max(most, turn.locked), 0),
          )} of it`,
        ]
      : []),
    ...(emptyDates > 0 ? [`${plural(emptyDates, "date")} without any price left out`] : []),
  ];
}

function shortRemarks({ portfolios }: WalkForwardResult): string[] {
  return portfolios.flatMap(({ name, turns }) => {
    const shorts = turns.map(({ weights }) => weights.reduce((sum, w) => sum - Math.min(0, w), 0));
    const most = Math.max(0, ...shorts);
    // What a solver leaves below 0 by rounding is no position.
    if (most < 1e-6) return [];
    const mean = shorts.reduce((a, b) => a + b, 0) / shorts.length;
    return [`${name} holds ${percent(mean)} short in the mean, ${percent(most)} at most: borrowing costs nothing here`];
  });
}

/** Where bounds bind, shares of risk cannot all be equal. */
function budgetRemarks({ portfolios }: WalkForwardResult): string[] {
  return portfolios.flatMap(({ name, turns }) => {
    if (name !== "equal_risk_contribution") return [];
    const shares = turns.map(({ riskShares }) => ({ least: Math.min(...riskShares), most: Math.max(...riskShares) }));
    const apart = shares.filter(({ least, most }) => most > 1.001 * least);
    if (apart.length === 0) return [];
    const [least, most] = [Math.min(...apart.map((one) => one.least)), Math.max(...apart.map((one) => one.most))];
    return [
      `${name}: shares of the risk are not equal on ${count(apart.length)} of ${plural(turns.length, "date")}, from ${percent(least)} to ${percent(most)}: bounds of the weights bind, or an asset had no price`,
    ];
  });
}

function splitRemarks({ universe: { splits, perhaps, splitsKept } }: WalkForwardResult): string[] {
  const listed = some(
    splits.map(({ asset, time, ratio, as }) => `${asset} ${dayOf(time)} (price times ${ratio.toFixed(3)}, as a split ${as})`),
    3,
  );
  const done =
    splitsKept === "adjusted"
      ? "taken as returns, since the column says that prices are adjusted; --splits leave-out takes them as 0"
      : splitsKept === "asked"
        ? "taken as returns, as --splits keep says"
        : "those returns are taken as 0";
  return [
    ...(splits.length > 0 ? [`${plural(splits.length, "jump")} like an unadjusted split: ${listed}; ${done}`] : []),
    ...(perhaps.length > 0
      ? [
          `${plural(perhaps.length, "jump")} that may be ${perhaps.length === 1 ? "a split" : "splits"}, uncertain and kept as returns: ${some(
            perhaps.map(({ asset, time, ratio, perhaps: what }) => `${asset} ${dayOf(time)} (price times ${ratio.toFixed(3)}, ${what})`),
            2,
          )}`,
        ]
      : []),
  ];
}

/** How far off a mean forecast may be before it is said. */
const near = 0.2;

function modelRemarks(result: WalkForwardResult): string[] {
  const { riskModel, window, universe, expectedReturns, portfolios } = result;
  // What outliers made of it is said where they are.
  const seen = (one: WalkedPortfolio) => (restsOnOutliers(one) ? one.withoutOutliers : one.measures).annualVolatility;
  const off = (one: WalkedPortfolio) => seen(one) / one.measures.forecastVolatility - 1;
  const wrong = portfolios.filter((one) => Math.abs(off(one)) > near);
  return [
    ...(riskModel === "sample" && universe.most >= window
      ? [
          `a sample covariance of up to ${plural(universe.most, "asset")} from ${window} returns is singular: some portfolios seem to have no risk; factor and ledoit_wolf are not`,
        ]
      : []),
    ...(expectedReturns.needed ? [expectedReturns.doc] : []),
    ...wrong.map(
      (one) =>
        `${one.name}: volatility ${restsOnOutliers(one) ? "without outliers " : ""}was ${percent(seen(one))} a year, and the risk model foretold ${percent(one.measures.forecastVolatility)}: ${
          off(one) > 0 ? "too low" : "too high"
        }`,
    ),
  ];
}

function trialRemark({ trials, trialsStated, luckiest, periodsPerYear }: WalkForwardResult): string {
  const best = (luckiest * Math.sqrt(periodsPerYear)).toFixed(2);
  return (
    `deflated Sharpe ratio: of ${plural(trials, "trial")}${trialsStated ? " (--trials)" : ", those of this run (--trials N where more were tried)"}; ` +
    `the luckiest of so many without worth is expected to show ${best} a year`
  );
}
