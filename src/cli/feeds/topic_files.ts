/** Recordings of several topics side by side, begun anew after a while. */
import { basename, dirname, join } from "node:path";
import type { Batch, Symbols, Topic } from "../../bus/bus.js";
import { RecordingWriter } from "../../bus/recording/recording_writer.js";
import { checksum } from "../../engines/checksum.js";

interface Open {
  readonly topic: Topic<any>;
  readonly symbols: Symbols;
  writer: RecordingWriter<any>;
  rows: number;
}

export class TopicFiles {
  private readonly files = new Map<string, Open>();
  private readonly done: { file: string; rows: number }[] = [];
  private since = Date.now();

  constructor(
    private readonly out: string,
    private readonly rotateMs: number | undefined,
    private readonly overwrite: boolean,
  ) {}

  open(topic: Topic<any>, symbols: Symbols): void {
    this.files.set(topic.name, { topic, symbols, writer: this.writer(topic, symbols), rows: 0 });
  }
  take({ name }: Topic<any>, batch: Batch<any>): void {
    if (this.rotateMs !== undefined && Date.now() - this.since >= this.rotateMs) this.rotate();
    const of = this.files.get(name)!;
    of.writer.extend(batch, batch.from);
    of.rows += batch.rows - batch.from;
  }
  flush(): void {
    for (const { writer } of this.files.values()) writer.flush();
  }
  close(): void {
    for (const of of this.files.values()) this.end(of);
    this.files.clear();
  }
  /** Rows of each file, those that are closed first. */
  written(): { file: string; rows: number }[] {
    return [...this.done, ...[...this.files.values()].map(({ writer, rows }) => ({ file: writer.path, rows }))];
  }

  private rotate(): void {
    this.since = Date.now();
    for (const of of this.files.values()) {
      this.end(of);
      of.writer = this.writer(of.topic, of.symbols);
      of.rows = 0;
    }
  }
  private end({ writer, rows }: Open): void {
    writer.flush();
    writer.close();
    this.done.push({ file: writer.path, rows });
  }
  private writer(topic: Topic<any>, symbols: Symbols): RecordingWriter<any> {
    const stem = basename(this.out).replace(/\.tfr$/, "");
    // Milliseconds, so that no two have the same name.
    const time = this.rotateMs === undefined ? "" : `.${new Date(this.since).toISOString().replaceAll(/[-:]/g, "")}`;
    const what = topic.name === "trades" ? "" : `.${topic.name}`;
    const path = join(dirname(this.out), `${stem}${time}${what}.tfr`);
    return new RecordingWriter(path, topic, symbols, { overwrite: this.overwrite, crc32c: checksum() });
  }
}
