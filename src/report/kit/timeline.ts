/** One mapping from time to place for all charts of a page: time in which nothing happened is left out, and clocks are those of a zone. */
import { scaleLinear, scaleUtc } from "d3-scale";
import { utcFormat } from "d3-time-format";
import { type Clock, clockOf } from "./clock.js";

export interface Tick {
  /** Share of the width, 0 to 1. */
  place: number;
  label: string;
  /** Where the market opens again; the others give way to it. */
  opening: boolean;
}

export interface Timeline {
  readonly span: readonly [number, number];
  readonly zone: string;
  /** Epoch ms to a share of the width, 0 to 1. */
  readonly place: (ms: number) => number;
  /** A share of the width to epoch ms. */
  readonly at: (place: number) => number;
  /** Length in ms of a share of the width. */
  readonly length: (share: number) => number;
  /** Stretches that are left out. */
  readonly closed: readonly Stretch[];
  /** Middles of the places where time is left out, ascending, and the shortest such stretch in ms. */
  readonly seams: readonly number[];
  readonly shortest: number;
  readonly ticks: (most: number) => Tick[];
  /** What stands under the axis: the zone, and the first and last date in words. */
  readonly dates: string;
  /** Times are those since a beginning: they have no zone. */
  readonly elapsed: boolean;
}

export type Stretch = readonly [from: number, to: number];

/** Each seam takes this share of the width, all of them together at most that. */
const [seamShare, seamsShare] = [0.012, 0.12];

export interface TimelineOptions {
  zone?: string;
  /** Stretches in which nothing could happen; true: where no value lies for long. */
  leaveOut?: boolean | readonly Stretch[];
  /** Times are ms since a beginning, and are written in seconds. */
  elapsed?: boolean;
  /** A part of the time alone; where left out, from the first value to the last. */
  span?: Stretch;
}

/** `times` ascend, epoch ms, one row of them a chart. */
export function timelineOf(
  times: readonly Float64Array[],
  { zone = "UTC", leaveOut = false, elapsed = false, span: part }: TimelineOptions = {},
): Timeline {
  const seen = times.filter((row) => row.length > 0);
  const ends = seen.length ? seen.flatMap((row) => [row[0]!, row[row.length - 1]!]) : [0];
  const span = part ?? widen(Math.min(...ends), Math.max(...ends));
  const all = typeof leaveOut === "object" ? leaveOut : leaveOut && seen[0] ? closedStretches(seen[0]) : [];
  const closed = part ? all.filter(([from, to]) => from > part[0] && to < part[1]) : all;
  const open = span[1] - span[0] - closed.reduce((sum, [from, to]) => sum + to - from, 0);
  const seam = Math.min(seamShare, seamsShare / Math.max(1, closed.length));
  const perMs = (1 - seam * closed.length) / open;
  const borders = [span[0], ...closed.flat(), span[1]];
  const places = [0];
  borders.slice(1).forEach((ms, i) => void places.push(places[i]! + (i % 2 ? seam : (ms - borders[i]!) * perMs)));
  const place = scaleLinear(borders, places);
  const clock = clockOf(zone);
  const day = utcFormat("%Y-%m-%d");
  const [first, last] = span.map((ms) => day(new Date(clock.local(ms)))) as [string, string];
  return {
    ...{ span, zone, closed, place: (ms) => place(ms), at: (share) => place.invert(share), length: (share) => share / perMs },
    seams: closed.map((_, i) => places[2 * i + 1]! + seam / 2),
    shortest: Math.min(...closed.map(([from, to]) => to - from)),
    elapsed,
    ticks: (most) =>
      (elapsed ? secondsOf(span, most) : ticksOf(span, closed, clock, most * Math.min(20, (span[1] - span[0]) / open), most)).map(
        withPlace(place),
      ),
    dates: elapsed ? "seconds since the beginning" : first === last ? first : `${first} to ${last}`,
  };
}

const withPlace = (place: (ms: number) => number) => (tick: { ms: number; label: string; opening: boolean }) => ({
  ...{ place: place(tick.ms), label: tick.label, opening: tick.opening },
});

/** A single moment gets half a minute on either side. */
const widen = (from: number, to: number): Stretch => (to > from ? [from, to] : [from - 30_000, to + 30_000]);

/**
 * Waits this many times the median and an hour or more are no chance where none but them is half as long: trading that thins out at night
 * has waits of every length, a closed market has a few long ones. They are left out where they come to this share of the time.
 */
const [longWait, apart, longShare, hour] = [15, 2, 0.2, 3_600_000];

/** Where a market was closed, as its data show it. */
export function closedStretches(times: Float64Array): Stretch[] {
  const waits = times.slice(1).map((time, i) => time - times[i]!);
  const sorted = waits.slice().sort();
  const least = Math.max(hour, longWait * (sorted[sorted.length >> 1] ?? 0));
  const cut = sorted.find((wait, i) => wait >= least && i > 0 && wait >= apart * sorted[i - 1]!) ?? Infinity;
  const found = [...waits.keys()].filter((i) => waits[i]! >= cut).map((i): Stretch => [times[i]!, times[i + 1]!]);
  const length = found.reduce((sum, [from, to]) => sum + to - from, 0);
  return length >= longShare * (times[times.length - 1]! - times[0]!) ? found : [];
}

const secondsOf = (span: Stretch, count: number) =>
  scaleLinear(span, [0, 1])
    .ticks(count)
    .map((ms) => ({ ms, label: (ms / 1000).toLocaleString("en-US"), opening: false }));

/** Round moments on the local clock, `count` or so over the whole span, and the beginning of every session. */
function ticksOf(span: Stretch, closed: readonly Stretch[], clock: Clock, count: number, most: number) {
  const scale = scaleUtc(
    span.map((ms) => new Date(clock.local(ms))),
    [0, 1],
  );
  const round = scale.ticks(Math.round(count));
  const step = round.length > 1 ? round[1]!.getTime() - round[0]!.getTime() : span[1] - span[0];
  const length = span[1] - span[0];
  const inside = round
    .map((at) => ({ ms: clock.instant(at.getTime()), label: timeLabel(at, step, length), opening: false }))
    .filter(({ ms }) => !closed.some(([from, to]) => ms > from && ms < to));
  if (!closed.length) return inside;
  const openings = openingsOf([span[0], ...closed.map(([, to]) => to)], clock, length);
  return openings.length > most / 2 ? openings : [...openings, ...inside];
}

/** The first opening of each day, or of each month where the span is long. */
function openingsOf(times: readonly number[], clock: Clock, length: number) {
  const written = length > 300 * dayMs ? month : length < 20 * dayMs ? weekdayDate : date;
  const all = times.map((ms) => ({ ms, label: written(new Date(clock.local(ms))), opening: true }));
  return all.filter(({ label }, i) => label !== all[i - 1]?.label);
}

const dayMs = 86_400_000;
const clockTime = utcFormat("%H:%M");
const clockSeconds = utcFormat("%H:%M:%S");
const clockMs = utcFormat("%H:%M:%S.%L");
const date = utcFormat("%-d %b");
const weekdayDate = utcFormat("%a %-d %b");
const month = utcFormat("%b %Y");

/** `step` is the time between two ticks: all ticks of an axis are written to the same unit. */
function timeLabel(at: Date, step: number, span: number): string {
  if (step < 1000) return clockMs(at);
  if (step < 60_000) return clockSeconds(at);
  if (at.getUTCHours() || at.getUTCMinutes()) return clockTime(at);
  if (span < 20 * dayMs) return weekdayDate(at);
  return span > 300 * dayMs && at.getUTCDate() === 1 ? month(at) : date(at);
}
