/** What the screen and --json both say of a run. */
import { alarmEpisodes, type Episode, type Interval, moveAfter, overlap } from "../../analysis/toxicity.js";
import { valuesNeeded } from "../../report/toxicity/toxicity_summary.js";
import { type BucketBlock, bucketsByInstrument } from "../../studies/tape/buckets.js";
import type { TapeResult } from "../../studies/tape/tape.js";

export interface Line {
  last: number;
  mean: number;
  p95: number;
  max: number;
  /** Close of the bucket with the greatest value; undefined where there is no value. */
  maxTime: bigint | undefined;
}

export interface Alarm extends Interval {
  open: boolean;
  /** Among the first values, where only a new maximum reaches the threshold and every one does: it says little. */
  early: boolean;
  peakVpin: number;
  /** Price an hour after the alarm began over the price then, minus 1; NaN where the data end before. */
  moveHourAfter: number;
}

export interface Statistics {
  vpin: Line;
  cdf: Line;
  imbalance: Line;
  /** By the name of the measure. */
  measures: Record<string, Line>;
  alarms: Alarm[];
  alarmSeconds: number;
  /** Buckets with a VPIN. */
  values: number;
  /** Index of the alarm with the greatest VPIN, an early one only where there is no other; -1 where there is none. */
  worst: number;
}

const hourNs = 3_600_000_000_000n;

export function statistics(buckets: BucketBlock, threshold: number): Statistics {
  const episodes = alarmEpisodes(buckets);
  const first = buckets.cdf.findIndex((value) => !Number.isNaN(value));
  const alarms = episodes.map((e) => alarm(buckets, e, e.first + 1 < first + valuesNeeded(threshold)));
  return {
    vpin: line(buckets.vpin, buckets.endTime),
    cdf: line(buckets.cdf, buckets.endTime),
    imbalance: line(buckets.imbalance, buckets.endTime),
    measures: Object.fromEntries(Object.entries(buckets.measures).map(([name, column]) => [name, line(column, buckets.endTime)])),
    alarms,
    alarmSeconds: alarms.reduce((sum, a) => sum + Number(a.endTime - a.startTime) / 1e9, 0),
    values: buckets.vpin.filter((value) => !Number.isNaN(value)).length,
    worst: worst(alarms),
  };
}

const worst = (alarms: readonly Alarm[]): number =>
  alarms.reduce((best, { early, peakVpin }, i) => {
    const other = alarms[best];
    if (!other || (other.early && !early)) return i;
    return early === other.early && peakVpin > other.peakVpin ? i : best;
  }, -1);

const alarm = (buckets: BucketBlock, { startTime, endTime, open, peak }: Episode, early: boolean): Alarm => ({
  startTime,
  endTime,
  open,
  early,
  peakVpin: buckets.vpin[peak]!,
  moveHourAfter: moveAfter(buckets, startTime, hourNs),
});

function line(values: Float64Array, endTime: BigInt64Array): Line {
  const known = values.filter((value) => !Number.isNaN(value));
  const sorted = known.slice().sort();
  const max = sorted.at(-1) ?? Number.NaN;
  const at = (sorted.length - 1) * 0.95;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  return {
    last: known.at(-1) ?? Number.NaN,
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    p95: below + (at - Math.floor(at)) * ((sorted[Math.floor(at) + 1] ?? below) - below),
    max,
    maxTime: sorted.length > 0 ? endTime[values.indexOf(max)] : undefined,
  };
}

export interface InstrumentLine {
  id: number;
  name: string;
  trades: number;
  volume: number;
  bucketVolume: number;
  buckets: BucketBlock;
  statistics: Statistics;
}

/** By volume, largest first. */
export function byInstrument({ imported, buckets, bucketVolumes }: TapeResult, threshold: number): InstrumentLine[] {
  const { volumes, counts, symbols } = imported;
  const each = volumes.length > 1 ? bucketsByInstrument(buckets, volumes.length) : [buckets];
  // A tape without one trade has one instrument all the same.
  return (volumes.length > 0 ? volumes : [0])
    .map((volume, id) => ({ volume, id }))
    .sort((a, b) => b.volume - a.volume || a.id - b.id)
    .map(({ volume, id }) => {
      const own = each[id]!;
      return {
        id,
        name: symbols[id] ?? "",
        trades: counts[id] ?? 0,
        volume,
        bucketVolume: bucketVolumes[id] ?? Number.NaN,
        buckets: own,
        statistics: statistics(own, threshold),
      };
    });
}

export interface Detection {
  episodes: number;
  truthMet: number;
  alarms: number;
  alarmsMet: number;
  /** Mean VPIN of the buckets that closed in an episode, and of the others. */
  vpinInside: number;
  vpinOutside: number;
}

export function detection(truth: readonly Interval[], { endTime, vpin }: BucketBlock, alarms: readonly Interval[]): Detection {
  const inside = (time: bigint) => truth.some(({ startTime, endTime: end }) => startTime <= time && time <= end);
  const known = Array.from(vpin, (value, i) => ({ value, in: inside(endTime[i]!) })).filter(({ value }) => !Number.isNaN(value));
  const mean = (of: typeof known) => of.reduce((sum, { value }) => sum + value, 0) / of.length;
  const means = { vpinInside: mean(known.filter((k) => k.in)), vpinOutside: mean(known.filter((k) => !k.in)) };
  return { episodes: truth.length, ...overlap(truth, alarms), alarms: alarms.length, ...means };
}
