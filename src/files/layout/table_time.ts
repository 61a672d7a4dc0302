/** How the times of a file are written: in which unit or format, on which day, in whose zone. */
import { didYouMean } from "../../core/contract/errors.js";
import type { SeenFile } from "../guess/column_seen.js";
import { type Known, most, unitOf } from "../guess/layouts.js";
import { guessClock, guessDay, guessTime } from "../guess/time_guess.js";
import { type TimeFormat, timeFormats } from "../kernels/line_time.js";
import { type TimePattern, timePattern } from "../times/time_pattern.js";
import { isZone } from "../times/zone.js";
import type { ColumnOptions, Layout } from "./layout.js";

const units = {
  s: "s",
  ms: "ms",
  us: "us",
  ns: "ns",
  iso: "ISO 8601",
  iso_us: "ISO 8601, microseconds not padded",
  mdy: "MM/DD/YYYY",
  of_day: "s since midnight",
} as const;
const counts: readonly TimeFormat[] = ["s", "ms", "us", "ns"];

export type Times = Pick<Layout, "timeFormat" | "timePattern" | "day" | "zone"> & { note: string };
interface Written {
  timeFormat: TimeFormat;
  /** Read through it, and handed on as ISO 8601. */
  pattern?: TimePattern;
  detected: string;
}

/** `date`: the one in the file's name. `daysToo`: of bars, which may have a date alone. */
export function timeOf(
  table: SeenFile,
  columns: Layout["columns"],
  asked: ColumnOptions,
  found: Known | undefined,
  date: string | undefined,
  daysToo = false,
): Times {
  const values = table.values(columns.time!).filter((v) => v !== "");
  const clocks = columns.clock === undefined ? values : table.values(columns.clock);
  const { timeFormat, pattern, detected } = formatOf(table, columns, asked, found, daysToo);
  const zoned =
    pattern?.hasZone ?? (!counts.includes(timeFormat) && most(clocks, (v) => /(Z|UTC|:\d{2}(\.\d+)?[+-]\d{2}:?(\d{2})?)$/.test(v)));
  const zone = zoneOf(table, timeFormat, zoned, asked, found);
  const dateless = timeFormat === "of_day" || pattern?.hasDate === false;
  const { day, text } = dayOf(table, dateless, asked, date);
  const where = counts.includes(timeFormat) || zoned ? "" : day === 0 ? "" : zone === undefined ? ", taken as UTC" : `, of ${zone}`;
  const note = `time in ${pattern?.text ?? units[timeFormat]}${text}${where}${detected}`;
  return {
    timeFormat,
    note,
    ...(pattern && {
      timePattern: { text: pattern.text, ...(pattern.hasClock ? {} : { days: true }), ...(day !== undefined && { date: dateOf(day) }) },
    }),
    ...(zone !== undefined && day !== 0 && { zone }),
    ...(timeFormat === "of_day" && { day: day! }),
  };
}

const dateOf = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
const isFormat = (text: string): text is TimeFormat => (timeFormats as readonly string[]).includes(text);

function formatOf(table: SeenFile, columns: Layout["columns"], asked: ColumnOptions, found: Known | undefined, daysToo: boolean): Written {
  const stated = asked.timeFormat ?? found?.timeFormat;
  if (stated !== undefined && isFormat(stated)) return { timeFormat: stated, detected: "" };
  if (stated !== undefined)
    return { timeFormat: "iso", pattern: patternOf(table, stated, columns.clock !== undefined, daysToo), detected: "" };
  const detected = " (detected)";
  const values = table.values(columns.time!).filter((v) => v !== "");
  if (values.length === 0) return { timeFormat: columns.clock === undefined ? "ms" : "iso", detected: " (no rows)" };
  const clocks = columns.clock === undefined ? undefined : table.values(columns.clock);
  if (isIso(values, clocks)) return { timeFormat: "iso", detected };
  const unit = clocks ? undefined : unitOf(values);
  if (unit !== undefined) return { timeFormat: unit, detected };
  const texts = clocks ? clocks.map((clock, i) => `${table.values(columns.time!)[i]} ${clock}`) : values;
  const guess = guessTime(texts) ?? (daysToo && !clocks ? guessDay(values) : undefined);
  if (guess?.rival) throw unclear(table, guess.pattern, guess.rival);
  const pattern = guess?.pattern ?? (clocks ? undefined : guessClock(values));
  if (pattern) return { timeFormat: "iso", pattern, detected };
  throw table.error(
    "E_TIME_UNIT",
    `column ${table.title(columns.time!)} is no time that is known: '${texts[0]}'`,
    "pass --time with another column, or --time-format with how it is written, such as '%Y%m%d %H:%M:%S.%f'; s, ms, us, ns and iso are formats too",
  );
}

const clockText = "\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z| ?UTC|[+-]\\d{2}(:?\\d{2})?)?";
const [isoDay, isoClock] = [/^\d{4}([-/]?)\d{2}\1\d{2}$/, new RegExp(`^${clockText}$`)];
const isoWhole = new RegExp(`^\\d{4}([-/]?)\\d{2}\\1\\d{2}[T D]${clockText}$`);

/** As the parser reads it by itself. */
const isIso = (values: readonly string[], clocks: readonly string[] | undefined): boolean =>
  clocks ? most(values, (v) => isoDay.test(v)) && most(clocks, (v) => isoClock.test(v)) : most(values, (v) => isoWhole.test(v));

function patternOf(table: SeenFile, text: string, twoColumns: boolean, daysToo: boolean): TimePattern {
  if (!text.includes("%")) {
    const near = didYouMean(text, timeFormats);
    const hint = `${near ? `did you mean ${near}? ` : ""}s, ms, us, ns, iso, or letters such as '%Y%m%d %H:%M:%S.%f'`;
    throw table.error("E_TIME_FORMAT", `'${text}' is no format of times`, hint);
  }
  const pattern = timePattern(text, daysToo && !twoColumns && !/%[HIMS]/.test(text));
  if (twoColumns && !pattern.hasDate)
    throw table.error("E_TIME_FORMAT", `time format '${text}' has no date, and two columns are read`, "write both, the date first");
  return pattern;
}

function unclear(table: SeenFile, one: TimePattern, { pattern, value }: { pattern: TimePattern; value: string }): Error {
  return table.error(
    "E_DATE_ORDER",
    `its times are like '${value}', and no day above 12 tells which number is the month`,
    `say which: --time-format '${one.text}', or --time-format '${pattern.text}'`,
  );
}

function zoneOf(table: SeenFile, format: TimeFormat, zoned: boolean, asked: ColumnOptions, found: Known | undefined): string | undefined {
  const { zone } = asked;
  if (zone === undefined) return counts.includes(format) || zoned ? undefined : found?.zone;
  const why = counts.includes(format)
    ? `counts of ${format} since 1970, which have no zone`
    : zoned
      ? "written with their zone"
      : undefined;
  if (why !== undefined) throw table.error("E_ZONE", `its times are ${why}, but a zone is given (${zone})`, "leave out --zone");
  if (!isZone(zone)) throw table.error("E_ZONE", `'${zone}' is no time zone`, "such as UTC or America/New_York, as in the IANA database");
  return zone === "UTC" ? undefined : zone;
}

/** Days since 1970 of times without a date, and what is said of it; day 0 where the date is not known. */
function dayOf(table: SeenFile, dateless: boolean, asked: ColumnOptions, fromName: string | undefined): { day?: number; text: string } {
  if (asked.date !== undefined && !dateless)
    throw table.error("E_DATE", `its times have their dates, but a date is given (${asked.date})`, "leave out --date");
  if (!dateless) return { text: "" };
  const date = asked.date ?? fromName;
  if (date === undefined)
    return { day: 0, text: " of a day that is not known: neither the file nor its name has a date (--date YYYY-MM-DD)" };
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN;
  if (!(ms >= 0)) throw table.error("E_DATE", `'${date}' is no date since 1970`, "such as 2012-06-21");
  return { day: ms / 86_400_000, text: ` of ${date}${asked.date === undefined ? " (from the file's name)" : ""}` };
}
