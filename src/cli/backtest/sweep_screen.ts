/** The answers of tickforge backtest with --sweep and --walk-forward, for people and as one JSON object. */
import type { BacktestMeasures, SweepResult, SweepRun, WalkResult } from "../../analysis/backtest.js";
import type { BacktestOptions } from "../../backtest/run/options.js";
import { sweepJson, walkJson } from "../../report/backtest/backtest_json.js";
import { sweepRemarks, walkRemarks } from "../../report/backtest/backtest_remarks.js";
import { paramsText } from "../../report/backtest/backtest_report.js";
import { columns, count, fixed, percent, plural, seconds, toSecond } from "../kit/format.js";
import { cash, givenTerms, plain, share, termsText } from "./backtest_screen.js";

interface Answer<R> {
  result: R;
  options: BacktestOptions;
  seconds: number;
  written: readonly string[];
  words: readonly string[];
  workers: number;
}

const mostShown = 10;
const value = ({ sharpe }: BacktestMeasures): number => (Number.isFinite(sharpe) ? sharpe : Number.NEGATIVE_INFINITY);
const better = ({ measures: a }: SweepRun, { measures: b }: SweepRun): number =>
  value(a) === value(b) ? b.profit - a.profit : value(b) - value(a);
const figures = (m: BacktestMeasures): string[] => [fixed(m.sharpe, 2), cash(m.profit), share(m.maxDrawdown), fixed(m.turnover, 3)];
const terms = ({ options, words, workers, seconds: took }: Answer<unknown>, what: string): string[] => [
  words.join(", "),
  `${what}; ${plural(workers, "thread")}   ${seconds(took)}`,
  termsText(options, options.capital ?? 1e6, options.queue ?? "risk_averse"),
];
const closing = (written: readonly string[], next: string): string[] =>
  written.length > 0 ? written.map((path) => `wrote ${path}`) : [`next:  add --report ${next}`];

export function sweepScreen(answer: Answer<SweepResult>): string {
  const { result, written } = answer;
  const { strategy, axes, runs, failed, deflatedSharpe, overfitting } = result;
  const swept = axes
    .map(({ name, values }) => `${name} ${values.length > 1 ? `${values[0]} to ${values.at(-1)}, ${values.length} values` : values[0]}`)
    .join(" by ");
  const own = (params: SweepRun["params"]) => axes.map(({ name }) => String(params[name]));
  const shown = [...runs].sort(better).slice(0, mostShown);
  const head = [...axes.map(({ name }) => name), "Sharpe", "profit", "drawdown", "turnover", "fills"];
  const causes = new Map<string, number>();
  for (const { code, message } of failed) causes.set(`${message} [${code}]`, (causes.get(`${message} [${code}]`) ?? 0) + 1);
  return `${[
    ...terms(answer, `sweep of ${strategy}: ${swept}; ${plural(runs.length + failed.length, "run")}`),
    ...sweepRemarks(result).map((remark) => `found: ${plain(remark)}`),
    ...[...causes].slice(0, 5).map(([cause, times]) => `failed: ${plural(times, "run")}: ${cause}`),
    columns(
      [head, ...shown.map((run) => [...own(run.params), ...figures(run.measures), count(run.fills)])],
      head.map((_, i) => i),
      "  ",
    ),
    ...(runs.length > mostShown ? [`  the best ${mostShown} of ${count(runs.length)}: all with --json, or --report`] : []),
    `deflated Sharpe ratio ${fixed(deflatedSharpe, 3)}, probability of overfitting ${percent(overfitting)}`,
    ...closing(written, "sweep.html    a map of the values, and every run"),
  ].join("\n")}\n`;
}

export function walkScreen(answer: Answer<WalkResult>): string {
  const { result, written } = answer;
  const { strategy, windows, together } = result;
  const shown = windows.slice(-mostShown);
  const head = ["traded from", "to", "chosen", "Sharpe before", "Sharpe", "profit", "drawdown", "turnover"];
  const rows = shown.map(({ split, to, params, inSample, outOfSample }) => [
    toSecond(split),
    toSecond(to),
    paramsText(params),
    fixed(inSample.sharpe, 2),
    ...figures(outOfSample),
  ]);
  return `${[
    ...terms(answer, `walk forward of ${strategy}: ${plural(windows.length, "window")}`),
    ...walkRemarks(result).map((remark) => `found: ${plain(remark)}`),
    columns([head, ...rows, ["together", "", "", "", ...figures(together)]], [3, 4, 5, 6, 7], "  "),
    ...(windows.length > mostShown ? [`  the last ${mostShown} of ${count(windows.length)} windows: all with --json, or --report`] : []),
    ...closing(written, "walk.html    every window, what was chosen, what came of it"),
  ].join("\n")}\n`;
}

const json = ({ options, words, written, seconds: took }: Answer<unknown>, kind: string, version: string, rest: object): string =>
  `${JSON.stringify({
    ...{ schema: 1, command: "backtest", kind, version, files: words, seconds: took, written },
    ...givenTerms(options),
    ...rest,
  })}\n`;

export const sweepAnswer = (answer: Answer<SweepResult>, version: string): string =>
  json(answer, "sweep", version, sweepJson(answer.result));
export const walkAnswer = (answer: Answer<WalkResult>, version: string): string => json(answer, "walk", version, walkJson(answer.result));
