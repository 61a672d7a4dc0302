/** Venues live: trades, quotes and changes of books as they say them, and what the feed knows about itself. */
import type { Columns, Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { bookTopic } from "../../feeds/books/book_topics.js";
import { liveColumns } from "../../feeds/kit/rows.js";
import { checkAddress, type NamedSource, namedSources } from "../../feeds/named_sources.js";
import type { GivenTopic } from "../kit/engine.js";
import { lastIds } from "./last_ids.js";
import { marketDocs, marketTopics } from "./market_topics.js";
import type { Source, SourceSettings } from "./source.js";

/** A slot a packet of the venue: few rows each, many of them. */
const room = { rows: 256, slots: 256, backpressure: "block" } as const;
/** A row of a book is as large as some of the others. */
const bookRows = 32;
const docs = {
  depth: "changes of books as the venue told them, a level a row, whole books among them",
  book: "the best levels of each book after each message that changed one of them; NaN behind the last, and everywhere while it is broken",
  book_changes: "each change of a book: the level's size now and before, its place, whether a message begins or ends",
  feed_status: "what the feed knows about itself: gaps, refills, connections lost and made, broken books",
} as const;

/** An engine is asked so often whether it gave something. */
const lookMs = 20;

const liveTopic = (name: keyof typeof liveColumns, symbols: readonly string[]): Topic =>
  topic({ name, columns: liveColumns[name] as Columns, ...room, symbols });

/** The instrument of the system that a source is: by its name as it was written, with or without the venue, or as the venue spells it. */
function instrumentOf({ name, instruments }: SourceSettings, { written, venue, symbol }: NamedSource): number {
  const names = [written, `${venue.name}:${symbol}`, written.slice(written.indexOf(":") + 1), symbol];
  const found = names.map((one) => instruments.indexOf(one)).find((at) => at >= 0);
  if (found !== undefined) return found;
  throw new TickforgeError(
    "E_FEED_SOURCE",
    `engine '${name}': source '${written}' is no instrument of the system, which has ${instruments.join(", ")}`,
    {
      ...{ option: "source", value: written, hint: `"instruments": ["${symbol}"]` },
    },
  );
}

function declared(settings: SourceSettings): { sources: NamedSource[]; instruments: number[] } {
  const { options } = settings;
  const found = namedSources(options.source);
  // Sources of a venue lie together, as their feed has them.
  const venues = [...new Set(found.map(({ venue }) => venue))];
  const sources = venues.flatMap((venue) => found.filter((one) => one.venue === venue));
  checkAddress(sources, options);
  const instruments = sources.map((one) => instrumentOf(settings, one));
  const twice = instruments.findIndex((id, i) => instruments.indexOf(id) < i);
  if (twice >= 0)
    throw new TickforgeError(
      "E_FEED_SOURCE",
      `engine '${settings.name}': two sources are instrument '${settings.instruments[instruments[twice]!]}'`,
      {
        ...{
          option: "source",
          value: sources[twice]!.written,
          hint: `name instruments with their venue: "instruments": ["${sources[twice]!.venue.name}:${sources[twice]!.symbol}"]`,
        },
      },
    );
  return { sources, instruments };
}

export const live: Source = {
  gives(settings) {
    declared(settings);
    const { instruments, options } = settings;
    const { prices } = marketTopics(instruments);
    const given = (name: keyof typeof liveColumns, doc: string): GivenTopic => ({ doc, topic: liveTopic(name, instruments) });
    return {
      trades: given("trades", marketDocs.trades),
      ...(options.quotes && { quotes: given("quotes", marketDocs.quotes) }),
      ...(options.prices !== "none" && { prices: { doc: marketDocs.prices, topic: { ...prices, ...room } } }),
      ...(options.depth && { depth: given("depth", docs.depth) }),
      ...(options.book > 0 && {
        book: {
          doc: docs.book,
          topic: { ...bookTopic({ levels: options.book, rows: bookRows, slots: room.slots }), symbols: instruments },
        },
      }),
      ...(options.bookChanges && { book_changes: given("book_changes", docs.book_changes) }),
      feed_status: given("feed_status", docs.feed_status),
    };
  },
  /** The id of the last trade of each source; 0 is none. */
  stateBytes: (settings) => 8 * declared(settings).sources.length,
  async begin({ state, gives, given: before, log, ...settings }) {
    // Sockets are loaded where venues are listened to: other sources begin without them.
    const { openFeeds } = await import("../../feeds/open_feeds.js");
    const { sources, instruments } = declared(settings);
    const { options } = settings;
    const saved = new Float64Array(state);
    const { last, unsure } = lastIds(saved, instruments, before);
    const feeds = openFeeds({
      ...{ sources, instruments, last, unsure, log, url: options.url, rest: options.rest },
      topics: { ...gives, changes: options.prices === "changes" } as Parameters<typeof openFeeds>[0]["topics"],
    });
    const given = () => feeds.reduce((sum, feed) => sum + feed.rows, 0);
    let rows = 0;
    return {
      turn() {
        // What waits for room was not given.
        if (!feeds.some((feed) => feed.full)) saved.set(last);
        const now = given();
        if (now === rows) return lookMs;
        rows = now;
        return 0;
      },
      waits: () => feeds.map((feed) => feed.waits()).find((why) => why !== undefined),
      lost: () => feeds.reduce((sum, feed) => sum + feed.lost, 0),
      close() {
        for (const feed of feeds) feed.close(false);
      },
    };
  },
};
