/** Every bucket into a file: Arrow (IPC file format), CSV or JSON. Column names in files are snake_case, times are UTC. */
import type { Vector } from "apache-arrow";
import type { BucketBlock } from "../engines/buckets.js";
import { FailedError } from "./exit.js";
import { formatOf, PartFile } from "./files.js";
import { toNanosecond } from "./format.js";

type Arrow = typeof import("apache-arrow");

export interface BucketsFile {
  buckets: BucketBlock;
  /** Names by instrument id; none where the tape has one instrument without a name. */
  instruments: readonly string[];
  /** What the buckets were made with, for whoever finds the file. */
  options: Readonly<Record<string, string | number>>;
}

/** Loads what the format needs, before anything is read. */
export async function writerFor(path: string): Promise<(of: BucketsFile) => PartFile> {
  const format = formatOf(path);
  if (format === ".csv") return (of) => csv(path, of);
  if (format === ".json") return (of) => json(path, of);
  const arrow = await loadArrow();
  return (of) => writeArrow(path, of, arrow);
}

async function loadArrow(): Promise<Arrow> {
  try {
    return await import("apache-arrow");
  } catch (cause) {
    throw new FailedError("E_PACKAGE_MISSING", "--out *.arrow needs the package apache-arrow, which is not installed", {
      hint: "npm install apache-arrow",
      cause,
    });
  }
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

function csv(path: string, of: BucketsFile): PartFile {
  const file = new PartFile(path);
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

function json(path: string, of: BucketsFile): PartFile {
  const file = new PartFile(path);
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

function writeArrow(path: string, of: BucketsFile, arrow: Arrow): PartFile {
  const vectors = Object.fromEntries(layout(of).map(([name, column]) => [name, vector(name, column, of.instruments, arrow)]));
  const table = new arrow.Table(vectors);
  table.schema.metadata.set("tickforge", JSON.stringify({ schema: 1, kernel: "vpin", options: of.options }));
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
