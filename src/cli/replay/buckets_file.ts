/** Every bucket into a file: Arrow (IPC file format), Parquet, CSV or JSON; or as CSV to stdout. Column names in files are snake_case, times are UTC. */
import type { Vector } from "apache-arrow";
import type { BucketBlock } from "../../studies/tape/buckets.js";
import { formatOf, optional, PartFile, stdoutName } from "../kit/files.js";
import { toNanosecond } from "../kit/format.js";

type Arrow = typeof import("apache-arrow");
type Parquet = typeof import("hyparquet-writer");

export interface BucketsFile {
  buckets: BucketBlock;
  /** Names by instrument id; none where the tape has one instrument without a name. */
  instruments: readonly string[];
  /** What the buckets were made with, for whoever finds the file. */
  options: Readonly<Record<string, string | number>>;
}

/** Where the pieces of a file go. */
export interface Pieces {
  write(piece: string | Uint8Array): void;
  close(): void;
}

/** Loads what the format needs, before anything is read. `stdout` takes what is written to "-". */
export async function writerFor(path: string, stdout: (text: string) => void): Promise<(of: BucketsFile) => Pieces> {
  if (path === stdoutName) return (of) => csv({ write: (piece) => stdout(String(piece)), close: () => {} }, of);
  const format = formatOf(path);
  if (format === ".csv") return (of) => csv(new PartFile(path), of);
  if (format === ".json") return (of) => json(new PartFile(path), of);
  if (format === ".parquet") {
    const parquet = await optional("--out *.parquet", "hyparquet-writer", import("hyparquet-writer"));
    return (of) => writeParquet(path, of, parquet);
  }
  const arrow = await optional("--out *.arrow", "apache-arrow", import("apache-arrow"));
  return (of) => writeArrow(path, of, arrow);
}

/** Names in the file and columns, in the order that a reader wants them. */
function layout({ buckets: b, instruments }: BucketsFile) {
  const instrument = instruments.length > 0 ? [["instrument", b.instrument] as const] : [];
  return [
    ["start_time", b.startTime],
    ["end_time", b.endTime],
    ["end_index", b.endIndex],
    ...instrument,
    ["buy", b.buy],
    ["sell", b.sell],
    ["imbalance", b.imbalance],
    ["last_price", b.lastPrice],
    ["vpin", b.vpin],
    ["cdf", b.cdf],
    ["alarm", b.alarm],
    ...Object.entries(b.measures).map(([name, column]) => [name, column] as const),
  ] as const;
}

/** Rows that are put together before they are written. */
const rowsAtOnce = 8192;

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function csv(file: Pieces, of: BucketsFile): Pieces {
  const names = of.instruments.map(quoted);
  const columns = layout(of).map(([name, column]) => (i: number) => {
    const value = column[i]!;
    if (typeof value === "bigint") return toNanosecond(value);
    if (name === "instrument") return names[value] ?? String(value);
    return Number.isNaN(value) ? "" : String(value);
  });
  file.write(
    `${layout(of)
      .map(([name]) => name)
      .join(",")}\n`,
  );
  const rows = of.buckets.vpin.length;
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const lines: string[] = [];
    for (let i = from; i < Math.min(rows, from + rowsAtOnce); i++) lines.push(columns.map((text) => text(i)).join(","));
    file.write(`${lines.join("\n")}\n`);
  }
  return file;
}

function json(file: Pieces, of: BucketsFile): Pieces {
  file.write(`{"schema":1,"kernel":"vpin","options":${JSON.stringify(of.options)},"columns":{`);
  layout(of).forEach(([name, column], i) => {
    file.write(`${i ? "," : ""}\n${JSON.stringify(name)}:[`);
    for (let from = 0; from < column.length; from += rowsAtOnce) {
      const part = Array.from(column.subarray(from, from + rowsAtOnce) as ArrayLike<number | bigint>, (value) =>
        typeof value === "bigint" ? toNanosecond(value) : name === "instrument" ? (of.instruments[Number(value)] ?? value) : value,
      );
      // NaN becomes null.
      file.write(`${from ? "," : ""}${JSON.stringify(part).slice(1, -1)}`);
    }
    file.write("]");
  });
  file.write("\n}}\n");
  return file;
}

const metadataOf = ({ options }: BucketsFile): string => JSON.stringify({ schema: 1, kernel: "vpin", options });

type ParquetColumn = Parameters<Parquet["parquetWriteBuffer"]>[0]["columnData"][number];
type ParquetSchema = NonNullable<Parameters<Parquet["parquetWriteBuffer"]>[0]["schema"]>;

/** Times in ns and in UTC; what is not there yet is null, as in Arrow files. */
function writeParquet(path: string, of: BucketsFile, { parquetWriteBuffer }: Parquet): Pieces {
  const columns = layout(of);
  const columnData = columns.map(([name, column]): ParquetColumn => {
    if (name === "instrument") return { name, data: Array.from(column as Uint32Array, (id) => of.instruments[id] ?? String(id)) };
    if (column instanceof Float64Array) return { name, data: Array.from(column, (value) => (Number.isNaN(value) ? null : value)) };
    return { name, data: Array.from(column as ArrayLike<number | bigint>) };
  });
  const schema: ParquetSchema = [
    { name: "root", num_children: columns.length },
    ...columns.map(([name, column]): ParquetSchema[number] => {
      if (name === "instrument") return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" };
      if (column instanceof Float64Array) return { name, type: "DOUBLE", repetition_type: "OPTIONAL" };
      if (!(column instanceof BigInt64Array)) return { name, type: "INT32", repetition_type: "REQUIRED" };
      return {
        name,
        type: "INT64",
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" },
        repetition_type: "REQUIRED",
      };
    }),
  ];
  const kvMetadata = [{ key: "tickforge", value: metadataOf(of) }];
  const file = new PartFile(path);
  file.write(new Uint8Array(parquetWriteBuffer({ columnData, schema, kvMetadata })));
  return file;
}

function writeArrow(path: string, of: BucketsFile, arrow: Arrow): Pieces {
  const vectors = Object.fromEntries(layout(of).map(([name, column]) => [name, vector(name, column, of.instruments, arrow)]));
  const table = new arrow.Table(vectors);
  table.schema.metadata.set("tickforge", metadataOf(of));
  const file = new PartFile(path);
  file.write(arrow.tableToIPC(table, "file"));
  return file;
}

function vector(
  name: string,
  column: Float64Array | BigInt64Array | Uint32Array | Uint8Array,
  instruments: readonly string[],
  arrow: Arrow,
): Vector {
  const length = column.length;
  if (column instanceof BigInt64Array)
    return arrow.makeVector(arrow.makeData({ type: new arrow.Timestamp(arrow.TimeUnit.NANOSECOND, "UTC"), length, data: column.slice() }));
  if (column instanceof Uint32Array) {
    const dictionary = arrow.vectorFromArray(instruments.length ? [...instruments] : [name], new arrow.Utf8());
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Uint32());
    return arrow.makeVector(arrow.makeData<typeof type>({ type, length, nullCount: 0, data: column.slice(), dictionary }));
  }
  if (column instanceof Uint8Array) return arrow.makeVector(arrow.makeData({ type: new arrow.Uint8(), length, data: column.slice() }));
  const type = new arrow.Float64();
  const nullCount = column.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
  if (nullCount === 0) return arrow.makeVector(arrow.makeData({ type, length, data: column.slice() }));
  // A value before its window is full is missing, not a number: a mean in SQL then passes over it.
  const nullBitmap = new Uint8Array(Math.ceil(length / 64) * 8);
  column.forEach((value, i) => {
    if (!Number.isNaN(value)) nullBitmap[i >> 3]! |= 1 << (i & 7);
  });
  return arrow.makeVector(arrow.makeData({ type, length, data: column.slice(), nullCount, nullBitmap }));
}
