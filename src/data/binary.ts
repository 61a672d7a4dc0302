/** Files that are not text, told by their first bytes. */
import { isArrowFile, isArrowStream, openArrow } from "./arrow.js";
import { isDbn, openDbn } from "./dbn.js";
import type { Intake } from "./intake.js";
import type { OneSeries } from "./one_series.js";
import { isParquet, openParquet } from "./parquet.js";
import type { Opened } from "./reader.js";
import { peek, type Source } from "./source.js";
import type { ReadOptions } from "./trades.js";

const headBytes = 8;
export type BinaryOptions = ReadOptions & { only: readonly string[] };

/** The reader of the source, or undefined where it is text; the bytes that were looked at are put back. */
export async function openBinary(source: Source, intake: Intake, series: OneSeries, options: BinaryOptions): Promise<Opened | undefined> {
  const { head, chunks } = await peek(source.chunks, headBytes);
  source.chunks = chunks;
  if (isDbn(head)) return openDbn(source, intake, series, options);
  if (isArrowFile(head) || isArrowStream(head)) return openArrow(source, isArrowFile(head), intake, series, options);
  if (isParquet(head)) return openParquet(source, intake, series, options);
  return undefined;
}
