/** Times of a trade file's fields: the readable form of native/kernels/files/trade_time.h. */
import type { Refusal } from "./refusals.js";

/** iso_us: the fraction counts microseconds and is not padded; mdy: MM/DD/YYYY; of_day: seconds since midnight. */
export const timeFormats = ["s", "ms", "us", "ns", "iso", "iso_us", "mdy", "of_day"] as const;
export type TimeFormat = (typeof timeFormats)[number];

export interface TimeRule {
  timeFormat: TimeFormat;
  /** Days from 1970-01-01 to that of `of_day`. */
  day: number;
  /** [seconds on the wall clock, offset from there on] of times that do not name their zone; none: UTC. */
  zone: BigInt64Array | undefined;
}

const latest = 2n ** 63n - 1n;
const places = { s: 9, ms: 6, us: 3, ns: 0 } as const;

export function readTime(text: string, clock: string | undefined, rule: TimeRule): bigint | Refusal {
  const { timeFormat } = rule;
  if (text === "") return "empty";
  switch (timeFormat) {
    case "of_day":
      return readOfDay(text, rule);
    case "iso":
    case "iso_us":
    case "mdy":
      return readCalendar(text, clock, rule);
    default:
      return readCount(text, places[timeFormat]);
  }
}

function readCount(text: string, decimals: number): bigint | Refusal {
  const parts = /^(\d+)(?:\.(\d*))?$/.exec(text);
  if (!parts) return "time";
  const fraction = (parts[2] ?? "").slice(0, decimals).padEnd(decimals, "0");
  const time = BigInt(parts[1]! + fraction);
  return time > latest ? "time_range" : time;
}

function readOfDay(text: string, { day, zone }: TimeRule): bigint | Refusal {
  const since = readCount(text, 9);
  if (typeof since === "string") return since;
  if (since >= 86_400_000_000_000n) return "time_range";
  return join(utc(BigInt(day) * 86_400n + since / 1_000_000_000n, zone), since % 1_000_000_000n);
}

const whole = /^(.+?)[T D](.*)$/;
const yearFirst = /^(\d{4})([-/]?)(\d{2})\2(\d{2})$/;
const monthFirst = /^(\d{2})(\/)(\d{2})\/(\d{4})$/;
const clockPattern = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z| ?UTC|([+-])(\d{2})(?::?(\d{2}))?)?$/;

function readCalendar(text: string, clockText: string | undefined, { timeFormat, zone }: TimeRule): bigint | Refusal {
  const [, dateText, rest] = clockText === undefined ? (whole.exec(text) ?? []) : ["", text, clockText];
  const parts = (timeFormat === "mdy" ? monthFirst : yearFirst).exec(dateText ?? "");
  const clock = clockPattern.exec(rest ?? "");
  if (!parts || !clock) return "time";
  const [a, , b, c] = parts.slice(1).map(Number) as [number, number, number, number];
  const days = timeFormat === "mdy" ? daysOf(c, a, b) : daysOf(a, b, c);
  const [hour, minute, second] = clock.slice(1, 4).map(Number) as [number, number, number];
  const [fraction = "", stated, sign, zoneHours = "0", zoneMinutes = "0"] = clock.slice(4);
  if (days === undefined || hour > 23 || minute > 59 || second > 59 || Number(zoneHours) > 23 || Number(zoneMinutes) > 59) return "time";
  if (timeFormat === "iso_us" && fraction.length > 6) return "time";
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -60 : 60);
  const local = BigInt(days * 86_400 + hour * 3600 + minute * 60 + second);
  const nanoseconds = timeFormat === "iso_us" ? BigInt(fraction || "0") * 1000n : BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return join(stated === undefined ? utc(local, zone) : local - BigInt(offset), nanoseconds);
}

/** Days since 1970-01-01, or nothing where the calendar has no such day. */
export function daysOf(year: number, month: number, day: number): number | undefined {
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  return midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day ? midnight.getTime() / 86_400_000 : undefined;
}

/** The last change at or before it holds; before the first one, the first. */
function utc(seconds: bigint, zone: BigInt64Array | undefined): bigint {
  if (!zone || zone.length < 2) return seconds;
  let at = 0;
  while (2 * (at + 1) + 1 < zone.length && zone[2 * (at + 1)]! <= seconds) at++;
  return seconds - zone[2 * at + 1]!;
}

const join = (seconds: bigint, nanoseconds: bigint): bigint | Refusal =>
  seconds < 0n || seconds >= 9_223_372_036n ? "time_range" : seconds * 1_000_000_000n + nanoseconds;
