/** What the report page is told about a run. */
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { mostBuckets } from "../engines/tape.js";
import type { ReportFile, ToxicityReport } from "../report/toxicity.js";
import { kebab } from "./flags.js";
import type { Made } from "./outputs.js";

export async function reportOf({ answer, files, commandLine, version }: Made): Promise<ToxicityReport> {
  const { result, window, history, threshold, barSeconds, truth } = answer;
  const { imported, course, buckets, classify, bucketVolumes, format } = result;
  const { instrument, endIndex: _, imbalance: __, ...columns } = buckets;
  const volume = imported.volumes.reduce((a, b) => a + b, 0);
  const shown = mostBuckets(buckets, bucketVolumes.length);
  const several = bucketVolumes.length > 1;
  return {
    commandLine,
    version,
    files: await Promise.all(files.map((name) => reportFile(name, format.text))),
    options: {
      ...Object.fromEntries(
        Object.entries({ bucketVolume: bucketVolumes[shown]!, window, history, classify }).map(([k, v]) => [kebab(k), v]),
      ),
      ...(classify === "bvc" && { bars: `${barSeconds}s` }),
      threshold,
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
    },
    buckets: several ? { ...columns, instrument } : columns,
    ...(imported.symbols.length > 0 && { instruments: imported.symbols }),
    bucketVolume: bucketVolumes[shown]!,
    window,
    threshold,
    sensitivity: result.sensitivity,
    ...(truth && { truth }),
  };
}

async function reportFile(name: string, format: string): Promise<ReportFile> {
  if (!statSync(name, { throwIfNoEntry: false })?.isFile())
    return { name: name === "-" ? "stdin" : name, sha256: "not known: a pipe", format };
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(name, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return { name, sha256: hash.digest("hex"), format };
}
