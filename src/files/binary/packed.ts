/** Columns as they go from one thread to another: typed arrays whose memory is handed over, and words by their ids. */
import type { View } from "../../core/contract/contract.js";
import { problem } from "../bytes/unpack.js";
import { type Cell, type Column, decimal } from "./table_batches.js";

/** 1: the row is null. */
type Nulls = { nulls?: Uint8Array | undefined };
export type PackedColumn = { timeScale?: number | undefined } & (
  | ({ kind: "values"; values: View } & Nulls)
  | ({ kind: "truth"; values: Uint8Array } & Nulls)
  | ({ kind: "words"; ids: ArrayLike<number> & View; words: readonly Cell[] } & Nulls)
  /** Text of row i is bytes [offsets[i], offsets[i + 1]). */
  | ({ kind: "text"; offsets: Int32Array; bytes: Uint8Array } & Nulls)
  | { kind: "cells"; cells: readonly Cell[] }
  | { kind: "refused"; type: string }
);
export interface PackedBatch {
  rows: number;
  columns: PackedColumn[];
}

/** The memory of a batch, each piece once. */
export function memoryOf({ columns }: PackedBatch): ArrayBuffer[] {
  const views = columns.flatMap((column) => Object.values(column).filter((part) => ArrayBuffer.isView(part)));
  return [...new Set(views.map(({ buffer }) => buffer))].filter((buffer) => buffer instanceof ArrayBuffer) as ArrayBuffer[];
}

export function unpacked(file: string, packed: PackedColumn): Column {
  const { timeScale } = packed;
  if (packed.kind === "refused") {
    const what = `a column is ${packed.type}, which is read neither as a time nor as a number nor as text`;
    return {
      get: () => {
        throw problem("E_COLUMN_TYPE", file, what, "name another column");
      },
    };
  }
  const get = cellsOf(packed);
  if (packed.kind === "cells") return { get, timeScale };
  const { nulls } = packed;
  if (nulls) return { get: (row) => (nulls[row] ? null : get(row)), timeScale };
  return { get, timeScale, values: packed.kind === "values" ? packed.values : undefined };
}

function cellsOf(packed: Exclude<PackedColumn, { kind: "refused" }>): Column["get"] {
  if (packed.kind === "cells") return (row) => packed.cells[row];
  if (packed.kind === "words") return (row) => packed.words[packed.ids[row]!];
  if (packed.kind === "truth") return (row) => packed.values[row] === 1;
  if (packed.kind === "values") return (row) => packed.values[row] as Cell;
  const { offsets, bytes } = packed;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return (row) => text.toString("utf8", offsets[row], offsets[row + 1]);
}

/** Cells of one kind, and nulls, as an array; others as they are. Undefined is no cell: what should be there is nowhere. */
export function packCells(cells: ArrayLike<unknown>, digits?: number): PackedColumn {
  if (ArrayBuffer.isView(cells) && digits === undefined) return { kind: "values", values: ownMemory(cells as unknown as View) };
  const nulls = nullsOf(cells);
  const rows = cells.length;
  if (digits !== undefined) {
    const units = (cell: unknown) => (cell instanceof Uint8Array ? twosComplement(cell) : BigInt(cell as number));
    return {
      kind: "values",
      nulls,
      values: Float64Array.from({ length: rows }, (_, i) => (nulls?.[i] ? 0 : decimal(units(cells[i]), digits))),
    };
  }
  const kind = kindOf(cells);
  if (kind === "string") return words(cells as (string | null)[], nulls);
  if (kind === "boolean") return { kind: "truth", nulls, values: filled(new Uint8Array(rows), cells, Number) };
  const numbers = kind === "number" || kind === "bigint" ? numbersOf(cells, kind) : undefined;
  return numbers ? { kind: "values", nulls, values: numbers } : { kind: "cells", cells: Array.from(cells) as Cell[] };
}

/** Nulls are 0. Undefined where a whole number has more than 64 bits. */
function numbersOf(cells: ArrayLike<unknown>, kind: "number" | "bigint"): View | undefined {
  if (kind === "number") return filled(new Float64Array(cells.length), cells, (cell) => cell as number);
  const values = filled(new BigInt64Array(cells.length), cells, (cell) => cell as bigint);
  for (let i = 0; i < values.length; i++) if (cells[i] !== null && values[i] !== cells[i]) return undefined;
  return values;
}

/** Loops, since `from` goes the long way of iterators. */
function filled<A extends View>(values: A, cells: ArrayLike<unknown>, of: (cell: unknown) => A[number]): A {
  for (let i = 0; i < values.length; i++) if (cells[i] !== null) values[i] = of(cells[i]);
  return values;
}

/** A copy where the memory is shared with others, or is not to be had alone. */
function ownMemory(view: View): View {
  return view.byteLength === view.buffer.byteLength && view.buffer instanceof ArrayBuffer ? view : (view.slice() as View);
}

function nullsOf(cells: ArrayLike<unknown>): Uint8Array | undefined {
  let nulls: Uint8Array | undefined;
  for (let i = 0; i < cells.length; i++) {
    if (cells[i] === undefined) throw new Error(`value ${i + 1} is not there`);
    if (cells[i] !== null) continue;
    nulls ??= new Uint8Array(cells.length);
    nulls[i] = 1;
  }
  return nulls;
}

/** Of all cells that are not null; undefined where they differ, or there is none. */
function kindOf(cells: ArrayLike<unknown>): string | undefined {
  let kind: string | undefined;
  for (let i = 0; i < cells.length; i++) {
    if (cells[i] === null) continue;
    kind ??= typeof cells[i];
    if (typeof cells[i] !== kind) return undefined;
  }
  return kind;
}

/** By their ids, unless most words are new ones. */
function words(cells: ArrayLike<string | null>, nulls: Uint8Array | undefined): PackedColumn {
  const ids = new Uint32Array(cells.length);
  const list: string[] = [];
  const known = new Map<string, number>();
  for (let i = 0; i < ids.length; i++) {
    const word = cells[i] ?? "";
    let id = known.get(word);
    if (id === undefined) {
      if (list.length > 1000 && 2 * list.length > i) return text(cells, nulls);
      known.set(word, (id = list.push(word) - 1));
    }
    ids[i] = id;
  }
  return { kind: "words", ids, words: list, nulls };
}

function text(cells: ArrayLike<string | null>, nulls: Uint8Array | undefined): PackedColumn {
  const offsets = new Int32Array(cells.length + 1);
  let bytes = Buffer.alloc(16 * cells.length);
  for (let i = 0; i < cells.length; i++) {
    const word = cells[i] ?? "";
    const most = offsets[i]! + 3 * word.length;
    if (most > bytes.length) bytes = Buffer.concat([bytes], 2 * most);
    offsets[i + 1] = offsets[i]! + bytes.write(word, offsets[i], "utf8");
  }
  return { kind: "text", offsets, bytes, nulls };
}

const twosComplement = (bytes: Uint8Array): bigint =>
  BigInt.asIntN(
    8 * bytes.length,
    bytes.reduce((sum, byte) => (sum << 8n) + BigInt(byte), 0n),
  );
