/** What engines cost and how evenly it lies on threads, and how long batches take on each bus: of the last seconds. */
import type { EngineLine, Status } from "../../series/wire.js";
import { fixed, none, rate } from "../base/format.js";

export interface Cost {
  /** Milliseconds of a call of the engine; NaN where none was timed. */
  readonly callMs: number;
  /** Share of the time that it was in its calls. */
  readonly busy: number;
}
const unknown: Cost = { callMs: Number.NaN, busy: Number.NaN };

/** Since `before`: one call of eight is timed and stands for the others. */
export function costOf(now: Status, before: Status | undefined, name: string): Cost {
  const of = (status: Status | undefined) => status?.engines.find((one) => one.name === name)?.work;
  const [to, from] = [of(now), of(before)];
  const seconds = now.seconds - (before?.seconds ?? Number.NaN);
  if (!to || !from || !(to.timed > from.timed) || !(seconds > 0)) return unknown;
  const callMs = (to.timedMs - from.timedMs) / (to.timed - from.timed);
  return { callMs, busy: (callMs * (to.calls - from.calls)) / (1000 * seconds) };
}

/** Upper bound of the class in which the share lies, of what was counted between two counts; microseconds. */
export function latencyUs(now: readonly number[], before: readonly number[] | undefined, share: number): number {
  const counts = now.map((value, i) => Math.max(0, value - (before?.[i] ?? 0)));
  const all = counts.reduce((sum, one) => sum + one, 0);
  let below = 0;
  const at = counts.findIndex((value) => (below += value) >= share * all);
  return all === 0 ? Number.NaN : 2 ** at;
}

export const micro = (value: number): string =>
  !Number.isFinite(value) || value === 0
    ? none
    : value < 1000
      ? `${fixed(value, value < 10 && value % 1 !== 0 ? 1 : 0)} \u00b5s`
      : `${fixed(value / 1000, value < 10_000 ? 1 : 0)} ms`;
export const share = (value: number): string => (Number.isFinite(value) ? `${fixed(100 * value, value < 0.1 ? 1 : 0)} %` : none);

export interface Thread {
  readonly runner: string;
  readonly place: string;
  readonly engines: readonly EngineLine[];
  readonly busy: number;
}
export function threadsOf(now: Status, before: Status | undefined): Thread[] {
  return [...new Set(now.engines.map(({ runner }) => runner))].map((runner) => {
    const engines = now.engines.filter((one) => one.runner === runner);
    const known = engines.map(({ name }) => costOf(now, before, name).busy).filter(Number.isFinite);
    const busy = known.length > 0 ? known.reduce((sum, one) => sum + one, 0) : Number.NaN;
    return { runner, place: engines[0]!.place, engines, busy };
  });
}
/** Rows a second of each bus. */
export function busRates({ buses, topics }: Status): ReadonlyMap<string, number> {
  const of = (bus: string) => topics.filter((one) => one.bus === bus).reduce((sum, one) => sum + one.rowsPerSecond, 0);
  return new Map(buses.map(({ name }) => [name, of(name)]));
}
/** How evenly rows lie on buses, in a sentence; none where there is one bus. */
export function busBalance(now: Status): string {
  const rates = [...busRates(now)];
  const all = rates.reduce((sum, [, one]) => sum + one, 0);
  if (rates.length < 2) return "";
  if (all === 0) return "No row is on a bus in this moment.";
  const [name, most] = rates.reduce((a, b) => (b[1] > a[1] ? b : a));
  return `Of ${rate(all)} rows/s ${name} has the most, ${share(most / all)}, which is ${fixed((most * rates.length) / all, 1)} times what each bus had were it even.`;
}
/** How evenly, in a sentence. */
export function balance(threads: readonly Thread[]): string {
  const known = threads.filter(({ busy }) => Number.isFinite(busy));
  const all = known.reduce((sum, { busy }) => sum + busy, 0);
  if (known.length === 0 || all === 0) return "How the work lies on threads is known some seconds after the page is opened.";
  const most = known.reduce((a, b) => (b.busy > a.busy ? b : a));
  const uneven = (most.busy * known.length) / all;
  return `Together they work ${share(all)} of the time of one core; ${most.runner} has the most, ${fixed(uneven, 1)} times what each had were it even.`;
}
