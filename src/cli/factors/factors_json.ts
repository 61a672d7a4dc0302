/** The answer of factors as one JSON object. */
import type { MeanTest } from "../../analysis/signal.js";
import { meanTest } from "../../analysis/signal.js";
import type { FactorReport } from "../../report/factors/factor_report.js";
import { toSecond } from "../kit/format.js";

const number = (value: number): number | null => (Number.isFinite(value) ? value : null);
const day = (ns: bigint): string => toSecond(ns).slice(0, 10);
const test = (t: MeanTest) => Object.fromEntries(Object.entries(t).map(([key, value]) => [key, number(value)]));

function portfolioOf({ portfolio: p }: FactorReport) {
  if (!p) return null;
  return {
    ...{ weights: p.from, date: day(p.time), assets: p.held, explained: number(p.explained), explainedMean: number(p.explainedMean) },
    ...{ without: p.without, covarianceDates: p.covarianceDates, halfLives: p.halfLives },
    ...{ volatility: number(p.total), factorVolatility: number(p.factor), specificVolatility: number(p.specific) },
    realized: { ...test(p.test), sum: number(p.sum) },
    parts: p.parts.map(({ name, kind, exposure, contribution, test: own, sum }) => ({
      ...{ name, kind, exposure: number(exposure), contribution: number(contribution), share: number(contribution / p.total) },
      realized: { ...test(own), sum: number(sum) },
    })),
    largest: p.assets.map(({ asset, weight, contribution }) => ({ asset, weight, contribution: number(contribution) })),
  };
}

function besideOf({ beside: b }: FactorReport) {
  if (!b) return null;
  const { file, column, unit, dates, without, correlation, interval, beta } = b;
  return {
    ...{ file, column, unit, dates, without, correlation: number(correlation), interval: interval.map(number), beta: number(beta) },
    ...{ market: test(b.own), series: test(b.other) },
  };
}

export function factorsJson(of: FactorReport, written: readonly string[], seconds: number): string {
  const { study, options, version, files, time, sectors } = of;
  const coverage = {
    ...of.coverage,
    emptyDates: of.coverage.emptyDates.map(day),
    jumps: of.coverage.jumps.map(({ asset, time: at, change, as, perhaps }) => ({
      ...{
        asset,
        date: day(at),
        change,
        as: as ?? null,
        perhaps: perhaps ?? null,
        leftOut: as !== undefined && of.coverage.splitsKept === undefined,
      },
    })),
    splitsKept: of.coverage.splitsKept ?? null,
    splitChanges: of.coverage.splitChanges ?? null,
  };
  const object = {
    ...{ schema: 1, command: "factors", version, files, options, coverage, remarks: of.remarks },
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
    ...{ collinearDates: study.collinear, tooFewAssetsDates: study.tooFew, alike: study.alike },
    portfolio: portfolioOf(of),
    compare: besideOf(of),
    written,
    seconds,
  };
  return `${JSON.stringify(object, null, 2)}\n`;
}
