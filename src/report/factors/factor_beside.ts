import { compounded } from "../../analysis/signal.js";
import { type Course, millis } from "../kit/courses.js";
import { count, escapeHtml, fixed, percent, plural, table } from "../kit/text.js";
import type { FactorReport } from "./factor_report.js";

/** The market factor beside a published series, over the dates that both have. */
export function besideSections({ beside: b, study, time }: FactorReport): Course[] {
  if (!b) return [];
  const both = Array.from(time.keys()).filter((t) => Number.isFinite(b.values[t]) && Number.isFinite(study.returns[0]!.values[t]));
  const grown = (values: Float64Array) => compounded(both.map((t) => values[t]!)).map((v) => 100 * v);
  const key =
    '<ul class="key"><li><svg viewBox="0 0 26 14"><path class="line" d="M1,9L9,4L17,10L25,6"/></svg>market factor</li>' +
    `<li><svg viewBox="0 0 26 14"><path class="over" d="M1,9L9,5L17,8L25,4"/></svg>${escapeHtml(b.column)}</li></ul>`;
  const drawn: Course = {
    heading: `Market factor beside ${b.column}`,
    says: `Compounded over the ${plural(b.dates, "date")} that both have. Correlation ${fixed(b.correlation, 4)}, 95 % interval ${fixed(b.interval[0], 3)} to ${fixed(b.interval[1], 3)}. They differ in weights (here the root of capitalization), in assets, and by the return of cash where one is in excess of it.`,
    chart: {
      ...{ coarse: true as const, id: "beside", title: `Market factor beside ${b.column}`, axis: "%" },
      ...{ x: millis(BigInt64Array.from(both, (t) => time[t]!)), y: grown(study.returns[0]!.values) },
      over: { label: b.column, y: grown(b.values), marked: [] },
    },
    written: (v) => percent(v / 100),
    key,
  };
  const facts = table({
    caption: `${b.file.split(/[\\/]/).at(-1)}, column ${b.column}, read as ${b.unit === "percent" ? "percent" : "fractions"}`,
    columns: ["", "Market factor", b.column],
    rows: [
      ["Mean of a date", percent(b.own.mean, 4), percent(b.other.mean, 4)],
      ["Deviation", percent(b.own.deviation, 3), percent(b.other.deviation, 3)],
      ["Slope of the market factor on it", fixed(b.beta, 3), ""],
      ["Dates of the market factor that it lacks", count(b.without), ""],
    ],
  });
  return [{ ...drawn, more: facts }];
}
