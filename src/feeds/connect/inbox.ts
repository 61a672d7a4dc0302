/** Frames of all connections of a venue into one parser: those of a packet are read in one call, at the end of the packet. */

import type { FrameParser } from "../kit/frame_parser.js";
import { hear } from "../kit/hear.js";
import { rowKinds, rowState } from "../kit/rows.js";
import { refusedAs } from "../kit/tally.js";
import type { Notice, Venue } from "../kit/venue.js";
import type { Account } from "./account.js";
import type { Clock } from "./clock.js";
import type { Line } from "./line.js";
import { between, endOfDepth, rowsOf } from "./order/feed_rows.js";
import type { Sorter } from "./sorter.js";

export interface InboxSink {
  notice(notice: Notice, line: Line): void;
  /** The rows of all frames were sorted. */
  done(): void;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(200, bytes.byteLength)).toString("utf8");

export class Inbox {
  /** Of each frame that waits. */
  private readonly lines: Line[] = [];
  private due = false;
  private received = 0n;

  constructor(
    private readonly venue: Venue,
    private readonly parser: FrameParser,
    private readonly sorter: Sorter,
    private readonly account: Account,
    private readonly clock: Clock,
    private readonly sink: InboxSink,
  ) {}

  push(line: Line, bytes: Uint8Array): void {
    if (!this.due) {
      this.due = true;
      this.received = this.clock.ns();
      // Before what the stream itself has put off: a microtask would come behind it.
      process.nextTick(this.run);
    }
    if (!this.parser.push(bytes, this.received)) {
      this.read();
      this.parser.push(bytes, this.received);
    }
    this.lines.push(line);
  }

  private readonly run = (): void => {
    this.due = false;
    this.read();
  };
  private read(): void {
    const { parser, sorter, lines } = this;
    parser.run((columns, count) => {
      const rows = rowsOf(columns);
      const { kind, state, frame } = columns;
      for (let row = 0; row < count; row++) {
        const line = lines[frame[row]!]!;
        if (kind[row] === rowKinds.depth) {
          const end = endOfDepth(columns, row, count);
          sorter.depth(rows, row, end, line.number);
          row = end - 1;
        } else if (kind[row]! < rowKinds.notice) sorter.take(rows, row, line.number);
        else if (kind[row] === rowKinds.notice) this.heard(parser.frame(frame[row]!), line);
        else {
          sorter.refused++;
          this.account.add(`refused, ${refusedAs(columns.id[row]!, columns.previous[row]!)}`, textOf(parser.frame(frame[row]!)));
        }
      }
      const last = count - 1;
      if (kind[last]! < rowKinds.notice && (state[last]! & rowState.untimed) === 0)
        this.clock.came(between(rows, "time", "received", last));
    });
    lines.length = 0;
    this.sink.done();
  }
  private heard(frame: Uint8Array, line: Line): void {
    const notice = hear(this.venue, frame);
    if (notice.what === "unknown") this.account.add("messages of a kind that is not known", textOf(frame));
    else this.sink.notice(notice, line);
  }
}
