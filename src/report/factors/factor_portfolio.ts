import { type Part, type PortfolioSplit, sectorsTogether } from "../../analysis/portfolio.js";
import { summed } from "../../analysis/signal.js";
import { type Course, millis } from "../kit/courses.js";
import type { Section } from "../kit/page.js";
import { escapeHtml, fixed, longest, longTable, meter, none, percent, plural, signedPercent, table } from "../kit/text.js";
import { dayOf } from "../risk/risk_report.js";
import type { FactorReport } from "./factor_report.js";

const weightsText = ({ from }: PortfolioSplit): string =>
  from === "cap" ? "Weights by capitalization" : from === "equal" ? "Equal weights" : `Weights of ${from}`;

/** Volatility by factor, and the returns that each has brought. */
export function portfolioSections(report: FactorReport): (Course | Section)[] {
  const { portfolio: p } = report;
  if (!p) return [];
  return [riskSection(p), realizedChart(report, p), attributionSection(p)];
}

/** The parts as a table shows them: many sectors in one line, and which those are. */
function partsOf(p: PortfolioSplit): { shown: readonly Part[]; folded: readonly Part[] } {
  const { parts } = p;
  const folded = parts.filter(({ kind }) => kind === "sector");
  if (folded.length <= longest) return { shown: parts, folded: [] };
  const first = parts.indexOf(folded[0]!);
  const others = parts.filter(({ kind }) => kind !== "sector");
  return { shown: others.toSpliced(first, 0, sectorsTogether(p)), folded };
}

function riskSection(p: PortfolioSplit): Section {
  const largest = Math.max(...p.parts.map((x) => Math.abs(x.contribution)));
  const row = (x: Part) => [
    x.name,
    fixed(x.exposure, 3),
    percent(x.contribution, 3),
    percent(x.contribution / p.total),
    meter(x.contribution, largest),
  ];
  const { shown, folded } = partsOf(p);
  const columns = ["", "Exposure", "Contribution", "Share", ""];
  const parts = table({
    caption: `Volatility of a date, forecast at the end of ${dayOf(p.time)}: the contributions sum to it, and below 0 a factor hedges`,
    columns,
    rows: [...shown.map(row), ["total", none, percent(p.total, 3), percent(1), ""]],
    words: [0, 4],
  });
  const sectors =
    folded.length > 0 ? longTable({ caption: "Volatility of a date by sector", columns, rows: folded.map(row), words: [0, 4] }) : "";
  const assets = table({
    caption: "Assets that add most to the volatility, hedges included",
    columns: ["Asset", "Weight", "Contribution", "Share"],
    rows: p.assets.map((a) => [a.asset, percent(a.weight, 2), percent(a.contribution, 3), percent(a.contribution / p.total)]),
  });
  const { variance, correlation, specific } = p.halfLives;
  const says =
    `<p class="soft">${escapeHtml(weightsText(p))}: ${plural(p.held, "asset")}, volatility ${percent(p.total, 3)} a date: ${percent(p.factor, 3)} from the factors and ${percent(p.specific, 3)} specific to the assets, whose squares sum. ` +
    `The covariance of the factors is from ${plural(p.covarianceDates, "date")}, half-lives ${variance} (variances) and ${correlation} (correlations) dates; specific risk with half-life ${specific}, drawn towards its group of capitalization.</p>`;
  return { id: "portfolio-risk", heading: "Portfolio risk", body: says + parts + sectors + assets };
}

const key =
  '<ul class="key"><li><svg viewBox="0 0 26 14"><path class="line" d="M1,9L9,4L17,10L25,6"/></svg>portfolio</li>' +
  '<li><svg viewBox="0 0 26 14"><path class="over" d="M1,9L9,5L17,8L25,4"/></svg>without what is specific to its assets</li></ul>';

function realizedChart({ time }: FactorReport, p: PortfolioSplit): Course {
  const specific = p.parts.find(({ kind }) => kind === "specific")!;
  const drawn = (values: Float64Array) => summed(values).map((v) => 100 * v);
  const explained = p.realized.map((value, t) => value - specific.realized[t]!);
  return {
    heading: "Portfolio: realized returns",
    says: `Returns of the dates, summed: the portfolio, and what its exposures to market, sectors and factors have brought. In all ${signedPercent(p.sum)}, of which ${signedPercent(specific.sum)} is specific.`,
    chart: {
      ...{ coarse: true as const, id: "realized", title: "Portfolio: realized returns, summed", axis: "%", x: millis(time) },
      y: drawn(p.realized),
      over: { label: "without what is specific", y: drawn(explained), marked: [] },
    },
    written: (v) => percent(v / 100),
    key,
  };
}

function attributionSection(p: PortfolioSplit): Section {
  const row = (name: string, x: Pick<Part, "test" | "sum">) => [
    ...[name, percent(x.test.mean, 4), percent(x.test.deviation, 3), fixed(x.test.t, 1), signedPercent(x.sum)],
  ];
  const { shown, folded } = partsOf(p);
  const columns = ["", "Mean", "Deviation", "t (Newey-West)", "Summed"];
  const body = table({
    caption: `Realized returns by factor, of weights set anew on each date; the parts of a date sum to its return. ${percent(p.explainedMean)} of the portfolio is in the regression of a date, the mean; the rest is taken to move like it`,
    columns,
    rows: [...shown.map((x) => row(x.name, x)), row("total", p)],
  });
  const sectors =
    folded.length > 0 ? longTable({ caption: "Realized returns by sector", columns, rows: folded.map((x) => row(x.name, x)) }) : "";
  return { id: "attribution", heading: "Portfolio: return attribution", body: body + sectors };
}
