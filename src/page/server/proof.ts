/** What a row can be checked by: digests that anybody with the same rows gets by `TopicHash`. */
import { type Checksum, TopicHash } from "../../bus/topic_hash.js";
import type { Proof } from "../series/wire.js";
import type { RowTable } from "./source.js";

/** Rows that are read again for one answer. */
const MOST_ROWS = 2 ** 18;

export function proofOf(table: RowTable, place: number, crc32c: Checksum): Proof {
  const { topic, oldest } = table;
  const one = table.at(place);
  const row = new TopicHash(topic, { crc32c });
  row.take(one.columns as never, one.index, one.index + 1);
  const whole = new TopicHash(topic, { crc32c });
  const { number } = one;
  // Without the first row, or with a hole before it, there is no digest of all rows up to it.
  const follows = oldest === 0 && place < MOST_ROWS && place === number && table.at(0).number === 0;
  for (let at = 0; follows && at <= place; ) {
    const { columns, index, next } = table.at(at);
    const count = Math.min(next, place + 1 - at);
    whole.take(columns as never, index, index + count);
    at += count;
  }
  return {
    row: row.digest,
    ...(follows && { upTo: { rows: whole.rows, hash: whole.digest } }),
    ...(table.frameAt && { frame: table.frameAt(place) }),
  };
}
