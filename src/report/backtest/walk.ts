/** The page of a walk forward: parameters chosen in one stretch of time, traded in the next. */
import type { WalkResult } from "../../analysis/backtest.js";
import { page, type Section } from "../kit/page.js";
import { facts, longTable, percent, plural } from "../kit/text.js";
import { box, madeBox, remarkBox, tile, tilesOf } from "./backtest_boxes.js";
import { walkJson } from "./backtest_json.js";
import { paramsText, ratio, signedMoney, signedPercent, titleOf, type WalkReport, when } from "./backtest_report.js";

export function walkPage(report: WalkReport): string {
  const { result, version, files } = report;
  const { windows, together: m, strategy, remarks } = result;
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
        ]),
      ),
      remarkBox([...remarks, ...walkRemarks(result)]),
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

/** What the windows say of each other. */
export function walkRemarks({ windows }: WalkResult): string[] {
  const both = windows.filter(({ inSample, outOfSample }) => Number.isFinite(inSample.sharpe) && Number.isFinite(outOfSample.sharpe));
  const mean = (of: (window: WalkResult["windows"][number]) => number) => both.reduce((sum, one) => sum + of(one), 0) / both.length;
  const [before, after] = [mean(({ inSample }) => inSample.sharpe), mean(({ outOfSample }) => outOfSample.sharpe)];
  return [
    ...(windows.length < 5 ? [`${plural(windows.length, "window")}: too few to tell what the next would bring`] : []),
    ...(both.length > 0 && after < before / 2
      ? [`the mean Sharpe ratio falls from ${ratio(before)} where parameters were chosen to ${ratio(after)} where they were not`]
      : []),
  ];
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
