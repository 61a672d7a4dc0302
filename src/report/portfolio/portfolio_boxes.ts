/** What the page of walked portfolios rests on, and its first figures. */

import type { WalkForwardResult } from "../../analysis/walk_forward.js";
import { commandHtml, escapeHtml, facts, fixed, percent, plural } from "../kit/text.js";
import { portfolioRemarks } from "./portfolio_remarks.js";
import { costsText, dayOf, everyText, mainOf, type PortfolioReport, restsOnOutliers, shown, titleOf } from "./portfolio_report.js";

/** Before any figure: by which rules, and what to know first. */
export function conventions(report: PortfolioReport): string {
  const { result, commandLine, version, files } = report;
  const { rebalance, window, delay, costs, delistingReturn, periodsPerYear, riskFreeRate, riskModel, riskModelDoc, expectedReturns } =
    result;
  const made = files.map(
    (f) => `<p><strong>${escapeHtml(f.name)}</strong><br>${escapeHtml(f.format)}<br><code>sha256 ${escapeHtml(f.sha256)}</code></p>`,
  );
  const remarks = portfolioRemarks(report).map((text) => `<li>${escapeHtml(text)}</li>`);
  return (
    `<div class="box"><h2>Conventions</h2>${facts([
      ["Set up anew", everyText(rebalance)],
      ["Weights from", `the ${window} returns before`],
      ["Traded", delay === 0 ? "at the close that is known" : `${plural(delay, "date")} after the last known`],
      ["Costs", `${costsText(costs)} of what is traded`],
      ...limitFacts(result),
      ["Risk model", `${riskModel.replaceAll("_", " ")}: ${riskModelDoc}`],
      ["Expected returns", `${expectedReturns.name.replaceAll("_", " ")}${expectedReturns.needed ? "" : ", of the frontier alone"}`],
      ["When prices end", delistingReturn === 0 ? "paid out at the last one" : `paid out at the last one, ${shown(delistingReturn)}`],
      ["Cash", "earns nothing"],
      ["Periods a year", String(periodsPerYear)],
      ["Risk-free rate", `${shown(riskFreeRate)} a year`],
    ])}</div><div class="box"><h2>Before you read on</h2><ul>${remarks.join("")}</ul></div>` +
    `<details class="box"><summary>How this page was made</summary><pre>${commandHtml(commandLine)}</pre>${made.join("")}${facts([["tickforge", version]])}</details>`
  );
}

/** Bounds and limits that were given. */
function limitFacts({ limits: { minWeight, maxWeight, maxShort, maxTurnover, costAware } }: WalkForwardResult): [string, string][] {
  return [
    ...(minWeight !== undefined ? [["Least weight", percent(minWeight, 2)] as [string, string]] : []),
    ...(maxWeight !== undefined ? [["Largest weight", percent(maxWeight, 2)] as [string, string]] : []),
    ...(maxShort ? [["Short", `${percent(maxShort, 0)} at most`] as [string, string]] : []),
    ...(maxTurnover !== undefined ? [["Turnover", `${percent(maxTurnover)} of a rebalance at most`] as [string, string]] : []),
    ...(costAware ? [["Weights", "heed what it costs to reach them"] as [string, string]] : []),
  ];
}

export function tiles({ result }: PortfolioReport): string {
  const main = mainOf(result);
  const { measures: m, withoutOutliers: w } = main;
  const rests = restsOnOutliers(main);
  const tile = (name: string, value: string, note: string) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(note)}</small></dd></div>`;
  const worst = main.drawdowns[0];
  const at = (place: number) => dayOf(result.time[place]!);
  return `<p class="answer">${escapeHtml(titleOf(main))}, after costs</p><dl class="tiles">${[
    tile(
      "Annual return",
      shown(m.annualReturn),
      rests ? `${shown(w.annualReturn)} without outliers` : `volatility ${shown(m.annualVolatility)}`,
    ),
    tile(
      "Sharpe ratio",
      fixed(m.sharpe, 2),
      rests ? `${fixed(w.sharpe, 2)} without outliers` : `deflated: ${fixed(m.deflatedSharpe, 3)}, a probability`,
    ),
    tile("Maximum drawdown", shown(m.maxDrawdown), worst ? `${at(worst.peak)} to ${at(worst.trough)}` : "never below its high"),
    tile("Turnover a year", percent(m.annualTurnover, 0), `${percent(m.turnover)} at each of ${plural(main.turns.length, "rebalance")}`),
    tile("Cost a year", shown(m.annualCost), `${percent(main.ledger.costs, 2)} of the start in all`),
    tile(
      "Assets, by weight",
      fixed(m.effectiveAssets, 1),
      `by risk ${fixed(m.effectiveRisks, 1)}; largest weight ${percent(m.largestWeight)}`,
    ),
  ].join("")}</dl>`;
}
