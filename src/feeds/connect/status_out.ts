/** What a feed says of itself, as rows of `feed_status`. */
import type { Publisher } from "../../bus/bus.js";
import { channelNumbers, type FeedState, feedStates, type LiveColumns } from "../kit/rows.js";
import type { Channel } from "../kit/venue.js";

export interface Told {
  readonly instrument: number;
  readonly channel: Channel;
  readonly state: FeedState;
  readonly connection: number;
  readonly from?: number;
  readonly to?: number;
  readonly count?: number;
  readonly seconds?: number;
}

/** Rows that wait for room; older ones go first where nobody reads for so long. */
const mostWaiting = 10_000;

export class StatusOut {
  /** Rows of each state so far. */
  readonly counts = new Map<FeedState, number>();
  private waiting: (Told & { readonly time: bigint })[] = [];
  constructor(private readonly publisher: Publisher<LiveColumns["feed_status"]> | undefined) {}

  tell(told: Told, timeNs: bigint): void {
    this.counts.set(told.state, (this.counts.get(told.state) ?? 0) + 1);
    if (!this.publisher) return;
    if (this.waiting.length === mostWaiting) this.waiting.shift();
    this.waiting.push({ ...told, time: timeNs });
  }
  show(): void {
    while (this.publisher && this.waiting.length > 0) {
      const slot = this.publisher.claim();
      if (!slot) return;
      const rows = this.waiting.splice(0, this.publisher.topic.rows);
      for (const [
        row,
        { time, instrument, channel, state, connection, from = -1, to = -1, count = NaN, seconds = NaN },
      ] of rows.entries()) {
        slot.columns.time[row] = time;
        slot.columns.instrument[row] = instrument;
        slot.columns.channel[row] = channelNumbers[channel];
        slot.columns.state[row] = feedStates[state];
        slot.columns.connection[row] = connection;
        slot.columns.from[row] = BigInt(from);
        slot.columns.to[row] = BigInt(to);
        slot.columns.count[row] = count;
        slot.columns.seconds[row] = seconds;
      }
      this.publisher.commit(rows.length);
    }
  }
}
