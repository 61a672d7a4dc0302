/** The files of a run: prepared before anything is read, named only when all of them are complete. */
import type { Batch, Symbols, Topic } from "../../bus/bus.js";
import { RecordingWriter } from "../../bus/recording/recording_writer.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { checksum } from "../../engines/checksum.js";
import type { TradeColumns } from "../../market/trade_columns.js";
import { BucketColumns } from "../../studies/tape/buckets.js";
import type { TapeResult } from "../../studies/tape/tape.js";
import { beginPart, complete, discardPart, endPart, guarded, PartFile, partOf, stdoutName } from "../kit/files.js";
import { count, plural } from "../kit/format.js";
import { type BucketsFile, type Pieces, writerFor } from "./buckets_file.js";
import { pageOf } from "./report.js";
import type { Answer, Made } from "./tape_answer.js";

export interface Targets {
  out: string | undefined;
  record: string | undefined;
  report: string | undefined;
}

export class Outputs {
  private recording: RecordingWriter<TradeColumns> | undefined;

  private constructor(
    private readonly targets: Targets,
    private readonly writeBuckets: ((of: BucketsFile) => Pieces) | undefined,
  ) {}

  /** `stdout` takes what is written to "-". */
  static async prepare(targets: Targets, stdout: (text: string) => void): Promise<Outputs> {
    return new Outputs(targets, targets.out === undefined ? undefined : await writerFor(targets.out, stdout));
  }

  /** The file of buckets, where they do not go to stdout. */
  private get outFile(): string | undefined {
    return this.targets.out === stdoutName ? undefined : this.targets.out;
  }

  /** Appends batches to the recording, where one is asked for. */
  get recorder() {
    const { record } = this.targets;
    if (record === undefined) return undefined;
    return (topic: Topic<TradeColumns>, symbols: Symbols) => {
      const writer = guarded(record, () => new RecordingWriter(partOf(record), topic, symbols, { overwrite: true, crc32c: checksum() }));
      beginPart(record);
      this.recording = writer;
      return (batch: Batch<TradeColumns>) => void guarded(record, () => writer.append(batch));
    };
  }

  /** Writes everything, then gives everything its name; the paths, in the order of the flags. */
  async complete(made: Made): Promise<string[]> {
    const { out, record, report } = this.targets;
    try {
      const page = report === undefined ? undefined : await pageOf(made);
      if (report !== undefined) {
        const file = new PartFile(report);
        file.write(page!);
        file.close();
      }
      if (out !== undefined) this.writeBuckets!(bucketsFile(made.answers)).close();
      if (record !== undefined) this.closeRecording(record);
      const paths = [report, this.outFile, record].filter((path) => path !== undefined);
      for (const path of paths) complete(path);
      return paths;
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  private closeRecording(path: string): void {
    guarded(path, () => {
      this.recording!.flush();
      this.recording!.close();
    });
    this.recording = undefined;
  }

  /** After Ctrl-C: what was taken is kept under names that say it is a part; the words for stderr. */
  keepPartial(result: TapeResult, before: readonly Answer[]): string {
    const { record } = this.targets;
    const out = this.outFile;
    const { trades: read } = result.imported;
    const trades =
      result.taken > 0 ? `stopped after ${plural(result.taken, "trade")}` : `stopped with ${plural(read, "trade")} read, none computed`;
    const kept: string[] = [];
    try {
      if (out !== undefined && result.buckets.vpin.length > 0) {
        this.writeBuckets!(bucketsFile([...before, { result, title: "", window: 0, history: 0, threshold: 0, minHistory: 0 }])).close();
        endPart(out);
        kept.push(`${partOf(out)} holds the ${plural(result.buckets.vpin.length, "bucket")} up to there`);
      }
      if (record !== undefined && this.recording) {
        this.closeRecording(record);
        endPart(record);
        kept.push(`${partOf(record)} holds those ${count(result.taken)} trades`);
      }
    } catch (error) {
      this.discard();
      if (error instanceof TickforgeError) kept.push(error.message);
    }
    return `tickforge: ${trades}. ${kept.length ? `${kept.join("; ")}.` : "Nothing was written."}\n`;
  }

  discard(): void {
    const { record, report } = this.targets;
    this.recording?.close();
    this.recording = undefined;
    for (const path of [this.outFile, record, report]) if (path !== undefined) discardPart(path);
  }
}

type Kept = Pick<Answer, "title" | "result" | "window" | "history" | "threshold" | "minHistory">;

/** The buckets of one tape, or of several one after the other under the names of the tapes. */
function bucketsFile(answers: readonly Kept[]): BucketsFile {
  const { result, window, history, threshold, minHistory } = answers[0]!;
  const { bucketVolumes, classify, imported } = result;
  const one = bucketVolumes.length === 1 && answers.length === 1 ? { bucket_volume: bucketVolumes[0]! } : {};
  const options = { ...one, window, history, classify, threshold, min_history: minHistory };
  if (answers.length === 1) return { buckets: result.buckets, instruments: imported.symbols, options };
  const all = new BucketColumns(Object.keys(result.buckets.measures));
  const instruments: string[] = [];
  for (const { title, result: own } of answers) {
    const first = instruments.length;
    instruments.push(
      ...Array.from(own.bucketVolumes, (_, id) => (own.bucketVolumes.length > 1 ? `${title} ${own.imported.symbols[id]}` : title)),
    );
    all.append({ ...own.buckets, instrument: own.buckets.instrument.map((id) => first + id) }, own.buckets.vpin.length);
  }
  return { buckets: all.view(), instruments, options };
}
