import * as fs from "node:fs";
import { needObject, needText } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Batch, Columns, Symbols, Topic } from "../bus.js";
import { align, crc32c, FRAME_MAGIC, FRAME_VERSION, Frames, HEADER_BYTES, type Layout, layoutOf, SYMBOLS_FRAME, word } from "../frame.js";
import { type Checksum, CRC_WORD, RECORDING_MAGIC, RECORDING_VERSION, type RecordingOptions, wordsOf } from "./recording.js";

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(file, bytes, done);
}

/** Text in memory that begins with an empty header and ends on a multiple of 64 bytes. */
function withHeader(text: string): { bytes: Uint8Array; words: Uint32Array; length: number } {
  const body = new TextEncoder().encode(text);
  const bytes = new Uint8Array(align(HEADER_BYTES + body.length, 64)).fill(0x20, HEADER_BYTES);
  bytes.set(body, HEADER_BYTES);
  return { bytes, words: wordsOf(bytes), length: body.length };
}

/** Appends batches to a new file as they are in memory; what lies behind the last row of a column becomes zeros. */
export class RecordingWriter<C extends Columns = Columns> {
  private readonly file: number;
  private readonly layout: Layout<C>;
  private readonly frame: Frames<C>;
  private readonly checksum: Checksum;
  private symbolsWritten: number;

  constructor(
    readonly path: string,
    topic: Topic<C>,
    private readonly symbols: Symbols,
    options: RecordingOptions & { readonly overwrite?: boolean } = {},
  ) {
    needText("RecordingWriter: path", path);
    needObject("RecordingWriter: symbols", symbols);
    needObject("RecordingWriter: options", options);
    const { crc32c: checksum = crc32c, overwrite = false } = options;
    this.checksum = checksum;
    this.layout = layoutOf(topic);
    this.frame = new Frames(this.layout, new ArrayBuffer(this.layout.stride), 0, 1);
    try {
      this.file = fs.openSync(path, overwrite ? "w" : "wx");
    } catch (cause) {
      throw new BusError("E_BUS_FILE", `${path}: cannot be created: ${(cause as Error).message}`, {
        file: path,
        cause,
        hint: "Choose another name or pass overwrite.",
      });
    }
    const { name, columns, rows, slots, backpressure } = topic;
    this.symbolsWritten = symbols.size;
    const { bytes, words, length } = withHeader(JSON.stringify({ name, columns, rows, slots, backpressure, symbols: this.symbolsFrom(0) }));
    words.set([RECORDING_MAGIC, RECORDING_VERSION, bytes.length, length]);
    words[CRC_WORD] = checksum(bytes);
    writeAll(this.file, bytes);
  }

  private symbolsFrom(id: number): string[] {
    return Array.from({ length: this.symbolsWritten - id }, (_, i) => this.symbols.at(id + i)!);
  }

  /** False, and nothing written, where the batch was taken away while it was copied. */
  append(batch: Batch<C>): boolean {
    const { rows, sequence, producer, epoch, timeNs, columns } = batch;
    const slot = this.frame.slots[0]!;
    for (const { name, width } of this.layout.columns) {
      const target = slot.columns[name] as Float64Array;
      target.set((columns[name] as Float64Array).subarray(0, rows * width));
      target.fill((typeof target[0] === "bigint" ? 0n : 0) as number, rows * width);
    }
    if (!batch.intact()) return false;
    if (this.symbols.size > this.symbolsWritten) this.appendSymbols();
    this.frame.seal(0, rows, sequence, producer, epoch, timeNs);
    this.frame.setCrc(0, this.checksum(slot.bytes));
    writeAll(this.file, slot.bytes);
    return true;
  }

  private appendSymbols(): void {
    const from = this.symbolsWritten;
    this.symbolsWritten = this.symbols.size;
    const { bytes, words } = withHeader(JSON.stringify(this.symbolsFrom(from)));
    words.set([FRAME_MAGIC, FRAME_VERSION | (SYMBOLS_FRAME << 16), this.layout.schema, bytes.length]);
    words[word.crc] = this.checksum(bytes);
    writeAll(this.file, bytes);
  }

  /** Returns when the disk has it. */
  flush(): void {
    fs.fsyncSync(this.file);
  }
  close(): void {
    fs.closeSync(this.file);
  }
}
