/** Costs and margin of a run in words: every figure hangs on them. */
import type { FundingOptions } from "../../backtest/costs/funding.js";
import type { BacktestOptions } from "../../backtest/run/options.js";
import { amount } from "../kit/format.js";

type Terms = [name: string, says: string][];

const percentOf = (share: number): string => `${amount(Number((100 * share).toPrecision(12)), 6)}%`;
const bpOf = (share: number): string => `${amount(Number((1e4 * share).toPrecision(12)), 6)} bp`;
const isPlan = (of: FundingOptions): of is { rate: number; everyHours?: number } => !Array.isArray(of) && "everyHours" in of;

/** Those that were given. */
export function costTerms({ costs = {}, margin }: BacktestOptions): Terms {
  const { funding, borrow, orderRate, selfTrade, impact } = costs;
  const terms: Terms = [];
  if (funding) terms.push(["Funding", isPlan(funding) ? `${bpOf(funding.rate)} every ${funding.everyHours} h` : "own rates"]);
  if (borrow) terms.push(["Borrowing", `${percentOf(borrow.short ?? 0)} a year short, ${percentOf(borrow.long ?? 0)} long`]);
  if (orderRate) terms.push(["Order rate", orderRate.map(({ most, seconds }) => `${most} in ${amount(seconds)} s`).join(", ")]);
  if (selfTrade) terms.push(["Self-trade", selfTrade]);
  if (impact && "dailyVolatility" in impact)
    terms.push([
      "Impact",
      `${percentOf(impact.dailyVolatility)} and ${amount(impact.dailyVolume)} units a day, times ${amount(impact.coefficient ?? 1)}`,
    ]);
  if (margin && typeof margin.priceRange === "number")
    terms.push(["Margin", `${percentOf(margin.priceRange)} of what is held, ${amount(margin.initialRatio ?? 1.1)} times to open`]);
  return terms;
}
