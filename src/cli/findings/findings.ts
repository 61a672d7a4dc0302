/** What is odd about the data, and what was done about each: said in the same words by the screen, --json, validate and the report. */

import { percent, plural } from "../kit/format.js";
import { type Finding, type Looked, leftOut } from "./finding.js";
import { aboutCourse } from "./findings_course.js";
import { aboutFit } from "./findings_fit.js";
import { aboutQuotes } from "./findings_quotes.js";
import { aboutJoin } from "./quote_findings.js";

const reasons: Readonly<Record<string, string>> = {
  columns: "with more or fewer columns than the others",
  quote: "with a quote that does not end",
  empty: "with an empty field",
  number: "with a value that is no number",
  number_range: "with a number too large",
  price: "with a price that is not above 0",
  size: "with a negative size",
  time: "with a time that is none",
  time_range: "with a time outside of 1970 to 2262",
  side: "with a side that is not known",
  symbol: "with a symbol too long",
  symbols_full: "with more symbols than the table holds",
  bought: "whose bought volume is no part of the volume",
  line_long: "longer than can be read",
  time_backwards: "with a time before that of a row above",
};

export function findings(of: Looked): Finding[] {
  const rows = Object.entries(of.rejected).map(([reason, rows]) => ({
    ...{ name: reason, count: rows, done: leftOut, doubtful: false },
    what: `${plural(rows, "row")} ${reasons[reason] ?? reason}`,
  }));
  const columns = (of.remarks ?? []).map(({ column: _, ...remark }) => ({ ...remark, count: 1 }));
  return [
    ...columns,
    ...rows,
    ...aboutRows(of),
    ...aboutQuotes(of.quotes),
    ...aboutJoin(of.quoteFacts, of.quotes),
    ...aboutCourse(of),
    ...aboutFit(of),
  ].filter(({ count }) => count > 0);
}

function aboutRows({ trades, repeats = 0, alike = 0, zeroSizes = 0, unknownSides = 0, sideless, outsideSession = 0 }: Looked): Finding[] {
  const share = (rows: number) => percent(rows / trades);
  return [
    {
      ...{ name: "repeated_rows", count: repeats, done: "kept: equal rows may be trades of their own", doubtful: repeats > 0.001 * trades },
      what: `${plural(repeats, "row")} (${share(repeats)}) repeat the row before to the byte`,
    },
    {
      ...{ name: "alike_trades", count: alike, done: "kept: fills of one order look like this", doubtful: false },
      what: `${plural(alike, "trade")} (${share(alike)}) with the time, price, size and side of an earlier one`,
    },
    {
      ...{ name: "zero_sizes", count: zeroSizes, done: "kept: they fill no bucket", doubtful: false },
      what: `${plural(zeroSizes, "trade")} of size 0`,
    },
    {
      ...{ name: "unknown_sides", count: sideless ? 0 : unknownSides, done: "kept: half of each counts as bought", doubtful: false },
      what: `${plural(unknownSides, "trade")} (${share(unknownSides)}) whose side is not known`,
    },
    {
      ...{ name: "outside_session", count: outsideSession, done: leftOut, doubtful: false },
      what: `${plural(outsideSession, "trade")} outside of the trading hours`,
    },
  ];
}

/** As they stand in --json. */
export const findingsJson = (of: readonly Finding[]) => of.map(({ name, count: rows, what, done }) => ({ name, count: rows, what, done }));
