/** Parts of a table -> row groups of a Parquet file. */
import type { View } from "../../core/contract/contract.js";
import type { Part, TableColumn, TableWriter } from "./export_columns.js";

type Parquet = typeof import("hyparquet-writer");
type Schema = NonNullable<Parameters<Parquet["parquetWriteBuffer"]>[0]["schema"]>;
type Element = Schema[number];

const physical = { f64: "DOUBLE", f32: "FLOAT", i64: "INT64", i32: "INT32", u32: "INT32", i8: "INT32", u8: "INT32" } as const;
const converted = { u32: "UINT_32", i8: "INT_8", u8: "UINT_8" } as const;

function value({ name, dtype, kind }: TableColumn): Element {
  const required = { name, repetition_type: "REQUIRED" } as const;
  if (kind === "symbol") return { ...required, type: "BYTE_ARRAY", converted_type: "UTF8" };
  if (kind === "time") return { ...required, type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" } };
  const narrow = dtype in converted ? { converted_type: converted[dtype as keyof typeof converted] } : {};
  return { ...required, type: physical[dtype], ...narrow };
}

function elements(column: TableColumn): Element[] {
  if (column.width === 1) return [value(column)];
  return [
    { name: column.name, repetition_type: "REQUIRED", num_children: 1, converted_type: "LIST" },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    value({ ...column, name: "element" }),
  ];
}

/** `names`: texts by symbol id. */
export function parquetTable(
  columns: readonly TableColumn[],
  names: (id: number) => string,
  metadata: string,
  into: (bytes: Uint8Array) => void,
  { ByteWriter, ParquetWriter }: Parquet,
): TableWriter {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: "root", num_children: columns.length }, ...columns.flatMap(elements)],
    kvMetadata: [{ key: "tickforge", value: metadata }],
  });
  const handOver = () => {
    into(bytes.getBytes());
    bytes.index = 0;
  };
  const cells = ({ width, kind }: TableColumn, view: View, rows: number): unknown[] => {
    if (kind === "symbol") return Array.from(view as Uint32Array, names);
    if (width === 1) return Array.from(view as Float64Array);
    return Array.from({ length: rows }, (_, row) => Array.from(view.subarray(row * width, (row + 1) * width) as Float64Array));
  };
  return {
    async write({ rows, values }: Part) {
      const columnData = columns.map((column, i) => ({ name: column.name, data: cells(column, values[i]!, rows) }));
      await writer.write({ columnData, rowGroupSize: rows });
      handOver();
    },
    async finish() {
      writer.finish();
      handOver();
    },
  };
}
