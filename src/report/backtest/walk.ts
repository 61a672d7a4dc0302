/** The page of a walk forward: parameters chosen in one stretch of time, traded in the next. */
import type { WalkResult } from "../../analysis/backtest.js";
import { page, type Section } from "../kit/page.js";
import { facts, longTable, percent, plural } from "../kit/text.js";
import { box, madeBox, remarkBox, tile, tilesOf } from "./backtest_boxes.js";
import { walkJson } from "./backtest_json.js";
import { walkRemarks } from "./backtest_remarks.js";
import { paramsText, ratio, signedMoney, signedPercent, titleOf, type WalkReport, when } from "./backtest_report.js";

export function walkPage(report: WalkReport): string {
  const { result, version, files } = report;
  const { windows, together: m, strategy } = result;
  const [first, last] = [windows[0], windows.at(-1)];
  const gained = windows.filter(({ outOfSample }) => outOfSample.profit > 0).length;
  return page({
    title: `Walk forward of ${titleOf(strategy)}`,
    files,
    subtitle: `${plural(windows.length, "window")}${first && last ? ` · ${when(first.from)} to ${when(last.to)} UTC` : ""}`,
    opening: [
      box(
        "Conventions",
        facts([
          ["Chosen", "by the highest Sharpe ratio of the first part of each window"],
          ["Traded", "in the second part, which nothing was chosen by"],
          ["Together", "the second parts, one after the other"],
          ...(report.terms ?? []).map(([name, says]): [string, string] => [name, says]),
        ]),
      ),
      remarkBox(walkRemarks(result)),
      madeBox(report),
      tilesOf(`${strategy}, in what it had not seen`, [
        tile("Profit", signedMoney(m.profit), `${signedPercent(m.returns, 3)} of the capital`),
        tile("Sharpe ratio", ratio(m.sharpe), `volatility ${percent(m.volatility, 2)} a year`),
        tile("Maximum drawdown", percent(m.maxDrawdown, 3), `turnover ${ratio(m.turnover)} times the capital`),
        tile("Windows that gained", `${gained} of ${windows.length}`, "in the second part"),
      ]),
    ].join("\n"),
    sections: [windowSection(result)],
    footer: `Made by tickforge ${version}. This page is one file: it loads nothing and runs no script.`,
    summary: { ...{ schema: 1, kind: "walk", version }, ...walkJson(result) },
  });
}

function windowSection({ windows }: WalkResult): Section {
  const body = longTable({
    caption: "Windows: chosen in the first part, traded in the second",
    columns: ["From", "Traded from", "To", "Chosen", "Sharpe, first", "Sharpe, second", "Profit", "Drawdown"],
    rows: windows.map(({ from, split, to, params, inSample, outOfSample: out }) => [
      ...[when(from), when(split), when(to), paramsText(params)],
      ...[ratio(inSample.sharpe), ratio(out.sharpe), signedMoney(out.profit), percent(out.maxDrawdown, 3)],
    ]),
    words: [0, 1, 2, 3],
  });
  return { id: "windows", heading: "Windows", body };
}
