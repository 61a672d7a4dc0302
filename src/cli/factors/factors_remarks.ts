/** What a careful reader of a factor study would want to be told: what was left out, and what cannot be known. */
import { autocorrelation, type Jump } from "../../analysis/signal.js";
import type { FactorReport } from "../../report/factors/factor_report.js";
import { count, fixed, percent, plural, signedPercent, toSecond } from "../kit/format.js";

type Told = Omit<FactorReport, "remarks">;
const day = (ns: bigint): string => toSecond(ns).slice(0, 10);
const some = (names: readonly string[], most = 6): string =>
  `${names.slice(0, most).join(", ")}${names.length > most ? ` and ${count(names.length - most)} more` : ""}`;
const jumpText = ({ asset, time, change, as }: Jump): string =>
  `${asset} ${day(time)} ${signedPercent(change)}${as ? `, as a split ${as}` : ""}`;

export function remarks(of: Told): string[] {
  return [...aheadRemarks(of), ...jumpRemarks(of), ...left(of), ...uncertain(of), ...ofPortfolio(of)];
}

/** Means and correlations that no market and no signal has: returns over several dates, or of dates to come. */
const most = { market: 0.05, ic: 0.3, autocorrelation: 0.5 };
const soundsAhead = /(^|[^a-z])(fwd|forward|future|next|ahead|target|label)([^a-z]|$)/i;

/** Columns that know what comes after their date. */
function aheadRemarks({ study, coverage: c, options }: Told): string[] {
  const [market] = study.returns;
  const found: string[] = [];
  const hint = "--forward-return COLUMN takes a column as what follows its date";
  const own = c.priceFrom === c.labelFrom ? undefined : c.priceFrom;
  if (own !== undefined && soundsAhead.test(own))
    found.push(`${own} sounds like returns that follow their date, and is taken as those of the date itself; ${hint}`);
  const self = autocorrelation(market!.values);
  if (Math.abs(market!.test.mean) > most.market)
    found.push(
      `the market returns ${signedPercent(market!.test.mean)} a date, the mean: ${c.priceFrom} may hold returns over several dates, or of dates to come; ${hint}`,
    );
  else if (market!.test.count >= 60 && self > most.autocorrelation)
    found.push(
      `the market's returns correlate by ${fixed(self, 2)} from one date to the next: ${c.priceFrom} may hold returns over several dates that overlap`,
    );
  for (const { name, decay } of study.signals) {
    const { mean, count: dates } = decay[0]!.rank;
    if (soundsAhead.test(name) || (dates >= 20 && Math.abs(mean) > most.ic))
      found.push(
        `${name} foretells the returns over the next ${plural(options.horizons[0]!, "date")} with an IC of ${fixed(mean, 2)}: it may hold what comes after its date; a signal seldom has more than 0.1`,
      );
  }
  return found;
}

/** Splits and what they change; changes as large that are none. */
function jumpRemarks({ coverage: c }: Told): string[] {
  const splits = c.jumps.filter(({ as }) => as !== undefined);
  const perhaps = c.jumps.filter((jump) => jump.perhaps !== undefined);
  const others = c.jumps.filter((jump) => jump.as === undefined && jump.perhaps === undefined);
  const found: string[] = [];
  if (splits.length > 0)
    found.push(`${plural(splits.length, "jump")} like unadjusted splits: ${some(splits.map(jumpText), 3)}; ${splitsText(c)}`);
  if (perhaps.length > 0)
    found.push(
      `${plural(perhaps.length, "jump")} that may be ${perhaps.length === 1 ? "a split" : "splits"}, uncertain and kept as returns: ${some(
        perhaps.map((jump) => `${jump.asset} ${day(jump.time)} ${signedPercent(jump.change)}, ${jump.perhaps}`),
        3,
      )}`,
    );
  if (others.length > 0)
    found.push(
      `${plural(others.length, "change")} outside -40 .. +60% within four days ${others.length === 1 ? "is no split and is a return" : "are no splits and are returns"} like others, the largest ${some(largest(others).map(jumpText), 3)}`,
    );
  return found;
}

const largest = (jumps: readonly Jump[]): Jump[] => [...jumps].sort((a, b) => size(b) - size(a));
const size = ({ change }: Jump): number => Math.abs(Math.log1p(change));

function splitsText({ splitsKept, splitChanges, priceFrom }: FactorReport["coverage"]): string {
  if (splitsKept === "asked") return "kept as returns, as --splits keep says";
  if (splitsKept === "adjusted")
    return `kept as returns, since ${priceFrom} says that prices are adjusted; --splits leave-out leaves them out`;
  const { signals, returns } = splitChanges!;
  const ic = signals.map(({ name, left, kept }) => `${name} ${fixed(kept, 4)}, not ${fixed(left, 4)}`);
  const mean = returns.map(({ name, left, kept }) => `${name} ${percent(kept, 4)}, not ${percent(left, 4)}`);
  return `no return is taken from them; with them (--splits keep) the IC would be ${some(ic, 4)}; the mean return of a date ${some(mean, 4)}`;
}

/** What takes no part. */
function left({ coverage: c }: Told): string[] {
  const found: string[] = [];
  if (c.reports) {
    const { rows, assets, lagged, repeated } = c.reports;
    found.push(
      `${plural(rows, "report")}, of ${count(assets)} of ${plural(c.assets, "asset")}; ${count(lagged)} without a filing date, known from --filing-lag on` +
        (repeated > 0 ? `; ${plural(repeated, "second report")} of a period not used` : ""),
    );
  }
  if (c.withoutSector.length > 0)
    found.push(`${plural(c.withoutSector.length, "asset")} without a sector, in no factor return: ${some(c.withoutSector)}`);
  if (c.alone.length > 0) found.push(`${plural(c.alone.length, "sector")} of one asset, whose return it explains whole: ${some(c.alone)}`);
  if (c.emptyDates.length > 0) found.push(`${plural(c.emptyDates.length, "date")} without any price: ${some(c.emptyDates.map(day))}`);
  if (c.neverCap.length > 0)
    found.push(`${plural(c.neverCap.length, "asset")} without a capitalization on any date, in no factor return: ${some(c.neverCap)}`);
  if (c.withoutCap > 0)
    found.push(`${plural(c.withoutCap, "price")} of other assets on dates without their capitalization, in no factor return`);
  return found;
}

/** What is there and says little. */
function uncertain({ study, time }: Told): string[] {
  const found: string[] = [];
  for (const { names, correlation } of study.alike)
    found.push(`${names.join(" and ")} are one factor under two names: their exposures correlate by ${correlation.toFixed(4)}`);
  if (study.collinear > 0)
    found.push(`${plural(study.collinear, "date")} with collinear factors: answered by the solution of minimum norm`);
  if (study.tooFew > 0)
    found.push(`${plural(study.tooFew, "date")} with fewer assets than factors: answered by the solution of minimum norm`);
  if (study.used.every((n) => n === 0))
    found.push("no date has an asset with a return and the capitalization, sector and factors before it: there are no factor returns");
  for (const s of study.signals)
    if (s.decay[0]!.rank.count === 0) found.push(`${s.name} has no date with two exposures and returns: it cannot be judged`);
  if (time.length < 60) found.push(`${plural(time.length, "date")} are few: every mean below is uncertain`);
  return found;
}

function ofPortfolio({ portfolio: p, beside }: Told): string[] {
  const found: string[] = [];
  if (p && p.without.length > 0)
    found.push(
      `${plural(p.without.length, "asset")} of the weights without exposures on ${day(p.time)}, ${percent(1 - p.explained)} of the portfolio; the others are scaled up: ${some(p.without.map(({ asset }) => asset))}`,
    );
  if (p && p.covarianceDates < 60)
    found.push(`the factor covariance rests on ${plural(p.covarianceDates, "date")} with all factor returns`);
  if (beside && beside.dates < 60) found.push(`the correlation with ${beside.column} rests on ${plural(beside.dates, "date")}`);
  return found;
}
