/** How the times of a file are written: in which unit, on which day, in whose zone. */
import type { ColumnOptions, Layout } from "./detect.js";
import { type Known, most, unitOf } from "./layouts.js";
import type { TimeFormat } from "./line_time.js";
import type { Table } from "./table.js";
import { isZone } from "./zone.js";

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

export type Times = Pick<Layout, "timeFormat" | "day" | "zone"> & { note: string };

/** `date`: the one in the file's name. */
export function timeOf(
  table: Table,
  columns: Layout["columns"],
  asked: ColumnOptions,
  found: Known | undefined,
  date: string | undefined,
): Times {
  const values = table.values(columns.time!).filter((v) => v !== "");
  const clocks = columns.clock === undefined ? values : table.values(columns.clock);
  const { timeFormat, detected } = formatOf(table, values, columns, asked, found);
  const zoned = !counts.includes(timeFormat) && most(clocks, (v) => /(Z|UTC|:\d{2}(\.\d+)?[+-]\d{2}:?(\d{2})?)$/.test(v));
  const zone = zoneOf(table, timeFormat, zoned, asked, found);
  const { day, text } = dayOf(table, timeFormat, asked, date);
  const where = counts.includes(timeFormat) || zoned ? "" : day === 0 ? "" : zone === undefined ? ", taken as UTC" : `, of ${zone}`;
  const note = `time in ${units[timeFormat]}${text}${where}${detected}`;
  return {
    timeFormat,
    note,
    ...(zone !== undefined && day !== 0 && { zone }),
    ...(timeFormat === "of_day" && { day: day! }),
  };
}

function formatOf(table: Table, values: readonly string[], columns: Layout["columns"], asked: ColumnOptions, found: Known | undefined) {
  const stated = asked.timeFormat ?? found?.timeFormat;
  if (stated !== undefined) return { timeFormat: stated, detected: "" };
  const detected = " (detected)";
  if (columns.clock !== undefined || most(values, (v) => /^\d{4}([-/]?)\d{2}\1\d{2}[T D]\d{2}:/.test(v)))
    return { timeFormat: "iso" as TimeFormat, detected };
  const unit = unitOf(values);
  if (unit !== undefined) return { timeFormat: unit, detected };
  if (values.length === 0) return { timeFormat: "ms" as TimeFormat, detected: " (no rows)" };
  throw table.error(
    "E_TIME_UNIT",
    `column ${table.title(columns.time!)} is no time that is known: '${values[0]}'`,
    "pass --time with another column; in a call, timeFormat says s, ms, us, ns or iso",
  );
}

function zoneOf(table: Table, format: TimeFormat, zoned: boolean, asked: ColumnOptions, found: Known | undefined): string | undefined {
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

/** Days since 1970 of times since midnight, and what is said of it; day 0 where the date is not known. */
function dayOf(table: Table, format: TimeFormat, asked: ColumnOptions, fromName: string | undefined): { day?: number; text: string } {
  if (asked.date !== undefined && format !== "of_day")
    throw table.error("E_DATE", `its times have their dates, but a date is given (${asked.date})`, "leave out --date");
  if (format !== "of_day") return { text: "" };
  const date = asked.date ?? fromName;
  if (date === undefined)
    return { day: 0, text: " of a day that is not known: neither the file nor its name has a date (--date YYYY-MM-DD)" };
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN;
  if (!(ms >= 0)) throw table.error("E_DATE", `'${date}' is no date since 1970`, "such as 2012-06-21");
  return { day: ms / 86_400_000, text: ` of ${date}${asked.date === undefined ? " (from the file's name)" : ""}` };
}
