import { stacked } from "../kit/courses.js";
import { fitted, type Live, type PageScript, page } from "../kit/page.js";
import { count, plural } from "../kit/text.js";
import { conventions, tiles } from "./portfolio_boxes.js";
import { courseSections, turnSections, weightSection } from "./portfolio_charts.js";
import { frontierSection } from "./portfolio_frontier.js";
import { dayOf, type PortfolioReport } from "./portfolio_report.js";
import { dataSection, drawdownSection, measureSection, moneySection, riskSection, troubleSections } from "./portfolio_tables.js";

const finite = (of: object) => Object.fromEntries(Object.entries(of).map(([key, value]) => [key, Number.isFinite(value) ? value : null]));

/** The page as one HTML text; with a script of its own its charts follow the cursor. */
export function portfolioPage(report: PortfolioReport, own?: PageScript): string {
  const { result } = report;
  const { assets, time, first, rebalance, window, riskModel, costs, delay, trials } = result;
  const [from, to] = [dayOf(time[first]!), dayOf(time.at(-1)!)];
  const parts = [
    measureSection(result),
    ...troubleSections(result),
    ...courseSections(result),
    drawdownSection(result),
    frontierSection(result),
    weightSection(result),
    riskSection(result),
    ...turnSections(result),
    moneySection(result),
    dataSection(report),
  ];
  const made = (detail: number, live?: Live) =>
    page({
      title: "Portfolios walked forward",
      files: report.files,
      subtitle: `${report.files[0]?.name ?? "no file"} · ${plural(assets.length, "asset")} · ${from} to ${to} · ${count(time.length - 1 - first)} returns`,
      opening: [conventions(report), tiles(report)].join("\n"),
      sections: stacked(parts, detail, live),
      footer: `Made by tickforge ${report.version}. This page is one file: it loads nothing and runs no script. What portfolios of the past returned says little of what they will.`,
      live,
      summary: {
        ...{ schema: 1, kind: "portfolio", version: report.version, from, to, assets: assets.length },
        ...{ rebalance, window, delay, costs, riskModel, trials },
        portfolios: result.portfolios.map(({ name, role, measures, ledger, troubles }) => ({
          ...{ name, role, measures: finite(measures), money: ledger, troubles: troubles.length },
        })),
      },
    });
  return fitted(made, own);
}
