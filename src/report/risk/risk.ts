import { stacked } from "../kit/courses.js";
import { fitted, type Live, type PageScript, page } from "../kit/page.js";
import { count, plural } from "../kit/text.js";
import { backtestSections } from "./risk_backtest.js";
import { conventions, dataSection, tiles } from "./risk_boxes.js";
import { courseSections, histogramSection, monthSection, rollingSections } from "./risk_charts.js";
import { dayOf, type RiskReport } from "./risk_report.js";
import { componentSection, drawdownSection, methodSection, metricSection, worstSection } from "./risk_tables.js";

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The page as one HTML text; with a script of its own its charts follow the cursor. */
export function riskPage(report: RiskReport, own?: PageScript): string {
  const { result } = report;
  const { assets, time, returns, confidence, method } = result;
  const what = assets.length === 1 ? assets[0]! : plural(assets.length, "asset");
  const parts = [
    ...courseSections(result),
    drawdownSection(result),
    ...rollingSections(result),
    monthSection(result),
    histogramSection(result),
    methodSection(result),
    ...backtestSections(result),
    ...(assets.length > 1 ? [componentSection(result)] : []),
    metricSection(result),
    worstSection(result),
    dataSection(report),
  ];
  const made = (detail: number, live?: Live) =>
    page({
      title: "Risk and performance",
      files: report.files,
      subtitle: `${report.files[0]?.name ?? "no file"} · ${what} · ${dayOf(time[0]!)} to ${dayOf(time.at(-1)!)} · ${count(returns.length)} returns`,
      opening: [conventions(report), tiles(result)].join("\n"),
      sections: stacked(parts, detail, live),
      footer: `Made by tickforge ${report.version}. This page is one file: it loads nothing and runs no script. A loss is positive where it is called VaR or ES.`,
      live,
      summary: {
        ...{ schema: 1, kind: "risk", version: report.version, confidence, method, from: dayOf(time[0]!), to: dayOf(time.at(-1)!) },
        ...{ returns: returns.length, assets: assets.length, periodsPerYear: result.periodsPerYear },
        risk: result.methods.map(({ method: name, var: risk, es }) => ({ method: name, var: finite(risk), es: finite(es) })),
        backtests: result.backtests.map((b) => ({
          ...{ confidence: b.confidence, days: b.days, breaches: b.breaches.length, expected: b.expected },
          ...{ kupiecP: finite(b.kupiec.pValue), independenceP: finite(b.independence.pValue), coverageP: finite(b.coverage.pValue) },
          ...{ zone: b.zone },
        })),
        performance: Object.fromEntries(result.metrics.map(({ name, value }) => [name, finite(value)])),
        splits: result.splits.length,
        perhapsSplits: result.perhaps.length,
      },
    });
  return fitted(made, own);
}
