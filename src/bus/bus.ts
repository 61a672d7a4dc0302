import type { Dtype, ViewOf } from "../core/contract/contract.js";
import type { BusError } from "../core/contract/errors.js";

/** `width`: values per row, 1 unless the column holds a vector or matrix per row. */
export type Column = { readonly dtype: Dtype; readonly width?: number };
export type Columns = Readonly<Record<string, Column>>;
export type Views<C extends Columns> = { readonly [K in keyof C]: ViewOf[C[K]["dtype"]] };

/** What travels: columns in the order of declaration, in slots of a fixed row capacity. */
export interface Topic<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
  /** Rows that one slot can hold; slots in flight, a power of two. */
  readonly rows: number;
  readonly slots: number;
  /** Full: `block` refuses the claim; `evict` moves laggards to the newest half, and they see a gap. */
  readonly backpressure: "block" | "evict";
  /** Symbols known from the start; u32 columns refer to them by position. */
  readonly symbols?: readonly string[];
}

/** Symbol ids of a topic: dense, from 0, never reused. */
export interface Symbols {
  readonly size: number;
  at(id: number): string | undefined;
  find(symbol: string): number | undefined;
}
export type GrowingSymbols = Symbols & { add(symbol: string): number };

/** Memory to write into: views are made once per slot and thread, so that a kernel can be bound to them. */
export interface Slot<C extends Columns = Columns> {
  readonly index: number;
  readonly columns: Views<C>;
  readonly bytes: Uint8Array; // the whole frame, header and columns
  rows: number;
}

/** A borrowed view, valid until the subscription takes the next one; every field throws after that. */
export interface Batch<C extends Columns = Columns> {
  readonly slot: number;
  /** Rows [from, rows) are new; `from` is 0 but for a frame that was read while it grew. */
  readonly rows: number;
  readonly from: number;
  /** Number of row `from` since the topic began, exact to 2^53. */
  readonly sequence: number;
  readonly timeNs: bigint;
  readonly producer: number;
  /** Grows each time a publisher opens the topic again. */
  readonly epoch: number;
  /** Rows that this subscriber missed directly before this batch. */
  readonly lost: number;
  readonly columns: Views<C>;
  /** Ask after the computation: false where the slot was taken away, discard the result; true: the batch counts as read. */
  intact(): boolean;
}

export interface Publisher<C extends Columns = Columns> {
  readonly topic: Topic<C>;
  readonly symbols: GrowingSymbols;
  /** A slot to write, or undefined when the bus is full. */
  claim(): Slot<C> | undefined;
  /** Makes the claimed slot visible; `rows` defaults to `slot.rows`, time to now. 0 rows: as `abort`. */
  commit(rows?: number, timeNs?: bigint): void;
  /** Shows the first `rows` rows of the claimed slot before its commit; they may not change any more. */
  raise(rows: number): void;
  /** Gives the slot back; rows that were raised stay published. */
  abort(): void;
  /** Copies columns into as many slots as are free; the number of rows taken. */
  publish(columns: Views<C>, timeNs?: bigint): number;
  /** Until a claim can succeed: `wait` blocks this thread and is false after `timeoutMs`, `room` is for an event loop. */
  wait(timeoutMs?: number): boolean;
  room(): Promise<void>;
  /** Takes the place of subscribers that have not polled for `ms`; how many there were. */
  evictStalled(ms: number): number;
  /** Ends the stream: subscribers read what is left, then finish. */
  close(): void | Promise<void>;
}

export interface Subscription<C extends Columns = Columns> extends AsyncIterable<Batch<C>> {
  readonly topic: Topic<C>;
  readonly symbols: Symbols;
  /** `ready`: every batch published from then on will arrive. `ended`: the publisher has closed and everything was read. */
  readonly ready: Promise<void>;
  readonly ended: boolean;
  /** Hands over what lies there now, `limit` batches at most; how many were handled. A batch whose handler throws comes again. */
  poll(handler: (batch: Batch<C>) => void, limit?: number): number;
  /** Blocks this thread until there is a batch or the end; false after `timeoutMs`. */
  wait(timeoutMs?: number): boolean;
  /** The same for an event loop: settles when there may be something new. */
  arrival(): Promise<void>;
  stats(): SubscriberStats;
  close(): void;
}

/** `lag` in batches; `consumed`, `lost` and `published` in rows; `full`: claims that found no slot. */
export type SubscriberStats = { readonly consumed: number; readonly lost: number; readonly lag: number };
export type TopicStats = { readonly published: number; readonly full: number; readonly subscribers: readonly SubscriberStats[] };

export interface Bus {
  readonly transport: string;
  publisher<C extends Columns>(topic: Topic<C>, options?: PublisherOptions): Publisher<C>;
  subscribe<C extends Columns>(topic: Topic<C>, options?: SubscribeOptions): Subscription<C>;
  stats(topic: Topic): TopicStats;
  /** Throws where the bus is used with another topology, or has what is opened here fail; one that is used with none is from now on. */
  agree?(agreement: Agreement): void;
  /** Ends the publishers and subscriptions opened here; their views may not be used after that. */
  close(): void | Promise<void>;
}
/** With which topology a bus is to be used, by all who use it. */
export interface Agreement {
  readonly topology: string;
  /** The error where it is `used` with another one; `anew`: how to have it without. */
  otherwise(used: string, anew: string): BusError;
}
/**
 * `producer`: the id in each header; `takeover`: replace a publisher that died without closing; `evictAfterMs`: while
 * this one waits for room, subscribers that hold it up and have not polled for so long lose their place (never by default).
 */
export type PublisherOptions = { readonly producer?: number; readonly takeover?: boolean; readonly evictAfterMs?: number };
/** `open`: see rows as they are raised, not only whole frames. */
export type SubscribeOptions = { readonly open?: boolean };
