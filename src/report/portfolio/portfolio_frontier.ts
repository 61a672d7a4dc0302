/** The frontier of the last rebalance, with the portfolios of the run beside it. */
import type { WalkForwardResult } from "../../analysis/walk_forward.js";
import { curve } from "../kit/curve.js";
import { empty, figure, type Section } from "../kit/page.js";
import { escapeHtml, table } from "../kit/text.js";
import { dayOf, letterOf, shown, titleOf } from "./portfolio_report.js";

export function frontierSection({ frontier, time, periodsPerYear, expectedReturns, portfolios }: WalkForwardResult): Section {
  const heading = "Frontier";
  if ("why" in frontier) return { id: "frontier", heading, body: empty(`${frontier.why}.`) };
  const { decided, volatility, expected, points } = frontier;
  const risk = (v: number) => v * Math.sqrt(periodsPerYear);
  const gain = (m: number) => m * periodsPerYear;
  const letter = (name: string) => letterOf(portfolios.findIndex((one) => one.name === name));
  const every = Array.from({ length: 12 }, (_, i) => Math.round((i * (volatility.length - 1)) / 11));
  const rows = [
    ...every.map((i) => ["frontier", shown(risk(volatility[i]!)), shown(gain(expected[i]!))]),
    ...points.map((p) => [titleOf(p), shown(risk(p.volatility)), shown(gain(p.expected))]),
  ];
  const body = figure({
    says:
      `Least volatility for each expected return, by the risk model and the expected returns (${expectedReturns.name.replaceAll("_", " ")}) of ${dayOf(time[decided]!)}; ` +
      "the points are the weights of that date. It shows what the model believes, not what will be: a portfolio below the curve need not do worse.",
    draw: (layout) =>
      curve(
        {
          ...{ id: "frontier-curve", title: heading, across: "volatility a year, %", up: "expected return a year, %" },
          description: `From a volatility of ${shown(risk(volatility[0]!))} to ${shown(risk(volatility.at(-1)!))} a year, with ${points.length} portfolios beside it.`,
          x: volatility.map((v) => 100 * risk(v)),
          y: expected.map((m) => 100 * gain(m)),
          points: points.map((p) => ({ label: letter(p.name), x: 100 * risk(p.volatility), y: 100 * gain(p.expected) })),
        },
        layout,
      ),
    key: `<ul class="key">${points.map((p) => `<li>${letter(p.name)} ${escapeHtml(titleOf(p))}</li>`).join("")}</ul>`,
    table: table({ caption: "Points of the frontier, and the portfolios", columns: ["", "Volatility a year", "Expected a year"], rows }),
  });
  return { id: "frontier", heading, body };
}
