/** Tables of walked portfolios. */
import type { WalkForwardResult } from "../../analysis/walk_forward.js";
import type { Section } from "../kit/page.js";
import { count, fixed, longTable, meter, percent, plural, significant, table } from "../kit/text.js";
import { dayOf, largestOutliers, mainOf, type PortfolioReport, restsOnOutliers, shown, titleOf } from "./portfolio_report.js";

export function measureSection({ portfolios, luckiest, periodsPerYear, trials, trialsStated }: WalkForwardResult): Section {
  const own = table({
    caption: "Each portfolio, after costs",
    columns: [
      "Portfolio",
      "Return a year",
      "Volatility",
      "Foretold",
      "Sharpe",
      "Sortino",
      "Calmar",
      "Drawdown",
      "Turnover a year",
      "Cost a year",
    ],
    rows: portfolios.map(({ measures: m, ...one }) => [
      `${titleOf(one)}${restsOnOutliers({ ...one, measures: m }) ? " *" : ""}`,
      ...[shown(m.annualReturn), shown(m.annualVolatility), shown(m.forecastVolatility), fixed(m.sharpe, 2), fixed(m.sortino, 2)],
      ...[fixed(m.calmar, 2), shown(m.maxDrawdown), percent(m.annualTurnover, 0), shown(m.annualCost)],
    ]),
  });
  const resting = portfolios.filter(restsOnOutliers);
  const beside =
    resting.length === 0
      ? ""
      : table({
          caption: "* Without what outlier returns made of each date: the prices to look at are under Data",
          columns: ["Portfolio", "Outliers", "Return a year", "Volatility", "Sharpe", "Drawdown"],
          rows: resting.map(({ withoutOutliers: w, outliers, ...one }) => [
            titleOf(one),
            ...[count(outliers.length), shown(w.annualReturn), shown(w.annualVolatility), fixed(w.sharpe, 2), shown(w.maxDrawdown)],
          ]),
        });
  const spread = table({
    caption: "How spread, and how sure",
    columns: ["Portfolio", "Assets by weight", "By risk", "Largest weight", "Skewness", "Kurtosis", "Sharpe above 0", "Deflated"],
    rows: portfolios.map(({ measures: m, ...one }) => [
      titleOf(one),
      ...[fixed(m.effectiveAssets, 1), fixed(m.effectiveRisks, 1), percent(m.largestWeight), fixed(m.skewness, 2), fixed(m.kurtosis, 1)],
      ...[fixed(m.probabilisticSharpe, 3), fixed(m.deflatedSharpe, 3)],
    ]),
  });
  const says =
    `<p class="soft">The last two columns are probabilities that the true Sharpe ratio is above 0, and above ${fixed(luckiest * Math.sqrt(periodsPerYear), 2)} a year, ` +
    `which the luckiest of ${plural(trials, "trial")} without any worth is expected to show (Bailey and Lopez de Prado 2014). ` +
    `${trialsStated ? "The number of trials is as stated." : 'Counted are the portfolios of this run; whoever tried more states it with <span class="flag">--trials</span>.'}</p>`;
  return { id: "measures", heading: "Measures", body: own + beside + spread + says };
}

const most = 25;

/** Weights of the last rebalance and what they add to the risk. */
export function riskSection(result: WalkForwardResult): Section {
  const main = mainOf(result);
  const turn = main.turns.at(-1)!;
  const { assets, weights, riskShares, forecast, traded } = turn;
  const order = Array.from(assets.keys())
    .filter((i) => weights[i] !== 0)
    .sort((a, b) => riskShares[b]! - riskShares[a]!);
  const [shownOnes, rest] = [order.slice(0, most), order.slice(most)];
  const largest = shownOnes.reduce((size, i) => Math.max(size, Math.abs(riskShares[i]!)), 0);
  const sum = (of: readonly number[], what: Float64Array) => of.reduce((total, i) => total + what[i]!, 0);
  const row = (name: string, of: readonly number[]) => {
    const share = sum(of, riskShares);
    return [name, percent(sum(of, weights), 2), percent(share, 2), meter(share, largest)];
  };
  const rows = [
    ...shownOnes.map((i) => row(result.assets[assets[i]!]!, [i])),
    ...(rest.length > 0 ? [row(plural(rest.length, "other"), rest)] : []),
  ];
  const says = `<p class="soft">What each asset adds to the volatility of ${shown(forecast * Math.sqrt(result.periodsPerYear))} a year that the risk model foretells: its weight times its covariance with the portfolio. The shares sum to 1; below 0 an asset hedges.</p>`;
  const caption = `${titleOf(main)}: weights of ${dayOf(result.time[traded]!)}, the largest share of the risk first`;
  return {
    id: "risk",
    heading: "Risk contributions",
    body: says + table({ caption, columns: ["Asset", "Weight", "Share of the risk", ""], rows, words: [0, 3] }),
  };
}

export function drawdownSection(result: WalkForwardResult): Section {
  const main = mainOf(result);
  const at = (place: number) => dayOf(result.time[place]!);
  const body = table({
    caption: `The deepest falls of ${titleOf(main)} below an earlier high, none overlapping another`,
    columns: ["High", "Depth", "Lowest", "Recovered", "Dates from the high"],
    rows: main.drawdowns.map(({ depth, peak, trough, recovery }) => [
      ...[at(peak), shown(-depth), at(trough), recovery === undefined ? "not yet" : at(recovery)],
      count((recovery ?? result.time.length - 1) - peak),
    ]),
    words: [0, 2, 3],
  });
  return { id: "drawdowns", heading: "Deepest falls", body };
}

/** Where every unit of money went. */
export function moneySection({ portfolios }: WalkForwardResult): Section {
  const says =
    '<p class="soft">Each run checks that start, gains and costs sum to the end, and what was put into each asset and what it gained to what is held of it; the last column is the largest difference.</p>';
  const body = table({
    caption: "Money, of 1 at the start",
    columns: ["Portfolio", "Gains", "of them by delistings", "Costs", "End", "in cash", "without a price", "Off by"],
    rows: portfolios.map(({ ledger: l, ...one }) => [
      titleOf(one),
      ...[fixed(l.gains, 6), fixed(l.delistings, 6), fixed(-l.costs, 6), fixed(l.end, 6), fixed(l.cash, 6), fixed(l.unpriced, 6)],
      significant(l.difference, 2),
    ]),
  });
  return { id: "money", heading: "Money", body: says + body };
}

/** Dates on which a solver gave no clean answer, of all portfolios; nothing where there was none. */
export function troubleSections({ portfolios, time }: WalkForwardResult): Section[] {
  const rows = portfolios.flatMap(({ troubles, ...one }) =>
    troubles.map(({ decided, what, held }) => [titleOf(one), dayOf(time[decided]!), what, held]),
  );
  if (rows.length === 0) return [];
  const columns = ["Portfolio", "Date", "What happened", "Held instead"];
  const caption = `${plural(rows.length, "date")} without a clean answer`;
  return [
    { id: "trouble", heading: "Where a solver gave no clean answer", body: longTable({ caption, columns, rows, words: [0, 1, 2, 3] }) },
  ];
}

export function dataSection({ result, excluded }: PortfolioReport): Section {
  const { universe, assets, time } = result;
  const main = mainOf(result);
  const at = (place: number) => dayOf(time[place]!);
  const lists: [caption: string, columns: string[], rows: string[][]][] = [
    ["Assets left out", ["Asset", "Why"], excluded.map(({ asset, why }) => [asset, why])],
    [
      `Paid out: prices ended while ${titleOf(main)} held them`,
      ["Asset", "Last price", "Paid out", "Share of the value"],
      main.paidOut.map(({ asset, last, at: when, share }) => [assets[asset]!, at(last), at(when), shown(share)]),
    ],
    [
      "Assets that were not there throughout",
      ["Asset", "First price", "Last price", "Then"],
      universe.stays.map(({ asset, from, to, gone }) => [assets[asset]!, at(from), at(to), gone ? "gone" : "there at the end"]),
    ],
    [
      "Outlier returns: ten times those that the asset usually has, and 10 bp of a portfolio or more; the largest first",
      ["Portfolio", "Asset", "Date", "Price over the one before", "Made of that day, bp"],
      result.portfolios
        .flatMap((one) => largestOutliers(one).map((own) => ({ title: titleOf(one), ...own })))
        .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
        .map((own) => [...[own.title, assets[own.asset]!, at(own.at), fixed(1 + own.return, 4)], fixed(1e4 * own.contribution, 0)]),
    ],
    [
      "Jumps that look like a split, those that are not sure first",
      ["Asset", "Date", "Price over the one before", "As a split", "What was done"],
      [
        ...universe.perhaps.map((j) => [j.asset, dayOf(j.time), fixed(j.ratio, 4), `perhaps ${j.perhaps}`, "taken as a return"]),
        ...universe.splits.map((j) => [
          ...[j.asset, dayOf(j.time), fixed(j.ratio, 4), j.as],
          universe.splitsKept === undefined ? "taken as 0" : "taken as a return",
        ]),
      ],
    ],
  ];
  const body = lists.map(([caption, columns, rows]) => {
    if (rows.length === 0) return "";
    const cut = rows.length > mostListed ? `: the first ${mostListed} of ${count(rows.length)}, all: --json` : "";
    return longTable({ caption: caption + cut, columns, rows: rows.slice(0, mostListed), words: columns.map((_, i) => i) });
  });
  const said = body.join("") || '<p class="soft">Every asset has a price on every date, and none jumps as a split does.</p>';
  return { id: "data", heading: "Data", body: said };
}

const mostListed = 100;
