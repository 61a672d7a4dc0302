/** Charts of walked portfolios over time: the first that was asked for as a line, the others beside it. */
import { underwaterOf } from "../../analysis/risk.js";
import type { Turn, WalkedPortfolio, WalkForwardResult } from "../../analysis/walk_forward.js";
import { type Course, millis } from "../kit/courses.js";
import { heatKey, heatMap } from "../kit/heat.js";
import { figure, type Section } from "../kit/page.js";
import { escapeHtml, fixed, percent, table } from "../kit/text.js";
import { dayOf, letterOf, mainOf, titleOf } from "./portfolio_report.js";

/** More lines than this cannot be told apart. */
const mostLines = 12;

/** Names the lines: the letters stand at their ends. */
function keyOf(portfolios: readonly WalkedPortfolio[]): string {
  const strokes = ["line", "lowest", "between"];
  const items = portfolios
    .slice(0, mostLines)
    .map(
      (one, i) =>
        `<li><svg viewBox="0 0 26 14"><path class="${strokes[Math.min(i, 2)]}" d="M1,10L25,4"/></svg>${letterOf(i)} ${escapeHtml(titleOf(one))}</li>`,
    );
  return `<ul class="key">${items.join("")}</ul>`;
}

interface Lines extends Pick<Course, "heading" | "says" | "written"> {
  id: string;
  axis: string;
  x: Float64Array;
  of: (one: WalkedPortfolio) => Float64Array;
  scale?: "log";
  coarse?: true;
}

/** A course of every portfolio. */
function lines({ portfolios }: WalkForwardResult, { heading, says, written, id, axis, x, of, ...how }: Lines): Course {
  const [main, ...others] = portfolios.slice(0, mostLines).map((one, i) => ({ label: letterOf(i), y: of(one) }));
  return {
    ...{ heading, says, written, key: keyOf(portfolios) },
    chart: { ...{ id, title: heading, axis, x, y: main!.y }, ...how, family: { below: others, label: main!.label } },
  };
}

export function courseSections(result: WalkForwardResult): Course[] {
  const { time, first } = result;
  const x = millis(time, first);
  return [
    lines(result, {
      ...{ id: "value", heading: "Value", axis: "growth of 1, logarithmic", x, scale: "log", of: ({ value }) => value },
      says: "What 1 at the first purchase has become, costs paid, on a logarithmic axis: equal steps up are equal growth.",
      written: (v) => fixed(v, v < 10 ? 3 : 1),
    }),
    lines(result, {
      ...{ id: "drawdown", heading: "Drawdown", axis: "below the high, %", x },
      of: ({ value }) => underwaterOf(value).map((v) => 100 * v),
      says: "How far below its highest value so far each portfolio stands.",
      written: (v) => percent(v / 100),
    }),
  ];
}

/** Values of the rebalances of one portfolio at their dates among those of all: NaN where it had none. */
function onDates({ time, portfolios }: WalkForwardResult) {
  const dates = [...new Set(portfolios.flatMap(({ turns }) => turns.map(({ traded }) => traded)))].sort((a, b) => a - b);
  const places = new Map(dates.map((date, i) => [date, i]));
  return {
    x: Float64Array.from(dates, (date) => Number(time[date]! / 1_000_000n)),
    of:
      (what: (turn: Turn, sum: number) => number, start = 1) =>
      ({ turns }: WalkedPortfolio) => {
        const y = new Float64Array(dates.length).fill(Number.NaN);
        let sum = 0;
        for (const turn of turns.slice(start)) {
          sum = what(turn, sum);
          y[places.get(turn.traded)!] = sum;
        }
        return y;
      },
  };
}

export function turnSections(result: WalkForwardResult): Course[] {
  const { x, of } = onDates(result);
  const main = mainOf(result);
  const { periodsPerYear } = result;
  const effective = (shares: Float64Array) => 1 / shares.reduce((sum, s) => sum + s * s, 0);
  return [
    lines(result, {
      ...{ coarse: true, id: "turnover", heading: "Turnover", axis: "of the value, %", x, of: of(({ turnover }) => 100 * turnover) },
      says: "Half of what is bought and sold at each rebalance, over the value; without the first purchase.",
      written: (v) => percent(v / 100),
    }),
    lines(result, {
      ...{ coarse: true, id: "cost", heading: "Cost so far", axis: "of the value, %", x, of: of(({ cost }, sum) => sum + 100 * cost, 0) },
      says: "Costs of all rebalances up to each, as shares of the value at their dates, added up; with the first purchase.",
      written: (v) => percent(v / 100, 2),
    }),
    {
      heading: "Concentration",
      says: `As many assets as one would need at equal weights to be as spread as the weights of ${titleOf(main)}, and as the shares of its risk: 1 over the sum of squares.`,
      chart: {
        ...{ coarse: true, id: "concentration", title: "Concentration", axis: "assets", x },
        y: of(({ weights }) => effective(weights), 0)(main),
        over: { label: "by share of risk", y: of(({ riskShares }) => effective(riskShares), 0)(main), marked: [] },
      },
      written: (v) => fixed(v, 1),
      key:
        '<ul class="key"><li><svg viewBox="0 0 26 14"><path class="line" d="M1,9L9,4L17,10L25,6"/></svg>by weight</li>' +
        '<li><svg viewBox="0 0 26 14"><path class="over" d="M1,9L9,7L17,8L25,6"/></svg>by share of risk</li></ul>',
    },
    lines(result, {
      ...{ coarse: true, id: "forecast", heading: "Forecast volatility", axis: "a year, %", x },
      of: of(({ forecast }) => 100 * forecast * Math.sqrt(periodsPerYear), 0),
      says: "What the risk model foretells of each portfolio at each rebalance.",
      written: (v) => percent(v / 100),
    }),
  ];
}

const [mostRows, mostColumns] = [12, 12];
const shortened = (name: string): string => (name.length > 8 ? `${name.slice(0, 7)}…` : name);

/** Mean weights, and shares of risk, of the largest assets in equal parts of the rebalances. */
export function weightSection(result: WalkForwardResult): Section {
  const main = mainOf(result);
  const { turns } = main;
  const columns = Math.min(mostColumns, turns.length);
  const part = (k: number) => turns.slice(Math.floor((k * turns.length) / columns), Math.floor(((k + 1) * turns.length) / columns));
  const count = result.assets.length;
  const weight = Array.from({ length: columns }, (_, k) => meanOf(part(k), count, ({ weights }) => weights));
  const risk = Array.from({ length: columns }, (_, k) => meanOf(part(k), count, ({ riskShares }) => riskShares));
  const whole = meanOf(turns, count, ({ weights }) => weights);
  const order = Array.from(whole.keys()).sort((a, b) => Math.abs(whole[b]!) - Math.abs(whole[a]!) || a - b);
  const all = order.filter((a) => whole[a] !== 0);
  const largest = all.slice(0, mostRows);
  const others = all.slice(largest.length);
  const names = [...largest.map((a) => result.assets[a]!), ...(others.length > 0 ? [`${others.length} more`] : [])];
  const cells = (of: readonly Float64Array[]) => [
    ...largest.map((a) => of.map((column) => column[a]!)),
    ...(others.length > 0 ? [of.map((column) => others.reduce((sum, a) => sum + column[a]!, 0))] : []),
  ];
  const [weights, risks] = [cells(weight), cells(risk)];
  const drawn = largest.length; // the colours are for single assets
  const decimals = Math.max(...weights.slice(0, drawn).flat()) < 0.01 ? 3 : 1;
  const from = Array.from({ length: columns }, (_, k) => dayOf(result.time[part(k)[0]!.traded]!).slice(0, 7));
  const map = {
    ...{ id: "weights-map", title: `Weights of ${titleOf(main)}`, rows: names.slice(0, drawn).map(shortened), columns: from },
    description: `Mean weight of ${drawn} assets in ${columns} parts of the time; the largest: ${names[0]}.`,
    values: Float64Array.from(weights.slice(0, drawn).flat()),
    labels: weights
      .slice(0, drawn)
      .flat()
      .map((w) => fixed(100 * w, decimals)),
    notes: risks
      .slice(0, drawn)
      .flat()
      .map((w) => fixed(100 * w, decimals)),
  };
  const body = figure({
    says: `Mean weight of the largest assets of ${titleOf(main)}, %, and below it in small their share of its risk by the risk model, %, in ${columns} equal parts of its rebalances, each named by its first month.${others.length > 0 ? ` The other ${others.length} are in the numbers.` : ""}`,
    draw: (layout) => heatMap(map, layout),
    key: heatKey(map.values, (v) => percent(v, decimals)),
    table: table({
      caption: "Mean weight, and share of the risk",
      columns: ["Asset", ...from],
      rows: names.map((name, i) => [
        name,
        ...weights[i]!.map((w, k) => `${percent(w, decimals)}, risk ${percent(risks[i]![k]!, decimals)}`),
      ]),
    }),
  });
  return { id: "weights", heading: "Weights and risk through time", body };
}

/** Mean over the rebalances of a part, of all assets. */
function meanOf(turns: readonly Turn[], assets: number, of: (turn: Turn) => Float64Array): Float64Array {
  const mean = new Float64Array(assets);
  for (const turn of turns) turn.assets.forEach((a, i) => void (mean[a]! += of(turn)[i]! / turns.length));
  return mean;
}
