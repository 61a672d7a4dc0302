import { type Metric, measureName, type RiskResult } from "../../analysis/risk.js";
import type { Section } from "../kit/page.js";
import { count, escapeHtml, fixed, Markup, meter, none, percent, plural, signedPercent, table } from "../kit/text.js";
import { dayOf, levelOf, shown } from "./risk_report.js";

export function drawdownSection({ drawdowns }: RiskResult): Section {
  const body = table({
    caption: "The ten worst drawdowns: falls below an earlier high, none overlapping another",
    columns: ["High", "Depth", "Lowest", "Recovered", "Periods from the high"],
    rows: drawdowns.map((d) => [
      dayOf(d.peak),
      shown(-d.depth),
      dayOf(d.trough),
      d.recovery === undefined ? "not yet" : dayOf(d.recovery),
      count(d.periods),
    ]),
    words: [0, 2, 3],
  });
  return { id: "drawdowns", heading: "Worst drawdowns", body };
}

export function methodSection({ methods, confidence }: RiskResult): Section {
  const body = table({
    caption: `VaR and ES of one period at ${levelOf(confidence)}, from all returns; a loss is positive`,
    columns: ["Method", "VaR", "ES", ""],
    words: [0, 3],
    rows: methods.map((m) => [
      m.method.replaceAll("_", " "),
      shown(m.var),
      shown(m.es),
      m.why === undefined ? "" : new Markup(`<span class="words">${escapeHtml(m.why)}</span>`),
    ]),
  });
  return { id: "methods", heading: "VaR and ES by method", body };
}

const most = 25;

export function componentSection({ components, confidence }: RiskResult): Section {
  const [whole, tail] = [components.reduce((sum, c) => sum + c.var, 0), components.reduce((sum, c) => sum + c.es, 0)];
  const sorted = [...components].sort((a, b) => b.es - a.es);
  const largest = Math.max(...sorted.map((c) => Math.abs(c.es)));
  const row = (name: string, of: readonly (typeof sorted)[number][]): (string | Markup)[] => {
    const sum = (part: (c: (typeof sorted)[number]) => number) => of.reduce((total, c) => total + part(c), 0);
    const es = sum((c) => c.es);
    return [
      name,
      percent(sum((c) => c.weight)),
      shown(sum((c) => c.var)),
      percent(sum((c) => c.var) / whole),
      shown(es),
      percent(es / tail),
      meter(es, largest),
    ];
  };
  const rest = sorted.slice(most);
  const rows = [
    ...sorted.slice(0, most).map((c) => row(c.asset, [c])),
    ...(rest.length > 0 ? [row(plural(rest.length, "other"), rest)] : []),
  ];
  const says =
    `<p class="soft">What each position adds to the VaR of ${shown(whole)} and to the ES of ${shown(tail)} at ${levelOf(confidence)}: the parts sum to the whole, and below 0 a position hedges. ` +
    `A historical VaR rests on the one or two returns at its border, so its parts jump; those of the ES rest on the whole tail.</p>`;
  const columns = ["Asset", "Weight", "VaR", "Share of the VaR", "ES", "Share of the ES", ""];
  const body = says + table({ caption: "Component VaR and ES, the largest ES first", columns, rows, words: [0, 6] });
  return { id: "components", heading: "Component VaR", body };
}

const written = (unit: Metric["unit"], value: number): string =>
  unit === "share" ? shown(value) : unit === "periods" ? count(value) : fixed(value, 3);

export function metricSection({ metrics, resamples, relative, benchmark }: RiskResult): Section {
  const own = table({
    caption: `Twenty measures with 90 % intervals, from ${plural(resamples, "resampled history", "resampled histories")} of blocks of 20 periods`,
    columns: ["Measure", "Value", "From", "To", ""],
    rows: metrics.map(({ name, unit, value, low, high, note }) => [
      measureName({ name, unit }),
      written(unit, value),
      written(unit, low),
      written(unit, high),
      note ?? "",
    ]),
    words: [0, 4],
  });
  const shares = ["alpha", "trackingError"];
  const beside =
    relative === undefined
      ? ""
      : table({
          caption: `Beside ${benchmark}`,
          columns: ["Measure", "Value"],
          rows: Object.entries(relative).map(([name, value]) => [
            name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`),
            shares.includes(name) ? shown(value) : fixed(value, 3),
          ]),
        });
  return { id: "measures", heading: "Measures", body: own + beside };
}

const names: Readonly<Record<number, string>> = { 1: "one period", 5: "5 periods", 21: "21 periods" };

export function worstSection({ worst }: RiskResult): Section {
  const body = table({
    caption: "Worst periods of these data, as scenarios: what the portfolio with today's weights would have lost",
    columns: ["Over", "From", "To", "Return"],
    rows: worst.map((w) => [names[w.length] ?? none, dayOf(w.from), dayOf(w.to), signedPercent(w.return)]),
    words: [0, 1, 2],
  });
  return { id: "worst", heading: "Worst periods", body };
}
