/** The clock of a time zone, for axes and tables alike. */
import { toMinute, toSecond } from "./text.js";

export interface Clock {
  /** As it stands in the heads of tables. */
  zone: string;
  /** Epoch ms to the ms at which a clock in UTC shows what the local one does, and back. */
  local: (ms: number) => number;
  instant: (local: number) => number;
  /** Epoch ns in the same way. */
  shifted: (time: bigint) => bigint;
  /** Epoch ns as `2026-01-05 09:30:00` and `2026-01-05 09:30`. */
  second: (time: bigint) => string;
  minute: (time: bigint) => string;
}

/** Clocks are changed at a quarter of an hour. */
const quarter = 900_000;

export function clockOf(zone = "UTC"): Clock {
  const ahead = zone === "UTC" ? () => 0 : aheadIn(zone);
  const shifted = (time: bigint) => time + BigInt(ahead(Number(time / 1_000_000n))) * 1_000_000n;
  return {
    ...{ zone, shifted, local: (ms) => ms + ahead(ms), instant: (at) => at - ahead(at - ahead(at)) },
    ...{ second: (time) => toSecond(shifted(time)), minute: (time) => toMinute(shifted(time)) },
  };
}

/** Ms by which the clock is ahead of UTC. */
function aheadIn(zone: string): (ms: number) => number {
  const unit = "2-digit";
  const written = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone: zone, hourCycle: "h23", calendar: "gregory", numberingSystem: "latn" },
    ...{ year: "numeric", month: unit, day: unit, hour: unit, minute: unit, second: unit },
  });
  const known = new Map<number, number>();
  return (ms) => {
    if (!(Math.abs(ms) <= 8.64e15)) return 0;
    const at = Math.floor(ms / quarter) * quarter;
    const before = known.get(at);
    if (before !== undefined) return before;
    const of = Object.fromEntries(written.formatToParts(at).map(({ type, value }) => [type, Number(value)])) as Record<string, number>;
    const found = Date.UTC(of.year!, of.month! - 1, of.day, of.hour, of.minute, of.second) - at;
    known.set(at, found);
    return found;
  };
}
