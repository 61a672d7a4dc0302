import { stacked } from "../kit/courses.js";
import { fitted, type Live, type PageScript, page } from "../kit/page.js";
import { count, plural } from "../kit/text.js";
import { conventions, madeBox, remarkBox, tiles } from "./backtest_boxes.js";
import { instrumentCharts, moneyCharts } from "./backtest_charts.js";
import { backtestJson } from "./backtest_json.js";
import { backtestRemarks, qualityOf } from "./backtest_remarks.js";
import { type BacktestReport, titleOf, when } from "./backtest_report.js";
import {
  adverseSection,
  logSection,
  marginSection,
  marketSection,
  moneySection,
  orderSection,
  slippageSection,
  toxicitySection,
} from "./backtest_tables.js";

/** The page as one HTML text; with a script of its own its charts follow the cursor. */
export function backtestPage(report: BacktestReport, own?: PageScript): string {
  const { result, version, files } = report;
  const { instruments, start, end, strategy } = result;
  const quality = qualityOf(result);
  const parts = [
    ...moneyCharts(result),
    moneySection(result, quality),
    ...instrumentCharts(result),
    slippageSection(quality),
    adverseSection(quality),
    toxicitySection(quality),
    orderSection(result, quality),
    ...marginSection(result),
    marketSection(result),
    ...logSection(result),
  ];
  const { course: _, fills: __, log: ___, ...summary } = backtestJson(result, quality);
  const made = (detail: number, live?: Live) =>
    page({
      title: `Back-test of ${titleOf(strategy)}`,
      files,
      subtitle: `${instruments.length === 1 ? instruments[0]!.name : plural(instruments.length, "instrument")} · ${when(start)} to ${when(end)} UTC · ${count(result.rows)} rows`,
      opening: [
        conventions(report),
        remarkBox(backtestRemarks(result, quality)),
        madeBox(report, result.hash),
        tiles(report, quality),
      ].join("\n"),
      sections: stacked(parts, detail, live),
      footer: `Made by tickforge ${version}. This page is one file: it loads nothing and runs no script. The market of a recording does not answer to orders that were not there.`,
      live,
      summary: { ...{ schema: 1, kind: "backtest", version }, ...summary },
    });
  return fitted(made, own);
}
