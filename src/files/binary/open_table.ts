/** Tables of columns, told by their first bytes and read in a thread of their own. */

import { peek, type Source } from "../bytes/source.js";
import { isArrowFile, isArrowStream } from "./arrow.js";
import { isParquet } from "./parquet.js";
import { openApart } from "./table_apart.js";
import type { TableBatches } from "./table_batches.js";

export const headBytes = 8;

/** The columns of the source, or undefined where it is no Arrow and no Parquet data. */
export async function openTable(source: Source): Promise<TableBatches | undefined> {
  return openColumns(source, await headOf(source));
}

export async function headOf(source: Source): Promise<Uint8Array> {
  const { head, chunks } = await peek(source.chunks, headBytes);
  source.chunks = chunks;
  return head;
}

export async function openColumns(source: Source, head: Uint8Array): Promise<TableBatches | undefined> {
  if (isArrowFile(head)) return openApart(source, "arrow file");
  if (isArrowStream(head)) return openApart(source, "arrow stream");
  return isParquet(head) ? openApart(source, "parquet") : undefined;
}
