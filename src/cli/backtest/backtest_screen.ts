/** The answer of tickforge backtest for people, and as one JSON object. */
import type { BacktestResult } from "../../analysis/backtest.js";
import type { FillQuality, MeanCost } from "../../analysis/fill_quality.js";
import type { BacktestOptions } from "../../backtest/run/options.js";
import { backtestJson } from "../../report/backtest/backtest_json.js";
import { backtestRemarks, qualityOf } from "../../report/backtest/backtest_remarks.js";
import { paramsText } from "../../report/backtest/backtest_report.js";
import { amount, columns, count, fixed, none, percent, plural, seconds, short, toSecond } from "../kit/format.js";
import { costTerms } from "./cost_terms.js";

export interface BacktestAnswer {
  result: BacktestResult;
  options: BacktestOptions;
  seconds: number;
  written: readonly string[];
  /** The files. */
  words: readonly string[];
}

export const cash = (value: number): string => (Number.isFinite(value) ? `${value > 0 ? "+" : ""}${amount(value + 0, 6)}` : none);
export const share = (value: number): string => `${amount(Number((100 * value).toPrecision(3)) + 0, 3)}%`;
const bp = ({ mean, error }: MeanCost): string =>
  Number.isFinite(mean) ? `${fixed(mean, 2)}${Number.isFinite(error) ? ` +- ${fixed(error, 2)}` : ""}` : none;

/** A terminal may know no other signs. */
export const plain = (text: string): string => text.replaceAll("\u2212", "-").replaceAll(" \u00b1 ", " +- ");

/** By which terms: every figure hangs on them. */
export function termsOf(options: BacktestOptions): [name: string, says: string][] {
  const { latency, fees } = options;
  const ms = (ns: unknown = 0) => (ns === "recorded" ? "as recorded" : `${amount(Number(ns) / 1e6, 6)} ms`);
  const feed = latency?.feed === undefined ? "" : `, ${ms(latency.feed)} of the feed`;
  const late = latency ? `${ms(latency.entry)} there, ${ms(latency.answer)} back${feed}` : "none";
  const rates = (of: object) =>
    "maker" in of && "taker" in of ? `${amount(1e4 * Number(of.maker))} / ${amount(1e4 * Number(of.taker))} bp` : "own tiers";
  return [["Latency", late], ["Fees", fees === undefined ? "none" : typeof fees === "string" ? fees : rates(fees)], ...costTerms(options)];
}

/** As they were given. */
export const givenTerms = ({ latency, fees, costs, margin }: BacktestOptions): object => ({
  ...{ latency: latency ?? null, fees: fees ?? null, costs: costs ?? null, marginTerms: margin ?? null },
});

export const termsText = (options: BacktestOptions, capital: number, queues: string): string =>
  `queue ${queues}; ${termsOf(options)
    .map(([name, says]) => (says === "none" ? `no ${name.toLowerCase()}` : `${name.toLowerCase()} ${says}`))
    .join("; ")}; capital ${amount(capital)}`;

function profit({ money: m, capital }: BacktestResult): string {
  const parts = Object.entries(m).filter(
    ([name, value]) => ["spread", "inventory", "fees"].includes(name) || (name !== "profit" && value !== 0),
  );
  const rows = [
    ...parts.map(([name, value]) => [name, cash(value), share(value / capital)]),
    ["= profit", cash(m.profit), share(m.profit / capital)],
  ];
  return columns([["money", "", "of the capital"], ...rows], [1, 2], "  ");
}

function trading({ orders: o, measures: m }: BacktestResult, { all }: FillQuality): string[] {
  const rejected = Object.entries(o.rejected).map(([reason, times]) => `${count(times)} rejected: ${reason}`);
  return [
    `Sharpe ratio ${fixed(m.sharpe, 2)}, volatility ${percent(m.volatility, 2)} a year; drawdown ${share(m.maxDrawdown)}; ${fixed(m.turnover, 3)} times the capital traded; ${percent(m.hitRate)} of what was closed gained`,
    `${plural(o.submitted, "order")}: ${count(o.filled)} filled, ${count(o.partly)} in part, ${count(o.cancelled)} cancelled, ${count(o.replaced)} replaced${rejected.length > 0 ? `; ${rejected.join(", ")}` : ""}; ${plural(all.fills, "fill")}, ${percent(o.fillRatio)} of the size asked for`,
  ];
}

function fills(quality: FillQuality): string[] {
  if (quality.all.fills === 0) return [];
  const row = (name: string, of: FillQuality["all"]) => [
    name,
    count(of.fills),
    bp(of.slippageDecided),
    bp(of.slippageArrived),
    bp(of.slippageFilled),
    ...of.kept.map(bp),
  ];
  const head = ["bp, above 0 a cost", "fills", "decided", "arrived", "filled", "after 1 s", "5 s", "30 s"];
  return [columns([head, row("all", quality.all), ...quality.parts.map((one) => row(one.name, one))], [1, 2, 3, 4, 5, 6, 7], "  ")];
}

export function backtestScreen(answer: BacktestAnswer): string {
  const { result, options, words, written, seconds: took } = answer;
  const { instruments, start, end, rows, decisions, strategy, params, capital, hash, log } = result;
  const quality = qualityOf(result);
  const queues = [...new Set(instruments.map(({ queue }) => queue))].join(", ");
  const names = instruments.length <= 3 ? instruments.map(({ name }) => name).join(", ") : plural(instruments.length, "instrument");
  return `${[
    words.join(", "),
    `${toSecond(start)} .. ${toSecond(end)}   ${names}; ${plural(rows, "row")} of the market, ${plural(decisions, "decision")}   ${seconds(took)}, ${short(rows / took)} rows/s`,
    `${strategy}: ${paramsText(params)}`,
    termsText(options, capital, queues),
    ...backtestRemarks(result, quality).map((remark) => `found: ${plain(remark)}`),
    profit(result),
    ...fills(quality),
    ...trading(result, quality),
    ...log.slice(0, 10).map((text) => `log: ${text}`),
    ...(log.length > 10 ? [`log: ... ${count(log.length - 10)} more lines: --json, or --report`] : []),
    `the same run has the same hash: ${hash.slice(0, 16)}`,
    ...written.map((path) => `wrote ${path}`),
    ...(written.length === 0 ? ["next:  add --report b.html    equity, drawdown, fills on prices, queues, toxicity at fills"] : []),
  ].join("\n")}\n`;
}

export const backtestAnswer = ({ result, options, words, written, seconds: took }: BacktestAnswer, version: string): string =>
  `${JSON.stringify({
    ...{ schema: 1, command: "backtest", kind: "backtest", version, files: words, seconds: took, written },
    ...givenTerms(options),
    ...backtestJson(result),
  })}\n`;
