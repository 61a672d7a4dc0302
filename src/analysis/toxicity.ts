/** Columns of closed volume buckets in order of time; all have one length. Times are epoch ns UTC. */
export interface Buckets {
  /** Time of the first print in the bucket. */
  startTime: BigInt64Array;
  /** Time of the print that closed the bucket: everything in its row is known from here on. */
  endTime: BigInt64Array;
  buy: Float64Array;
  sell: Float64Array;
  lastPrice: Float64Array;
  /** NaN until the window is full. */
  vpin: Float64Array;
  /** Share of earlier VPIN values at or below this one; NaN until the window is full. */
  cdf: Float64Array;
  /** 1 where the bucket is in alarm. */
  alarm: Uint8Array;
}

/** A stretch of time, epoch ns UTC. */
export interface Interval {
  startTime: bigint;
  endTime: bigint;
}

/** An unbroken run of buckets in alarm. */
export interface Episode extends Interval {
  first: number;
  last: number;
  /** The bucket with the greatest VPIN. */
  peak: number;
  /** True where the data end while the alarm still stands. */
  open: boolean;
}

const hourNs = 3_600_000_000_000n;
const dayNs = 24n * hourNs;
const floorDivide = (a: bigint, b: bigint): bigint => (a >= 0n || a % b === 0n ? a / b : a / b - 1n);

/** Hour of the day in UTC, 0 to 23. */
export const hourOfDay = (time: bigint): number => Number(floorDivide(time, hourNs) - floorDivide(time, dayNs) * 24n);
/** 0 is Monday: 1970-01-01 was a Thursday. */
export const weekday = (time: bigint): number => (((Number(floorDivide(time, dayNs)) + 3) % 7) + 7) % 7;

/**
 * An alarm stands from the close of the first bucket in alarm to the close of the first one that is not,
 * because nobody can know either moment earlier.
 */
export function alarmEpisodes({ alarm, vpin, endTime }: Buckets): Episode[] {
  const episodes: Episode[] = [];
  for (let first = 0; first < alarm.length; first++) {
    if (!alarm[first]) continue;
    let last = first;
    let peak = first;
    while (last + 1 < alarm.length && alarm[last + 1]) if (vpin[++last]! > vpin[peak]!) peak = last;
    const open = last + 1 === alarm.length;
    episodes.push({ first, last, peak, open, startTime: endTime[first]!, endTime: endTime[open ? last : last + 1]! });
    first = last;
  }
  return episodes;
}

/** (buy - sell) / (buy + sell), in [-1, 1]; NaN for a bucket without volume. */
export const signedImbalance = (of: Pick<Buckets, "buy" | "sell">): Float64Array =>
  of.buy.map((buy, i) => (buy - of.sell[i]!) / (buy + of.sell[i]!));

/** From the first print of a bucket to the print that closed it; 0 where one print filled it. */
export const secondsPerBucket = (of: Pick<Buckets, "startTime" | "endTime">): Float64Array =>
  Float64Array.from(of.endTime, (end, i) => Number(end - of.startTime[i]!) / 1e9);

/** Index of the last bucket that closed at or before `time`; -1 where there is none. */
export function lastAtOrBefore(endTime: BigInt64Array, time: bigint): number {
  let low = 0;
  let high = endTime.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endTime[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Price `horizon` ns after `from` over the price at `from`, minus 1; NaN where the data begin later or end earlier. */
export function moveAfter(of: Pick<Buckets, "endTime" | "lastPrice">, from: bigint, horizon: bigint): number {
  const { endTime, lastPrice } = of;
  const start = lastAtOrBefore(endTime, from);
  if (start < 0 || endTime[endTime.length - 1]! < from + horizon) return Number.NaN;
  return lastPrice[lastAtOrBefore(endTime, from + horizon)]! / lastPrice[start]! - 1;
}

/** How far the price usually goes in `horizon` from a minute of each hour of the day, alarm or not. */
export interface BaseRate {
  /** Mean of |move| over the minutes counted; NaN where there are none. */
  meanAbsoluteMove: Float64Array;
  minutes: Float64Array;
}

/**
 * Minutes, not buckets, are counted: buckets crowd where trading is fast and would raise the rate. A minute counts when a
 * bucket closed in the hour before it, so that closed markets do not lower the rate.
 */
export function baseRate(of: Pick<Buckets, "endTime" | "lastPrice">, horizon: bigint): BaseRate {
  const { endTime, lastPrice } = of;
  const rate = { meanAbsoluteMove: new Float64Array(24), minutes: new Float64Array(24) };
  const minute = 60_000_000_000n;
  const lastTime = endTime[endTime.length - 1] ?? 0n;
  let now = -1;
  let later = 0;
  let time = endTime.length ? -floorDivide(-endTime[0]!, minute) * minute : 1n;
  while (time + horizon <= lastTime) {
    while (now + 1 < endTime.length && endTime[now + 1]! <= time) now++;
    while (later + 1 < endTime.length && endTime[later + 1]! <= time + horizon) later++;
    const move = Math.abs(lastPrice[later]! / lastPrice[now]! - 1);
    const hour = hourOfDay(time);
    if (time - endTime[now]! <= hourNs && Number.isFinite(move)) {
      rate.meanAbsoluteMove[hour]! += move;
      rate.minutes[hour]!++;
      time += minute;
      // A closed market is stepped over at once: weekends in a tape of years would cost more than its buckets.
    } else time = now + 1 < endTime.length ? laterMinute(time + minute, endTime[now + 1]!, minute) : lastTime + 1n;
  }
  return { ...rate, meanAbsoluteMove: rate.meanAbsoluteMove.map((sum, hour) => sum / rate.minutes[hour]!) };
}

function laterMinute(next: bigint, close: bigint, minute: bigint): bigint {
  const wake = -floorDivide(-close, minute) * minute;
  return wake > next ? wake : next;
}

/** Cells of weekday x hour, row-major with Monday 00:00 first; a bucket belongs to the hour in which it closed. */
export interface ToxicHours {
  meanVpin: Float64Array;
  buckets: Uint32Array;
  alarmBuckets: Uint32Array;
}

/** Only buckets with a VPIN are counted. */
export function toxicHours(of: Buckets): ToxicHours {
  const cells = { meanVpin: new Float64Array(168), buckets: new Uint32Array(168), alarmBuckets: new Uint32Array(168) };
  of.vpin.forEach((vpin, i) => {
    if (Number.isNaN(vpin)) return;
    const cell = weekday(of.endTime[i]!) * 24 + hourOfDay(of.endTime[i]!);
    cells.meanVpin[cell]! += vpin;
    cells.buckets[cell]!++;
    if (of.alarm[i]) cells.alarmBuckets[cell]!++;
  });
  return { ...cells, meanVpin: cells.meanVpin.map((sum, cell) => sum / cells.buckets[cell]!) };
}

/** Share of the buckets with a cdf that are in alarm; NaN where none has one. */
export function alarmRate({ cdf, alarm }: Pick<Buckets, "cdf" | "alarm">): number {
  const known = cdf.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  return alarm.reduce((sum, value) => sum + value, 0) / known;
}

/** How many simulated informed episodes and alarms meet each other. */
export function overlap(truth: readonly Interval[], alarms: readonly Interval[]): { truthMet: number; alarmsMet: number } {
  const meets = (a: Interval, b: Interval) => a.startTime <= b.endTime && b.startTime <= a.endTime;
  return {
    truthMet: truth.filter((t) => alarms.some((a) => meets(t, a))).length,
    alarmsMet: alarms.filter((a) => truth.some((t) => meets(t, a))).length,
  };
}
