import type { Backtest, RiskResult } from "../../analysis/risk.js";
import { type Course, millis } from "../kit/courses.js";
import type { Section } from "../kit/page.js";
import { count, fixed, table } from "../kit/text.js";
import { dayOf, levelOf, shown } from "./risk_report.js";

const p = (value: number): string => (Number.isNaN(value) ? "–" : value < 0.0001 ? "< 0.0001" : fixed(value, 4));
const key =
  '<ul class="key"><li><svg viewBox="0 0 26 14"><path class="line" d="M1,9L9,4L17,10L25,6"/></svg>return of the period</li>' +
  '<li><svg viewBox="0 0 26 14"><path class="over" d="M1,7H25"/></svg>minus the VaR forecast for it</li>' +
  '<li><svg viewBox="0 0 26 14"><path class="breach" d="M13,7h0"/></svg>breach: a loss beyond the VaR</li></ul>';

/** Breaches by calendar year, so that those of a crisis show. */
function byYear({ time, window, backtests }: RiskResult): string {
  const years = new Map<string, number[]>();
  const days = backtests[0]!.days;
  for (let d = 0; d < days; d++) {
    const year = dayOf(time[window + d + 1]!).slice(0, 4);
    if (!years.has(year)) years.set(year, [0, ...backtests.map(() => 0)]);
    years.get(year)![0]!++;
  }
  for (const [i, b] of backtests.entries()) for (const d of b.breaches) years.get(dayOf(time[window + d + 1]!).slice(0, 4))![i + 1]!++;
  return table({
    caption: "Breaches by year",
    columns: ["Year", "Forecasts", ...backtests.map((b) => levelOf(b.confidence))],
    rows: [...years].map(([year, counts]) => [year, ...counts.map(count)]),
  });
}

function tests(backtests: readonly Backtest[]): string {
  return table({
    caption: "Breaches and tests: a small p-value speaks against the forecasts",
    columns: ["Confidence", "Forecasts", "Breaches", "Expected", "Kupiec p", "Independence p", "Coverage p", "ES test p", "Basel zone"],
    rows: backtests.map((b) => [
      levelOf(b.confidence),
      ...[count(b.days), count(b.breaches.length), fixed(b.expected, 1)],
      ...[b.kupiec, b.independence, b.coverage, b.shortfall].map(({ pValue }) => p(pValue)),
      `${b.zone}, ${b.zoneBreaches} in ${b.zoneDays}`,
    ]),
    words: [0, 8],
  });
}

const explained =
  `<p class="soft">Kupiec: as many breaches as the confidence says? Independence (Christoffersen): does one not call another? Coverage: both together. ` +
  `ES test (Acerbi and Szekely): were losses beyond the VaR as large as forecast? Basel zone: of the last forecasts, by the supervisors' traffic light.</p>`;

export function backtestSections(result: RiskResult): (Course | Section)[] {
  const { time, returns, window, backtests, method } = result;
  const x = millis(time, window + 1);
  const y = returns.slice(window).map((r) => 100 * r);
  const charts = backtests.map(
    (b, i): Course => ({
      heading: `Back-test at ${levelOf(b.confidence)}`,
      says: `The ${method} VaR of each day from the ${window} returns before it, and the ${count(b.breaches.length)} days on which the loss was larger; ${fixed(b.expected, 1)} were to be expected.`,
      chart: {
        coarse: true,
        id: `backtest-${i}`,
        title: `Back-test at ${levelOf(b.confidence)}`,
        axis: "return, %",
        x,
        y,
        over: { label: "minus VaR", y: b.var.map((v) => -100 * v), marked: b.breaches },
      },
      written: (v) => shown(v / 100),
      key,
    }),
  );
  const years = `<details><summary>Breaches by year</summary>${byYear(result)}</details>`;
  return [{ id: "backtests", heading: "VaR back-tests", body: explained + tests(backtests) + years }, ...charts];
}
