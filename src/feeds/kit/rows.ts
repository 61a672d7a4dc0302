/** What frames of a venue become: rows of one table, in the order in which they came, and the topics that they go into. */
import { messages } from "../../bus/routing/message_types.js";
import { quoteColumns, tradeColumns } from "../../market/trade_columns.js";
import type { Channel } from "./venue.js";

/** `dropped`: a print that is no trade of the market, told for its id. `notice`: the frame is for the venue's own `notice`. `refused`: it has no rows. */
export const rowKinds = { trade: 0, quote: 1, depth: 2, dropped: 3, notice: 4, refused: 5 } as const;
export type RowKind = keyof typeof rowKinds;

/** Bits of `state`. */
export const rowState = {
  /** First and last row of a message: a book is changed by a message whole. */
  first: 1,
  last: 2,
  /** Depth: the message is the whole book. Trades: they were before the subscription, and may be known already. */
  snapshot: 4,
  /** The message has no time of the exchange, or none that can be: `time` is that of receipt. */
  untimed: 8,
  /** It had one, which is years off; always with `untimed`. */
  clock: 16,
  /** Of several fills of one order. */
  aggregate: 32,
  /** `checksum` holds one, of the book after this message. */
  checksum: 64,
  /** A change of the book without a level: it counts in the order of messages alone; its price is NaN. */
  empty: 128,
} as const;

/**
 * One row of any kind. `time` and `received` in ns since 1970 UTC; `instrument` is the place among the names that the parser was given.
 * Trades: `id` of the trade (-1: the venue gives none), `price`, `size`, `side` +1 where the buyer was the aggressor, -1 the seller.
 * Quotes: `price` and `size` of the bid, `ask` and `askSize`; NaN where there is none, sizes also where the venue tells none.
 * Depth: a level of which `size` is now there, 0: none; `side` +1 bid, -1 ask; `first` to `id` are the updates that the message stands
 * for, `previous` the last before it, each -1 where the venue tells none. `priceDigits` and `sizeDigits`: decimals in the text.
 * Refused: `id` is the number of the reason, `previous` that of the field, `first` the byte of the frame at which it is.
 */
export const feedColumns = {
  kind: { dtype: "u8" },
  state: { dtype: "u8" },
  side: { dtype: "i8" },
  priceDigits: { dtype: "u8" },
  sizeDigits: { dtype: "u8" },
  instrument: { dtype: "u32" },
  frame: { dtype: "u32" },
  checksum: { dtype: "u32" },
  time: { dtype: "i64" },
  received: { dtype: "i64" },
  id: { dtype: "i64" },
  first: { dtype: "i64" },
  previous: { dtype: "i64" },
  price: { dtype: "f64" },
  size: { dtype: "f64" },
  ask: { dtype: "f64" },
  askSize: { dtype: "f64" },
} as const;
export type FeedColumns = typeof feedColumns;

const known = { received: { dtype: "i64" }, id: { dtype: "i64" }, state: { dtype: "u8" } } as const;
/** The topics of a feed: trades and quotes as engines take them, with what only feeds know behind. */
export const liveColumns = {
  trades: { ...tradeColumns, ...known },
  quotes: { time: { dtype: "i64" }, instrument: { dtype: "u32" }, ...quoteColumns, ...known },
  depth: messages.depth.columns,
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
  duplicates: 10,
  /** The venue said that it refuses a subscription or that something is wrong. */
  error: 11,
} as const;
export type FeedState = keyof typeof feedStates;
