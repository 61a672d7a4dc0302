import type { Metric, RiskResult } from "../analysis/risk.js";
import type { Section } from "./page.js";
import { dayOf, levelOf, shown } from "./risk.js";
import { count, fixed, Markup, none, percent, plural, signedPercent, table } from "./text.js";

export function drawdownSection({ drawdowns }: RiskResult): Section {
  const body = table({
    caption: "The ten worst drawdowns: falls below an earlier high, none overlapping another",
    columns: ["High", "Depth", "Lowest", "Recovered", "Periods"],
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
    rows: methods.map((m) => [m.method.replaceAll("_", " "), m.why ?? shown(m.var), m.why === undefined ? shown(m.es) : "", m.note ?? ""]),
  });
  return { id: "methods", heading: "VaR and ES by method", body };
}

const most = 25;

export function componentSection({ components, confidence }: RiskResult): Section {
  const sorted = [...components].sort((a, b) => b.var - a.var);
  const largest = Math.max(...sorted.map((c) => Math.abs(c.share)));
  const meter = (share: number) =>
    new Markup(`<span class="meter${share < 0 ? " minus" : ""}" style="width:${Math.round((90 * Math.abs(share)) / largest)}px"></span>`);
  const total = sorted.reduce((sum, c) => sum + c.var, 0);
  const rest = sorted.slice(most);
  const rows = sorted.slice(0, most).map((c) => [c.asset, percent(c.weight), shown(c.var), shown(c.es), percent(c.share), meter(c.share)]);
  const sum = (of: (c: (typeof sorted)[number]) => number) => rest.reduce((s, c) => s + of(c), 0);
  if (rest.length > 0)
    rows.push([
      `${rest.length} others`,
      percent(sum((c) => c.weight)),
      shown(sum((c) => c.var)),
      shown(sum((c) => c.es)),
      percent(sum((c) => c.share)),
      meter(sum((c) => c.share)),
    ]);
  const body = table({
    caption: `What each position adds to the VaR of ${shown(total)} and to the ES at ${levelOf(confidence)}: the parts sum to the whole; below 0 it hedges`,
    columns: ["Asset", "Weight", "VaR", "ES", "Share of the VaR", ""],
    rows,
    words: [0, 5],
  });
  return { id: "components", heading: "Component VaR", body };
}

const written = (unit: Metric["unit"], value: number): string =>
  unit === "share" ? shown(value) : unit === "periods" ? count(value) : fixed(value, 3);

export function metricSection({ metrics, resamples, relative, benchmark }: RiskResult): Section {
  const own = table({
    caption: `Twenty measures with 90 % intervals, from ${plural(resamples, "resampled history", "resampled histories")} of blocks of 20 periods`,
    columns: ["Measure", "Value", "From", "To"],
    rows: metrics.map(({ name, unit, value, low, high }) => [name, written(unit, value), written(unit, low), written(unit, high)]),
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
