/** Parts of a table -> record batches of an Arrow file. */
import type * as Arrow from "apache-arrow";
import type { View } from "../../core/contract/contract.js";
import type { Part, TableColumn, TableWriter } from "./export_columns.js";

/** `names`: texts by symbol id, all that occur. */
export function arrowTable(
  columns: readonly TableColumn[],
  names: readonly string[],
  metadata: string,
  into: (bytes: Uint8Array) => void,
  arrow: typeof Arrow,
): TableWriter {
  const dictionary = arrow.vectorFromArray([...names], new arrow.Utf8());
  const numbers = {
    ...{ f64: new arrow.Float64(), f32: new arrow.Float32(), i64: new arrow.Int64(), i32: new arrow.Int32() },
    ...{ u32: new arrow.Uint32(), i8: new arrow.Int8(), u8: new arrow.Uint8() },
  };
  const typeOf = ({ dtype, width, kind }: TableColumn): Arrow.DataType => {
    if (kind === "time") return new arrow.Timestamp(arrow.TimeUnit.NANOSECOND, "UTC");
    if (kind === "symbol") return words;
    return width === 1 ? numbers[dtype] : new arrow.FixedSizeList(width, new arrow.Field("item", numbers[dtype], false));
  };
  const words = new arrow.Dictionary(new arrow.Utf8(), new arrow.Uint32());
  const schema = new arrow.Schema(
    columns.map((column) => new arrow.Field(column.name, typeOf(column), false)),
    new Map([["tickforge", metadata]]),
  );
  const columnOf = ({ dtype, width, kind }: TableColumn, data: View, rows: number, type: Arrow.DataType): Arrow.Data => {
    if (kind === "symbol") return arrow.makeData({ type, length: rows, nullCount: 0, data, dictionary } as never);
    if (width === 1) return arrow.makeData({ type, length: rows, nullCount: 0, data } as never);
    const child = arrow.makeData({ type: numbers[dtype], length: rows * width, nullCount: 0, data } as never);
    return arrow.makeData({ type, length: rows, nullCount: 0, child } as never);
  };
  const writer = new arrow.RecordBatchFileWriter();
  const written = (async () => {
    for await (const bytes of writer) into(bytes);
  })();
  writer.reset(undefined, schema);
  return {
    async write({ rows, values }: Part) {
      const children = columns.map((column, i) => columnOf(column, values[i]!, rows, schema.fields[i]!.type));
      writer.write(
        new arrow.RecordBatch(schema, arrow.makeData({ type: new arrow.Struct(schema.fields), length: rows, nullCount: 0, children })),
      );
      await new Promise(setImmediate); // what came of it is written before the next
    },
    async finish() {
      writer.finish();
      await written;
    },
  };
}
