/** The answer on stdout, for programs: one object with stable keys. Times are ISO 8601 in UTC; what is not known is null. */

import { parseMeasures } from "../../engines/measure_list.js";
import { horizonDefault } from "../../engines/quote_measures.js";
import type { QuoteFacts } from "../../files/quotes/join_quotes.js";
import type { TapeResult } from "../../studies/tape/tape.js";
import { findingsJson } from "../findings/findings.js";
import { toNanosecond } from "../kit/format.js";
import { sidesText } from "./sides_text.js";
import { type Alarm, byInstrument, detection, type InstrumentLine, type Line } from "./statistics.js";
import type { Answer } from "./tape_answer.js";
import { agreementOf, boughtKnown, doubtsOfFit, figuresOf, findingsOf } from "./tape_facts.js";
import type { Thin } from "./thin.js";

const time = (value: bigint | undefined) => (value === undefined ? null : toNanosecond(value));

const figures = ({ last, mean, p95, max, maxTime }: Line) => ({ last, mean, p95, max, maxTime: time(maxTime) });
const alarm = ({ startTime, endTime, open, early, peakVpin, moveHourAfter }: Alarm) => ({
  startTime: time(startTime),
  endTime: time(endTime),
  open,
  early,
  peakVpin,
  moveHourAfter,
});

function instrument(line: InstrumentLine, result: TapeResult) {
  const { id, name, trades, volume, bucketVolume, buckets, statistics: s } = line;
  const { choices } = result;
  return {
    name: name || null,
    trades,
    volume,
    bucketVolume,
    bucketVolumeBy: choices[id]?.why ?? null,
    tradesNeeded: choices[id]?.needed ?? null,
    doubtsOfFit: doubtsOfFit(line, result).map(({ name }) => name),
    buckets: buckets.vpin.length,
    vpin: figures(s.vpin),
    cdf: figures(s.cdf),
    vpinValues: s.values,
    imbalance: figures(s.imbalance),
    measures: Object.fromEntries(Object.entries(s.measures).map(([name, of]) => [name, figures(of)])),
    alarms: s.alarms.map(alarm),
    alarmSeconds: s.alarmSeconds,
  };
}

/** One tape, or several under `tapes`. */
export function answerJson(answers: readonly Answer[], leftOut: readonly Thin[], files: readonly string[], version: string): string {
  const [only] = answers;
  const several = {
    schema: 1,
    command: "replay",
    version,
    files,
    tapes: answers.map((of) => ({ title: of.title, ...tape(of, of.files) })),
    leftOut: leftOut.map(({ needed, ...thin }) => ({ ...thin, tradesNeeded: needed, code: "E_TOO_FEW_TRADES" })),
  };
  const object = only && answers.length + leftOut.length === 1 ? { schema: 1, command: "replay", version, ...tape(only, files) } : several;
  return `${JSON.stringify(object, (_, value) => (typeof value === "number" && !Number.isFinite(value) ? null : value), 2)}\n`;
}

function tape(of: Answer, files: readonly string[]) {
  const { result, truth } = of;
  const { imported, course, format } = result;
  const each = byInstrument(result, of.threshold);
  const volume = imported.volumes.reduce((a, b) => a + b, 0);
  const ruled = result.quotes?.rule === result.classify ? result.quotes.unknownVolume : imported.unknownSideVolume;
  const unknownVolume = boughtKnown(result) ? 0 : ruled;
  return {
    files,
    format: format.text,
    simulated: truth !== undefined,
    rows: format.barSeconds === undefined ? "trades" : "bars of the file",
    trades: imported.trades,
    volume,
    startTime: imported.trades ? time(course.startTime) : null,
    endTime: imported.trades ? time(course.endTime) : null,
    rejected: { total: Object.values(imported.rejected).reduce((a, b) => a + b, 0), reasons: imported.rejected },
    outsideSession: imported.outsideSession ?? null,
    passedOver: imported.passed ?? {},
    duplicates: imported.duplicates ?? null,
    sides: sidesText(of),
    unknownSideShare: unknownVolume / volume,
    quotes: quotesJson(result),
    tradesOverOneBucket: result.tradesOverOneBucket,
    quality: findingsJson(findingsOf(result)),
    outliers: course.outliers.first.map((outlier) => ({
      ...{ time: time(outlier.time), price: outlier.price, before: outlier.before },
      instrument: imported.symbols[outlier.instrument] ?? null,
    })),
    spikes: spikesOf(result),
    options: {
      bucketVolume: each.length === 1 ? each[0]!.bucketVolume : null,
      window: of.window,
      history: of.history,
      classify: result.classify,
      barSeconds: result.classify === "bvc" || Object.keys(result.buckets.measures).length > 0 ? of.barSeconds : null,
      empty: result.classify === "bvc" ? (of.empty ?? "skip") : null,
      threshold: of.threshold,
      minHistory: of.minHistory,
      measures: parseMeasures(of.measures ?? "none").map(({ name, window, clock, unit }) => ({
        ...{ name, window, of: `${clock}s`, unit },
        ...(name === "realized_spread" && { horizonSeconds: of.horizonSeconds ?? horizonDefault }),
      })),
      session: of.session ?? null,
    },
    buckets: result.buckets.vpin.length,
    instruments: each.map((one) => instrument(one, result)),
    truth: truth
      ? { episodes: truth.map((t) => ({ startTime: time(t.startTime), endTime: time(t.endTime) })), ...met(of, each[0]!) }
      : null,
    written: of.written,
    passes: result.passes,
    seconds: of.seconds,
  };
}

/** Prices far off for a moment, and what they change. */
function spikesOf(result: TapeResult) {
  const { spikes, symbols } = result.imported;
  if (!spikes) return null;
  const { largest: far } = spikes;
  const largest = far && { time: time(far.time), price: far.price, before: far.before, instrument: symbols[far.instrument] ?? null };
  return {
    ...spikes,
    largest: largest ?? null,
    vpin: figuresOf(result.buckets),
    otherwise: result.otherwise ? figuresOf(result.otherwise.buckets) : null,
  };
}

const quotesJson = ({ quotes, imported: { quoteFacts } }: TapeResult) =>
  quotes || quoteFacts ? { ...sidesJson(quotes), ...(quoteFacts && joinJson(quoteFacts)) } : null;

/** Of files of quotes. */
const joinJson = ({ files, lagNs, before, after, sameMs, stale, unquoted }: QuoteFacts) => ({
  files: files.map(({ firstTime, lastTime, ...file }) => ({ ...file, firstTime: time(firstTime), lastTime: time(lastTime) })),
  lagSeconds: Number(lagNs) / 1e9,
  ...{ tradesBefore: before, tradesAfter: after, tradesWithinMillisecond: sameMs },
  stale: { overSeconds: Number(stale.overNs) / 1e9, trades: stale.trades, oldestSeconds: Number(stale.oldestNs) / 1e9 },
  instrumentsWithout: unquoted,
});

const sidesJson = (of: TapeResult["quotes"]) => {
  if (!of) return null;
  const { rule, trades, flaws, given } = of;
  const notUsed = Object.values(flaws).reduce((a, b) => a + b, 0);
  return { sidesBy: rule, trades, used: trades - notUsed, notUsed: flaws, agreement: agreementOf(of) ?? null, givenSides: given };
};

function met({ truth }: Answer, { statistics, buckets }: InstrumentLine) {
  const { truthMet, alarmsMet, alarms, vpinInside, vpinOutside } = detection(truth!, buckets, statistics.alarms);
  return { episodesDetected: truthMet, alarms, alarmsInEpisodes: alarmsMet, vpinInside, vpinOutside };
}
