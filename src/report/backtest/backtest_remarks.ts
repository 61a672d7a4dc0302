/** What to know before any figure of a back-test: for page, screen and JSON alike. */
import type { BacktestResult, SweepResult, WalkResult } from "../../analysis/backtest.js";
import { type FillQuality, fillQuality } from "../../analysis/fill_quality.js";
import { fixed, percent, plural } from "../kit/text.js";
import { bpOf, money, ratio, secondsIn } from "./backtest_report.js";

/** Fewer fills than this tell little of their mean. */
const few = 100;

/** Remarks of the run itself, and what its figures say of themselves. */
export function backtestRemarks(result: BacktestResult, quality: FillQuality = qualityOf(result)): string[] {
  return [...result.remarks, ...fillRemarks(quality), ...timeRemarks(result), ...moneyRemarks(result)];
}

export const qualityOf = ({ fills, instruments }: BacktestResult): FillQuality =>
  fillQuality(
    fills,
    instruments.map(({ name }) => name),
  );

function fillRemarks({ all, queue, parts }: FillQuality): string[] {
  if (all.fills === 0) return ["no order was filled: every figure below is of what did not happen"];
  const rested = parts.find(({ name }) => name === "rested");
  const kept = all.kept[1]!;
  const unknown = queue.unknown > 0 && rested ? queue.unknown / rested.fills : 0;
  const late = all.fills - all.adverse[2]!.known;
  return [
    ...(all.fills < few ? [`${plural(all.fills, "fill")}: their means can be luck`] : []),
    ...(Math.abs(kept.mean) < 2 * kept.error
      ? [`what a fill costs after 5 s, ${bpOf(kept)} bp, is within two standard errors of nothing`]
      : []),
    ...(unknown > 0
      ? [`of ${plural(queue.unknown, "fill")} that rested nobody knows what stood ahead: they filled where prices traded through them`]
      : []),
    ...(late > 0 ? [`${plural(late, "fill")} without a mid after 30 s: no book then, or the recording ends before`] : []),
  ];
}

function timeRemarks(result: BacktestResult): string[] {
  const seconds = secondsIn(result);
  if (!(seconds < 30 * 86_400)) return [];
  const [size, unit] = (
    [
      [86_400, "day"],
      [3600, "hour"],
      [60, "minute"],
    ] as const
  ).find(([one]) => seconds >= 2 * one) ?? [1, "second"];
  const span = plural(Math.round(seconds / size), unit);
  return Number.isFinite(result.measures.sharpe)
    ? [`Sharpe ratio and volatility of a year are stretched from ${span}: other days may be nothing like these`]
    : [`too few bars for a Sharpe ratio: the run spans ${span}`];
}

function moneyRemarks({ money: of }: BacktestResult): string[] {
  const gained = of.spread + of.impact + of.fees;
  return of.profit > 0 && of.inventory > 0 && gained < 0
    ? [`all of the profit is what prices did while something was held (${money(of.inventory)}): trading itself cost ${money(-gained)}`]
    : [];
}

/** Of a sweep. */
export function sweepRemarks({ runs, failed, deflatedSharpe, overfitting, remarks }: SweepResult): string[] {
  return [
    ...remarks,
    ...(runs.length === 0 ? ["no run came to its end"] : []),
    ...(failed.length > 0
      ? [`${plural(failed.length, "run")} failed: nobody knows what would have come of ${failed.length === 1 ? "it" : "them"}`]
      : []),
    ...(deflatedSharpe < 0.95
      ? [`the best Sharpe ratio is not above what luck gives among so many: its probability is ${fixed(deflatedSharpe, 3)}, below 0.95`]
      : []),
    ...(overfitting > 0.5
      ? [`what was best in one half of the time was below the median in the other more often than not: ${percent(overfitting)}`]
      : []),
  ];
}

/** Of a walk forward. */
export function walkRemarks({ windows, remarks }: WalkResult): string[] {
  const both = windows.filter(({ inSample, outOfSample }) => Number.isFinite(inSample.sharpe) && Number.isFinite(outOfSample.sharpe));
  const mean = (of: (window: WalkResult["windows"][number]) => number) => both.reduce((sum, one) => sum + of(one), 0) / both.length;
  const [before, after] = [mean(({ inSample }) => inSample.sharpe), mean(({ outOfSample }) => outOfSample.sharpe)];
  return [
    ...remarks,
    ...(windows.length < 5 ? [`${plural(windows.length, "window")}: too few to tell what the next would bring`] : []),
    ...(before > 0 && after < before / 2
      ? [`the mean Sharpe ratio falls from ${ratio(before)} where parameters were chosen to ${ratio(after)} where they were not`]
      : []),
  ];
}
