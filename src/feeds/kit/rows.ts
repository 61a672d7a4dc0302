/** What frames of a venue become: rows of one table, in the order in which they came, and the topics that they go into. */
import { messages } from "../../bus/routing/message_types.js";
import { feedFrames } from "../../files/frames/feed_frames.js";
import { quoteColumns, tradeColumns } from "../../market/trade_columns.js";
import type { Channel } from "./venue.js";

export { rowKinds, rowState } from "../../files/frames/frame_rows.js";

/** One row of any kind, as the parser gives it. */
export const feedColumns = feedFrames.contract.outputs;
export type FeedColumns = typeof feedColumns;

const known = { received: { dtype: "i64" }, id: { dtype: "i64" }, state: { dtype: "u8" } } as const;
/** The topics of a feed: trades and quotes as engines take them, with what only feeds know behind. */
export const liveColumns = {
  trades: { ...tradeColumns, ...known },
  quotes: { time: { dtype: "i64" }, instrument: { dtype: "u32" }, ...quoteColumns, ...known },
  depth: messages.depth.columns,
  book_changes: messages.book_changes.columns,
  feed_status: messages.feed_status.columns,
} as const;

export type LiveColumns = typeof liveColumns;

/** `channel` of `feed_status`. */
export const channelNumbers = { trades: 0, quotes: 1, depth: 2 } as const satisfies Record<Channel, number>;
export type ChannelNumber = (typeof channelNumbers)[Channel];
/** What a row of `feed_status` says; `from` and `to` are ids of trades or updates, -1 where there are none, `count` how many are meant. */
export const feedStates = {
  connected: 0,
  disconnected: 1,
  /** Ids from `from` to `to` did not come. */
  gap: 2,
  /** They came from the venue's REST since. */
  refilled: 3,
  /** They can be had no more. */
  lost: 4,
  /** Nothing came for as long as `seconds`, though the venue promises that something does. */
  stale: 5,
  /** Something came again. */
  alive: 6,
  /** A book was thrown away, and built anew from a snapshot. */
  broken: 7,
  resynced: 8,
  /** Frames that gave no rows, since the last such row. */
  refused: 9,
  /** `count` trades with ids from `from` to `to` came again and were left out, since the last such row. */
  duplicates: 10,
  /** The venue said that it refuses a subscription or that something is wrong. */
  error: 11,
  /** A trade was given under this id that the venue's REST has with other values, or not at all. */
  disputed: 12,
} as const;
export type FeedState = keyof typeof feedStates;
