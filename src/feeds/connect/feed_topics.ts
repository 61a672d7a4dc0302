import type { Columns, Publisher } from "../../bus/bus.js";
import type { BookColumns } from "../books/level_writer.js";
import type { LiveColumns } from "../kit/rows.js";

/** Where rows of a feed go; what has no topic is not asked for. */
export interface FeedTopics {
  readonly trades?: Publisher<LiveColumns["trades"]> | undefined;
  readonly quotes?: Publisher<LiveColumns["quotes"]> | undefined;
  readonly depth?: Publisher<LiveColumns["depth"]> | undefined;
  /** The best levels of books, and each change of them; of depth. */
  readonly book?: Publisher<BookColumns> | undefined;
  readonly book_changes?: Publisher<LiveColumns["book_changes"]> | undefined;
  /** The price of each trade; with `changes` of each that has another one than that before it. */
  readonly prices?: Publisher<Columns> | undefined;
  readonly changes?: boolean | undefined;
  readonly feed_status?: Publisher<LiveColumns["feed_status"]> | undefined;
}
