import { stacked } from "../kit/courses.js";
import { fitted, isLeast, type Live, type PageScript, page } from "../kit/page.js";
import { plural } from "../kit/text.js";
import { dayOf } from "../risk/risk_report.js";
import { answer } from "./factor_answer.js";
import { besideSections } from "./factor_beside.js";
import { returnSections, signalSections } from "./factor_charts.js";
import { jumpSection } from "./factor_jumps.js";
import { portfolioSections } from "./factor_portfolio.js";
import type { FactorReport } from "./factor_report.js";
import { coverageBox, factorTables, howMade, remarksBox, signalTable } from "./factor_tables.js";

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The page as one HTML text; with a script of its own its charts follow the cursor. */
export function factorsPage(report: FactorReport, own?: PageScript): string {
  const { study, time, coverage, version } = report;
  const [from, to] = [dayOf(time[0]!), dayOf(time.at(-1)!)];
  const parts = (detail: number) => {
    const drawn = isLeast(detail) ? 2 : 4;
    return [
      ...[signalTable(report, drawn), ...signalSections(report, drawn), ...returnSections(report), ...besideSections(report)],
      ...[...factorTables(report), ...portfolioSections(report), ...jumpSection(report)],
    ];
  };
  const made = (detail: number, live?: Live) =>
    page({
      title: "Factors",
      files: report.files,
      subtitle: `${report.files[0]?.name ?? "no file"} · ${plural(coverage.assets, "asset")} · ${from} to ${to} · ${plural(coverage.dates, "date")}`,
      opening: [answer(report), coverageBox(report), remarksBox(report), howMade(report)].join("\n"),
      sections: stacked(parts(detail), detail, live),
      footer: `Made by tickforge ${version}. This page is one file: it loads nothing and runs no script. Returns are of one date where not said otherwise; nothing is annualized.`,
      live,
      summary: {
        ...{ schema: 1, kind: "factors", version, from, to, dates: coverage.dates, assets: coverage.assets },
        signals: study.signals.map((s) => ({
          name: s.name,
          coverage: finite(s.coverage),
          decay: s.decay.map(({ horizon, rank }) => ({ horizon, ic: finite(rank.mean), t: finite(rank.t) })),
          spread: finite(s.spreadTest.mean),
          spreadT: finite(s.spreadTest.t),
        })),
        returns: study.returns.map((r) => ({
          name: r.name,
          mean: finite(r.test.mean),
          t: finite(r.test.t),
          total: finite(r.cumulative.at(-1)!),
        })),
        ...(report.portfolio && {
          portfolio: {
            ...{ weights: report.portfolio.from, volatility: finite(report.portfolio.total), factors: finite(report.portfolio.factor) },
            specific: finite(report.portfolio.specific),
          },
        }),
        ...(report.beside && {
          compare: { column: report.beside.column, correlation: finite(report.beside.correlation), dates: report.beside.dates },
        }),
      },
    });
  return fitted(made, own);
}
