/** Charts of a back-test over time: equity, drawdown, and of each instrument its price with the fills and what was held. */
import type { BacktestResult } from "../../analysis/backtest.js";
import { type Course, millis } from "../kit/courses.js";
import type { Signs } from "../kit/layout.js";
import type { Section } from "../kit/page.js";
import { count, none, percent, plural, significant, table } from "../kit/text.js";
import { money } from "./backtest_report.js";

/** More instruments than this are in the tables alone: those that were traded most are drawn. */
const mostDrawn = 4;
const nothing = "Nothing was recorded to draw.";

export function moneyCharts({ course, capital }: BacktestResult): Course[] {
  const x = millis(course.time);
  const [low, high] = [lowest(course.equityLow), lowest(course.equityHigh.map((v) => -v))];
  const between =
    course.time.length > 0 ? `<p class="soft">Between the points it was never below ${money(low)} nor above ${money(-high)}.</p>` : "";
  const { maintenance } = course;
  return [
    {
      heading: "Equity",
      says: `Cash and what is held at the mid, costs paid; it began with ${money(capital)}.`,
      chart: { id: "equity", title: "Equity", axis: "in currency", x, y: course.equity },
      ...{ written: money, none: nothing, more: between },
    },
    {
      heading: "Drawdown",
      says: "How far equity stands below its highest before, as a share of that.",
      chart: { id: "drawdown", title: "Drawdown", axis: "below the high, %", x, y: course.drawdown.map((v) => 100 * v) },
      ...{ written: (v: number) => percent(v / 100, 3), none: nothing },
    },
    ...(maintenance
      ? [
          {
            heading: "Maintenance requirement",
            says: "What the account had to hold for its positions as it was looked at last.",
            chart: { id: "maintenance", title: "Maintenance requirement", axis: "in currency", x, y: maintenance },
            ...{ written: money, none: nothing },
          },
        ]
      : []),
  ];
}

const lowest = (values: Float64Array): number => values.reduce((least, v) => (v < least ? v : least), Number.POSITIVE_INFINITY);

const fillKey =
  '<ul class="key"><li><svg viewBox="0 0 26 14"><path class="line" d="M1,10L9,4L17,9L25,3"/></svg>mid</li>' +
  '<li><svg viewBox="0 0 26 14"><path class="sign ups" d="M13,2l-5,10h10z"/></svg>bought</li>' +
  '<li><svg viewBox="0 0 26 14"><path class="sign downs" d="M13,12l-5,-10h10z"/></svg>sold</li></ul>';

export function instrumentCharts(result: BacktestResult): (Course | Section)[] {
  const { course, instruments, fills } = result;
  const traded = instruments.map((_, id) =>
    fills.size.reduce((sum, size, i) => (fills.instrument[i] === id ? sum + size * fills.price[i]! : sum), 0),
  );
  const order = [...instruments.keys()].sort((a, b) => traded[b]! - traded[a]! || a - b);
  const drawn = order.slice(0, mostDrawn);
  const x = millis(course.time);
  const column = (of: Float64Array, id: number) => x.map((_, row) => of[row * instruments.length + id]!);
  const charts = drawn.flatMap((id): Course[] => {
    const { name } = instruments[id]!;
    const signs = signsOf(result, id, x);
    const shown = signs.reduce((sum, one) => sum + one.x.length, 0);
    return [
      {
        heading: `Fills on price: ${name}`,
        says: `${plural(shown, "fill")} at their prices over the mid at the venue. Of more than fit beside each other the highest and the lowest are drawn.`,
        chart: { ...{ id: `price-${id}`, title: `Fills on price: ${name}`, axis: name, x, y: column(course.mid, id) }, signs },
        ...{ written: (v: number) => significant(v, 8), key: fillKey, none: "No mid was known of it." },
      },
      {
        heading: `Position: ${name}`,
        says: "Held in units, below 0 what was sold short, by fills at the venue.",
        chart: { id: `position-${id}`, title: `Position: ${name}`, axis: `${name}, units`, x, y: column(course.position, id) },
        ...{ written: (v: number) => significant(v), none: nothing },
      },
    ];
  });
  return instruments.length > 1 ? [...charts, instrumentSection(result, order, traded)] : charts;
}

/** Those that lie on the axis of the charts. */
function signsOf({ fills }: BacktestResult, id: number, x: Float64Array): Signs[] {
  return (["up", "down"] as const).map((kind) => {
    const own = Array.from(fills.time.keys()).filter((i) => {
      const ms = Number(fills.time[i]!) / 1e6;
      return fills.instrument[i] === id && fills.side[i]! > 0 === (kind === "up") && ms >= x[0]! && ms <= x.at(-1)!;
    });
    return {
      kind,
      x: Float64Array.from(own, (i) => Number(fills.time[i]! / 1000n) / 1000),
      y: Float64Array.from(own, (i) => fills.price[i]!),
    };
  });
}

function instrumentSection({ instruments, fills, course }: BacktestResult, order: readonly number[], traded: readonly number[]): Section {
  const last = course.time.length - 1;
  const body = table({
    caption: `Instruments, what was traded most first${instruments.length > mostDrawn ? `: the first ${mostDrawn} are drawn above` : ""}`,
    columns: ["Instrument", "Fills", "Traded", "Held at the end"],
    rows: order.map((id) => [
      instruments[id]!.name,
      count(fills.instrument.reduce((sum, own) => sum + (own === id ? 1 : 0), 0)),
      money(traded[id]!),
      last < 0 ? none : significant(course.position[last * instruments.length + id]!),
    ]),
  });
  return { id: "instruments", heading: "Instruments", body };
}
