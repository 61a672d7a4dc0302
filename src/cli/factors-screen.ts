/** The answer of factors on stdout: for people, or as one JSON object. */
import { meanTest } from "../analysis/signal.js";
import type { FactorReport } from "../report/factors.js";
import { columns, count, fixed, percent, plural, seconds as shown, toSecond } from "./format.js";

export function factorsScreen(of: FactorReport, written: readonly string[], seconds: number): string {
  const { coverage: c, study, time, options, sectors } = of;
  const first = options.horizons[0]!;
  const day = (ns: bigint) => toSecond(ns).slice(0, 10);
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
  const returns = study.returns.map((r) => [
    r.name,
    percent(r.test.mean, 4),
    percent(r.test.deviation, 3),
    fixed(r.test.t, 1),
    percent(r.cumulative.at(-1)!),
    fixed(r.absoluteT, 1),
  ]);
  const right = heads.map((_, i) => i).slice(1);
  const lines = [
    `${of.files.map(({ name }) => name).join(", ")}   ${day(time[0]!)} .. ${day(time.at(-1)!)}   ${plural(c.dates, "date")}   ${plural(c.assets, "asset")}   ${plural(c.rows, "row")}   ${shown(seconds)}`,
    `prices on ${percent(c.priced)} of dates and assets; ${sectors.length > 0 ? plural(sectors.length, "sector") : "no sectors: all assets in one"}`,
    ...remarks(of).map((remark) => `note: ${remark}`),
    `signals, returns over ${plural(first, "date")} where not said; t by Newey and West`,
    columns([heads, ...signals], right),
    `factor returns a date, ${options.mode}`,
    columns([["", "mean", "deviation", "t", "in all", "mean |t|"], ...returns], [1, 2, 3, 4, 5]),
    `R2 ${fixed(meanTest(study.rSquared).mean, 3)}   specific risk ${percent(meanTest(study.specific).mean, 2)} a date   both means over dates`,
    ...(written.length > 0 ? [`wrote ${written.join(", ")}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** What a careful reader would want to be told. */
function remarks({ coverage: c, study, time }: FactorReport): string[] {
  const found: string[] = [];
  const some = (names: readonly string[]) =>
    `${names.slice(0, 6).join(", ")}${names.length > 6 ? ` and ${count(names.length - 6)} more` : ""}`;
  if (c.withoutSector.length > 0)
    found.push(`${plural(c.withoutSector.length, "asset")} without a sector, in no factor return: ${some(c.withoutSector)}`);
  if (c.alone.length > 0) found.push(`${plural(c.alone.length, "sector")} of one asset, whose return it explains whole: ${some(c.alone)}`);
  if (c.emptyDates > 0) found.push(`${plural(c.emptyDates, "date")} without any price`);
  if (c.withoutCap > 0) found.push(`${plural(c.withoutCap, "price")} without a capitalization, in no factor return`);
  if (study.minimumNorm > 0)
    found.push(`${plural(study.minimumNorm, "date")} with collinear factors or too few assets: answered by the solution of minimum norm`);
  for (const s of study.signals)
    if (s.decay[0]!.rank.count === 0) found.push(`${s.name} has no date with two exposures and returns: it cannot be judged`);
  if (time.length < 60) found.push(`${plural(time.length, "date")} are few: every mean below is uncertain`);
  return found;
}

const number = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function factorsJson(of: FactorReport, written: readonly string[], seconds: number): string {
  const { study, coverage, options, version, files, time, sectors } = of;
  const test = (t: { count: number; mean: number; deviation: number; error: number; t: number; ratio: number }) =>
    Object.fromEntries(Object.entries(t).map(([key, value]) => [key, number(value)]));
  const object = {
    ...{ schema: 1, command: "factors", version, files, options, coverage, remarks: remarks(of) },
    ...{ startTime: toSecond(time[0]!), endTime: toSecond(time.at(-1)!), sectors },
    signals: study.signals.map((s) => ({
      name: s.name,
      coverage: number(s.coverage),
      decay: s.decay.map(({ horizon, rank, pearson }) => ({ horizon, rank: test(rank), pearson: test(pearson) })),
      quantiles: s.quantiles.map(test),
      spread: test(s.spreadTest),
      turnover: s.turnover.map(test),
      autocorrelation: test(s.autocorrelation),
    })),
    returns: study.returns.map((r) => ({
      name: r.name,
      ...test(r.test),
      total: number(r.cumulative.at(-1)!),
      meanAbsoluteT: number(r.absoluteT),
    })),
    rSquared: number(meanTest(study.rSquared).mean),
    specificRisk: number(meanTest(study.specific).mean),
    minimumNormDates: study.minimumNorm,
    written,
    seconds,
  };
  return `${JSON.stringify(object, null, 2)}\n`;
}
