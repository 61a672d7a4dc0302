/** What a venue is to the connections, books and parsers of feeds: facts and small functions, no sockets. */

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

/**
 * Where a value is: a key of an object or a place of an array, from the end where negative; `^` before it: of the message, where the
 * record is a part of it.
 */
export type Key = string;
/** How the venue writes its times: counts since 1970, or dates with a zone. A count may have decimals. */
export type TimeForm = "s" | "ms" | "us" | "ns" | "iso";
export interface TimeAt {
  readonly at: Key;
  readonly form: TimeForm;
}
/** The words for +1 and -1, letter for letter. Where the venue names the maker's side they stand the other way round. */
export interface SideAt {
  readonly at: Key;
  readonly up: string;
  readonly down: string;
}

interface Rule {
  /** What the message must have: the text of a key (a `*` at its end: any that begins so), true: the key at all, false: no such key. */
  readonly when: Readonly<Record<Key, string | boolean>>;
  /**
   * Where the records are: keys with points between that lead to an array; `{}`: all objects in the message's array; `*` as the last key:
   * the first array in that object; "": the message is an array of them. Without it the message is the record.
   */
  readonly each?: string;
  /** Without it the instrument is the one that was asked about. */
  readonly symbol?: Key;
  readonly time?: TimeAt;
  /** Bits of `rowState` that all rows of it have. */
  readonly state?: number;
}
export interface TradeRule extends Rule {
  readonly rows: "trade";
  readonly price: Key;
  readonly size: Key;
  readonly side: SideAt;
  readonly id?: Key;
  /** Prints with one of these words are no trades of the market. */
  readonly drop?: { readonly at: Key; readonly words: readonly string[] };
}
export interface QuoteRule extends Rule {
  readonly rows: "quote";
  readonly bid: Key;
  readonly ask: Key;
  readonly bidSize?: Key;
  readonly askSize?: Key;
  readonly id?: Key;
}
/** An array of levels: each an array, or an object. */
export interface LevelsAt {
  readonly at: Key;
  /** +1: bids, -1: asks; or each level says. */
  readonly side: 1 | -1 | SideAt;
  readonly price: Key;
  readonly size: Key;
  readonly time?: TimeAt;
  /** The message is the whole book. */
  readonly snapshot?: true;
}
export interface DepthRule extends Rule {
  readonly rows: "depth";
  readonly levels: readonly LevelsAt[];
  readonly first?: Key;
  readonly id?: Key;
  readonly previous?: Key;
  readonly checksum?: Key;
}
export type MessageRule = TradeRule | QuoteRule | DepthRule;

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
}

export interface Heartbeat {
  /** Without any message for so long a connection is dead. */
  readonly staleSeconds: number;
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
