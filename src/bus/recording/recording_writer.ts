import * as fs from "node:fs";
import { needObject, needText } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Batch, Columns, Symbols, Topic } from "../bus.js";
import {
  align,
  crc32c,
  difference,
  FRAME_MAGIC,
  FRAME_VERSION,
  Frames,
  HEADER_BYTES,
  type Layout,
  layoutOf,
  SYMBOLS_FRAME,
  word,
} from "../frame.js";
import { type Checksum, TopicHash } from "../topic_hash.js";
import {
  CRC_WORD,
  type FrameInfo,
  RECORDING_MAGIC,
  RECORDING_VERSION,
  type RecordingOptions,
  RecordingReader,
  wordsOf,
} from "./recording.js";
import { hashFrame, hashOf, type RecordedHash } from "./recording_hash.js";

/** How far a recording was written: bytes before the frame in hand, and rows in that. */
export interface RecordingPlace {
  readonly bytes: number;
  readonly rows: number;
}
export interface RecordingWriterOptions extends RecordingOptions {
  readonly overwrite?: boolean;
  /** Goes on with a file of this topic from a place of it; what was written behind it is cut off. */
  readonly resume?: RecordingPlace | undefined;
  /** Memory for the hash of the rows, as `TopicHash` takes it: kept with the place, it need not be computed again where that is gone on from. */
  readonly hash?: ArrayBufferView | undefined;
}

/** Text in memory that begins with an empty header and ends on a multiple of 64 bytes. */
function withHeader(text: string): { bytes: Uint8Array; words: Uint32Array; length: number } {
  const body = new TextEncoder().encode(text);
  const bytes = new Uint8Array(align(HEADER_BYTES + body.length, 64)).fill(0x20, HEADER_BYTES);
  bytes.set(body, HEADER_BYTES);
  return { bytes, words: wordsOf(bytes), length: body.length };
}

/** Appends batches to a file as they are in memory; what lies behind the last row of a column becomes zeros. */
export class RecordingWriter<C extends Columns = Columns> {
  private readonly file: number;
  private readonly layout: Layout<C>;
  private readonly frame: Frames<C>;
  private readonly checksum: Checksum;
  private readonly hash: TopicHash<C>;
  private symbolsWritten: number;
  /** Bytes before the frame in hand, and what is in that; nothing is in hand where it has no rows. */
  private offset = 0;
  private rows = 0;
  /** Half a frame may lie at the place in hand. */
  private failed = false;
  private first: Omit<FrameInfo, "rows"> = { producer: 0, epoch: 0, sequence: 0, timeNs: 0n };

  constructor(
    readonly path: string,
    private readonly topic: Topic<C>,
    private readonly symbols: Symbols,
    options: RecordingWriterOptions = {},
  ) {
    needText("RecordingWriter: path", path);
    needObject("RecordingWriter: symbols", symbols);
    needObject("RecordingWriter: options", options);
    const { crc32c: checksum = crc32c, overwrite = false, resume, hash: state } = options;
    this.checksum = checksum;
    this.layout = layoutOf(topic);
    this.frame = new Frames(this.layout, new ArrayBuffer(this.layout.stride), 0, 1);
    this.hash = new TopicHash(topic, { crc32c: checksum, state });
    if (!resume) this.hash.clear();
    this.symbolsWritten = resume ? this.find(resume) : symbols.size;
    try {
      this.file = fs.openSync(path, resume ? "r+" : overwrite ? "w" : "wx");
    } catch (cause) {
      throw new BusError("E_BUS_FILE", `${path}: cannot be created: ${(cause as Error).message}`, {
        file: path,
        cause,
        hint: "Choose another name or pass overwrite.",
      });
    }
    if (resume) this.guarded(() => fs.ftruncateSync(this.file, resume.bytes + (resume.rows > 0 ? this.layout.stride : 0)));
    else this.begin();
  }

  /** How far it was written: what `resume` goes on from. */
  get place(): RecordingPlace {
    return { bytes: this.offset, rows: this.rows };
  }

  private begin(): void {
    const { name, columns, rows, slots, backpressure } = this.topic;
    const { bytes, words, length } = withHeader(JSON.stringify({ name, columns, rows, slots, backpressure, symbols: this.symbolsFrom(0) }));
    words.set([RECORDING_MAGIC, RECORDING_VERSION, bytes.length, length]);
    words[CRC_WORD] = this.checksum(bytes);
    this.write(bytes);
    this.offset = bytes.length;
  }

  /** Reads how far the file goes up to a place; how many symbols it names there. */
  private find({ bytes, rows }: RecordingPlace): number {
    const { path, topic, symbols } = this;
    const reader = new RecordingReader<C>(path, { crc32c: this.checksum });
    try {
      const wrong = (code: string, what: string, hint: string) => new BusError(code, `${path}: ${what}`, { file: path, hint });
      const other = reader.topic.name === topic.name ? difference(reader.topic, topic) : `it is of topic '${reader.topic.name}'`;
      if (other) throw wrong("E_BUS_LAYOUT", `cannot be gone on with for topic '${topic.name}': ${other}`, "Record into another file.");
      const needed = bytes + (rows > 0 ? this.layout.stride : 0);
      if (reader.size < needed)
        throw wrong(
          "E_BUS_TRUNCATED",
          `has ${reader.size} bytes, ${needed} were written`,
          "It was cut or replaced since: record into another file.",
        );
      const known = this.hash.rows > 0;
      if (!known) this.rehash(reader, bytes);
      while (reader.offset < bytes) reader.skipTo(reader.frame + 1);
      if (reader.offset !== bytes || reader.ended)
        throw wrong("E_BUS_FRAME", `has no frame at byte ${bytes}`, "It was replaced since: record into another file.");
      const names = Array.from({ length: reader.symbols.size }, (_, id) => reader.symbols.at(id)!);
      // Those that the topic does not know yet will come again in their order.
      const twisted = names.find((name, id) => (symbols.at(id) ?? name) !== name);
      if (twisted !== undefined)
        throw wrong("E_BUS_SYMBOLS", `symbol '${twisted}' has another number in topic '${topic.name}'`, "Record into another file.");
      this.offset = bytes;
      if (rows > 0) this.take(reader, rows);
      if (!known) this.hash.take(this.frame.slots[0]!.columns, 0, rows);
      return names.length;
    } finally {
      reader.close();
    }
  }

  /** The rows of the frames before a byte. */
  private rehash(reader: RecordingReader<C>, bytes: number): void {
    const slot = this.frame.slots[0]!;
    while (reader.offset < bytes) {
      const info = reader.accept(slot.bytes, fs.readSync(reader.file, slot.bytes, 0, slot.bytes.length, reader.offset));
      if (info) this.hash.take(slot.columns, 0, info.rows);
    }
  }

  /** The frame in hand as it was: rows behind its own are not of this place. */
  private take(reader: RecordingReader<C>, rows: number): void {
    const info = reader.read(this.frame.slots[0]!);
    if (info === undefined || info.rows < rows)
      throw new BusError(
        "E_BUS_FRAME",
        `${this.path}: the frame at byte ${this.offset} has ${info?.rows ?? 0} rows, ${rows} were written`,
        {
          ...{ file: this.path, hint: "It was replaced since: record into another file." },
        },
      );
    this.clear(rows);
    this.rows = rows;
    this.first = info;
  }

  private symbolsFrom(id: number): string[] {
    return Array.from({ length: this.symbolsWritten - id }, (_, i) => this.symbols.at(id + i)!);
  }

  /** Columns of the frame in hand from a row on become zeros. */
  private clear(rows: number): void {
    for (const { name, width } of this.layout.columns) {
      const target = this.frame.slots[0]!.columns[name] as Float64Array;
      target.fill((typeof target[0] === "bigint" ? 0n : 0) as number, rows * width);
    }
  }

  /** A batch as a frame of its own. False, and nothing written, where the batch was taken away while it was copied. */
  append(batch: Batch<C>): boolean {
    const { rows } = batch;
    this.leave();
    this.copy(batch, 0, rows, 0);
    this.clear(rows);
    if (!batch.intact()) return false;
    this.nameSymbols();
    this.first = batch;
    this.seal(rows);
    this.hash.take(this.frame.slots[0]!.columns, 0, rows);
    this.offset += this.layout.stride;
    return true;
  }

  /**
   * Rows [from, batch.rows) of a batch that is not taken away, behind those of the frame in hand, which is written again with them: where
   * rows come in ones and twos the file is no larger for it. All of them are in the file, if not on the disk, when it returns.
   */
  extend(batch: Batch<C>, from = batch.from): void {
    for (let at = from; at < batch.rows; ) {
      const sequence = batch.sequence + at - batch.from;
      if (this.rows > 0 && this.first.sequence + this.rows !== sequence) this.leave();
      this.nameSymbols();
      if (this.rows === 0) {
        this.clear(0);
        const { producer, epoch, timeNs } = batch;
        this.first = { producer, epoch, timeNs, sequence };
      }
      const rows = Math.min(batch.rows - at, this.topic.rows - this.rows);
      this.copy(batch, at, at + rows, this.rows);
      this.seal(this.rows + rows);
      this.hash.take(this.frame.slots[0]!.columns, this.rows, this.rows + rows);
      this.rows += rows;
      at += rows;
      if (this.rows === this.topic.rows) this.leave();
    }
  }

  /** The frame in hand stays as it is. */
  private leave(): void {
    if (this.rows > 0) this.offset += this.layout.stride;
    this.rows = 0;
  }

  private copy({ columns }: Batch<C>, from: number, to: number, into: number): void {
    for (const { name, width } of this.layout.columns) {
      const target = this.frame.slots[0]!.columns[name] as Float64Array;
      target.set((columns[name] as Float64Array).subarray(from * width, to * width), into * width);
    }
  }

  private seal(rows: number): void {
    const { sequence, producer, epoch, timeNs } = this.first;
    const { bytes } = this.frame.slots[0]!;
    this.frame.seal(0, rows, sequence, producer, epoch, timeNs);
    this.frame.setCrc(0, this.checksum(bytes));
    this.write(bytes);
  }

  /** Symbols that were added since, before the first row that may have them. */
  private nameSymbols(): void {
    const from = this.symbolsWritten;
    if (this.symbols.size <= from) return;
    this.leave();
    this.symbolsWritten = this.symbols.size;
    const { bytes, words } = withHeader(JSON.stringify(this.symbolsFrom(from)));
    words.set([FRAME_MAGIC, FRAME_VERSION | (SYMBOLS_FRAME << 16), this.layout.schema, bytes.length]);
    words[word.crc] = this.checksum(bytes);
    this.write(bytes);
    this.offset += bytes.length;
  }

  /** At the place in hand. */
  private write(bytes: Uint8Array): void {
    this.failed = true;
    this.guarded(() => {
      for (let done = 0; done < bytes.length; ) done += fs.writeSync(this.file, bytes, done, bytes.length - done, this.offset + done);
    });
    this.failed = false;
  }

  private guarded(step: () => void): void {
    try {
      step();
    } catch (cause) {
      const { path, topic, offset, rows } = this;
      const what = `${path}: topic '${topic.name}' cannot be written at byte ${offset}: ${(cause as Error).message}`;
      const full = ["ENOSPC", "EDQUOT", "EFBIG"].includes((cause as NodeJS.ErrnoException).code ?? "");
      const hint = `${full ? "free some space" : "see to the disk"}, then go on: all rows up to there are good, and no later one was taken`;
      throw new BusError("E_BUS_WRITE", what, { file: path, cause, value: { offset, rows }, hint });
    }
  }

  /** Returns when the disk has it; how far that is. */
  flush(): RecordingPlace {
    this.guarded(() => fs.fsyncSync(this.file));
    return this.place;
  }
  /** Of what was written so far; with `close` the file says it. */
  get hashed(): RecordedHash {
    return hashOf(this.layout, this.hash);
  }
  /** Writes the hash of all rows and closes the file. */
  close(): void {
    try {
      if (!this.failed) this.end();
    } finally {
      fs.closeSync(this.file);
    }
  }
  private end(): void {
    this.leave();
    const bytes = hashFrame(this.layout, this.hash);
    wordsOf(bytes)[word.crc] = this.checksum(bytes);
    this.write(bytes);
  }
}
