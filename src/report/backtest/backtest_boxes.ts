/** What a page of a back-test rests on, and its first figures. */
import type { FillQuality } from "../../analysis/fill_quality.js";
import { commandHtml, count, escapeHtml, facts, plural } from "../kit/text.js";
import {
  type BacktestReport,
  bpOf,
  money,
  paramsText,
  percent,
  queueWords,
  ratio,
  roundly,
  type SweepReport,
  signedMoney,
  signedPercent,
  type WalkReport,
  when,
} from "./backtest_report.js";

export const box = (heading: string, body: string): string => `<div class="box"><h2>${escapeHtml(heading)}</h2>${body}</div>`;
export const remarkBox = (remarks: readonly string[]): string =>
  remarks.length === 0 ? "" : box("Before you read on", `<ul>${remarks.map((text) => `<li>${escapeHtml(text)}</li>`).join("")}</ul>`);
export const tile = (name: string, value: string, note: string): string =>
  `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(note)}</small></dd></div>`;
export const tilesOf = (answer: string, tiles: readonly string[]): string =>
  `<p class="answer">${escapeHtml(answer)}</p><dl class="tiles">${tiles.join("")}</dl>`;

/** The command, and every file by its hash. */
export function madeBox({ commandLine, files, version }: BacktestReport | SweepReport | WalkReport, hash?: string): string {
  const made = files.map(
    (f) => `<p><strong>${escapeHtml(f.name)}</strong><br>${escapeHtml(f.format)}<br><code>sha256 ${escapeHtml(f.sha256)}</code></p>`,
  );
  const own: [string, string][] = [["tickforge", version], ...(hash ? [["Events and fills", hash] as [string, string]] : [])];
  return `<details class="box"><summary>How this page was made</summary><pre>${commandHtml(commandLine)}</pre>${made.join("")}${facts(own)}</details>`;
}

/** Before any figure: by which rules. */
export function conventions({ result, terms = [] }: BacktestReport): string {
  const queues = [...new Set(result.instruments.map(({ queue }) => queue))];
  return box(
    "Conventions",
    facts([
      ["Parameters", paramsText(result.params)],
      ["Capital", money(result.capital)],
      ["From", `${when(result.start)} UTC`],
      ["To", `${when(result.end)} UTC`],
      ["Rows of the market", count(result.rows)],
      ["Times the strategy was asked", count(result.decisions)],
      ...queues.map((queue): [string, string] => [`Queue ${queue.replaceAll("_", " ")}`, queueWords[queue]]),
      ...terms.map(([name, says]): [string, string] => [name, says]),
      ["What is held", "at the mid"],
      ["Sharpe ratio", `of returns a bar of ${result.barSeconds} s, by a year of 365.25 days`],
    ]),
  );
}

export function tiles({ result }: BacktestReport, { all }: FillQuality): string {
  const { measures: m, orders, strategy } = result;
  const kept = all.kept[1]!;
  return tilesOf(`${strategy}, after costs`, [
    tile("Profit", signedMoney(m.profit), `${signedPercent(m.returns, 3)} of the capital`),
    tile("Sharpe ratio", ratio(m.sharpe), `volatility ${percent(m.volatility, 2)} a year`),
    tile("Maximum drawdown", percent(m.maxDrawdown, 3), `${percent(m.hitRate)} of what was closed gained`),
    tile("Fills", count(all.fills), `${percent(orders.fillRatio)} of the size asked for`),
    tile("Traded", roundly(all.value), `${ratio(m.turnover)} times the capital`),
    tile(
      "A fill costs after 5 s",
      `${bpOf({ ...kept, error: Number.NaN })} bp`,
      kept.known > 1 ? `± ${bpOf({ ...kept, mean: kept.error, error: Number.NaN })}; below 0 it gained` : plural(kept.known, "fill"),
    ),
  ]);
}
