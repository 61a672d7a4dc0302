import type { RiskResult } from "../../analysis/risk.js";
import type { MaybeSplit, SplitLike } from "../../analysis/splits.js";
import type { Section } from "../kit/page.js";
import { commandHtml, count, escapeHtml, facts, fixed, longTable } from "../kit/text.js";
import { riskRemarks } from "./risk_remarks.js";
import { dayOf, levelOf, type RiskReport, shown } from "./risk_report.js";

/** What every figure of the page rests on, before any of them. */
export function conventions({ result, weightsFrom, commandLine, version, files }: RiskReport): string {
  const { periodsPerYear, riskFreeRate, confidence, method, window, rolling, assets, benchmark } = result;
  const made = files.map(
    (f) => `<p><strong>${escapeHtml(f.name)}</strong><br>${escapeHtml(f.format)}<br><code>sha256 ${escapeHtml(f.sha256)}</code></p>`,
  );
  const weights = assets.length === 1 ? "one asset" : `${weightsFrom === "equal" ? "equal" : weightsFrom}, rebalanced every period`;
  return (
    `<div class="box"><h2>Conventions</h2>${facts([
      ["Periods a year", `${periodsPerYear}${result.periodsFromDates ? ", from the dates" : ""}`],
      ["Risk-free rate", `${shown(riskFreeRate)} a year`],
      ["Returns", `simple, of one period${result.ofReturns ? ", as the file holds them" : ""}`],
      ["Sign of VaR and ES", "a loss is positive"],
      ["Confidence", levelOf(confidence)],
      ["Horizon of VaR and ES", "one period"],
      ["Back-tested method", `${method}, ${window} returns before each day`],
      ["Rolling charts", `${rolling} returns`],
      ["Weights", weights],
      ["Benchmark", benchmark ?? "none given"],
    ])}</div>${cautions(result)}` +
    `<details class="box"><summary>How this page was made</summary><pre>${commandHtml(commandLine)}</pre>${made.join("")}${facts([["tickforge", version]])}</details>`
  );
}

/** What a careful reader would want to be told before looking at a chart. */
function cautions(result: RiskResult): string {
  const { backtests, time } = result;
  const found = riskRemarks(result);
  const few = backtests.filter((b) => b.expected < 5);
  if (few.length > 0)
    found.push(
      `At ${few.map((b) => levelOf(b.confidence)).join(" and ")} fewer than 5 breaches are expected in ${count(backtests[0]!.days)} forecasts: the tests can tell little.`,
    );
  const years = Number(time.at(-1)! - time[0]!) / (365.25 * 86_400e9);
  if (years < 3) found.push(`The data span ${fixed(years, 1)} years: a yearly figure rests on that alone.`);
  return found.length > 0
    ? `<div class="box"><h2>Before you read on</h2><ul>${found.map((text) => `<li>${escapeHtml(text)}</li>`).join("")}</ul></div>`
    : "";
}

export function tiles(result: RiskResult): string {
  const metric = (name: string) => result.metrics.find((m) => m.name === name)!;
  const own = result.methods.find(({ method }) => method.startsWith(result.method)) ?? result.methods[0]!;
  const tested = result.backtests.find((b) => b.confidence === result.confidence)!;
  const tile = (name: string, value: string, note: string) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(note)}</small></dd></div>`;
  const worst = result.drawdowns[0];
  return `<dl class="tiles">${[
    tile(`VaR ${levelOf(result.confidence)}`, shown(own.var), `${own.method}, of one period`),
    tile(`ES ${levelOf(result.confidence)}`, shown(own.es), "mean loss beyond it"),
    tile("Breaches", count(tested.breaches.length), `${fixed(tested.expected, 1)} expected, ${tested.zone} zone`),
    tile("Annual return", shown(metric("annual return").value), `volatility ${shown(metric("annual volatility").value)}`),
    tile(
      "Sharpe ratio",
      fixed(metric("Sharpe ratio").value, 2),
      `${fixed(metric("Sharpe ratio").low, 2)} to ${fixed(metric("Sharpe ratio").high, 2)}`,
    ),
    tile(
      "Maximum drawdown",
      shown(metric("maximum drawdown").value),
      worst ? `${dayOf(worst.peak)} to ${dayOf(worst.trough)}` : "never below its high",
    ),
  ].join("")}</dl>`;
}

export function dataSection({ result, files }: RiskReport): Section {
  const { time, assets, returns, missing, splits, perhaps, splitsKept, excluded, ofReturns } = result;
  const kept = splitsKept !== undefined;
  const box = `<div class="box">${facts([
    [ofReturns ? "First return" : "First price", dayOf(time[0]!)],
    [ofReturns ? "Last return" : "Last price", dayOf(time.at(-1)!)],
    ["Returns", count(returns.length)],
    ["Assets", count(assets.length)],
    ["Assets left out", count(excluded.length)],
    ["Format", files[0]?.format ?? "not known"],
    ["Prices missing", count(missing.prices)],
    ["Dates left out", count(missing.dropped)],
    ["Jumps like a split", `${count(splits.length)}${splits.length > 0 ? (kept ? ", kept" : ", left out") : ""}`],
    ["Jumps that may be splits", `${count(perhaps.length)}${perhaps.length > 0 ? ", kept" : ""}`],
  ])}</div>`;
  const row = ({ asset, time: at, ratio }: SplitLike | MaybeSplit, as: string, done: string) => [
    asset,
    dayOf(at),
    fixed(ratio, 4),
    as,
    done,
  ];
  const all = [
    ...perhaps.map((jump) => row(jump, `perhaps ${jump.perhaps}`, "not sure: taken as a return")),
    ...splits.map((split) => row(split, split.as, kept ? "taken as a return" : "taken as 0")),
  ];
  const rows = all.slice(0, 100);
  const list =
    all.length === 0
      ? ""
      : longTable({
          caption: `Jumps that look like an unadjusted split, those that are not sure first${all.length > rows.length ? `: the first ${rows.length} of ${count(all.length)}, all: --json` : ""}`,
          columns: ["Asset", "Date", "Price over the one before", "As a split", "What was done"],
          rows,
          words: [0, 1, 3, 4],
        });
  return { id: "data", heading: "Data", body: box + list + membersTables(result) };
}

/** Who was left out, and who was not there throughout. */
function membersTables({ excluded, missing }: RiskResult): string {
  const stays = missing.universe?.stays ?? [];
  const out = excluded.map(({ asset, why }) => [asset, why]);
  const members = stays.map(({ asset, from, to }) => [asset, dayOf(from), dayOf(to)]);
  return (
    (out.length > 0 ? longTable({ caption: "Assets left out", columns: ["Asset", "Why"], rows: out, words: [0, 1] }) : "") +
    (members.length > 0
      ? longTable({
          caption: "Assets that enter or leave",
          columns: ["Asset", "First price", "Last price"],
          rows: members,
          words: [0, 1, 2],
        })
      : "")
  );
}
