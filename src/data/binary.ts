/** Files that are not text, told by their first bytes. */
import { isArrowFile, isArrowStream } from "./arrow.js";
import { ColumnReader, layoutOfTable, type TableBatches } from "./columns.js";
import { isDbn, openDbn } from "./dbn.js";
import type { Intake } from "./intake.js";
import type { OneSeries } from "./one_series.js";
import { isParquet } from "./parquet.js";
import type { Opened } from "./reader.js";
import { peek, type Source } from "./source.js";
import { openApart } from "./table_apart.js";
import type { ReadOptions } from "./trades.js";

const headBytes = 8;
export type BinaryOptions = ReadOptions & { only: readonly string[] };

/** The reader of the source, or undefined where it is text; the bytes that were looked at are put back. */
export async function openBinary(source: Source, intake: Intake, series: OneSeries, options: BinaryOptions): Promise<Opened | undefined> {
  const head = await headOf(source);
  if (isDbn(head)) return openDbn(source, intake, series, options);
  const table = await openColumns(source, head);
  return table && tradesOf(table, source.name, intake, series, options);
}

/** The columns of the source, or undefined where it is no Arrow and no Parquet data. */
export async function openTable(source: Source): Promise<TableBatches | undefined> {
  return openColumns(source, await headOf(source));
}

async function headOf(source: Source): Promise<Uint8Array> {
  const { head, chunks } = await peek(source.chunks, headBytes);
  source.chunks = chunks;
  return head;
}

async function openColumns(source: Source, head: Uint8Array): Promise<TableBatches | undefined> {
  if (isArrowFile(head)) return openApart(source, "arrow file");
  if (isArrowStream(head)) return openApart(source, "arrow stream");
  return isParquet(head) ? openApart(source, "parquet") : undefined;
}

async function tradesOf(table: TableBatches, name: string, intake: Intake, series: OneSeries, options: BinaryOptions): Promise<Opened> {
  try {
    const layout = layoutOfTable(name, table, options);
    const reader = new ColumnReader(name, layout, intake, series, options);
    const pieces = async function* () {
      for await (const batch of table.batches()) {
        await reader.take(batch);
        yield;
      }
    };
    return { reader, layout, pieces };
  } catch (error) {
    await table.close();
    throw error;
  }
}
