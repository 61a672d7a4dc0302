/** Sources -> feeds of their venues, one a venue, all into the same topics. */
import type { FeedTopics } from "./connect/feed_topics.js";
import { LiveFeed } from "./connect/live_feed.js";
import type { Timing } from "./connect/timing.js";
import { checkAddress, type FeedAddress, type NamedSource } from "./named_sources.js";

export interface OpenOptions extends FeedAddress {
  readonly sources: readonly NamedSource[];
  /** The id of each source in the topics. */
  readonly instruments: readonly number[];
  readonly topics: FeedTopics;
  /** Of each source: the id of its last trade that is known, NaN where none is; kept up to date. */
  readonly last?: Float64Array | undefined;
  /** Of each source: the last id that is known, where more were given behind it; NaN for all others. */
  readonly unsure?: Float64Array | undefined;
  readonly timing?: Partial<Timing> | undefined;
  log(message: string): void;
}

export function openFeeds({ sources, instruments, topics, url, rest, last, unsure, timing, log }: OpenOptions): LiveFeed[] {
  checkAddress(sources, { url, rest });
  const venues = [...new Set(sources.map(({ venue }) => venue))];
  // Without the venue's own REST what is missing comes from the same place as the rest.
  const http = rest ?? url?.replace(/^ws/, "http").replace(/\/+$/, "");
  let from = 0;
  return venues.map((venue) => {
    const places = sources.flatMap((one, i) => (one.venue === venue ? [i] : []));
    // Sources of a venue lie together in `last`.
    const to = from + places.length;
    const known = { last: last?.subarray(from, to), unsure: unsure?.subarray(from, to) };
    from = to;
    return new LiveFeed({
      ...{ venue, topics, url, timing, log, ...(http !== undefined && { rest: http }), ...known },
      symbols: places.map((i) => sources[i]!.symbol),
      instruments: places.map((i) => instruments[i]!),
    });
  });
}
