import { type BaseRate, baseRate, type Episode, moveAfter, overlap } from "../../analysis/toxicity.js";
import type { ToxicityReport } from "./toxicity_report.js";

const horizons = [5, 15, 60] as const;
const minuteNs = 60_000_000_000n;

/** The move in the minutes after an alarm began, beside the usual one of that hour of the day, per horizon. */
export interface Aftermath {
  minutes: number;
  /** Per episode; NaN where the data end before. */
  moves: number[];
  usual: BaseRate;
}

/** Figures that more than one part of the page needs. */
export interface Overview {
  episodes: readonly Episode[];
  aftermath: readonly Aftermath[];
  values: number;
  lastVpin: number;
  lastCdf: number;
  mean: number;
  p95: number;
  /** Index of the greatest VPIN, -1 where there is none. */
  greatest: number;
  alarmTime: bigint;
  /** Alarms that began while the cdf stood on so few values that only a new maximum could pass the threshold. */
  early: number;
  met?: { truthMet: number; alarmsMet: number };
}

export function overview(report: ToxicityReport, episodes: readonly Episode[]): Overview {
  const { vpin, cdf } = report.buckets;
  const known = vpin.filter(Number.isFinite);
  const sorted = known.slice().sort();
  const greatest = known.length ? vpin.indexOf(sorted[sorted.length - 1]!) : -1;
  return {
    episodes,
    aftermath: horizons.map((minutes) => aftermath(report, episodes, minutes)),
    values: known.length,
    lastVpin: known[known.length - 1] ?? Number.NaN,
    lastCdf: cdf.filter(Number.isFinite).at(-1) ?? Number.NaN,
    mean: known.reduce((a, b) => a + b, 0) / known.length,
    p95: quantile(sorted, 0.95),
    greatest,
    alarmTime: episodes.reduce((sum, e) => sum + (e.endTime - e.startTime), 0n),
    early: early(report, episodes),
    ...(report.truth && { met: overlap(report.truth, episodes) }),
  };
}

function aftermath(report: ToxicityReport, episodes: readonly Episode[], minutes: number): Aftermath {
  const horizon = BigInt(minutes) * minuteNs;
  const moves = episodes.map((e) => moveAfter(report.buckets, e.startTime, horizon));
  return { minutes, moves, usual: baseRate(report.buckets, horizon) };
}

/** With fewer than 1 / (1 - threshold) values, a share at or over the threshold needs a new maximum. */
export const valuesNeeded = (threshold: number): number => Math.ceil(1 / (1 - threshold) - 1e-9);

function early(report: ToxicityReport, episodes: readonly Episode[]): number {
  const first = report.buckets.cdf.findIndex((value) => Number.isFinite(value));
  return episodes.filter((e) => e.first + 1 < first + valuesNeeded(report.threshold)).length;
}

/** Linear between order statistics (Hyndman and Fan's type 7). */
function quantile(sorted: Float64Array, share: number): number {
  if (!sorted.length) return Number.NaN;
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  return sorted[below]! + (at - below) * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!);
}

export const mostListed = 40;

/** The episodes that fit a page: all, or the longest in order of time. */
export function listed(episodes: readonly Episode[]): number[] {
  const order = episodes.map((_, i) => i);
  if (episodes.length <= mostListed) return order;
  const length = (i: number) => Number(episodes[i]!.endTime - episodes[i]!.startTime);
  return order
    .sort((a, b) => length(b) - length(a) || a - b)
    .slice(0, mostListed)
    .sort((a, b) => a - b);
}

/** For programs that find the page and not the run. Times are epoch ns as text. */
export function summary(report: ToxicityReport, of: Overview): unknown {
  const { buckets, sensitivity: _, closed: __, measures = [], ...rest } = report;
  const { episodes } = of;
  return {
    schema: 1,
    report: "toxicity",
    ...rest,
    buckets: buckets.endTime.length,
    vpin: {
      values: of.values,
      last: of.lastVpin,
      mean: of.mean,
      p95: of.p95,
      greatest: buckets.vpin[of.greatest] ?? null,
      lastCdf: of.lastCdf,
    },
    measures: measures.map(({ values, ...measure }) => ({ ...measure, last: values.findLast(Number.isFinite) ?? null })),
    alarms: { episodes: episodes.length, seconds: Number(of.alarmTime) / 1e9, early: of.early },
    episodes: listed(episodes).map((i) => ({
      number: i + 1,
      startTime: episodes[i]!.startTime,
      endTime: episodes[i]!.endTime,
      peakVpin: buckets.vpin[episodes[i]!.peak],
      moves: Object.fromEntries(of.aftermath.map((a) => [`${a.minutes}min`, a.moves[i]])),
    })),
    sensitivity: report.sensitivity,
    simulated: report.truth !== undefined,
  };
}
