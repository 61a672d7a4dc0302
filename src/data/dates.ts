/** Columns that hold dates -> nanoseconds since 1970 UTC, before 1970 as well. */
import { daysOf } from "./line_time.js";

const dayNs = 86_400_000_000_000n;
export const dateNames = [
  "date",
  "datetime",
  "date_time",
  "time",
  "timestamp",
  "ts",
  "day",
  "trade_date",
  "tradedate",
  "caldt",
  "dt",
  "asof",
];

/** Year, month and day in the order of a written date. */
type Order = "ymd" | "mdy" | "dmy";
const yearFirst = /^(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ](.+))?$/;
const yearLast = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ](.+))?$/;
const clock = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z| ?UTC|([+-])(\d{2}):?(\d{2})?)?$/;

const wordsOf = (order: Order): string => ({ ymd: "YYYY-MM-DD", mdy: "MM/DD/YYYY", dmy: "DD/MM/YYYY" })[order];

function readDate(text: string, order: Order): bigint | undefined {
  const parts = (order === "ymd" ? yearFirst : yearLast).exec(text);
  if (!parts) return undefined;
  const [a, b, c] = [Number(parts[1]), Number(parts[3]), Number(parts[4])];
  const days = order === "ymd" ? daysOf(a, b, c) : order === "mdy" ? daysOf(c, a, b) : daysOf(c, b, a);
  const rest = parts[5] === undefined ? 0n : readClock(parts[5]);
  return days === undefined || rest === undefined ? undefined : BigInt(days) * dayNs + rest;
}

function readClock(text: string): bigint | undefined {
  const parts = clock.exec(text);
  if (!parts) return undefined;
  const [, hour, minute, second = "0", fraction = "", , sign, zoneHours = "0", zoneMinutes = "0"] = parts;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -60 : 60);
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** Whether a text looks like a date of any order. */
export const looksLikeDate = (text: string): boolean =>
  (["ymd", "mdy", "dmy"] as const).some((order) => readDate(text, order) !== undefined);

export interface Dates {
  /** Nanoseconds of each word; undefined: it is no date. */
  ns: (bigint | undefined)[];
  note: string;
  /** Dates with the year last, where no day above 12 tells which number is the month. */
  unclear?: string;
}

/** The dates that the words are, in the order that fits most of them. */
export function datesOfWords(words: readonly string[]): Dates {
  const tried = (["ymd", "mdy", "dmy"] as const).map((order) => {
    const ns = words.map((word) => readDate(word, order));
    return { order, ns, good: ns.filter((t) => t !== undefined).length };
  });
  const best = tried.reduce((a, b) => (b.good > a.good ? b : a));
  const [, mdy, dmy] = tried;
  const unclear = best.order !== "ymd" && mdy!.good === dmy!.good && mdy!.ns.some((t, i) => t !== dmy!.ns[i]);
  const example = words.find((_, i) => best.ns[i] !== undefined);
  return { ns: best.ns, note: wordsOf(best.order), ...(unclear && example !== undefined && { unclear: example }) };
}

const units = [
  ["s", 1_000_000_000n, 1e8],
  ["ms", 1_000_000n, 1e11],
  ["us", 1000n, 1e14],
  ["ns", 1n, 1e17],
] as const;

/** Dates written as numbers: YYYYMMDD, YYYYMM (the first of the month), or a count since 1970 of the unit that its size tells. */
export function datesOfNumbers(values: Float64Array): Dates | undefined {
  const all = (test: (v: number) => boolean) => values.length > 0 && values.every((v) => Number.isNaN(v) || test(v));
  const written = (v: number) =>
    v < 1e6 ? daysOf(Math.floor(v / 100), v % 100, 1) : daysOf(Math.floor(v / 1e4), Math.floor(v / 100) % 100, v % 100);
  const asDays = (v: number) => {
    const days = Number.isInteger(v) && v > 0 && v < 1e8 ? written(v) : undefined;
    return days === undefined ? undefined : BigInt(days) * dayNs;
  };
  const ns = (of: (v: number) => bigint | undefined) => Array.from(values, (v) => (Number.isNaN(v) ? undefined : of(v)));
  for (const [low, high, note] of [
    [18000101, 22001231, "YYYYMMDD"],
    [180001, 220012, "YYYYMM"],
  ] as const)
    if (all((v) => v >= low && v <= high)) return { ns: ns(asDays), note };
  const unit = units.find(([, , least]) => all((v) => v >= least && v < least * 1e3));
  if (!unit) return undefined;
  const [name, scale] = unit;
  const count = (v: number) => BigInt(Math.floor(v)) * scale + BigInt(Math.floor((v % 1) * Number(scale)));
  return { ns: ns(count), note: `${name} since 1970` };
}
