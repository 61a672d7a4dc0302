import type { Coverage, MeanTest } from "../../analysis/signal.js";
import type { Section } from "../kit/page.js";
import { commandHtml, count, escapeHtml, facts, fixed, longTable, none, percent, table } from "../kit/text.js";
import { dayOf } from "../risk/risk_report.js";
import { nextDates } from "./factor_charts.js";
import type { FactorReport } from "./factor_report.js";

const names = (all: readonly string[]): string =>
  all.length === 0 ? "none" : `${all.slice(0, 8).join(", ")}${all.length > 8 ? ` and ${count(all.length - 8)} more` : ""}`;

export const remarksBox = ({ remarks }: FactorReport): string =>
  remarks.length === 0
    ? ""
    : `<div class="box"><h2>Before you read on</h2><ul>${remarks.map((text) => `<li>${escapeHtml(text)}</li>`).join("")}</ul></div>`;

/** What was read and what of it was left out, before any figure. */
export function coverageBox({ coverage: c, study, options, sectors }: FactorReport): string {
  const used = study.used.filter((n) => n > 0);
  const mean = used.length > 0 ? used.reduce((a, b) => a + b, 0) / used.length : 0;
  return `<div class="box"><h2>Coverage</h2>${facts([
    ["Dates and assets", `${count(c.dates)} × ${count(c.assets)}`],
    ["Rows read", count(c.rows)],
    ["Of dates and assets, with a price", percent(c.priced)],
    ["Dates without any price", names(c.emptyDates.map(dayOf))],
    ["Sectors", sectors.length > 0 ? count(sectors.length) : "none given: all assets in one"],
    ["Assets without a sector, left out", names(c.withoutSector)],
    ["Sectors of one asset", names(c.alone)],
    ["Prices or returns", `column ${c.priceFrom}`],
    ...(c.labelFrom === undefined ? [] : [["Returns that follow their date", `column ${c.labelFrom}`] as [string, string]]),
    ["Capitalizations", c.capFrom],
    ["Assets never with a capitalization, left out", names(c.neverCap)],
    ["Prices of others without one on their date, left out", count(c.withoutCap)],
    [`Jumps like unadjusted splits, ${c.splitsKept ? "kept" : "left out"}`, count(c.jumps.filter(({ as }) => as !== undefined).length)],
    ["Jumps that may be splits, kept", count(c.jumps.filter(({ perhaps }) => perhaps !== undefined).length)],
    [
      "Changes as large that are no splits, returns like others",
      count(c.jumps.filter(({ as, perhaps }) => as === undefined && perhaps === undefined).length),
    ],
    ...(c.reports ? reportFacts(c.reports, c.assets) : []),
    ["Assets in a date's regression, mean", fixed(mean, 1)],
    ["Dates with collinear factors, by minimum norm", count(study.collinear)],
    ["Dates with fewer assets than factors, by minimum norm", count(study.tooFew)],
    ...study.signals.map((s): [string, string] => [`${s.name}: priced assets with an exposure`, percent(s.coverage)]),
    ["Horizons, in dates of the panel", options.horizons.join(", ")],
  ])}</div>`;
}

const reportFacts = (r: NonNullable<Coverage["reports"]>, assets: number): [string, string][] => [
  ["Assets with reports", `${count(r.assets)} of ${count(assets)}`],
  ["Reports without a filing date", `${count(r.lagged)} of ${count(r.rows)}`],
  ["Second reports of a period, not used", count(r.repeated)],
];

export function howMade({ commandLine, files, options, version, coverage }: FactorReport): string {
  const made = files.map(
    (f) => `<p><strong>${escapeHtml(f.name)}</strong><br>${escapeHtml(f.format)}<br><code>sha256 ${escapeHtml(f.sha256)}</code></p>`,
  );
  const { mode, quantiles, window, lag, halfLife } = options;
  const given = facts([
    ["tickforge", version],
    ["Factor returns", mode],
    ["Quantiles", String(quantiles)],
    ["Momentum: window, lag, half-life", `${window}, ${lag}, ${halfLife}`],
    ...(coverage.reports ? [["Days until a report is known, without a filing date", String(options.filingLag)] as [string, string]] : []),
    ["Factors from columns", "winsorized at 1 %, standardized on each date"],
  ]);
  return `<details class="box"><summary>How this page was made</summary><pre>${commandHtml(commandLine)}</pre>${made.join("")}${given}</details>`;
}

const interval = ({ mean, error }: MeanTest): string =>
  Number.isFinite(error) ? `${percent(mean - 1.96 * error, 3)} to ${percent(mean + 1.96 * error, 3)}` : "–";

/** All factors as signals: correlations by horizon, quantiles with intervals, turnover. */
/** `drawn`: factors that have charts. */
export function signalTable({ study, options }: FactorReport, drawn: number): Section {
  const decay = table({
    caption: "Information coefficient by horizon: rank correlation of the factor with the return that follows",
    columns: ["Factor", "Horizon", "Dates", "Mean", "IR", "t (Newey-West)", "Mean, of values"],
    rows: study.signals.flatMap((s) =>
      s.decay.map(({ horizon, rank, pearson }) => [
        s.name,
        count(horizon),
        count(rank.count),
        fixed(rank.mean, 4),
        fixed(rank.ratio, 2),
        fixed(rank.t, 1),
        fixed(pearson.mean, 4),
      ]),
    ),
  });
  const quantiles = table({
    caption: `Mean return over the ${nextDates(options.horizons[0]!)} of each quantile, less the mean of the date; 95 % intervals by Newey and West`,
    columns: ["Factor", "Quantile", "Mean", "Interval", "t (Newey-West)", "New members a date"],
    rows: study.signals.flatMap((s) => [
      ...s.quantiles.map((q, k) => [s.name, `${k + 1}`, percent(q.mean, 3), interval(q), fixed(q.t, 1), percent(s.turnover[k]!.mean)]),
      [s.name, "top less bottom", percent(s.spreadTest.mean, 3), interval(s.spreadTest), fixed(s.spreadTest.t, 1), none],
    ]),
  });
  const lasting = table({
    caption: "How lasting the factors are",
    columns: ["Factor", "Rank autocorrelation, one date", "Mean exposure", "Deviation"],
    rows: study.signals.map((s) => [s.name, fixed(s.autocorrelation.mean, 4), fixed(s.exposure.mean, 3), fixed(s.exposure.deviation, 3)]),
  });
  const says =
    '<p class="soft">A correlation of a few hundredths that lasts is much; t beyond 2 in either direction is hard to get by chance from one factor, and easy from the best of many.</p>';
  const all = study.signals.length;
  const cut = `<p class="soft">Charts follow for the first ${count(drawn)} of ${count(all)} factors; --factors with fewer draws the others.</p>`;
  return { id: "signals", heading: "Signal quality", body: `${says}${all > drawn ? cut : ""}${decay}${quantiles}${lasting}` };
}

export function factorTables({ study, sectors }: FactorReport): Section[] {
  const own = study.returns;
  const row = (name: string, t: MeanTest, more: readonly string[]) => [
    name,
    percent(t.mean, 4),
    percent(t.deviation, 3),
    fixed(t.t, 1),
    ...more,
  ];
  const returns = table({
    caption: "Returns of market and factors, a date",
    columns: ["Factor", "Mean", "Deviation", "t (Newey-West)", "In all", "Mean |t| of a date"],
    rows: own.map((r) => row(r.name, r.test, [percent(r.cumulative.at(-1)!), fixed(r.absoluteT, 1)])),
  });
  const bySector = sectors.length
    ? longTable({
        caption: "Returns of sectors beside the market, a date",
        columns: ["Sector", "Mean", "Deviation", "t (Newey-West)"],
        rows: sectors.map((name, s) => row(name, study.sectorReturns[s]!, [])),
      })
    : "";
  const correlation = table({
    caption: "Correlation of the returns of market and factors",
    columns: ["", ...own.map(({ name }) => name)],
    rows: own.map((r, i) => [r.name, ...own.map((_, j) => fixed(study.correlation[i * own.length + j]!, 2))]),
  });
  return [
    { id: "returns", heading: "Factor returns", body: `${returns}${bySector}` },
    { id: "correlation", heading: "Factor correlation", body: correlation },
  ];
}
