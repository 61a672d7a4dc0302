import { compounded, meanTest, movingMean, type Signal, summed } from "../../analysis/signal.js";
import { type Course, millis } from "../kit/courses.js";
import { heatMap } from "../kit/heat.js";
import { empty, figure, type Section } from "../kit/page.js";
import { count, fixed, percent, plural, signedPercent, table } from "../kit/text.js";
import type { FactorReport } from "./factor_report.js";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const idOf = (i: number, what: string): string => `factor-${i}-${what}`;

export const nextDates = (horizon: number): string => (horizon === 1 ? "next date" : `next ${plural(horizon, "date")}`);

/** The first `drawn` factors get charts of their own; the tables hold all of them. */
export function signalSections({ study, time, options }: FactorReport, drawn: number): (Course | Section)[] {
  const x = millis(time);
  const horizon = options.horizons[0]!;
  return study.signals
    .slice(0, drawn)
    .flatMap((s, i) => [
      correlationCourse(s, x, horizon, idOf(i, "ic")),
      monthly(s, time, i),
      quantileCourse(s, x, horizon, idOf(i, "quantiles")),
      spreadCourse(s, x, options.quantiles, horizon, idOf(i, "spread")),
    ]);
}

/** About a month of dates, fewer where there are not three times as many. */
const movingDates = (dates: number): number => Math.max(2, Math.min(21, Math.floor(dates / 3)));

function correlationCourse(s: Signal, x: Float64Array, horizon: number, id: string): Course {
  const test = s.decay[0]!.rank;
  const window = movingDates(test.count);
  const key =
    '<ul class="key"><li><svg viewBox="0 0 26 14"><path class="line faint" d="M1,9L9,4L17,10L25,6"/></svg>each date</li>' +
    `<li><svg viewBox="0 0 26 14"><path class="over" d="M1,9L9,7L17,8L25,6"/></svg>mean of the last ${count(window)}</li></ul>`;
  return {
    heading: `${s.name}: information coefficient`,
    says: `Rank correlation of the factor with the return over the ${nextDates(horizon)}, on each date, and its moving average. Mean ${fixed(test.mean, 4)} over ${plural(test.count, "date")}, IR ${fixed(test.ratio, 2)}, Newey-West t ${fixed(test.t, 1)}.`,
    chart: {
      ...{ coarse: true, id, title: `${s.name}: information coefficient`, axis: "rank correlation", x, y: s.ic, faint: true },
      over: { label: `mean of ${count(window)}`, y: movingMean(s.ic, window), marked: [] },
      threshold: { value: 0, label: "dashed: 0" },
    },
    written: (v) => fixed(v, 3),
    key,
  };
}

/** Summed where neighbouring dates share returns. */
const cumulative = (values: Float64Array, horizon: number): Float64Array =>
  (horizon > 1 ? summed(values) : compounded(values)).map((v) => 100 * v);
const how = (horizon: number): string =>
  horizon > 1
    ? `over the ${nextDates(horizon)}: neighbouring dates share returns, so it is summed, not compounded`
    : "compounded over the dates";

/** More lines than this cannot be told apart. */
const mostCurves = 10;

function quantileCourse(s: Signal, x: Float64Array, horizon: number, id: string): Course {
  const all = s.quantileReturns.length;
  const shown = Math.min(all, mostCurves);
  const curves = Array.from({ length: shown }, (_, k) => {
    const q = Math.round((k * (all - 1)) / (shown - 1));
    return { label: String(q + 1), y: cumulative(s.quantileReturns[q]!, horizon) };
  });
  const top = curves.at(-1)!;
  const key =
    `<ul class="key"><li><svg viewBox="0 0 26 14"><path class="line" d="M1,10L25,4"/></svg>top (${top.label})</li>` +
    (curves.length > 2 ? '<li><svg viewBox="0 0 26 14"><path class="between" d="M1,8L25,7"/></svg>between</li>' : "") +
    '<li><svg viewBox="0 0 26 14"><path class="lowest" d="M1,4L25,10"/></svg>bottom (1)</li></ul>';
  return {
    heading: `${s.name}: return by quantile`,
    says: `Return of ${shown < all ? `${shown} of ${all}` : `each of ${all}`} quantiles less the mean of the date, ${how(horizon)}; before costs. A factor that foretells spreads them in their order.`,
    chart: {
      ...{ coarse: true, id, title: `${s.name}: return by quantile`, axis: "%, less the mean", x, y: top.y },
      family: { below: curves.slice(0, -1), label: top.label },
    },
    written: (v) => percent(v / 100),
    key,
  };
}

function spreadCourse(s: Signal, x: Float64Array, quantiles: number, horizon: number, id: string): Course {
  return {
    heading: `${s.name}: top less bottom quantile`,
    says: `Return of the top of ${quantiles} quantiles less that of the bottom one, ${how(horizon)}; before costs.`,
    chart: { coarse: true, id, title: `${s.name}: top less bottom`, axis: "%", x, y: cumulative(s.spread, horizon) },
    written: (v) => percent(v / 100),
  };
}

function monthly(s: Signal, time: BigInt64Array, i: number): Section {
  const heading = `${s.name}: information coefficient by month`;
  const dates = Array.from(time, (ns) => new Date(Number(ns / 1_000_000n)));
  const [from, to] = [dates[0]!.getUTCFullYear(), dates.at(-1)!.getUTCFullYear()];
  const years = Array.from({ length: to - from + 1 }, (_, y) => String(from + y));
  const own = years.flatMap((year) =>
    months.map((_, m) => meanTest(s.ic.filter((_, t) => dates[t]!.getUTCFullYear() === Number(year) && dates[t]!.getUTCMonth() === m))),
  );
  if (own.every(({ count: n }) => n === 0)) return { id: idOf(i, "months"), heading, body: empty("No date has a correlation.") };
  const values = Float64Array.from(own, ({ mean }) => mean);
  const known = own.filter(({ count: n }) => n > 0);
  const body = figure({
    says: "Mean rank correlation of each month, and the number of its dates: blue above 0, orange with a minus below, stronger where larger.",
    draw: (layout) =>
      heatMap(
        {
          id: idOf(i, "months"),
          title: heading,
          description: `${plural(known.length, "month")} with values: lowest ${fixed(Math.min(...known.map((k) => k.mean)), 3)}, highest ${fixed(Math.max(...known.map((k) => k.mean)), 3)}.`,
          ...{ rows: years, columns: months, values, signed: true },
          labels: own.map(({ mean }) => fixed(mean, 3)),
          notes: own.map(({ count: n }) => count(n)),
        },
        layout,
      ),
    table: table({
      caption: heading,
      columns: ["Month", "Dates", "Mean"],
      rows: own.flatMap((k, at) =>
        k.count > 0 ? [[`${years[Math.floor(at / 12)]!} ${months[at % 12]!}`, count(k.count), fixed(k.mean, 4)]] : [],
      ),
    }),
  });
  return { id: idOf(i, "months"), heading, body };
}

export function returnSections({ study, time, options }: FactorReport): (Course | Section)[] {
  const x = millis(time);
  const what =
    options.mode === "joint"
      ? "one weighted regression of each date on market, sectors and factors"
      : "market and sectors first, factors on what they leave";
  return [
    ...study.returns.slice(0, 5).map(
      (r, i): Course => ({
        heading: `Return of ${r.name}`,
        says: `Compounded over the dates; ${what}. In all ${signedPercent(r.cumulative.at(-1)!)}, mean over deviation ${fixed(r.test.ratio, 2)} a date.`,
        chart: {
          coarse: true,
          id: `return-${i}`,
          title: `Return of ${r.name}`,
          axis: "%",
          x,
          y: r.cumulative.map((v) => 100 * v),
        },
        written: (v) => percent(v / 100),
      }),
    ),
    {
      heading: "Explained by the factors",
      says: "R² of each date's regression, about 0, as the market is a factor: the weighted share of squared returns that market, sectors and factors explain.",
      chart: { coarse: true, id: "r-squared", title: "R² by date", axis: "share", x, y: study.rSquared, domain: [0, 1] },
      written: (v) => fixed(v, 3),
    },
    {
      heading: "Specific risk",
      says: "Root mean square across the assets of what no factor explains, on each date.",
      chart: { coarse: true, id: "specific", title: "Specific risk", axis: "a date, %", x, y: study.specific.map((v) => 100 * v) },
      written: (v) => percent(v / 100, 2),
    },
  ];
}
