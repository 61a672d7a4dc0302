import * as fs from "node:fs";
import { needObject, needText } from "../../core/contract/arguments.js";
import { BusError, TickforgeError } from "../../core/contract/errors.js";
import type { Columns, Publisher, Slot, Topic } from "../bus.js";
import {
  crc32c,
  DATA_FRAME,
  difference,
  FRAME_MAGIC,
  FRAME_VERSION,
  HASH_FRAME,
  HEADER_BYTES,
  impossible,
  type Layout,
  layoutOf,
  SYMBOLS_FRAME,
  word,
} from "../frame.js";
import { Dictionary } from "../symbols.js";
import type { Checksum } from "../topic_hash.js";
import { hashFrameBytes, type RecordedHash, readHash } from "./recording_hash.js";

/** A recording begins with 64 bytes in words: magic, version, bytes before the first frame, bytes of JSON, CRC32C of all that. Then JSON, then frames. */
export const RECORDING_MAGIC = 0x4352_4654; // "TFRC" in memory order
export const RECORDING_VERSION = 1;
export const CRC_WORD = 4;

export interface RecordingOptions {
  readonly crc32c?: Checksum;
}
export interface FrameInfo {
  readonly rows: number;
  readonly sequence: number;
  readonly timeNs: bigint;
  readonly producer: number;
  readonly epoch: number;
}

export const wordsOf = (bytes: Uint8Array) => new Uint32Array(bytes.buffer, bytes.byteOffset, HEADER_BYTES / 4);

/** Reads frames in their order straight into claimed slots; nothing is decoded. */
export class RecordingReader<C extends Columns = Columns> {
  readonly topic: Topic<C>;
  /** Those known so far; grows where the recording says so. */
  readonly symbols: Dictionary;
  /** Of the frame that is read next. */
  frame = 0;
  offset = 0;
  /** Whether the last frame of a recording that was closed lies before that. */
  ended = false;
  private shared = 0;
  readonly file: number;
  readonly size: number;
  readonly layout: Layout<C>;
  /** As the file says it of its rows; undefined where it was not closed, or written before recordings had one. */
  readonly hash: RecordedHash | undefined;
  private readonly checksum: Checksum;

  constructor(
    readonly path: string,
    options: RecordingOptions = {},
  ) {
    needText("RecordingReader: path", path);
    needObject("RecordingReader: options", options);
    const { crc32c: checksum = crc32c } = options;
    this.checksum = checksum;
    try {
      this.file = fs.openSync(path, "r");
    } catch (cause) {
      throw new BusError("E_BUS_FILE", `${path}: cannot be opened: ${(cause as Error).message}`, {
        file: path,
        cause,
        hint: "Check the path.",
      });
    }
    try {
      this.size = fs.fstatSync(this.file).size;
      const declared = this.readHeader();
      this.layout = layoutOf(declared);
      const { symbols, ...topic } = declared;
      this.topic = topic as Topic<C>;
      this.symbols = new Dictionary(symbols);
      this.hash = readHash(this.file, this.size, this.layout);
    } catch (cause) {
      fs.closeSync(this.file);
      if (!(cause instanceof TickforgeError) || cause.file) throw cause;
      throw new BusError(cause.code, `${path}: file header at byte 0: ${cause.message}`, {
        file: path,
        cause,
        hint: "The file was not written by tickforge.",
      });
    }
  }

  private readHeader(): Topic<C> {
    const bad = (code: string, what: string, hint: string) =>
      new BusError(code, `${this.path}: file header at byte 0: ${what}`, { file: this.path, hint, value: { frame: -1, offset: 0 } });
    if (this.size === 0) throw bad("E_BUS_TRUNCATED", "the file is empty", "The recorder did not get as far as its first write.");
    if (this.size < HEADER_BYTES)
      throw bad("E_BUS_TRUNCATED", `the file has ${this.size} bytes, expected ${HEADER_BYTES} or more`, "Copy the file again.");
    const head = new Uint8Array(HEADER_BYTES);
    fs.readSync(this.file, head, 0, HEADER_BYTES, 0);
    const [magic, version, start, length] = wordsOf(head) as unknown as [number, number, number, number];
    if (magic !== RECORDING_MAGIC)
      throw bad(
        "E_BUS_MAGIC",
        `begins with 0x${magic.toString(16)}, not with a recording's magic`,
        "This is not a recording of tickforge.",
      );
    if (version !== RECORDING_VERSION)
      throw bad("E_BUS_VERSION", `version ${version}, this build reads ${RECORDING_VERSION}`, "Read it with the version that wrote it.");
    if (start > this.size) throw bad("E_BUS_TRUNCATED", `says it takes ${start} bytes, the file has ${this.size}`, "Copy the file again.");
    const bytes = new Uint8Array(Math.max(start, HEADER_BYTES));
    fs.readSync(this.file, bytes, 0, start, 0);
    this.verify(bytes, CRC_WORD, (what) => bad("E_BUS_CRC", what, "The file is damaged; copy it again."));
    this.offset = start;
    try {
      return JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length)));
    } catch {
      throw bad("E_BUS_TOPIC", "does not describe a topic", "The file was not written by tickforge.");
    }
  }

  /** Compares the checksum and leaves 0 in its place, as in memory. */
  private verify(bytes: Uint8Array, at: number, error: (what: string) => BusError): void {
    const words = wordsOf(bytes);
    const stored = words[at]!;
    words[at] = 0;
    this.compare(this.checksum(bytes), stored, error);
  }
  private compare(computed: number, stored: number, error: (what: string) => BusError): void {
    if (computed !== stored) throw error(`checksum is 0x${computed.toString(16)}, stored 0x${stored.toString(16)}`);
  }
  /** Of a frame whose own checksum counts as 0. */
  private checksumAsIs(bytes: Uint8Array): number {
    const at = word.crc * 4;
    const head = this.checksum(bytes.subarray(0, at));
    return this.checksum(bytes.subarray(at + 4), this.checksum(new Uint8Array(4), head));
  }

  private readonly damaged = (what: string) => this.error("E_BUS_CRC", what, "The frames before it are good.");
  private error(code: string, what: string, hint: string): BusError {
    const { path, frame, offset } = this;
    return new BusError(code, `${path}: frame ${frame} at byte ${offset}: ${what}`, { file: path, hint, value: { frame, offset } });
  }

  /** Fills a slot with the next frame; undefined at the end of the file. The reader does not move past a frame that it refuses. */
  read(slot: Slot<C>): FrameInfo | undefined {
    const { stride } = this.layout;
    for (const { name, dtype, width, offset } of this.layout.columns) {
      const view = slot.columns[name];
      if (view?.length === this.topic.rows * width && view.byteOffset - slot.bytes.byteOffset === offset) continue;
      throw this.error("E_BUS_LAYOUT", `the slot has no place for column '${name}' ${dtype}`, "Claim it from a topic as it was recorded.");
    }
    for (;;) {
      const got = fs.readSync(this.file, slot.bytes, 0, stride, this.offset);
      if (got === 0) return undefined;
      const info = this.accept(slot.bytes, got);
      if (!info) continue;
      slot.rows = info.rows;
      return info;
    }
  }

  /** Goes on to the frame of this number by the headers of those before it, which are not checked further; symbols on the way are learned. */
  skipTo(frame: number): void {
    const head = new Uint8Array(HEADER_BYTES);
    while (this.frame < frame) {
      const words = this.checkHeader(head, fs.readSync(this.file, head, 0, HEADER_BYTES, this.offset));
      const length = words[word.byteLength]!;
      const kind = words[word.version]! >>> 16;
      if (kind === SYMBOLS_FRAME) this.readSymbols(length);
      this.ended = kind === HASH_FRAME;
      this.frame++;
      this.offset += length;
    }
  }

  /**
   * Takes what lies in `got` of these bytes as the next frame and moves behind it; undefined where that holds no rows. `asIs`: not a byte of them
   * changes, where a page that is written to would be copied.
   */
  accept(bytes: Uint8Array, got: number, asIs = false): FrameInfo | undefined {
    const words = this.checkHeader(bytes, got);
    const length = words[word.byteLength]!;
    const kind = words[word.version]! >>> 16;
    if (kind === SYMBOLS_FRAME) this.readSymbols(length);
    else if (asIs) this.compare(this.checksumAsIs(bytes.subarray(0, length)), words[word.crc]!, this.damaged);
    else this.verify(kind === DATA_FRAME ? bytes : bytes.subarray(0, length), word.crc, this.damaged);
    const info = kind === DATA_FRAME ? this.info(bytes, words) : undefined;
    this.ended = kind === HASH_FRAME;
    this.frame++;
    this.offset += length;
    return info;
  }

  private checkHeader(bytes: Uint8Array, got: number): Uint32Array {
    const wrong = (what: string) => this.error("E_BUS_FRAME", what, "The frames before it are good; what follows cannot be trusted.");
    const cut = (need: number) =>
      this.error(
        "E_BUS_TRUNCATED",
        `${need} bytes expected, the file has ${this.size - this.offset} more`,
        "The frames before it are good.",
      );
    if (got < HEADER_BYTES) throw cut(HEADER_BYTES);
    const words = wordsOf(bytes);
    const { stride, schema } = this.layout;
    const length = words[word.byteLength]!;
    const version = words[word.version]! & 0xffff;
    const kind = words[word.version]! >>> 16;
    if (words[word.magic] !== FRAME_MAGIC) throw wrong(`begins with 0x${words[word.magic]!.toString(16)}, not with a frame's magic`);
    if (version !== FRAME_VERSION)
      throw this.error("E_BUS_VERSION", `version ${version}, this build reads ${FRAME_VERSION}`, "Read it with the version that wrote it.");
    if (this.ended) throw wrong("lies behind the last");
    if (words[word.schema] !== schema)
      throw wrong(`schema 0x${words[word.schema]!.toString(16)}, the file declares 0x${schema.toString(16)}`);
    if (kind > HASH_FRAME) throw wrong(`kind ${kind} is not known`);
    const fits: Readonly<Record<number, boolean>> = {
      [DATA_FRAME]: length === stride,
      [HASH_FRAME]: length === hashFrameBytes(this.layout),
    };
    if (!(fits[kind] ?? (length > HEADER_BYTES && length % 64 === 0))) throw wrong(`says it has ${length} bytes`);
    if (this.offset + length > this.size) throw cut(length);
    return words;
  }

  private info(bytes: Uint8Array, words: Uint32Array): FrameInfo {
    const rows = words[word.rows]!;
    if (rows > this.topic.rows || words[word.capacity] !== this.topic.rows)
      throw this.error(
        "E_BUS_FRAME",
        `says ${rows} of ${words[word.capacity]} rows, a slot holds ${this.topic.rows}`,
        "The frames before it are good.",
      );
    const at = bytes.byteOffset + word.sequence * 4;
    const sequence = new Float64Array(bytes.buffer, at, 1)[0]!;
    const fault = impossible(this.topic, rows, sequence);
    if (fault) throw this.error("E_BUS_FRAME", fault, "The frames before it are good.");
    const timeNs = new BigInt64Array(bytes.buffer, at + 8, 1)[0]!;
    return { rows, sequence, timeNs, producer: words[word.producer]!, epoch: words[word.epoch]! };
  }

  private readSymbols(length: number): void {
    const bytes = new Uint8Array(length);
    fs.readSync(this.file, bytes, 0, length, this.offset);
    this.verify(bytes, word.crc, this.damaged);
    const wrong = (what: string) => this.error("E_BUS_FRAME", what, "The frames before it are good; what follows cannot be trusted.");
    let added: unknown;
    try {
      added = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_BYTES)));
    } catch {
      throw wrong("its symbols are no JSON");
    }
    if (!Array.isArray(added) || !added.every((symbol) => typeof symbol === "string")) throw wrong("its symbols are no list of texts");
    const known = added.find((symbol, i) => this.symbols.find(symbol) !== undefined || added.indexOf(symbol) !== i);
    if (known !== undefined) throw wrong(`symbol '${known}' is named twice`);
    for (const symbol of added) this.symbols.add(symbol);
  }

  /** Throws where a publisher's topic has other columns. */
  fits({ topic }: Publisher<C>): void {
    const other = difference(topic, this.topic);
    if (other) throw this.error("E_BUS_LAYOUT", `topic '${topic.name}': ${other}`, "Declare the topic as it was recorded.");
  }

  /** Publishes frames until the bus is full, `limit` is reached or the file ends; how many. Times are the recorded ones. */
  replay(publisher: Publisher<C>, limit = Number.POSITIVE_INFINITY): number {
    this.fits(publisher);
    this.shared = 0;
    for (let done = 0; ; done++) {
      const slot = done < limit ? publisher.claim() : undefined;
      if (!slot) return done;
      let info: FrameInfo | undefined;
      try {
        const next = this.read(slot);
        this.shareSymbols(publisher);
        info = next;
      } finally {
        if (!info) publisher.abort();
      }
      if (!info) return done;
      publisher.commit(info.rows, info.timeNs);
    }
  }

  /** Gives a topic the symbols known so far, under the ids that they have here. */
  shareSymbols({ symbols, topic }: Publisher<C>): void {
    for (let id = this.shared; id < this.symbols.size; id++) {
      const symbol = this.symbols.at(id)!;
      const there = symbols.add(symbol);
      if (there === id) continue;
      const what = `symbol '${symbol}' is ${id} here and ${there} in topic '${topic.name}'`;
      throw this.error("E_BUS_SYMBOLS", what, "Replay into a topic without other symbols.");
    }
    this.shared = this.symbols.size;
  }

  close(): void {
    fs.closeSync(this.file);
  }
}
