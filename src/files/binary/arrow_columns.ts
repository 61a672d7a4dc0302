/** Columns of an Arrow record batch -> columns as they go to another thread: the memory itself where a column is of numbers or text. */
import type * as Arrow from "apache-arrow";
import type { View } from "../../core/contract/contract.js";
import type { PackedBatch, PackedColumn } from "./packed.js";
import { packCells } from "./packed.js";
import { type Cell, decimal } from "./table_batches.js";

/** `rows`: what the message said. */
export function packBatch(batch: Arrow.RecordBatch, rows: number, arrow: typeof Arrow): PackedBatch {
  if (batch.numRows !== rows) throw new Error(`has ${batch.numRows} rows, its message says ${rows}`);
  const columns = batch.schema.fields.map(({ name }, i) => {
    try {
      return packColumn(batch.getChildAt(i)!, rows, arrow);
    } catch (cause) {
      throw new Error(`column ${name}: ${(cause as Error).message}`, { cause });
    }
  });
  return { rows, columns };
}

function packColumn(vector: Arrow.Vector, rows: number, arrow: typeof Arrow): PackedColumn {
  const { type } = vector;
  const { DataType } = arrow;
  const data = vector.data[0]!;
  if (data.length !== rows) throw new Error(`has ${data.length} values of ${rows} rows`);
  const nulls = nullsOf(data, rows);
  const timeScale = scaleOf(type, arrow);
  if (timeScale !== undefined || DataType.isInt(type) || (DataType.isFloat(type) && type.precision !== arrow.Precision.HALF))
    return { kind: "values", values: memoryOf(data.values, rows), nulls, timeScale };
  if (DataType.isDecimal(type)) return decimals(data, rows, type, nulls);
  if (DataType.isUtf8(type)) return text(data, rows, nulls);
  if (DataType.isDictionary(type)) return words(data, rows, nulls);
  const cells = () => Array.from({ length: rows }, (_, row) => vector.get(row) as Cell);
  if (DataType.isLargeUtf8(type) || DataType.isFloat(type)) return packCells(cells());
  if (DataType.isBool(type)) {
    memoryOf(data.values, Math.ceil(rows / 8));
    return packCells(cells());
  }
  return { kind: "refused", type: String(type) };
}

function scaleOf(type: Arrow.DataType, arrow: typeof Arrow): number | undefined {
  if (arrow.DataType.isTimestamp(type)) return [1_000_000_000, 1_000_000, 1000, 1][type.unit]!;
  return arrow.DataType.isDate(type) ? (type.unit === arrow.DateUnit.DAY ? 86_400_000_000_000 : 1_000_000) : undefined;
}

/** Buffers are padded to 64 bytes. */
function memoryOf(values: View | undefined, count: number): View {
  if (!(values && values.length >= count)) throw new Error(`has room for ${values?.length ?? 0} values, it needs ${count}`);
  return values.subarray(0, count) as View;
}

function nullsOf({ nullCount, nullBitmap, offset }: Arrow.Data, rows: number): Uint8Array | undefined {
  if (nullCount === 0) return undefined;
  if (!(nullBitmap && 8 * nullBitmap.length >= offset + rows)) throw new Error(`says ${nullCount} values are null, not which`);
  const valid = (row: number) => (nullBitmap[(offset + row) >> 3]! >> ((offset + row) & 7)) & 1;
  const nulls = Uint8Array.from({ length: rows }, (_, row) => 1 - valid(row));
  const count = nulls.reduce((sum, is) => sum + is, 0);
  if (count !== nullCount) throw new Error(`says ${nullCount} values are null, ${count} are`);
  return nulls;
}

function decimals(data: Arrow.Data, rows: number, type: Arrow.Decimal, nulls: Uint8Array | undefined): PackedColumn {
  const words = type.bitWidth / 32;
  const all = memoryOf(data.values, rows * words) as Uint32Array;
  const units = (row: number) => {
    const parts = all.subarray(row * words, (row + 1) * words);
    return BigInt.asIntN(
      type.bitWidth,
      parts.reduceRight((sum, part) => (sum << 32n) + BigInt(part), 0n),
    );
  };
  return {
    kind: "values",
    nulls,
    values: Float64Array.from({ length: rows }, (_, row) => (nulls?.[row] ? 0 : decimal(units(row), type.scale))),
  };
}

function text(data: Arrow.Data, rows: number, nulls: Uint8Array | undefined): PackedColumn {
  const bytes = data.values as Uint8Array;
  const offsets = memoryOf(data.valueOffsets as Int32Array, rows === 0 ? 0 : rows + 1) as Int32Array;
  for (let row = 0; row < rows; row++)
    if (!(offsets[row]! >= 0 && offsets[row]! <= offsets[row + 1]!)) throw new Error(`the text of row ${row + 1} ends before it begins`);
  if (rows > 0 && offsets[rows]! > bytes.length) throw new Error(`its texts have ${offsets[rows]} bytes of ${bytes.length}`);
  return { kind: "text", offsets, bytes, nulls };
}

function words(data: Arrow.Data, rows: number, nulls: Uint8Array | undefined): PackedColumn {
  const ids = memoryOf(data.values, rows);
  const dictionary = data.dictionary;
  const list = Array.from({ length: dictionary?.length ?? 0 }, (_, i) => dictionary!.get(i) as Cell);
  const wrong = (ids as Int32Array).findIndex((id, row) => !nulls?.[row] && !(id >= 0 && id < list.length));
  if (wrong >= 0) throw new Error(`row ${wrong + 1} is word ${ids[wrong]} of ${list.length}`);
  const plain =
    ids instanceof BigInt64Array || (ids as unknown) instanceof BigUint64Array ? Uint32Array.from(ids as BigInt64Array, Number) : ids;
  return { kind: "words", ids: plain as Int32Array, words: list, nulls };
}
