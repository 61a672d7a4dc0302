/** What is asked of a read of trade files, and what comes of it. */

import type { Progress } from "../bytes/progress.js";
import type { Refusal } from "../kernels/refusals.js";
import type { ColumnOptions, Layout } from "../layout/layout.js";
import type { BadRow } from "./bad_row.js";
import type { Spans } from "./counted_repeats.js";

export interface ReadOptions extends ColumnOptions {
  /** A refused row: end the read with an error, or go on and count it, or go on and list it too. */
  onBad?: "stop" | "skip" | "report" | undefined;
  /** Most rows that `report` lists. */
  keep?: number | undefined;
  /** Instrument of rows without a symbol column; says that all such files are of one instrument. */
  instrument?: number | undefined;
  /** Symbols that can be told apart. */
  maxSymbols?: number | undefined;
  /** Repeated and refused rows are counted of the times that are open here; all rows are read. */
  within?: Spans | undefined;
  /** Files that hold what was piped in under these names. */
  spools?: Readonly<Record<string, string>> | undefined;
  backend?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress & { rows: number }) => void) | undefined;
  /** Called when a file was recognised, before its first trade. */
  onFile?: ((file: { name: string; form: string; layout: Layout }) => void) | undefined;
}

/** What was in one file, or one entry of an archive. */
export interface FileFacts {
  file: string;
  form: string;
  layout: Layout;
  rows: number;
  lines: number;
  emptyLines: number;
  refused: number;
  refusedBy: Partial<Record<Refusal, number>>;
  firstRefused?: BadRow;
  /** Rows that are no trades, or none that was asked for, by what they are. */
  passed: number;
  passedBy: Record<string, number>;
  /** Rows of size 0: they are kept. */
  zeroSizes: number;
  unknownSides: number;
  /** Rows whose line is the one before it again: they are kept. */
  repeats: number;
  firstTime: bigint | undefined;
  lastTime: bigint | undefined;
  largestGap: { ns: bigint; line: number };
  seconds: number;
}

export interface ReadFacts {
  files: FileFacts[];
  rows: number;
  refused: number;
  /** The first refused rows, under `report`. */
  bad: BadRow[];
  /** By instrument, where the files name them. */
  symbols: string[];
}

export type BinaryOptions = ReadOptions & { only: readonly string[] };
