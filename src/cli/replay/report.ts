/** What the report page is told about a run. */
import type { Interval } from "../../analysis/toxicity.js";
import { type Measure, parseMeasures } from "../../engines/measure_list.js";
import { Sessions } from "../../market/sessions.js";
import type { ReportFile } from "../../report/kit/page.js";
import { comparisonPage } from "../../report/toxicity/comparison.js";
import { toxicityPage } from "../../report/toxicity/toxicity.js";
import type { ToxicityReport } from "../../report/toxicity/toxicity_report.js";
import { fitCell } from "../findings/findings_fit.js";
import { kebab } from "../kit/flag.js";
import { reportFile } from "../kit/report_file.js";
import { comparedLines } from "./compare.js";
import { sidesText } from "./sides_text.js";
import type { InstrumentLine } from "./statistics.js";
import type { Answer, Made } from "./tape_answer.js";
import { boughtKnown, doubtsOfFit, findingsOf, ofBars } from "./tape_facts.js";
import { thinText } from "./thin.js";

/** The page of one instrument, or that of several beside each other. */
export async function pageOf(made: Made): Promise<string> {
  const { leftOut, own } = made;
  const lines = comparedLines(made.answers, made.answers.length + leftOut.length);
  const files = await Promise.all(made.answers.map(({ files: names, result }) => reportFiles(names, result)));
  const whole = (answer: Answer, line: InstrumentLine) => reportOf(made, answer, line, files[made.answers.indexOf(answer)]!);
  if (lines.length + leftOut.length === 1) return toxicityPage(whole(lines[0]!.answer, lines[0]!.line), own);
  return comparisonPage(
    lines.map(({ answer, line }) => ({ name: line.name, report: whole(answer, line), tape: made.answers.indexOf(answer) })),
    leftOut.map(thinText),
    own,
  );
}

function reportOf({ commandLine, version }: Made, answer: Answer, line: InstrumentLine, files: ReportFile[]): ToxicityReport {
  const { result, window, history, threshold, minHistory, barSeconds, truth } = answer;
  const { imported, course, classify, format } = result;
  const { instrument: _, endIndex: __, imbalance: ___, measures, ...buckets } = line.buckets;
  const volume = imported.volumes.reduce((a, b) => a + b, 0);
  const doubts = doubtsOfFit(line, result);
  const measured = parseMeasures(answer.measures ?? "none");
  const barred = classify === "bvc" || measured.some(({ clock }) => clock === "bar");
  return {
    commandLine,
    version,
    files,
    options: {
      ...Object.fromEntries(Object.entries({ bucketVolume: line.bucketVolume, window, history, classify }).map(([k, v]) => [kebab(k), v])),
      ...(boughtKnown(result) && { sides: sidesText(answer) }),
      ...(result.choices[line.id] && { "bucket-volume-by": result.choices[line.id]!.why }),
      ...(barred && { bars: `${barSeconds}s` }),
      ...(classify === "bvc" && answer.empty === "emit" && { empty: "emit" }),
      threshold,
      "min-history": minHistory,
      ...(answer.measures !== undefined && { measures: answer.measures.replaceAll(",", ", ") }),
      ...(answer.session !== undefined && { session: answer.session }),
    },
    startTime: course.startTime,
    endTime: course.endTime,
    trades: line.trades,
    ...(ofBars(format) && { ofBars: true }),
    volume: line.volume,
    rejected: imported.rejected,
    data: {
      ...(imported.duplicates !== undefined && { duplicates: imported.duplicates }),
      timesGoingBackwards: imported.rejected.time_backwards ?? 0,
      largestGaps: course.gaps,
      ...(format.timeUnit !== undefined && { timeUnit: format.timeUnit }),
      ...(classify === "given" && !ofBars(format) && { unknownSideShare: imported.unknownSideVolume / volume }),
      ...(result.quotes?.rule === classify && classify !== "given" && { unknownSideShare: result.quotes.unknownVolume / volume }),
      ...(!ofBars(format) && { tradesOverOneBucket: result.tradesOverOneBucket }),
      findings: findingsOf(result).map(({ what, done }) => ({ what, done })),
    },
    ...(clockZone(answer) !== undefined && { zone: clockZone(answer)! }),
    ...(answer.session !== undefined && { closed: closedBetween(buckets.endTime, new Sessions(answer.session)) }),
    buckets,
    measures: measured.map((measure) => ({
      ...{ name: measure.name, unit: measure.unit, over: overWhat(measure, barSeconds) },
      values: measures[measure.name]!,
    })),
    bucketVolume: line.bucketVolume,
    fit: { cell: fitCell(doubts, result.barFits !== undefined), doubts: doubts.map(({ what, done }) => `${what}; ${done}`) },
    ...{ window, threshold, minHistory, sensitivity: result.bucketVolumes.length > 1 ? [] : result.sensitivity },
    ...(truth && { truth }),
  };
}

/** Whose clock the reader goes by: that of the times in the file, or of the exchange. */
const clockZone = ({ zone, session }: Answer): string | undefined => zone ?? session?.split("@")[1];

/** What of the waits for a bucket lies outside the hours: from the close after one to the last opening before the next. */
export function closedBetween(times: BigInt64Array, hours: Sessions): Interval[] {
  const found: Interval[] = [];
  for (let i = 1; i < times.length; i++) {
    const [before, after] = [hours.at(times[i - 1]!), hours.at(times[i]!)];
    if (times[i]! <= before.endTime) continue;
    const [startTime, endTime] = [before.open ? before.endTime : times[i - 1]!, after.open ? after.startTime : times[i]!];
    if (endTime > startTime) found.push({ startTime, endTime });
  }
  return found;
}

const reportFiles = (names: readonly string[], { format, imported }: Answer["result"]): Promise<ReportFile[]> =>
  Promise.all([
    ...names.map((name) => reportFile(name, format.text)),
    ...(imported.quoteFacts?.files ?? []).map(({ file, format: quotes }) => reportFile(file, `quotes: ${quotes}`)),
  ]);

/** What a value is made from. */
const overWhat = ({ window, clock }: Measure, barSeconds: number): string => {
  const rows = clock === "bar" ? `bars of ${barSeconds} s` : "trades";
  return window === undefined ? `the last two ${rows}` : `the last ${window.toLocaleString("en-US")} ${rows}`;
};
