/** What a venue is to the connections, books and parsers of feeds: facts and small functions, no sockets. */
import type { MessageRule } from "../../files/frames/frame_rules.js";

export type Channel = "trades" | "quotes" | "depth";
/** `symbol` as the venue's messages spell it. */
export interface Wanted {
  readonly channel: Channel;
  readonly symbol: string;
}

/** One connection: where to, what to send once it is open, and what will come over it. */
export interface Link {
  readonly url: string;
  readonly send: readonly string[];
  readonly wanted: readonly Wanted[];
}

/** A message that holds no rows. */
export interface Notice {
  readonly what: "subscribed" | "unsubscribed" | "refused" | "heartbeat" | "pong" | "status" | "error" | "ending" | "ignored" | "unknown";
  /** What the venue said, for people. */
  readonly text?: string;
  readonly channel?: Channel;
  readonly symbol?: string;
  /** Of the request that it answers. */
  readonly request?: number;
  /** Heartbeats of some venues tell the last trade: a later one is missing if it does not come. */
  readonly lastTrade?: bigint;
  readonly limited?: true;
}

/** Trades that did not come: `first` to `last` by id, -1n where the venue has none, after `since` ns and before `until` ns. */
export interface Hole {
  readonly symbol: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly since: bigint;
  readonly until: bigint;
}
/** What the answers so far held, all together. */
export interface Seen {
  readonly rows: number;
  readonly lowest: bigint;
  readonly highest: bigint;
  readonly latestTime: bigint;
}

export interface Rest {
  readonly url: string;
  /** How its answers are read. They name no instrument mostly: the parser is told which was asked about. */
  readonly rules: readonly MessageRule[];
  /** Weight of one request of trades, of one snapshot, and how much is allowed in so many seconds. */
  readonly weight: { readonly trades: number; readonly snapshot: number; readonly allowed: number; readonly seconds: number };
  /** The next request for trades of a hole, path and query; undefined: there is nothing more to be had. */
  trades?(hole: Hole, seen: Seen | undefined): string | undefined;
  /** A book whole, path and query; absent: it comes with a subscription. */
  snapshot?(symbol: string): string;
}

/** How ids follow each other. */
export interface Order {
  /** `consecutive`: each is one more than the last of its instrument; `none`: the venue gives no ids. */
  readonly trades: "consecutive" | "none";
  /**
   * `range`: first <= last + 1 <= id, the snapshot comes by REST; `previous`: `previous` is the last id, the snapshot comes by REST;
   * `checksum`: the book's own sum is told; `none`: the connection's order is all there is.
   */
  readonly depth: "range" | "previous" | "checksum" | "none";
  /** Levels of each side that the subscription keeps: a book drops what falls behind them. Absent: all. */
  readonly levels?: number;
}

export interface Heartbeat {
  /** Without any message for so long a connection is dead. */
  readonly staleSeconds: number;
  /** It says something even where nothing happens: pings alone do not show that it is there. */
  readonly beats?: true;
  /** What to send to be answered, each so many seconds; absent: WebSocket pings of either side are enough. */
  readonly ask?: { readonly everySeconds: number; message(request: number): string };
}

export interface Limits {
  /** Subscriptions on one connection, connections opened in so many seconds, messages sent a second on one. */
  readonly streams: number;
  readonly connections: number;
  readonly connectionSeconds: number;
  readonly messagesPerSecond: number;
  /** A connection is ended by the venue after so many seconds; 0: never. */
  readonly lifeSeconds: number;
}

export interface Venue {
  readonly name: string;
  readonly doc: string;
  /** A symbol as messages spell it. */
  readonly example: string;
  /** Further names. */
  readonly aliases: readonly string[];
  /** What people write -> how messages spell it; undefined: it cannot be one of this venue. */
  symbol(written: string): string | undefined;
  /** Key of the object in which the message lies, where it comes in one. */
  readonly envelope?: string;
  /** The first that fits is taken; what fits none is a notice. */
  readonly rules: readonly MessageRule[];
  /** What a message without rows says. It never throws, whatever the JSON is. */
  notice(message: unknown): Notice;
  /** Connections for all that is wanted, `url` in place of the venue's own: for tests, proxies and replays. */
  links(wanted: readonly Wanted[], url?: string): readonly Link[];
  subscribe(wanted: readonly Wanted[], request: number): readonly string[];
  unsubscribe(wanted: readonly Wanted[], request: number): readonly string[];
  readonly order: Order;
  readonly heartbeat: Heartbeat;
  readonly limits: Limits;
  readonly rest: Rest;
}
