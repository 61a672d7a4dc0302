/**
 * Parquet files, by the packages hyparquet and hyparquet-compressors where they are installed: a row group at a time, in the thread of
 * table_worker, which can be ended. Offsets, sizes and counts are checked here first: the package takes them as they are.
 */
import type * as Hyparquet from "hyparquet";
import type { View } from "../../core/contract/contract.js";
import { problem } from "../bytes/unpack.js";
import { type PackedColumn, packCells } from "./packed.js";
import { checkMetadata, checkPages, type Range } from "./parquet_check.js";
import type { OpenFile, Place, TableReader } from "./table_reader.js";

export const isParquet = (head: Uint8Array): boolean => Buffer.from(head.subarray(0, 4)).toString("latin1") === "PAR1";

const again = "it is cut off or damaged: download or copy it again";

function lacks(file: string, name: string, cause: unknown): never {
  const [what, hint] = [`Parquet files need the package ${name}, which is not installed`, "npm install hyparquet hyparquet-compressors"];
  throw problem("E_PACKAGE_MISSING", file, what, hint, cause);
}

async function load(file: string) {
  const hyparquet = await import("hyparquet").catch((cause) => lacks(file, "hyparquet", cause));
  const { compressors } = await import("hyparquet-compressors").catch((cause) => lacks(file, "hyparquet-compressors", cause));
  return { ...hyparquet, compressors };
}

/** Times stay the numbers that they are: a Date would cut them to milliseconds. */
const same = (value: unknown) => value as Date;
const parsers = { timestampFromMilliseconds: same, timestampFromMicroseconds: same, timestampFromNanoseconds: same, dateFromDays: same };

const scales: Readonly<Record<string, number>> = {
  MILLIS: 1_000_000,
  MICROS: 1000,
  NANOS: 1,
  TIMESTAMP_MILLIS: 1_000_000,
  TIMESTAMP_MICROS: 1000,
  DATE: 86_400_000_000_000,
};

interface Kind {
  name: string;
  timeScale: number | undefined;
  /** Digits behind the point of a decimal. */
  digits: number | undefined;
}

/** The columns of the first level. Decimals are left as whole numbers, since a factor of 10^-n is not exact. */
function kindsOf({ schema }: Hyparquet.FileMetaData): Kind[] {
  return schema.slice(1).map((element) => {
    const { name, type, converted_type: converted, logical_type: logical } = element;
    const unit = logical?.type === "TIMESTAMP" ? logical.unit : logical?.type === "DATE" ? "DATE" : converted;
    const timeScale = type === "INT96" ? 1 : scales[unit ?? ""];
    const digits = converted === "DECIMAL" || logical?.type === "DECIMAL" ? (element.scale ?? 0) : undefined;
    if (digits !== undefined) {
      delete element.converted_type;
      delete element.logical_type;
    }
    return { name, timeScale, digits };
  });
}

export async function openParquet(name: string, file: OpenFile, place: Place): Promise<TableReader> {
  const parquet = await load(name);
  const damaged = (cause: unknown) =>
    problem("E_PARQUET", name, `cannot be read as Parquet data (${(cause as Error).message})`, again, cause);
  const metadata = await parquet.parquetMetadataAsync(bufferOf(file)).catch((cause) => Promise.reject(damaged(cause)));
  const nested = ({ num_children: children, repetition_type: repetition }: Hyparquet.SchemaElement) =>
    children || repetition === "REPEATED";
  if (metadata.schema.slice(1).some(nested)) throw problem("E_COLUMN_TYPE", name, "has columns inside columns", "write it as a flat table");
  const kinds = kindsOf(metadata);
  const names = kinds.map((kind) => kind.name);
  const twice = names.find((one, i) => names.indexOf(one) !== i);
  if (twice !== undefined) throw problem("E_COLUMN_TWICE", name, `two columns are named '${twice}'`, "rename one of them");
  let ranges: Range[][];
  try {
    ranges = checkMetadata(metadata, file.size);
  } catch (cause) {
    throw damaged(cause);
  }
  const starts = startsOf(metadata);
  const group = new Group(parquet, file, metadata, place);
  let next = 0;
  return {
    names,
    async next() {
      while (next < starts.length && starts[next]!.rows === 0) next++;
      if (next === starts.length) return undefined;
      const { from, rows } = starts[next]!;
      const columns: PackedColumn[] = [];
      for (const [i, kind] of kinds.entries()) {
        place.at(next, i);
        const where = `row group ${next + 1}, column ${kind.name}`;
        const read = group.column(next, i, ranges[next]![i]!, kind, from, rows);
        columns.push(await read.catch((cause) => Promise.reject(damaged(new Error(`${where}: ${cause.message}`, { cause })))));
      }
      next++;
      return { rows, columns };
    },
  };
}

function startsOf({ row_groups: groups }: Hyparquet.FileMetaData): { from: number; rows: number }[] {
  let from = 0;
  return groups.map(({ num_rows }) => {
    const rows = Number(num_rows);
    from += rows;
    return { from: from - rows, rows };
  });
}

/** The package reads through this, and asks for more than the file has where its numbers are wrong; nobody waits for some of what it asks for. */
function bufferOf(file: OpenFile) {
  const slice = (start: number, end = file.size): Promise<ArrayBuffer> => {
    const bytes = new Promise<ArrayBuffer>((resolve) => resolve(file.bytes(start, end).buffer));
    bytes.catch(() => {});
    return bytes;
  };
  return { byteLength: file.size, slice };
}

class Group {
  constructor(
    private readonly parquet: Awaited<ReturnType<typeof load>>,
    private readonly file: OpenFile,
    private readonly metadata: Hyparquet.FileMetaData,
    private readonly place: Place,
  ) {}

  async column(
    group: number,
    index: number,
    range: Range,
    { name, timeScale, digits }: Kind,
    from: number,
    rows: number,
  ): Promise<PackedColumn> {
    const { file, metadata, place } = this;
    const { parquetRead, compressors } = this.parquet;
    const bytes = file.bytes(range.start, range.end);
    checkPages(bytes, metadata.row_groups[group]!.columns[index]!.meta_data!);
    const held = {
      byteLength: file.size,
      slice: async (start: number, end = file.size) => bytes.buffer.slice(start - range.start, end - range.start),
    };
    const parts: ArrayLike<unknown>[] = [];
    await parquetRead({
      ...{ file: held, metadata, compressors, parsers, columns: [name], rowStart: from, rowEnd: from + rows },
      onPage: () => place.move(),
      onChunk: ({ columnData }) => void parts.push(columnData),
    });
    const cells = joined(parts);
    if (cells.length !== rows) throw new Error(`has ${cells.length} values of ${rows} rows`);
    return { ...packCells(cells, digits), timeScale: digits === undefined ? timeScale : undefined };
  }
}

type Values = unknown[] | View;

function joined(parts: readonly ArrayLike<unknown>[]): Values {
  if (parts.length === 1) return parts[0] as Values;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const typed = parts.length > 0 && parts.every((part) => ArrayBuffer.isView(part) && part.constructor === parts[0]!.constructor);
  if (!typed) return parts.flatMap((part) => Array.from(part));
  const all = new (parts[0]!.constructor as Float64ArrayConstructor)(length);
  let at = 0;
  for (const part of parts as Float64Array[]) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
