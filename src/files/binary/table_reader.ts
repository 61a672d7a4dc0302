/** What reads a table in a thread of its own: what it is given, and how it tells where it is. */
import { readSync } from "node:fs";
import type { PackedBatch } from "./packed.js";

export interface TableReader {
  names: string[];
  /** The next batch with rows; undefined at the end. */
  next(): Promise<PackedBatch | undefined>;
}

/** Where a reader is, for the thread that waits for it: a count that moves as long as something does, the batch, the column, bytes read. */
export class Place {
  private static readonly items = { moves: 0, batch: 1, column: 2, read: 3 };
  static readonly bytes = 8 * Object.keys(Place.items).length;
  private readonly numbers: Float64Array;
  constructor(readonly memory: SharedArrayBuffer) {
    this.numbers = new Float64Array(memory);
  }

  get moves(): number {
    return this.numbers[Place.items.moves]!;
  }
  /** From 0; a column that is less is none. */
  get batch(): number {
    return this.numbers[Place.items.batch]!;
  }
  get column(): number {
    return this.numbers[Place.items.column]!;
  }
  get read(): number {
    return this.numbers[Place.items.read]!;
  }

  move(): void {
    this.numbers[Place.items.moves]!++;
  }
  at(batch: number, column = -1): void {
    this.numbers[Place.items.batch] = batch;
    this.numbers[Place.items.column] = column;
    this.move();
  }
  tookTo(byte: number): void {
    this.numbers[Place.items.read] = Math.max(this.read, byte);
    this.move();
  }
}

/** A file that can be read at any place. */
export class OpenFile {
  constructor(
    private readonly descriptor: number,
    readonly size: number,
    private readonly place: Place,
  ) {}

  /** A copy of its own, so that its memory may be handed on. */
  bytes(start: number, end: number): Uint8Array<ArrayBuffer> {
    if (!(Number.isInteger(start) && start >= 0 && start <= end && end <= this.size))
      throw new Error(`something in it lies at bytes ${start} to ${end} of ${this.size}`);
    const bytes = new Uint8Array(end - start);
    this.into(bytes, start);
    return bytes;
  }

  into(bytes: Uint8Array, start: number): void {
    for (let have = 0; have < bytes.length; ) {
      const got = readSync(this.descriptor, bytes, have, bytes.length - have, start + have);
      if (got === 0) throw new Error(`it ends at byte ${start + have}, while it is read`);
      have += got;
    }
    this.place.tookTo(start + bytes.length);
  }
}
