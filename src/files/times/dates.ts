/** Columns that hold dates -> nanoseconds since 1970 UTC, before 1970 as well. */

import { daysOf } from "../kernels/line_time.js";
import { usualDates } from "./date_formats.js";

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

/** Words that show how a column of dates is written, where it has many. */
const first = 200;

/** Whether a text is a date of any usual form. */
export const looksLikeDate = (text: string): boolean => usualDates().some((format) => format.ns(text) !== undefined);

export interface Dates {
  /** Nanoseconds of each word; undefined: it is no date. */
  ns: (bigint | undefined)[];
  note: string;
  /** A date that fits two forms, which differ on it, and their letters: no day above 12 tells which number is the month. */
  unclear?: { example: string; forms: readonly string[] };
}

/** The dates that the words are, in the form that fits most of them. */
export function datesOfWords(words: readonly string[]): Dates {
  const formats = usualDates().filter((format) => words.slice(0, first).some((word) => format.ns(word) !== undefined));
  const tried = (formats.length > 0 ? formats : usualDates().slice(0, 1)).map((format) => {
    const ns = words.map((word) => format.ns(word));
    return { format, ns, good: ns.filter((t) => t !== undefined).length };
  });
  const best = tried.reduce((a, b) => (b.good > a.good ? b : a));
  const rivals = tried.filter((other) => other !== best && other.good === best.good && other.ns.some((t, i) => t !== best.ns[i]));
  const example = words.find((_, i) => rivals.some((other) => other.ns[i] !== best.ns[i] && best.ns[i] !== undefined));
  const forms = [best, ...rivals].map(({ format }) => format.letters(example ?? ""));
  return { ns: best.ns, note: best.format.text, ...(example !== undefined && { unclear: { example, forms } }) };
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
