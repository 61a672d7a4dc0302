/** An engine's state on disk: two copies in turn, so that one is whole whenever the writer dies, and the order in which inputs were taken since. */
import * as fs from "node:fs";
import { dirname } from "node:path";
import { loadAddon, type MemoryFunctions } from "../../addon/addon.js";
import type { Checksum } from "../../bus/topic_hash.js";
import { TickforgeError } from "../../core/contract/errors.js";

const MAGIC = 0x5353_4654; // "TFSS" in memory order
const VERSION = 1;
/** Words of the head: magic, version, bytes of the description, its checksum, bytes of a copy, entries of the journal. */
const HEAD = 64;
/** Each copy begins with its generation (f64), and the checksum of all that follows (u32). */
const COPY_HEAD = 64;
/** The journal begins with the generation that it follows, and the number of its entries. */
const JOURNAL_HEAD = 64;
/** Port, and number of the row that it was taken up to. */
const ENTRY = 16;
const align = (bytes: number) => Math.ceil(bytes / 64) * 64;

export interface Entry {
  readonly port: number;
  readonly upTo: number;
}

export interface StateShape {
  /** What the state is of, as JSON: another one may not be continued. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly bytes: number;
  /** Entries that the journal holds between two copies; 0 where there is one input. */
  readonly entries: number;
}

const wrong = (path: string, what: string, hint: string, cause?: unknown) =>
  new TickforgeError("E_STATE_FILE", `${path}: ${what}`, { file: path, hint, ...(cause !== undefined && { cause }) });
const anew = "up --fresh begins anew without it";

export class StateFile {
  private readonly memory: Uint8Array;
  private readonly mapped: boolean;
  /** Of the two copies that `restore` found, one did not fit its checksum. */
  oneDamaged = false;
  private generation = 0;
  private count = 0;
  private readonly copyBytes: number;
  private readonly journal: Float64Array;
  private readonly copiesAt: number;

  /** Opens the state that is there, or makes a file for one. */
  constructor(
    readonly path: string,
    private readonly shape: StateShape,
    private readonly checksum: Checksum,
  ) {
    const description = new TextEncoder().encode(JSON.stringify(shape.description));
    this.copyBytes = align(COPY_HEAD + shape.bytes);
    this.copiesAt = align(HEAD + description.length);
    const journalAt = this.copiesAt + 2 * this.copyBytes;
    const total = journalAt + JOURNAL_HEAD + shape.entries * ENTRY;
    if (!fs.existsSync(path)) this.create(description, total);
    try {
      this.file = fs.openSync(path, fs.constants.O_RDWR);
    } catch (cause) {
      throw wrong(path, `cannot be opened: ${(cause as Error).message}`, "see who owns it and who may write to it", cause);
    }
    try {
      this.checkHead(description, fs.fstatSync(this.file).size, total);
      const functions = loadAddon().addon?.memory;
      const memory = functions ? this.map(functions, total) : this.read(total);
      this.memory = new Uint8Array(memory);
      this.mapped = functions !== undefined;
      this.journal = new Float64Array(memory, journalAt, JOURNAL_HEAD / 8 + (shape.entries * ENTRY) / 8);
    } catch (error) {
      fs.closeSync(this.file);
      throw error;
    }
  }
  private readonly file: number;

  /** Whole under another name first: what bears the name of a state is one, whenever the writer dies. */
  private create(description: Uint8Array, total: number): void {
    const draft = `${this.path}.part`;
    try {
      fs.rmSync(draft, { force: true });
      const file = fs.openSync(draft, "wx+", 0o600);
      try {
        const head = Buffer.alloc(this.copiesAt);
        head.set(description, HEAD);
        new Uint32Array(head.buffer, head.byteOffset, 4).set([MAGIC, VERSION, description.length, this.checksum(description)]);
        // Rooms on the disk are taken now: a mapped page without one would end the process.
        const functions = loadAddon().addon?.memory;
        if (functions) functions.allocate(file, total);
        else fs.writeSync(file, Buffer.alloc(total), 0, total, 0);
        fs.writeSync(file, head, 0, head.length, 0);
      } finally {
        fs.closeSync(file);
      }
      fs.renameSync(draft, this.path);
    } catch (cause) {
      fs.rmSync(draft, { force: true });
      const { bavail, bsize } = fs.statfsSync(dirname(this.path));
      throw new TickforgeError("E_STATE_SPACE", `${this.path}: no room for a state of ${total} bytes: ${(cause as Error).message}`, {
        ...{ file: this.path, value: total, cause },
        hint: `${dirname(this.path)} has ${bavail * bsize} bytes free: free some, or give up another --folder`,
      });
    }
  }
  private map(functions: MemoryFunctions, total: number): ArrayBuffer {
    const own = fs.openSync(this.path, "r+");
    try {
      return functions.map(own, total);
    } finally {
      fs.closeSync(own);
    }
  }
  private read(total: number): ArrayBuffer {
    const bytes = new Uint8Array(total);
    fs.readSync(this.file, bytes, 0, total, 0);
    return bytes.buffer;
  }

  private checkHead(description: Uint8Array, size: number, total: number): void {
    const head = Buffer.alloc(HEAD);
    fs.readSync(this.file, head, 0, HEAD, 0);
    const [magic, version, length = 0, crc] = new Uint32Array(head.buffer, head.byteOffset, HEAD / 4);
    if (magic !== MAGIC) throw wrong(this.path, "is no state of an engine", anew);
    if (version !== VERSION) throw wrong(this.path, `is of version ${version}, this is version ${VERSION}`, anew);
    const text = Buffer.alloc(Math.min(length, size));
    fs.readSync(this.file, text, 0, text.length, HEAD);
    if (text.length !== length || this.checksum(text) !== crc)
      throw wrong(this.path, "is damaged: its description does not fit its checksum", anew);
    if (!text.equals(description))
      throw wrong(this.path, `is of another engine: ${difference(text.toString(), this.shape.description)}`, anew);
    if (size < total) throw wrong(this.path, `was cut: it has ${size} bytes of ${total}`, anew);
  }

  private flush(from: number, to: number): void {
    if (!this.mapped) fs.writeSync(this.file, this.memory, from, to - from, from);
  }

  /** The latest whole copy goes into `parts`, one after the other; the order of inputs since, or undefined where there is no copy. */
  restore(parts: readonly Uint8Array[]): readonly Entry[] | undefined {
    const copies = [0, 1].map((which) => ({ which, generation: this.whole(which) })).sort((a, b) => b.generation - a.generation);
    const [latest] = copies;
    if (latest!.generation === 0) {
      if ([0, 1].some((which) => this.generationOf(which) > 0)) throw wrong(this.path, "is damaged: no copy in it fits its checksum", anew);
      return undefined;
    }
    this.oneDamaged = copies.some(({ which, generation }) => generation === 0 && this.generationOf(which) > 0);
    this.generation = latest!.generation;
    let at = this.copiesAt + latest!.which * this.copyBytes + COPY_HEAD;
    for (const part of parts) {
      part.set(this.memory.subarray(at, at + part.length));
      at += part.length;
    }
    const { journal } = this;
    if (journal[0] !== this.generation) return [];
    this.count = Math.min(journal[1]!, this.shape.entries);
    return Array.from({ length: this.count }, (_, i) => ({ port: journal[8 + 2 * i]!, upTo: journal[9 + 2 * i]! }));
  }

  private generationOf(which: number): number {
    return new Float64Array(this.memory.buffer, this.copiesAt + which * this.copyBytes, 1)[0]!;
  }
  /** Its generation; 0 where it is not whole. */
  private whole(which: number): number {
    const at = this.copiesAt + which * this.copyBytes;
    const stored = new Uint32Array(this.memory.buffer, at + 8, 1)[0]!;
    const fits = stored === this.checksum(this.memory.subarray(at + COPY_HEAD, at + COPY_HEAD + this.shape.bytes));
    return fits ? this.generationOf(which) : 0;
  }

  /** Writes the older copy anew, and begins the journal again. */
  write(parts: readonly Uint8Array[]): void {
    const generation = this.generation + 1;
    const start = this.copiesAt + (generation % 2) * this.copyBytes;
    const [number] = [new Float64Array(this.memory.buffer, start, 1)];
    number[0] = 0;
    let at = start + COPY_HEAD;
    for (const part of parts) {
      this.memory.set(part, at);
      at += part.length;
    }
    new Uint32Array(this.memory.buffer, start + 8, 1)[0] = this.checksum(
      this.memory.subarray(start + COPY_HEAD, start + COPY_HEAD + this.shape.bytes),
    );
    number[0] = generation;
    this.flush(start, start + this.copyBytes);
    this.generation = generation;
    this.count = 0;
  }

  get journalFull(): boolean {
    return this.count === this.shape.entries;
  }
  /** Before the rows are taken, so that whoever continues takes them in the same order. */
  note(port: number, upTo: number): void {
    const { journal, count } = this;
    if (count === 0) {
      journal[1] = 0;
      journal[0] = this.generation;
    }
    journal[8 + 2 * count] = port;
    journal[9 + 2 * count] = upTo;
    journal[1] = ++this.count;
    this.flush(this.journal.byteOffset, this.journal.byteOffset + JOURNAL_HEAD + this.count * ENTRY);
  }

  close(): void {
    fs.closeSync(this.file);
  }
}

/** The first thing in which two descriptions differ, in words. */
function difference(found: string, wanted: Readonly<Record<string, unknown>>): string {
  const was = JSON.parse(found) as Record<string, unknown>;
  for (const key of Object.keys(wanted)) {
    const [a, b] = [JSON.stringify(was[key]), JSON.stringify(wanted[key])];
    if (a !== b) return `${key} was ${short(a)}, is ${short(b)}`;
  }
  return "it says more than this one";
}
const short = (text: string | undefined) => (text === undefined ? "nothing" : text.length > 200 ? `${text.slice(0, 200)}…` : text);
