/** The answer of tickforge risk, for people and for programs. */
import { type Backtest, type Metric, measureName, type RiskResult } from "../../analysis/risk.js";
import type { Prices } from "../../files/tables/laid_prices.js";
import { riskRemarks } from "../../report/risk/risk_remarks.js";
import { forecastPaths } from "../../studies/risk/risk.js";
import { columns, count, fixed, percent, plural, seconds, signedPercent, toSecond } from "../kit/format.js";

export interface RiskAnswer {
  result: RiskResult;
  prices: Prices;
  weightsFile: string | undefined;
  seconds: number;
  written: readonly string[];
  words: readonly string[];
}

const day = (ns: bigint): string => toSecond(ns).slice(0, 10);
const level = (confidence: number): string => `${Number((100 * confidence).toFixed(6))}%`;
const p = (value: number): string => (Number.isNaN(value) ? "-" : value < 0.0001 ? "<0.0001" : fixed(value, 4));

function backtestTable(backtests: readonly Backtest[]): string {
  const rows = backtests.map((b) => [
    level(b.confidence),
    count(b.breaches.length),
    fixed(b.expected, 1),
    p(b.kupiec.pValue),
    p(b.independence.pValue),
    p(b.coverage.pValue),
    p(b.shortfall.pValue),
    `${b.zone} (${b.zoneBreaches} in ${b.zoneDays})`,
  ]);
  const head = ["confidence", "breaches", "expected", "kupiec p", "independence p", "coverage p", "es p", "basel zone, last"];
  return columns([head, ...rows], [1, 2, 3, 4, 5, 6], "  ");
}

const written = ({ unit, value }: Pick<Metric, "unit" | "value">): string =>
  unit === "share" ? percent(value, 2) : unit === "periods" ? count(value) : fixed(value, 3);

function performance({ metrics, resamples }: RiskResult): string {
  const rows = metrics.map((m) => [
    measureName(m),
    written(m),
    `${written({ ...m, value: m.low })} .. ${written({ ...m, value: m.high })}${m.note === undefined ? "" : `  (${m.note})`}`,
  ]);
  return columns([["performance", "", `90% interval, ${resamples} resampled histories`], ...rows], [1], "  ");
}

const weeks = { 1: "a period", 5: "5 periods", 21: "21 periods" } as const;

export function riskScreen({ result, prices, weightsFile, seconds: took, written: files, words }: RiskAnswer): string {
  const { assets, time, returns, confidence, method, window } = result;
  const weights =
    assets.length === 1
      ? ""
      : `, ${weightsFile ? `weights from ${weightsFile}` : "equal weights (--weights FILE)"}, rebalanced every period`;
  const held = [...result.components].sort((a, b) => b.es - a.es).slice(0, 5);
  const total = (of: "var" | "es") => result.components.reduce((sum, c) => sum + c[of], 0);
  const worst = Object.entries(weeks).map(([length, name]) => {
    const list = result.worst.filter((w) => w.length === Number(length)).slice(0, 3);
    return `  ${name.padEnd(11)}${list.map((w) => `${signedPercent(w.return)} to ${day(w.to)}`).join("   ")}`;
  });
  return `${[
    `${words[0] === "-" ? "stdin" : words[0]}   ${prices.notes.join("; ")}`,
    `${day(time[0]!)} .. ${day(time.at(-1)!)}   ${plural(returns.length, "return")} of ${assets.length === 1 ? assets[0] : plural(assets.length, "asset")}${weights}   ${seconds(took)}`,
    ...(result.periodsFromDates
      ? [`about ${result.periodsPerYear} periods a year, from the dates; --periods-per-year to say otherwise`]
      : []),
    ...riskRemarks(result).map((remark) => `found: ${remark}`),
    columns(
      [
        [`${level(confidence)}, one period, a loss is positive`, "VaR", "ES", ""],
        ...result.methods.map((m) => [m.method, percent(m.var, 2), percent(m.es, 2), m.why ?? ""]),
      ],
      [1, 2],
      "  ",
    ),
    `back-test: ${method}, ${window} returns before each of ${count(result.backtests[0]!.days)} forecasts${method === "monte_carlo" ? `, ${count(forecastPaths)} paths each` : ""}`,
    backtestTable(result.backtests),
    ...(assets.length > 1
      ? [
          `component VaR and ES, shares: ${held.map((c) => `${c.asset} ${percent(c.var / total("var"))} ${percent(c.es / total("es"))}`).join(", ")}${assets.length > 5 ? ` (the first of ${assets.length})` : ""}`,
        ]
      : []),
    performance(result),
    ...(result.relative
      ? [
          `beside ${result.benchmark}: ${Object.entries(result.relative)
            .map(([name, value]) => `${name} ${fixed(value, 3)}`)
            .join(", ")}`,
        ]
      : []),
    "worst, of the data themselves",
    ...worst,
    ...files.map((path) => `wrote ${path}`),
    ...(files.length === 0 ? [`next:  add --report risk.html    charts, drawdowns, the back-test day by day`] : []),
  ].join("\n")}\n`;
}

const clean = (value: number): number | null => (Number.isFinite(value) ? value : null);

function missingJson({ missing: { universe, ...missing } }: RiskResult) {
  if (!universe) return missing;
  const { stays, least, most, ...rest } = universe;
  return { ...missing, ...rest, held: { least, most }, stays: stays.map((s) => ({ ...s, from: day(s.from), to: day(s.to) })) };
}

/** What the figures are, and would be with the returns of splits. */
function splitJson({ splitEffect: of }: RiskResult) {
  if (!of) return null;
  const at = (i: 0 | 1) => ({ var: of.var[i], es: of.es[i], annualReturn: of.annualReturn[i] });
  return { leftOut: at(0), kept: at(1) };
}

export function riskJson({ result, prices, words, weightsFile, written: files }: RiskAnswer, version: string): string {
  const test = ({ statistic, pValue }: { statistic: number; pValue: number }) => ({ statistic: clean(statistic), pValue: clean(pValue) });
  const { confidence, method, window, periodsPerYear, riskFreeRate, assets, weights } = result;
  return `${JSON.stringify(
    {
      ...{ schema: 1, command: "risk", version, file: words[0], format: prices.notes.join("; "), columns: prices.chosen },
      ...{ from: day(result.time[0]!), to: day(result.time.at(-1)!), returns: result.returns.length },
      conventions: {
        periodsPerYear,
        periodsPerYearFrom: result.periodsFromDates ? "dates" : "--periods-per-year",
        riskFreeRate,
        returns: "simple",
        sign: "a loss is positive",
        confidence,
        method,
        backtestWindow: window,
      },
      weights: { from: weightsFile ?? "equal", ...Object.fromEntries(assets.map((name, i) => [name, weights[i]])) },
      excluded: result.excluded,
      missing: missingJson(result),
      splits: result.splits.map(({ asset, time, ratio, as }) => ({
        ...{ asset, date: day(time), ratio, as, kept: result.splitsKept !== undefined },
      })),
      perhapsSplits: result.perhaps.map(({ asset, time, ratio, perhaps }) => ({ asset, date: day(time), ratio, perhaps })),
      splitEffect: splitJson(result),
      remarks: riskRemarks(result),
      risk: result.methods.map((m) => ({
        method: m.method,
        var: clean(m.var),
        es: clean(m.es),
        ...(m.why && { why: m.why }),
      })),
      backtests: result.backtests.map((b) => ({
        ...{
          confidence: b.confidence,
          days: b.days,
          breaches: b.breaches.length,
          expected: b.expected,
          ...(b.untrusted > 0 && { untrusted: b.untrusted }),
        },
        ...{ kupiec: test(b.kupiec), independence: test(b.independence), coverage: test(b.coverage), expectedShortfall: test(b.shortfall) },
        basel: { zone: b.zone, breaches: b.zoneBreaches, days: b.zoneDays },
        breachDates: b.breaches.map((d) => day(result.time[result.window + d + 1]!)),
      })),
      components: result.components,
      performance: result.metrics.map(({ name, value, low, high, note }) => ({
        name,
        value: clean(value),
        low: clean(low),
        high: clean(high),
        ...(note !== undefined && { note }),
      })),
      benchmark: result.relative ? { name: result.benchmark, ...result.relative } : null,
      drawdowns: result.drawdowns.map((d) => ({
        ...d,
        peak: day(d.peak),
        trough: day(d.trough),
        recovery: d.recovery ? day(d.recovery) : null,
      })),
      worst: result.worst.map((w) => ({ ...w, from: day(w.from), to: day(w.to) })),
      written: files,
    },
    null,
    2,
  )}\n`;
}
