import { compounded, meanTest, type Signal, summed } from "../analysis/signal.js";
import { type Course, millis } from "./courses.js";
import type { FactorReport } from "./factors.js";
import { heatMap } from "./heat.js";
import { empty, figure, type Section } from "./page.js";
import { count, fixed, percent, plural, signedPercent, table } from "./text.js";

/** Factors that get charts of their own; the tables hold all of them. */
const drawn = 4;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const idOf = (i: number, what: string): string => `factor-${i}-${what}`;

export const nextDates = (horizon: number): string => (horizon === 1 ? "next date" : `next ${plural(horizon, "date")}`);

export function signalSections({ study, time, options }: FactorReport): (Course | Section)[] {
  const x = millis(time);
  const first = nextDates(options.horizons[0]!);
  return study.signals.slice(0, drawn).flatMap((s, i) => {
    const test = s.decay[0]!.rank;
    return [
      {
        heading: `${s.name}: information coefficient`,
        says: `Rank correlation of the factor with the return over the ${first}, on each date. Mean ${fixed(test.mean, 4)} over ${plural(test.count, "date")}, IR ${fixed(test.ratio, 2)}, Newey-West t ${fixed(test.t, 1)}.`,
        chart: {
          ...{
            coarse: true as const,
            id: idOf(i, "ic"),
            title: `${s.name}: information coefficient`,
            axis: "rank correlation",
            x,
            y: s.ic,
          },
          threshold: { value: 0, label: "dashed: 0" },
        },
        written: (v) => fixed(v, 3),
      },
      monthly(s, time, i),
      {
        heading: `${s.name}: top less bottom quantile`,
        says: `Return of the top of ${options.quantiles} quantiles less that of the bottom one${options.horizons[0]! > 1 ? `, over the ${first}: neighbouring dates share returns, so it is summed, not compounded` : ", compounded over the dates"}; before costs.`,
        chart: {
          ...{ coarse: true as const, id: idOf(i, "spread"), title: `${s.name}: top less bottom`, axis: "%", x },
          y: (options.horizons[0]! > 1 ? summed(s.spread) : compounded(s.spread)).map((v) => 100 * v),
        },
        written: (v) => percent(v / 100),
      },
    ];
  });
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
    ...study.returns.slice(0, drawn + 1).map(
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
