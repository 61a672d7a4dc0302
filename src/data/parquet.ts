/** Parquet files, by the packages hyparquet and hyparquet-compressors where they are installed: a row group at a time. */
import { type FileHandle, open } from "node:fs/promises";
import type * as Hyparquet from "hyparquet";
import type { View } from "../contract.js";
import { type Cell, type Column, type ColumnBatch, decimal, type TableBatches } from "./columns.js";
import type { Source } from "./source.js";
import { problem } from "./unpack.js";

export const isParquet = (head: Uint8Array): boolean => Buffer.from(head.subarray(0, 4)).toString("latin1") === "PAR1";

const again = "it is cut off or damaged: download or copy it again";

async function load(file: string) {
  try {
    const [hyparquet, { compressors }] = await Promise.all([import("hyparquet"), import("hyparquet-compressors")]);
    return { ...hyparquet, compressors };
  } catch (cause) {
    const what = "Parquet files need the packages hyparquet and hyparquet-compressors, which are not installed";
    throw problem("E_PACKAGE_MISSING", file, what, "npm install hyparquet hyparquet-compressors", cause);
  }
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

export async function parquetBatches(source: Source): Promise<TableBatches> {
  const { name, form } = source;
  if (form !== "plain" || source.progress.total === undefined)
    throw problem(
      "E_FILE_SEEK",
      name,
      `is a Parquet file ${form === "plain" ? "from a pipe" : `packed as ${form}`}; they are read from their end`,
      "write it to a file of its own first",
    );
  const parquet = await load(name);
  await source.chunks[Symbol.asyncIterator]().return?.();
  const file = await open(name);
  const damaged = (cause: unknown) => problem("E_PARQUET", name, `cannot be read as Parquet data (${(cause as Error).message})`, again);
  try {
    const buffer = bufferOf(file, source);
    const metadata = await parquet.parquetMetadataAsync(buffer).catch((cause) => Promise.reject(damaged(cause)));
    const kinds = kindsOf(metadata);
    if (metadata.schema.some(({ num_children: children }, i) => i > 0 && children))
      throw problem("E_COLUMN_TYPE", name, "has columns inside columns", "write it as a flat table");
    const group = (start: number, end: number) =>
      groupOf(
        parquet,
        { file: buffer, metadata, rowStart: start, rowEnd: end, compressors: parquet.compressors, parsers } as never,
        kinds,
        end - start,
      ).catch((cause) => Promise.reject(damaged(cause)));
    const sizes = metadata.row_groups.map(({ num_rows: rows }) => Number(rows)).filter((rows) => rows > 0);
    const first = sizes.length > 0 ? await group(0, sizes[0]!) : { rows: 0, columns: [] };
    const batches = async function* () {
      try {
        let start = 0;
        for (const rows of sizes) {
          yield start === 0 ? first : await group(start, start + rows);
          start += rows;
        }
      } finally {
        await file.close();
      }
    };
    return { form: "parquet", names: kinds.map((kind) => kind.name), first, batches, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function bufferOf(file: FileHandle, { progress }: Source) {
  progress.read = 0;
  return {
    byteLength: progress.total!,
    async slice(start: number, end = progress.total!): Promise<ArrayBuffer> {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      progress.read = Math.min(progress.total!, progress.read + bytesRead);
      return bytes.buffer.slice(0, bytesRead);
    },
  };
}

type Options = Parameters<typeof Hyparquet.parquetRead>[0];

async function groupOf({ parquetRead }: typeof Hyparquet, options: Options, kinds: readonly Kind[], rows: number): Promise<ColumnBatch> {
  const parts = new Map<string, ArrayLike<unknown>[]>();
  await parquetRead({
    ...options,
    onChunk({ columnName, columnData, rowStart }) {
      const from = Math.max(0, Number(options.rowStart) - rowStart);
      parts.set(columnName, [...(parts.get(columnName) ?? []), Array.from(columnData).length === 0 ? [] : cut(columnData, from)]);
    },
  });
  return { rows, columns: kinds.map((kind) => columnOf(kind, joined(parts.get(kind.name) ?? []).slice(0, rows))) };
}

type Values = unknown[] | View;
const cut = (values: ArrayLike<unknown>, from: number) => (from > 0 ? (values as unknown[]).slice(from) : values);

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

function columnOf({ timeScale, digits }: Kind, cells: Values): Column {
  if (digits === undefined) {
    const values = ArrayBuffer.isView(cells) ? cells : undefined;
    return { get: (row) => cells[row] as Cell, values, timeScale };
  }
  const units = (cell: unknown) => (cell instanceof Uint8Array ? twosComplement(cell) : BigInt(cell as number));
  return { get: (row) => (cells[row] === null || cells[row] === undefined ? null : decimal(units(cells[row]), digits)) };
}

const twosComplement = (bytes: Uint8Array): bigint =>
  BigInt.asIntN(
    8 * bytes.length,
    bytes.reduce((sum, byte) => (sum << 8n) + BigInt(byte), 0n),
  );
