/** The job that tells what far prices change: the same tape with them where they were left out, and without where they were kept. */
import type { Source } from "../../importer/importer.js";
import type { TapeJob, TapeResult } from "./tape_job.js";

/** Undefined where there are none, sides do not hang on prices, or the tape cannot be read again. */
export function jobOtherwise(job: TapeJob, { imported, classify, bucketVolumes, barSeconds, format }: TapeResult): TapeJob | undefined {
  const { source, twice, empty, window, history, threshold, minHistory, session, rowsPerSlot } = job;
  if (job.effect === false || !imported.spikes?.count || !twice || classify === "given" || bucketVolumes.length > 1) return undefined;
  const outliers = imported.spikes.dropped ? "keep" : "drop";
  const bars = classify === "bvc" && format.barSeconds === undefined ? { barSeconds, empty } : {};
  const how = { window, history, threshold, minHistory, session, rowsPerSlot, ...bars, bucketVolume: bucketVolumes[0]! };
  const changed = { ...source, options: { ...source.options, outliers } } as Source;
  return { ...how, source: changed, twice, classify, sensitivity: false, effect: false };
}
