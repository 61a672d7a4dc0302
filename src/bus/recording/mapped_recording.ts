/** A recording whose frames are read where they lie: the file is mapped, or read whole without the add-on; columns are views of it. */
import type { Batch, Columns, Publisher, Symbols, Topic, Views } from "../bus.js";
import { Frames } from "../frame.js";
import { fileView } from "../shared/mapped.js";
import { type Checksum, TopicHash } from "../topic_hash.js";
import { type PaceOptions, type Playable, paced } from "./pace.js";
import { type FrameInfo, type RecordingOptions, RecordingReader } from "./recording.js";
import { apart, differs, hashOf, type RecordedHash } from "./recording_hash.js";

/** A batch of a recording; it stays valid for as long as somebody refers to it. */
export interface RecordedBatch<C extends Columns = Columns> extends Batch<C> {}

/**
 * Iterates over the batches at full speed, or with `paced` as they came. A frame is checked when it is first met; `slot` counts
 * frames, so a kernel is bound once to each. The file must not be cut while it is mapped: the system ends who looks behind its end.
 */
export class MappedRecording<C extends Columns = Columns> implements Iterable<RecordedBatch<C>>, Playable<C> {
  readonly topic: Topic<C>;
  private readonly reader: RecordingReader<C>;
  private readonly memory: ArrayBuffer;
  private readonly checksum: Checksum | undefined;
  private readonly met: RecordedBatch<C>[] = [];

  constructor(
    readonly path: string,
    options: RecordingOptions = {},
  ) {
    this.checksum = options?.crc32c;
    this.reader = new RecordingReader(path, options);
    this.topic = this.reader.topic;
    try {
      this.memory = fileView(this.reader.file, this.reader.size);
    } catch (error) {
      this.reader.close();
      throw error;
    }
  }
  /** Those named by the frames that were met so far. */
  get symbols(): Symbols {
    return this.reader.symbols;
  }
  /** As the file says it of its rows; undefined where it was not closed, or written before recordings had one. */
  get hash(): RecordedHash | undefined {
    return this.reader.hash;
  }
  /** The hash of the rows as they are; throws E_BUS_HASH where the file says another. */
  verify(): RecordedHash {
    const hash = new TopicHash(this.topic, { crc32c: this.checksum });
    for (const { columns, rows } of this) hash.take(columns, 0, rows);
    return this.held(hash);
  }
  /** The same of all rows as somebody has hashed them while reading. */
  held(hash: TopicHash<C>): RecordedHash {
    const found = hashOf(this.reader.layout, hash);
    const other = this.hash && apart(this.hash, found);
    if (other) throw differs(this.path, other);
    return found;
  }
  /** Bytes of the file, and those of them that were met. */
  get progress(): { readonly bytes: number; readonly of: number } {
    return { bytes: this.reader.offset, of: this.reader.size };
  }

  /** The batch of the frame with this number; undefined behind the last one. */
  batch(frame: number): RecordedBatch<C> | undefined {
    while (this.met.length <= frame) {
      const next = this.meet(this.met.length);
      if (!next) return undefined;
      this.met.push(next);
    }
    return this.met[frame];
  }

  private meet(slot: number): RecordedBatch<C> | undefined {
    const { reader, memory } = this;
    const { stride } = reader.layout;
    while (reader.offset < reader.size) {
      const at = reader.offset;
      const got = Math.min(stride, reader.size - at);
      const info = reader.accept(new Uint8Array(memory, at, got), got, true);
      if (!info) continue;
      const columns = new Frames(reader.layout, memory, at, 1).slots[0]!.columns;
      return recorded(slot, info, columns);
    }
    return undefined;
  }

  /** The batches that were not met so far, each once: none is kept here, so what one pass over a long file holds does not grow. */
  *once(): Generator<RecordedBatch<C>, void, undefined> {
    for (let frame = this.met.length; ; frame++) {
      const batch = this.meet(frame);
      if (!batch) return;
      yield batch;
    }
  }

  *[Symbol.iterator](): Generator<RecordedBatch<C>, void, undefined> {
    for (let frame = 0; ; frame++) {
      const batch = this.batch(frame);
      if (!batch) return;
      yield batch;
    }
  }

  /** The same batches, whole or in parts, each when its rows are due. */
  paced(options: PaceOptions = {}): AsyncGenerator<RecordedBatch<C>, void, undefined> {
    return paced(this.topic, this, options);
  }

  fits(publisher: Publisher<C>): void {
    this.reader.fits(publisher);
  }
  shareSymbols(publisher: Publisher<C>): void {
    this.reader.shareSymbols(publisher);
  }

  /** Lets go of the file; batches that somebody still has stay valid. */
  close(): void {
    this.reader.close();
    this.met.length = 0;
  }
}

function recorded<C extends Columns>(slot: number, info: FrameInfo, columns: Views<C>): RecordedBatch<C> {
  return { ...info, slot, from: 0, lost: 0, columns, intact: () => true };
}
