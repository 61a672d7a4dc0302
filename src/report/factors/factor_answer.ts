/** What the page of factors comes to, before any table. */
import type { Signal } from "../../analysis/signal.js";
import { count, escapeHtml, fixed, none, percent, plural, signedPercent } from "../kit/text.js";
import { nextDates } from "./factor_charts.js";
import type { FactorReport } from "./factor_report.js";

/** A t beyond this is called more than chance. */
const beyondChance = 2;
const mostTiles = 4;

const testOf = (s: Signal) => s.decay[0]!.rank;
/** That of a factor which knows the returns has no end. */
const tText = (t: number): string => (Math.abs(t) >= 1000 ? `beyond ${t < 0 ? "\u2212" : ""}1,000` : fixed(t, 1));
const told = (s: Signal): string =>
  `${s.name} with a mean correlation of ${fixed(testOf(s).mean, 4)} over ${plural(testOf(s).count, "date")} (t ${tText(testOf(s).t)})`;

function sentence({ study: { signals }, options }: FactorReport): string {
  const known = signals.filter((s) => Number.isFinite(testOf(s).t)).sort((a, b) => Math.abs(testOf(b).t) - Math.abs(testOf(a).t));
  const what = `the return over the ${nextDates(options.horizons[0]!)}`;
  const [first] = known;
  if (!first) return `Whether the factors foretold ${what} cannot be said: there are too few dates with exposures and returns.`;
  const strong = known.filter((s) => Math.abs(testOf(s).t) > beyondChance);
  const all = signals.length === 1 ? "the one factor" : `${count(signals.length)} factors`;
  if (strong.length === 0) return `Of ${all}, none foretold ${what} beyond chance (|t| above 2). The nearest is ${told(first)}.`;
  const more = strong.length > 3 ? ` and ${count(strong.length - 3)} more` : "";
  return `Of ${all}, ${count(strong.length)} foretold ${what} beyond chance (|t| above 2): ${strong.slice(0, 3).map(told).join("; ")}${more}.`;
}

export function answer(report: FactorReport): string {
  const { study, coverage } = report;
  const tile = (name: string, value: string, note: string) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(note)}</small></dd></div>`;
  const [market] = study.returns;
  const shares = study.rSquared.filter(Number.isFinite);
  const explained = shares.reduce((a, b) => a + b, 0) / shares.length;
  const tiles = [
    ...study.signals
      .slice(0, mostTiles)
      .map((s) =>
        tile(
          `IC of ${s.name}`,
          fixed(testOf(s).mean, 4),
          `t ${tText(testOf(s).t)}; top less bottom ${signedPercent(s.spreadTest.mean, 3)}, t ${tText(s.spreadTest.t)}`,
        ),
      ),
    tile("Return of the market", market ? signedPercent(market.cumulative.at(-1)!, 1) : none, "in all"),
    tile("Explained", percent(explained), "of squared returns a date, the mean"),
    tile("Assets", count(coverage.assets), plural(coverage.dates, "date")),
  ];
  return `<p class="answer">${escapeHtml(sentence(report))}</p><dl class="tiles">${tiles.join("")}</dl>`;
}
