/** Files that are not text, told by their first bytes. */

import { headOf, openColumns } from "../binary/open_table.js";
import type { TableBatches } from "../binary/table_batches.js";
import type { Source } from "../bytes/source.js";
import { isDbn, openDbn } from "../dbn/dbn.js";
import { ColumnReader, layoutOfTable } from "../trades/columns.js";
import type { Intake } from "../trades/intake.js";
import type { OneSeries } from "../trades/one_series.js";
import type { Opened } from "../trades/reader.js";
import type { BinaryOptions } from "../trades/reading.js";

/** The reader of the source, or undefined where it is text; the bytes that were looked at are put back. */
export async function openBinary(source: Source, intake: Intake, series: OneSeries, options: BinaryOptions): Promise<Opened | undefined> {
  const head = await headOf(source);
  if (isDbn(head)) return openDbn(source, intake, series, options);
  const table = await openColumns(source, head);
  return table && tradesOf(table, source.name, intake, series, options);
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
