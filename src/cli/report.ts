/** What the report page is told about a run. */
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { type Measure, parseMeasures } from "../engines/measure-list.js";
import { mostBuckets } from "../engines/tape.js";
import type { ReportFile, ToxicityReport } from "../report/toxicity.js";
import { kebab } from "./flags.js";
import type { Made } from "./outputs.js";
import { findingsOf } from "./summary.js";

export async function reportOf({ answer, files, commandLine, version }: Made): Promise<ToxicityReport> {
  const { result, window, history, threshold, barSeconds, truth } = answer;
  const { imported, course, buckets, classify, bucketVolumes, format } = result;
  const { instrument, endIndex: _, imbalance: __, measures, ...columns } = buckets;
  const volume = imported.volumes.reduce((a, b) => a + b, 0);
  const shown = mostBuckets(buckets, bucketVolumes.length);
  const several = bucketVolumes.length > 1;
  const barred = parseMeasures(answer.measures ?? "none").some(({ clock }) => clock === "bar");
  return {
    commandLine,
    version,
    files: await Promise.all(files.map((name) => reportFile(name, format.text))),
    options: {
      ...Object.fromEntries(
        Object.entries({ bucketVolume: bucketVolumes[shown]!, window, history, classify }).map(([k, v]) => [kebab(k), v]),
      ),
      ...((classify === "bvc" || barred) && { bars: `${barSeconds}s` }),
      threshold,
      ...(answer.measures !== undefined && { measures: answer.measures.replaceAll(",", ", ") }),
      ...(answer.session !== undefined && { session: answer.session }),
    },
    startTime: course.startTime,
    endTime: course.endTime,
    trades: imported.trades,
    volume,
    rejected: imported.rejected,
    data: {
      ...(imported.duplicates !== undefined && { duplicates: imported.duplicates }),
      timesGoingBackwards: imported.rejected.time_backwards ?? 0,
      largestGaps: course.gaps,
      ...(format.timeUnit !== undefined && { timeUnit: format.timeUnit }),
      ...(classify === "given" && { unknownSideShare: imported.unknownSideVolume / volume }),
      tradesOverOneBucket: result.tradesOverOneBucket,
      findings: findingsOf(result).map(({ what, done }) => ({ what, done })),
    },
    buckets: several ? { ...columns, instrument } : columns,
    measures: parseMeasures(answer.measures ?? "none").map((measure) => ({
      name: measure.name,
      unit: measure.unit,
      over: overWhat(measure, barSeconds),
      values: measures[measure.name]!,
    })),
    ...(imported.symbols.length > 0 && { instruments: imported.symbols }),
    bucketVolume: bucketVolumes[shown]!,
    window,
    threshold,
    sensitivity: result.sensitivity,
    ...(truth && { truth }),
  };
}

/** What a value is made from. */
const overWhat = ({ window, clock }: Measure, barSeconds: number): string => {
  const rows = clock === "bar" ? `bars of ${barSeconds} s` : "trades";
  return window === undefined ? `the last two ${rows}` : `the last ${window.toLocaleString("en-US")} ${rows}`;
};

async function reportFile(name: string, format: string): Promise<ReportFile> {
  if (!statSync(name, { throwIfNoEntry: false })?.isFile())
    return { name: name === "-" ? "stdin" : name, sha256: "not known: a pipe", format };
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(name, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return { name, sha256: hash.digest("hex"), format };
}
