/** Live data in a program: topics in memory that a venue's messages go into. */
import type { Columns, Subscription } from "../bus/bus.js";
import { topic } from "../bus/frame.js";
import { MemoryBus } from "../bus/memory_bus.js";
import { needObject } from "../core/contract/arguments.js";
import { bookTopic } from "./books/book_topics.js";
import type { BookColumns } from "./books/level_writer.js";
import { type LiveColumns, liveColumns } from "./kit/rows.js";
import type { Channel } from "./kit/venue.js";
import { type FeedAddress, namedSources } from "./named_sources.js";
import { openFeeds } from "./open_feeds.js";

export type { Channel };
/** `depth`: changes of books as the venue tells them; `book`: their best levels; `book_changes`: what each change made of the book. */
export type FeedChannel = Channel | "book" | "book_changes";
export interface FromFeedOptions extends FeedAddress {
  /** Default: trades. */
  readonly channels?: readonly FeedChannel[];
  /** Levels of each side in a row of `book`, 1 to 1000. Default 10. */
  readonly levels?: number;
  /** Rows a slot and slots of each topic: 1024 and 64 where left out. A reader that is slower than the market for longer leaves sockets unread. */
  readonly rows?: number;
  readonly slots?: number;
  /** Told once a minute what was left out and why, and of connections. Default: nobody is. */
  readonly log?: (message: string) => void;
}

/** A row of a book is as large as so many of trades. */
const bookShare = 8;

export interface Feed {
  /** As they were named, by the ids of the column `instrument`. */
  readonly sources: readonly string[];
  /** Columns time, price, size, side, instrument; received, id and state of `liveColumns` behind. Undefined where it was not asked for. */
  readonly trades: Subscription<LiveColumns["trades"]> | undefined;
  readonly quotes: Subscription<LiveColumns["quotes"]> | undefined;
  readonly depth: Subscription<LiveColumns["depth"]> | undefined;
  /** The best levels after each message that changed one of them, from the best on; NaN behind the last, and all NaN while a book is broken. */
  readonly book: Subscription<BookColumns> | undefined;
  readonly bookChanges: Subscription<LiveColumns["book_changes"]> | undefined;
  /** Gaps, refills, connections, broken books. */
  readonly status: Subscription<LiveColumns["feed_status"]>;
  /** By venue. */
  stats(): Readonly<Record<string, object>>;
  /** Ends the connections; what was written can still be read. */
  close(): Promise<void>;
}

/**
 * Connects to the venues that `sources` names and publishes what they say, each trade once and in the order of its instrument.
 *
 * `sources`: `binance:BTCUSDT`, several between commas or in a list. Throws E_VENUE, E_VENUE_SYMBOL, E_FEED_SOURCE for names and
 * E_FEED_URL for addresses that cannot be; a venue that is not reached is no error but a row of `status`.
 */
export function fromFeed(sources: string | readonly string[], options: FromFeedOptions = {}): Feed {
  needObject("fromFeed: options", options);
  const { channels = ["trades"], levels = 10, rows = 1024, slots = 64, url, rest, log = () => {} } = options;
  const named = namedSources(sources);
  const symbols = named.map(({ written }) => written);
  const bus = new MemoryBus();
  const of = (name: FeedChannel | "feed_status") => {
    const made =
      name === "book"
        ? { ...bookTopic({ levels, rows: Math.ceil(rows / bookShare), slots }), symbols }
        : topic({ name, columns: liveColumns[name] as Columns, rows, slots, backpressure: "block", symbols });
    return { publisher: bus.publisher(made) as never, subscription: bus.subscribe(made) as never };
  };
  const ends = Object.fromEntries([...channels, "feed_status" as const].map((name) => [name, of(name)]));
  const feeds = openFeeds({
    ...{ sources: named, url, rest, log, instruments: named.map((_, i) => i) },
    topics: Object.fromEntries(Object.entries(ends).map(([name, { publisher }]) => [name, publisher])),
  });
  let closed = false;
  const venues = [...new Set(named.map(({ venue }) => venue.name))];
  return {
    ...{ sources: symbols, trades: ends.trades?.subscription, quotes: ends.quotes?.subscription, depth: ends.depth?.subscription },
    ...{ book: ends.book?.subscription, bookChanges: ends.book_changes?.subscription },
    status: ends.feed_status!.subscription,
    stats: () => Object.fromEntries(feeds.map((feed, i) => [venues[i]!, feed.stats()])),
    async close() {
      if (closed) return;
      closed = true;
      for (const feed of feeds) feed.close(true);
      for (const { publisher } of Object.values(ends)) await (publisher as { close(): void | Promise<void> }).close();
    },
  };
}
