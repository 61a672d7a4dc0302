/** The answer of tickforge portfolio, for people. */
import type { WalkedPortfolio, WalkForwardResult } from "../../analysis/walk_forward.js";
import type { Prices } from "../../files/tables/laid_prices.js";
import { portfolioRemarks } from "../../report/portfolio/portfolio_remarks.js";
import { costsText, everyText, mainOf, restsOnOutliers } from "../../report/portfolio/portfolio_report.js";
import { amount, columns, count, fixed, percent, plural, seconds, toSecond } from "../kit/format.js";

export interface PortfolioAnswer {
  result: WalkForwardResult;
  prices: Prices;
  excluded: readonly { asset: string; why: string }[];
  seconds: number;
  written: readonly string[];
  words: readonly string[];
}

const day = (ns: bigint): string => toSecond(ns).slice(0, 10);

function figures({ portfolios }: WalkForwardResult): string {
  const row = ({ measures: m, ...one }: WalkedPortfolio) => [
    `${one.role === "comparison" ? "beside: " : ""}${one.name}${restsOnOutliers({ ...one, measures: m }) ? " *" : ""}`,
    ...[percent(m.annualReturn, 2), percent(m.annualVolatility, 2), fixed(m.sharpe, 2), fixed(m.deflatedSharpe, 3)],
    ...[
      percent(m.maxDrawdown),
      percent(m.annualTurnover, 0),
      percent(m.annualCost, 2),
      fixed(m.effectiveAssets, 1),
      fixed(m.effectiveRisks, 1),
    ],
  ];
  const head = ["a year", "return", "volatility", "Sharpe", "deflated", "drawdown", "turnover", "cost", "assets", "risks"];
  const told = portfolios.some(restsOnOutliers) ? "\n  * made by outlier returns: what it is without them is said above" : "";
  return columns([head, ...portfolios.map(row)], [1, 2, 3, 4, 5, 6, 7, 8, 9], "  ") + told;
}

function money({ portfolios }: WalkForwardResult): string {
  const rows = portfolios.map(({ name, ledger: l }) => [
    name,
    ...[fixed(l.gains, 6), fixed(l.costs, 6), fixed(l.end, 6), amount(l.difference, 2)],
  ]);
  return columns([["money, of 1 at the start", "gains", "- costs", "= end", "off by"], ...rows], [1, 2, 3, 4], "  ");
}

/** The last weights and shares of risk of the first portfolio that was asked for. */
function last(result: WalkForwardResult): string[] {
  const { name, turns } = mainOf(result);
  const turn = turns.at(-1);
  if (!turn) return [];
  const { assets, weights, riskShares, traded } = turn;
  const order = Array.from(assets.keys()).sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!));
  const decimals = Math.abs(weights[order[0]!]!) < 0.01 ? 3 : 1;
  const listed = order
    .slice(0, 5)
    .map((i) => `${result.assets[assets[i]!]} ${percent(weights[i]!, decimals)} (${percent(riskShares[i]!, decimals)})`);
  return [
    `last weights of ${name} (share of its risk), ${day(result.time[traded]!)}: ${listed.join(", ")}${assets.length > 5 ? `, the first of ${count(assets.length)}` : ""}`,
  ];
}

function falls(result: WalkForwardResult): string[] {
  const { name, drawdowns } = mainOf(result);
  const at = (place: number) => day(result.time[place]!);
  const listed = drawdowns
    .slice(0, 3)
    .map(({ depth, peak, trough, recovery }) => `${percent(depth)} ${at(peak)} .. ${at(trough)}${recovery ? "" : ", not recovered"}`);
  return listed.length > 0 ? [`deepest falls of ${name}: ${listed.join("; ")}`] : [];
}

export function portfolioScreen(answer: PortfolioAnswer): string {
  const { result, prices, words, seconds: took, written } = answer;
  const { time, first, assets, rebalance, window, riskModel, costs, delay } = result;
  const turns = mainOf(result).turns.length;
  return `${[
    `${words[0] === "-" ? "stdin" : words[0]}   ${prices.notes.join("; ")}`,
    `${day(time[first]!)} .. ${day(time.at(-1)!)}   ${plural(time.length - 1 - first, "return")} of ${plural(assets.length, "asset")}, set up anew ${everyText(rebalance)}, ${plural(turns, "time")}   ${seconds(took)}`,
    `weights from the ${window} returns before, ${delay === 0 ? "at the same close" : `traded ${plural(delay, "date")} later`}, risk model ${riskModel}, costs ${costsText(costs)}; ${result.periodsPerYear} periods a year`,
    ...portfolioRemarks(answer).map((remark) => `found: ${remark}`),
    figures(result),
    money(result),
    ...last(result),
    ...falls(result),
    ...written.map((path) => `wrote ${path}`),
    ...(written.length === 0 ? ["next:  add --report portfolio.html    value, weights, risk, turnover, cost and falls through time"] : []),
  ].join("\n")}\n`;
}
