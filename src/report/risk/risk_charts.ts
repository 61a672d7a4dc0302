import { binsOf, monthlyReturns, pathOf, type RiskResult, underwaterOf } from "../../analysis/risk.js";
import { type Course, millis } from "../kit/courses.js";
import { histogram } from "../kit/histogram.js";
import { empty, figure, type Section } from "../kit/page.js";
import { count, fixed, Markup, none, percent, plural, table } from "../kit/text.js";
import { levelOf, shown } from "./risk_report.js";

export function courseSections({ returns, time }: RiskResult): Course[] {
  const path = pathOf(returns);
  const x = millis(time);
  return [
    {
      heading: "Equity",
      says: "What 1 at the beginning has become, gains reinvested, on a logarithmic axis: equal steps up are equal growth.",
      chart: { id: "equity", title: "Equity", axis: "growth of 1, logarithmic", x, y: path, scale: "log" },
      written: (v) => fixed(v, v < 10 ? 3 : 1),
    },
    {
      heading: "Underwater",
      says: "How far below its highest value so far the portfolio stands.",
      chart: { id: "underwater", title: "Underwater", axis: "below the high, %", x, y: underwaterOf(path).map((v) => 100 * v) },
      written: (v) => percent(v / 100),
    },
  ];
}

export function rollingSections(result: RiskResult): (Course | Section)[] {
  const { time, rolling, rollingVolatility, rollingSharpe, rollingBeta, benchmark } = result;
  const x = millis(time, 1);
  const over = `over the last ${plural(rolling, "return")}`;
  const from = rolling - 1;
  const part = (y: Float64Array) => ({ x: x.subarray(from), y: y.subarray(from) });
  const beta: Course | Section = rollingBeta
    ? {
        heading: "Rolling beta",
        says: `Slope of the returns on those of ${benchmark}, ${over}.`,
        chart: {
          coarse: true,
          id: "rolling-beta",
          title: "Rolling beta",
          axis: "beta",
          ...part(rollingBeta),
          threshold: { value: 1, label: "dashed: 1" },
        },
        written: (v) => fixed(v, 2),
      }
    : {
        id: "rolling-beta",
        heading: "Rolling beta",
        body: empty("No benchmark was given: --benchmark NAME, a column of the prices or a file, draws this chart."),
      };
  return [
    {
      heading: "Rolling volatility",
      says: `Annual volatility ${over}.`,
      chart: {
        coarse: true,
        id: "rolling-volatility",
        title: "Rolling volatility",
        axis: "a year, %",
        ...part(rollingVolatility.map((v) => 100 * v)),
      },
      written: (v) => percent(v / 100),
    },
    {
      heading: "Rolling Sharpe ratio",
      says: `Mean excess return over its deviation, a year, ${over}. It is mostly noise over short windows.`,
      chart: {
        coarse: true,
        id: "rolling-sharpe",
        title: "Rolling Sharpe ratio",
        axis: "ratio",
        ...part(rollingSharpe),
        threshold: { value: 0, label: "dashed: 0" },
      },
      written: (v) => fixed(v, 2),
    },
    beta,
  ];
}

/** Three strengths: below `small`, below three times that, above. */
function cell(value: number, small: number): string | Markup {
  if (Number.isNaN(value)) return none;
  const strength = [small, 3 * small].filter((border) => Math.abs(value) >= border).length;
  return new Markup(`<i class="${value < 0 ? "d" : "u"}${strength}">${fixed(Math.round(1000 * value) / 10 || 0, 1)}</i>`);
}

export function monthSection({ returns, time }: RiskResult): Section {
  const { years, values } = monthlyReturns(pathOf(returns), time);
  const months = Array.from({ length: 12 }, (_, m) =>
    new Date(Date.UTC(2000, m, 1)).toLocaleString("en-US", { month: "short", timeZone: "UTC" }),
  );
  const whole = years.map((_, y) => {
    const year = values.subarray(12 * y, 12 * y + 12).filter((v) => !Number.isNaN(v));
    return year.length > 0 ? year.reduce((product, v) => product * (1 + v), 1) - 1 : Number.NaN;
  });
  const rows = years.map((year, y) => [
    String(year),
    ...Array.from({ length: 12 }, (_, m) => cell(values[12 * y + m]!, 0.02)),
    cell(whole[y]!, 0.05),
  ]);
  const seen = values.filter((v) => !Number.isNaN(v));
  const above = `${count(seen.filter((v) => v > 0).length)} of ${plural(seen.length, "month")} are above 0.`;
  const says = `Blue above 0, orange with a minus below, stronger where larger. ${above}`;
  const body = `<p class="soft">${says}</p><div class="months">${table({ caption: "Return of each month and year, %", columns: ["Year", ...months, "Year"], rows })}</div>`;
  return { id: "months", heading: "Months", body };
}

export function histogramSection({ returns, methods, method, confidence }: RiskResult): Section {
  const own = methods.find((m) => m.method.startsWith(method)) ?? methods[0]!;
  const bins = binsOf(returns, 70);
  const marks = [
    { at: -own.var, label: `VaR ${shown(own.var)}` },
    { at: -own.es, label: `ES ${shown(own.es)}` },
  ].filter(({ at }) => Number.isFinite(at));
  const of = {
    id: "histogram",
    title: "Returns of one period",
    description: `${plural(returns.length, "return")}; VaR ${shown(own.var)} and ES ${shown(own.es)} at ${levelOf(confidence)}.`,
    bins,
    marks,
  };
  const rows = bins.counts
    .map((n, i) => [shown(bins.from + i * bins.width), shown(bins.from + (i + 1) * bins.width), count(n)])
    .filter(([, , n]) => n !== "0");
  const body = figure({
    says: `How often returns of each size came, with the ${own.method} VaR and ES at ${levelOf(confidence)}; the tail beyond the VaR in orange. The vertical axis is drawn out at its foot, so that single returns show.`,
    draw: (layout) => histogram(of, layout),
    table: table({ caption: "Returns by size", columns: ["From", "To", "Returns"], rows, words: [] }),
  });
  return { id: "histogram", heading: "Distribution of returns", body };
}
