/** The page of a sweep: which values did best, and how much of that is luck. */
import type { FailedRun, SweepResult, SweepRun } from "../../analysis/backtest.js";
import { type HeatMap, heatMap } from "../kit/heat.js";
import { empty, figure, page, type Section } from "../kit/page.js";
import { count, facts, fixed, longTable, percent, plural, table } from "../kit/text.js";
import { box, madeBox, remarkBox, tile, tilesOf } from "./backtest_boxes.js";
import { sweepJson } from "./backtest_json.js";
import { sweepRemarks } from "./backtest_remarks.js";
import { money, paramsText, ratio, roundly, type SweepReport, signedMoney, titleOf } from "./backtest_report.js";

export function sweepPage(report: SweepReport): string {
  const { result, version, files } = report;
  const { strategy, axes, runs, failed, best, deflatedSharpe, overfitting } = result;
  const first = runs[best];
  const values = axes.reduce((all, axis) => all * axis.values.length, 1);
  return page({
    title: `Sweep of ${titleOf(strategy)}`,
    files,
    subtitle: `${axes.map(({ name }) => name).join(" by ")} · ${plural(runs.length, "run")}${failed.length > 0 ? `, ${failed.length} failed` : ""}`,
    opening: [
      box(
        "Conventions",
        facts([
          ...axes.map(({ name, values: of }): [string, string] => [name, `${plural(of.length, "value")}, ${of[0]} to ${of.at(-1)}`]),
          ["Combinations", count(values)],
          ["The best", "the highest Sharpe ratio"],
          ...(report.terms ?? []).map(([name, says]): [string, string] => [name, says]),
          ["Deflated Sharpe ratio", "probability that it is above what so many trials give by luck (Bailey and Lopez de Prado 2014)"],
          ["Overfitting", "probability that the best in one half is below the median in the other (CSCV; Bailey et al. 2017)"],
        ]),
      ),
      remarkBox(sweepRemarks(result)),
      madeBox(report),
      first
        ? tilesOf(`Best: ${paramsText(first.params)}`, [
            tile("Sharpe ratio", ratio(first.measures.sharpe), `of ${plural(runs.length, "run")}`),
            tile("Deflated", fixed(deflatedSharpe, 3), "a probability"),
            tile("Overfitting", Number.isFinite(overfitting) ? percent(overfitting) : "–", "a probability"),
            tile("Profit", signedMoney(first.measures.profit), `drawdown ${percent(first.measures.maxDrawdown, 3)}`),
            tile("Fills", count(first.fills), `fees ${money(-first.money.fees)}`),
          ])
        : "",
    ].join("\n"),
    sections: [mapSection(result), runSection(result), ...failedSection(failed)],
    footer: `Made by tickforge ${version}. This page is one file: it loads nothing and runs no script. The best of many runs is better than it will be.`,
    summary: { ...{ schema: 1, kind: "sweep", version }, ...sweepJson(result) },
  });
}

/** More than this of an axis does not fit beside each other. */
const most = 12;

/** Sharpe ratios over the first two axes; of others the middle run of each cell. */
function mapSection({ axes, runs }: SweepResult): Section {
  const heading = "Sharpe ratio over the values";
  const [down, across] = axes.length > 1 ? [axes[0]!, axes[1]!] : [undefined, axes[0]];
  if (!across || runs.length === 0) return { id: "map", heading, body: empty("Nothing was swept, or no run came to its end.") };
  const [rows, columns] = [down ? spread(down.values) : [undefined], spread(across.values)];
  const cells = rows.flatMap((row) =>
    columns.map((column) =>
      middle(runs.filter(({ params }) => params[across.name] === column && (row === undefined || params[down!.name] === row))),
    ),
  );
  const map: HeatMap = {
    ...{ id: "sweep", title: heading, signed: true },
    description: `Sharpe ratios of ${plural(cells.filter(Boolean).length, "cell")}, with the profit below each.`,
    rows: rows.map((row) => (row === undefined ? "Sharpe" : shortened(row))),
    columns: columns.map(shortened),
    values: Float64Array.from(cells, (run) => run?.measures.sharpe ?? Number.NaN),
    labels: cells.map((run) => (run ? ratio(run.measures.sharpe) : "")),
    notes: cells.map((run) => (run ? roundly(run.measures.profit) : "")),
  };
  const cut = [down, across].some((axis) => axis && axis.values.length > most);
  const says =
    `Cells by ${down ? `${down.name} and ${across.name}` : across.name}: the Sharpe ratio, and below it in small the profit; blue above 0, orange below. ` +
    `${axes.length > 2 ? "Of the runs that differ in other values alone, the one with the middle Sharpe ratio. " : ""}` +
    `${cut ? `Of long axes ${most} values are drawn; all are in the table below. ` : ""}` +
    "A high cell among low ones is luck; a strategy that works does so around it too.";
  const body = figure({
    says,
    draw: (layout) => heatMap(map, layout),
    table: table({
      caption: "Sharpe ratio",
      columns: [down?.name ?? "", ...columns.map(String)],
      rows: rows.map((row, r) => [
        row === undefined ? "" : String(row),
        ...columns.map((_, c) => map.labels[r * columns.length + c]! || "–"),
      ]),
    }),
  });
  return { id: "map", heading, body };
}

function spread<T>(values: readonly T[]): T[] {
  const wanted = Math.min(most, values.length);
  return Array.from({ length: wanted }, (_, i) => values[wanted === 1 ? 0 : Math.round((i * (values.length - 1)) / (wanted - 1))]!);
}

const sharpeOf = (run: SweepRun): number => (Number.isFinite(run.measures.sharpe) ? run.measures.sharpe : Number.NEGATIVE_INFINITY);
const bySharpe = (a: SweepRun, b: SweepRun): number => (sharpeOf(a) === sharpeOf(b) ? 0 : sharpeOf(b) - sharpeOf(a));
const middle = (runs: readonly SweepRun[]): SweepRun | undefined => [...runs].sort(bySharpe)[runs.length >> 1];

const shortened = (value: number | string): string => (String(value).length > 8 ? `${String(value).slice(0, 7)}…` : String(value));

const mostRuns = 500;

function runSection({ axes, runs }: SweepResult): Section {
  const names = axes.map(({ name }) => name);
  const cut = runs.length > mostRuns ? `: the first ${mostRuns} of ${count(runs.length)}, all: --json` : "";
  const body = longTable({
    caption: `Runs, the highest Sharpe ratio first${cut}`,
    columns: [...(names.length > 0 ? names : ["Run"]), "Sharpe", "Profit", "Drawdown", "Volatility", "Turnover", "Fees", "Fills"],
    rows: [...runs]
      .sort(bySharpe)
      .slice(0, mostRuns)
      .map(({ params, measures: m, money: of, fills }) => [
        ...(names.length > 0 ? names.map((name) => String(params[name])) : [paramsText(params)]),
        ...[ratio(m.sharpe), signedMoney(m.profit), percent(m.maxDrawdown, 3), percent(m.volatility, 2), ratio(m.turnover)],
        ...[signedMoney(of.fees), count(fills)],
      ]),
  });
  return { id: "runs", heading: "Runs", body };
}

function failedSection(failed: readonly FailedRun[]): Section[] {
  if (failed.length === 0) return [];
  const rows = failed.slice(0, mostRuns).map(({ params, code, message }) => [paramsText(params), code, message]);
  const caption = `${plural(failed.length, "run")} that could not end: the others went on`;
  return [
    { id: "failed", heading: "Failed", body: longTable({ caption, columns: ["Values", "Code", "What happened"], rows, words: [0, 1, 2] }) },
  ];
}
