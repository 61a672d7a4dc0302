/** The answer of factors on stdout, for people. */
import { type Part, sectorsTogether } from "../../analysis/portfolio.js";
import { meanTest } from "../../analysis/signal.js";
import type { FactorReport } from "../../report/factors/factor_report.js";
import { columns, fixed, none, percent, plural, seconds as shown, toSecond } from "../kit/format.js";

export function factorsScreen(of: FactorReport, written: readonly string[], seconds: number): string {
  const { coverage: c, study, time, options, sectors } = of;
  const first = options.horizons[0]!;
  const day = (ns: bigint) => toSecond(ns).slice(0, 10);
  const lines = [
    of.files.map(({ name }) => name).join(", "),
    `${day(time[0]!)} .. ${day(time.at(-1)!)}   ${plural(c.dates, "date")}   ${plural(c.assets, "asset")}   ${plural(c.rows, "row")}   ${shown(seconds)}`,
    `prices from column ${c.priceFrom} on ${percent(c.priced)} of dates and assets; ${sectors.length > 0 ? plural(sectors.length, "sector") : "no sectors: all assets in one"}`,
    ...of.remarks.map((remark) => `note: ${remark}`),
    `signals, by ${c.labelFrom ? `${c.labelFrom}, ` : ""}the return over the next ${first === 1 ? "date" : plural(first, "date")}${options.horizons.length > 1 ? " where not said" : ""}; t by Newey and West`,
    signalTable(of),
    `factor returns a date, ${options.mode}`,
    returnTable(of),
    ...besideLine(of),
    ...portfolioLines(of),
    `R2 ${fixed(meanTest(study.rSquared).mean, 3)}   specific risk ${percent(meanTest(study.specific).mean, 2)} a date   both means over dates; ${assetsOf(study.used)}`,
    ...(written.length > 0 ? [`wrote ${written.join(", ")}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function signalTable({ study, options }: FactorReport): string {
  const first = options.horizons[0]!;
  const signals = study.signals.map((s) => [
    s.name,
    percent(s.coverage),
    fixed(s.decay[0]!.rank.mean, 4),
    fixed(s.decay[0]!.rank.ratio, 2),
    fixed(s.decay[0]!.rank.t, 1),
    ...s.decay.slice(1).map(({ rank }) => fixed(rank.mean, 4)),
    percent(s.spreadTest.mean, 3),
    fixed(s.spreadTest.t, 1),
    percent(s.turnover.at(-1)!.mean),
    fixed(s.autocorrelation.mean, 3),
  ]);
  const heads = [
    "",
    "covered",
    `IC ${first}`,
    "IR",
    "t",
    ...options.horizons.slice(1).map((h) => `IC ${h}`),
    "top-bottom",
    "t",
    "turnover",
    "rank ac",
  ];
  const right = heads.map((_, i) => i).slice(1);
  return columns([heads, ...signals], right);
}

function returnTable({ study }: FactorReport): string {
  const returns = study.returns.map((r) => [
    r.name,
    percent(r.test.mean, 4),
    percent(r.test.deviation, 3),
    fixed(r.test.t, 1),
    percent(r.cumulative.at(-1)!),
    fixed(r.absoluteT, 1),
  ]);
  return columns([["", "mean", "deviation", "t", "in all", "mean |t|"], ...returns], [1, 2, 3, 4, 5]);
}

function besideLine({ beside: b }: FactorReport): string[] {
  if (!b) return [];
  const interval = b.interval.map((value) => fixed(value, 3)).join(" to ");
  const left = b.without > 0 ? `, ${plural(b.without, "date")} it does not have` : "";
  return [
    `market beside ${b.column} of ${b.file.split(/[\\/]/).at(-1)}, read as ${b.unit === "percent" ? "percent" : "fractions"}: correlation ${fixed(b.correlation, 4)} (95%: ${interval}), slope ${fixed(b.beta, 3)}, over ${plural(b.dates, "date")}${left}`,
  ];
}

/** Sectors are one line here; the page has each of them. */
function portfolioLines({ portfolio: p, sectors }: FactorReport): string[] {
  if (!p) return [];
  const row = ({ name, exposure, contribution, test, sum }: Omit<Part, "kind" | "realized">) => [
    ...[name, fixed(exposure, 3), percent(contribution, 3), percent(contribution / p.total)],
    ...[percent(test.mean, 4), fixed(test.t, 1), percent(sum, 2)],
  ];
  const parts = p.parts.filter(({ kind }) => kind !== "sector").map(row);
  if (sectors.length > 0) parts.splice(1, 0, row(sectorsTogether(p)));
  const whole = row({ ...p, name: "total", exposure: Number.NaN, contribution: p.total });
  const heads = ["", "exposure", "volatility", "share", "realized", "t", "summed"];
  return [
    `portfolio: ${p.from === "cap" || p.from === "equal" ? `${p.from} weights` : `weights of ${p.from}`}, ${plural(p.held, "asset")} on ${toSecond(p.time).slice(0, 10)}; volatility a date ${percent(p.total, 3)} (factors ${percent(p.factor, 3)}, specific ${percent(p.specific, 3)}), realized ${percent(p.test.deviation, 3)}`,
    columns(
      [heads, ...parts, whole].map((cells) => cells.map((cell) => cell || none).map((cell, i) => (i === 0 && cell === none ? "" : cell))),
      [1, 2, 3, 4, 5, 6],
    ),
  ];
}

/** How many assets the regressions rest on. */
function assetsOf(used: Int32Array): string {
  const counts = used.filter((n) => n > 0).sort();
  if (counts.length === 0) return "no assets";
  if (counts[0] === counts.at(-1)) return `${plural(counts[0]!, "asset")} a date`;
  return `${counts[0]} to ${counts.at(-1)} assets a date, median ${counts[counts.length >> 1]}`;
}
