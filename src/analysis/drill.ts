/**
 * What a system under bursts promised and what it did. Recovery: from the end of a burst to the first of three looks in a row at which an
 * engine is no worse than it was before that burst: rows that wait for it, and the 99th percentile of its batches.
 */

/** One look at a system, in seconds of its run. */
export interface DrillSample {
  readonly seconds: number;
  /** Resident memory of the system's processes, in bytes. */
  readonly residentBytes: number;
  /** Seconds by which the market is behind where it would be with room for every row, of its own time; NaN where it is not known. */
  readonly behindSeconds: number;
  /** Rows published and times that there was no room, by topic. */
  readonly rows: readonly number[];
  readonly full: readonly number[];
  /** In the order of `Drill.engines`. */
  readonly engines: readonly EngineSample[];
}
export interface EngineSample {
  readonly lag: number;
  readonly memoryBytes: number;
  /** Batches by powers of two of a microsecond, since the system began. */
  readonly latencies: readonly number[];
}

export interface Burst {
  readonly from: number;
  readonly to: number;
}

/** One who takes a topic, at the end of all. */
export interface DrillTaker {
  readonly engine: string;
  readonly taken: number;
  readonly refused: number;
  readonly lost: number;
  readonly gaps: number;
}
export interface DrillTopic {
  readonly name: string;
  readonly giver: string;
  readonly backpressure: "block" | "evict";
  readonly rows: number;
  /** Times that its giver found no room. */
  readonly full: number;
  readonly takers: readonly DrillTaker[];
}
export interface DrillEngine {
  readonly name: string;
  /** Megabytes that it may use. */
  readonly memoryMB: number;
  readonly restarts: number;
  readonly state: string;
  readonly why?: string | undefined;
}

export interface Drill {
  /** So many times faster. */
  readonly burst: number;
  readonly bursts: readonly Burst[];
  /** Seconds of the market a second of run time between bursts. */
  readonly pace: number;
  readonly engines: readonly DrillEngine[];
  readonly topics: readonly DrillTopic[];
  readonly samples: readonly DrillSample[];
}

/** `kept` is undefined where nothing could be looked at. */
export interface Verdict {
  readonly promise: "block" | "evict" | "memory" | "resident" | "alive" | "recovery";
  readonly says: string;
  readonly kept: boolean | undefined;
  /** What happened, in a sentence; where it is broken, each way in which. */
  readonly happened: readonly string[];
}

export interface Recovery {
  readonly engine: string;
  readonly burst: number;
  /** Rows that waited at most before the burst and in it. */
  readonly lagBefore: number;
  readonly lagMost: number;
  /** Seconds after the end of the burst; NaN where it did not come back before the next, or nothing was seen before. */
  readonly lagSeconds: number;
  /** Microseconds. */
  readonly p99Before: number;
  readonly p99Most: number;
  readonly latencySeconds: number;
}

/** Looks in a row that must be no worse, and the fewest before a burst that say how it was. */
const steady = 3;
/** Growth of resident memory behind the first burst that is none: what collectors leave for later. */
const residentShare = 0.1;
const residentBytes = 64 * 2 ** 20;

const most = (values: readonly number[]): number => values.reduce((a, b) => (b > a ? b : a), Number.NEGATIVE_INFINITY);
const inside = (samples: readonly DrillSample[], from: number, to: number) =>
  samples.filter(({ seconds }) => seconds >= from && seconds < to);
const rows = (n: number): string => `${n.toLocaleString("en-US")} row${n === 1 ? "" : "s"}`;
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;

/** Upper bound in us of the class in which a share of the batches between two looks lies; NaN where there was none. */
export function quantileBetween(before: readonly number[], after: readonly number[], share: number): number {
  const counts = after.map((count, i) => Math.max(0, count - (before[i] ?? 0)));
  const all = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [i, count] of counts.entries()) {
    below += count;
    if (all > 0 && below >= share * all) return 2 ** i;
  }
  return Number.NaN;
}

/** The 99th percentile of each look: of the batches since so many looks before. */
export function latencyCourse(samples: readonly DrillSample[], engine: number, share = 0.99, over = 5): number[] {
  return samples.map(({ engines }, i) =>
    quantileBetween(samples[Math.max(0, i - over)]!.engines[engine]!.latencies, engines[engine]!.latencies, share),
  );
}

/** Seconds from `end` to the first of looks in a row that are at most `limit`; a value that is not known is no worse. */
function backAt(times: readonly number[], values: readonly number[], end: number, until: number, limit: number): number {
  let since = Number.NaN;
  let row = 0;
  for (const [i, time] of times.entries()) {
    if (time < end || time >= until) continue;
    if (values[i]! > limit) {
      row = 0;
      continue;
    }
    if (row++ === 0) since = Math.max(0, time - end);
    if (row >= steady) return since;
  }
  return Number.NaN;
}

/** Of each engine and burst. */
export function recoveriesOf({ samples, bursts, engines }: Drill): Recovery[] {
  const times = samples.map(({ seconds }) => seconds);
  return engines.flatMap(({ name }, e) => {
    const lags = samples.map((sample) => sample.engines[e]!.lag);
    const p99 = latencyCourse(samples, e);
    return bursts.map(({ from, to }, burst): Recovery => {
      const start = burst > 0 ? (bursts[burst - 1]!.to + from) / 2 : 0;
      const end = bursts[burst + 1]?.from ?? Number.POSITIVE_INFINITY;
      const before = [...times.keys()].filter((i) => times[i]! >= start && times[i]! < from);
      const during = [...times.keys()].filter((i) => times[i]! >= from && times[i]! < to);
      const known = before.length >= steady;
      const lagBefore = known ? most(before.map((i) => lags[i]!)) : Number.NaN;
      const slowest = before.map((i) => p99[i]!).filter(Number.isFinite);
      const p99Before = known && slowest.length > 0 ? most(slowest) : Number.NaN;
      const back = (values: readonly number[], limit: number) =>
        Number.isFinite(limit) ? backAt(times, values, to, end, limit) : Number.NaN;
      return {
        ...{ engine: name, burst, lagBefore, lagMost: most(during.map((i) => lags[i]!)), lagSeconds: back(lags, lagBefore) },
        ...{ p99Before, p99Most: most(during.map((i) => p99[i]!).filter(Number.isFinite)), latencySeconds: back(p99, p99Before) },
      };
    });
  });
}

/** Of values that are known, ranked: the smallest that is not below the share. */
export function quantileOf(values: readonly number[], share: number): number {
  const known = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  return known[Math.max(0, Math.ceil(share * known.length) - 1)] ?? Number.NaN;
}

export interface RecoverySummary {
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
  /** Of so many, not back in time. */
  readonly of: number;
  readonly late: number;
}

/** Over all engines and bursts; seconds. */
export function recoverySummary(all: readonly Recovery[], what: "lagSeconds" | "latencySeconds"): RecoverySummary {
  const known = all.filter((one) => Number.isFinite(what === "lagSeconds" ? one.lagBefore : one.p99Before));
  const values = known.map((one) => one[what]);
  const late = values.filter((value) => !Number.isFinite(value)).length;
  return { median: quantileOf(values, 0.5), p99: quantileOf(values, 0.99), worst: quantileOf(values, 1), of: known.length, late };
}

/** Every promise, in the order in which they are told. */
export function verdictsOf(drill: Drill): Verdict[] {
  return [blocked(drill), evicted(drill), memory(drill), resident(drill), alive(drill), recovered(drill)];
}

const verdict = (promise: Verdict["promise"], says: string, broken: readonly string[], well: string, looked = true): Verdict => ({
  promise,
  says,
  kept: looked ? broken.length === 0 : undefined,
  happened: broken.length > 0 && looked ? broken : [well],
});

const of = ({ topics }: Drill, kind: DrillTopic["backpressure"]) =>
  topics.filter(({ backpressure, takers }) => backpressure === kind && takers.length > 0);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function blocked(drill: Drill): Verdict {
  const topics = of(drill, "block");
  const broken = topics.flatMap(({ name, rows: published, takers }) =>
    takers.flatMap(({ engine, taken, refused, lost }) => {
      if (lost > 0) return [`${name} to ${engine}: ${rows(lost)} of ${rows(published)} lost`];
      const missing = published - taken - refused;
      return missing === 0 ? [] : [`${name} to ${engine}: ${rows(published)} published, ${rows(taken + refused)} taken or refused`];
    }),
  );
  const all = sum(topics.flatMap(({ rows: published, takers }) => takers.map(() => published)));
  const well =
    topics.length > 0 ? `${rows(all)} to ${sum(topics.map(({ takers }) => takers.length))} takers, none lost` : "no such topic is taken";
  return verdict("block", "topics that block lose nothing", broken, well, topics.length > 0);
}

function evicted(drill: Drill): Verdict {
  const topics = of(drill, "evict");
  const broken = topics.flatMap(({ name, rows: published, takers }) =>
    takers.flatMap(({ engine, taken, refused, lost, gaps }) => {
      const told = taken + refused + lost;
      if (told !== published) return [`${name} to ${engine}: ${rows(published)} published, ${rows(told)} taken, refused or told as lost`];
      return lost > 0 && gaps === 0 ? [`${name} to ${engine}: ${rows(lost)} lost in no gap`] : [];
    }),
  );
  const takers = topics.flatMap((one) => one.takers);
  const well =
    topics.length > 0
      ? `${rows(sum(takers.map(({ lost }) => lost)))} lost in ${sum(takers.map(({ gaps }) => gaps)).toLocaleString("en-US")} gaps, every one told`
      : "no such topic is taken";
  return verdict("evict", "topics that evict report each gap", broken, well, topics.length > 0);
}

function memory({ engines, samples }: Drill): Verdict {
  const found = engines.map((engine, e) => ({ ...engine, used: most(samples.map((sample) => sample.engines[e]!.memoryBytes)) }));
  const broken = found.flatMap(({ name, memoryMB, used }) =>
    used > memoryMB * 2 ** 20 ? [`${name}: ${megabytes(used)}, it may use ${memoryMB} MB`] : [],
  );
  const largest = found.reduce<(typeof found)[number] | undefined>((a, b) => (a && a.used >= b.used ? a : b), undefined);
  const seen = largest !== undefined && largest.used > 0;
  const well = seen
    ? `at most ${megabytes(largest.used)}, in the thread of ${largest.name}, which may use ${largest.memoryMB} MB`
    : "no look at it";
  return verdict("memory", "no engine grows beyond its declared memory", broken, well, seen);
}

/** The first burst fills what is filled once, rings and pools; where there is one alone, its first half does. */
function resident({ samples, bursts }: Drill): Verdict {
  const first = bursts[0];
  const until = first === undefined ? 0 : bursts.length > 1 ? bursts[1]!.from : (first.from + first.to) / 2;
  const known = samples.filter((sample) => Number.isFinite(sample.residentBytes));
  const settled = most(inside(known, 0, until).map((sample) => sample.residentBytes));
  const later = most(inside(known, until, Number.POSITIVE_INFINITY).map((sample) => sample.residentBytes));
  const looked = Number.isFinite(settled) && Number.isFinite(later);
  const room = Math.max(residentShare * settled, residentBytes);
  const when = bursts.length > 1 ? "until the second burst" : "until the middle of the burst";
  const told = `${megabytes(settled)} ${when}, ${megabytes(later)} at most after it`;
  const broken = later > settled + room ? [`${told}: more than ${megabytes(room)} on top`] : [];
  return verdict("resident", "the processes' resident memory stays flat", broken, looked ? told : "no look at it", looked);
}

function alive({ engines }: Drill): Verdict {
  const broken = engines.flatMap(({ name, state, restarts, why }) => {
    const because = why === undefined ? "" : `: ${why}`;
    if (state !== "running" && state !== "ended") return [`${name} is ${state}${because}`];
    return restarts > 0 ? [`${name} was restarted ${restarts === 1 ? "once" : `${restarts} times`}${because}`] : [];
  });
  return verdict("alive", "no engine fails, is held or begins again", broken, `${engines.length} engines ran throughout`);
}

function recovered(drill: Drill): Verdict {
  const all = recoveriesOf(drill);
  const known = all.filter(({ lagBefore }) => Number.isFinite(lagBefore));
  const broken = known.flatMap(({ engine, burst, lagBefore, lagMost, lagSeconds }) =>
    Number.isFinite(lagSeconds)
      ? []
      : [`${engine}, burst ${burst + 1}: ${rows(lagMost)} waited in it, and not ${rows(lagBefore)} or fewer again before the next`],
  );
  const { worst } = recoverySummary(all, "lagSeconds");
  const well = known.length > 0 ? `the last within ${worst.toFixed(2)} s` : "no look before a burst";
  return verdict("recovery", "after a burst each engine's lag is back at what it was", broken, well, known.length > 0);
}

/** How far the market fell behind, in seconds of its own time and of the run at the burst's pace; the topics without room most often. */
export function heldUpOf({ samples, burst, pace, topics }: Drill) {
  const behind = most(samples.map(({ behindSeconds }) => behindSeconds).filter(Number.isFinite));
  const marketSeconds = Math.max(0, behind);
  const by = topics
    .filter(({ full, backpressure }) => full > 0 && backpressure === "block")
    .toSorted((a, b) => b.full - a.full)
    .map(({ name, full }) => ({ topic: name, full }));
  return { marketSeconds, runSeconds: marketSeconds / (pace * burst), by };
}
