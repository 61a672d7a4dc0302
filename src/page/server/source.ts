/** What a page is of: a running system, or recordings. */
import type { Columns, Symbols, Topic } from "../../bus/bus.js";
import type { Emit } from "../series/lane.js";
import type { Numbers, Picture } from "../series/picture.js";
import type { FileLine, Proof, Status } from "../series/wire.js";

/** Rows of a topic that can be looked up, by places that go on without holes; numbers of rows may have some. */
export interface RowTable {
  readonly topic: Topic<Columns>;
  readonly symbols: Symbols;
  /** The first place that is kept, and the one behind the last. */
  readonly oldest: number;
  readonly end: number;
  /** Rows that the topic has had. */
  readonly rows: number;
  /** Whether times never go back by much. */
  readonly ordered: boolean;
  /** Of the first row whose number is this one or above. */
  placeOf(row: number): number;
  /** A place before which no row is of this time, ms UTC, or later. */
  placeAt(time: number): number;
  /** `next`: how many rows lie in these columns from this one on, with numbers that follow each other. */
  at(place: number): { readonly columns: Numbers; readonly index: number; readonly number: number; readonly next: number };
  /** Of a recording: the frame that holds the row. */
  frameAt?(place: number): NonNullable<Proof["frame"]>;
}

export interface Source {
  readonly mode: "live" | "recording";
  readonly name: string;
  readonly instruments: readonly string[];
  readonly topics: readonly Topic<Columns>[];
  readonly picture: Picture;
  /** Takes what has come, for some milliseconds at most; whether there was anything. */
  turn(): boolean;
  /** Lines of these series between two moments, in columns of pixels of this width, ms. */
  draw(series: ReadonlyMap<number, Emit>, from: number, to: number, width: number): void;
  /** Undefined where there is no such topic. */
  table(topic: string): RowTable | undefined;
  status(): { readonly system?: Status; readonly files?: readonly FileLine[]; readonly ended: boolean };
  close(): void;
}
