/** An asker of the hub: first the last rows that are known of its instrument, then what follows. */
import { BusError } from "../../core/contract/errors.js";
import type { Batch, Columns, SubscriberStats, Subscription, Symbols, Topic, Views } from "../bus.js";
import { gatherRows } from "../frame.js";
import { MemoryBus } from "../memory_bus.js";
import type { Lane } from "./hub_lane.js";
import type { Instrument, Upstream } from "./hub_upstream.js";

/** `sequence` counts the rows of the instrument; `lost` are rows of it that this asker was too slow for. */
export interface HubBatch<C extends Columns = Columns> extends Batch<C> {
  /** The last known rows at the time of joining: no news. */
  readonly known: boolean;
  /** Rows of the topic, of whichever instruments, that the hub itself was too slow for directly before these. */
  readonly missed: number;
}

/** What a lane says of a batch, with its place in the stream of the instrument. */
class Lent<C extends Columns> implements HubBatch<C> {
  constructor(
    private readonly inner: Batch<C>,
    readonly known: boolean,
    readonly slot: number,
    private readonly first: number,
    readonly producer: number,
    readonly epoch: number,
    readonly missed: number,
  ) {}
  get rows(): number {
    return this.inner.rows;
  }
  get from(): number {
    return this.inner.from;
  }
  get sequence(): number {
    return this.first + this.inner.sequence;
  }
  get timeNs(): bigint {
    return this.inner.timeNs;
  }
  get lost(): number {
    return this.inner.lost;
  }
  get columns(): Views<C> {
    return this.inner.columns;
  }
  intact(): boolean {
    return this.inner.intact();
  }
}

interface Known<C extends Columns> {
  readonly bus: MemoryBus;
  readonly subscription: Subscription<C>;
  readonly rows: number;
}

export class HubSubscription<C extends Columns = Columns> implements Subscription<C> {
  readonly ready: Promise<void>;
  private readonly lane: Lane<C>;
  private readonly own: Subscription<C>;
  /** Until it was read. */
  private known: Known<C> | undefined;
  /** Rows of the instrument before this asker came. */
  private readonly joined: number;
  /** Rows that the hub had missed by the batch before. */
  private missed: number;
  private closed = false;

  constructor(
    private readonly upstream: Upstream<C>,
    readonly instrument: Instrument,
    known: boolean,
    private readonly left: (subscription: HubSubscription<C>) => void,
  ) {
    this.lane = upstream.enter(instrument);
    this.own = this.lane.subscribe();
    this.ready = upstream.source.ready;
    this.joined = this.lane.sequence;
    this.missed = upstream.missed;
    if (known) this.known = knownOf(upstream, instrument);
  }

  get topic(): Topic<C> {
    return this.upstream.topic;
  }
  get symbols(): Symbols {
    return this.upstream.source.symbols;
  }
  get ended(): boolean {
    return !this.known && this.upstream.source.ended && this.own.stats().lag === 0;
  }

  poll(handler: (batch: HubBatch<C>) => void, limit = Number.POSITIVE_INFINITY): number {
    this.check();
    const old = this.known ? this.known.subscription.poll((batch) => handler(this.old(batch)), limit) : 0;
    if (this.known?.subscription.ended) this.forget();
    if (this.closed || old >= limit) return old;
    this.pump();
    const take = (batch: Batch<C>) => {
      handler(this.lend(batch));
      this.taken(batch);
    };
    return old + this.own.poll(take, limit - old);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<HubBatch<C>, void, undefined> {
    try {
      if (this.known) for await (const batch of this.known.subscription) yield this.old(batch);
      this.forget();
      const batches = this.own[Symbol.asyncIterator]();
      while (!this.closed) {
        if (!this.due()) await this.arrival();
        else if (this.ended) return;
        else {
          const batch = (await batches.next()).value as Batch<C>;
          yield this.lend(batch);
          if (!this.closed) this.taken(batch);
        }
      }
    } finally {
      this.close();
    }
  }

  /** False also where another asker of this thread has to read first: it cannot while this one waits. */
  wait(timeoutMs = Number.POSITIVE_INFINITY): boolean {
    this.check();
    for (const end = performance.now() + timeoutMs; ; ) {
      if (this.due()) return true;
      if (!this.upstream.roomy || !this.upstream.source.wait(Math.max(0, end - performance.now()))) return this.due();
    }
  }
  async arrival(): Promise<void> {
    if (!this.closed && !this.due()) await this.upstream.arrival(this.lane);
  }
  /** Whether there is something to read, or the end. */
  private due(): boolean {
    if (this.known) return true;
    // Gives back what is lent, which makes room.
    this.own.wait(0);
    this.pump();
    return this.own.wait(0) || this.ended;
  }
  /** This asker is no laggard while it reads: it takes no more than it has room for. */
  private pump(): void {
    this.upstream.tell();
    this.upstream.pump(() => this.own.stats().lag < this.topic.slots);
  }

  private old(batch: Batch<C>): HubBatch<C> {
    const { producer, epoch, topic } = this.upstream;
    return new Lent(batch, true, topic.slots + batch.slot, this.joined - this.known!.rows, producer, epoch, 0);
  }
  private lend(batch: Batch<C>): HubBatch<C> {
    const { producer, epoch, missed } = this.lane.origins[batch.slot]!;
    return new Lent(batch, false, batch.slot, this.lane.before, producer, epoch, missed - this.missed);
  }
  private taken({ slot }: Batch<C>): void {
    this.missed = this.lane.origins[slot]!.missed;
  }
  private forget(): void {
    this.known?.bus.close();
    this.known = undefined;
  }

  /** `lag` in batches that wait here; those that the hub has not read yet are its own. */
  stats(): SubscriberStats {
    return this.own.stats();
  }
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.forget();
    this.own.close();
    this.left(this);
  }
  private check(): void {
    if (!this.closed) return;
    const hint = "Open another with hub.subscribe(topic).";
    throw new BusError("E_BUS_CLOSED", `topic '${this.topic.name}': the subscription is closed`, { hint });
  }
}

/** A copy of what is known now, in slots of the topic's size, so that a kernel is bound to them as to any other. */
function knownOf<C extends Columns>(upstream: Upstream<C>, instrument: Instrument): Known<C> | undefined {
  const { topic, layout } = upstream;
  const { columns, rows, timeNs } = upstream.last(instrument);
  if (rows.length === 0) return undefined;
  const bus = new MemoryBus();
  const slots = 2 ** Math.max(1, Math.ceil(Math.log2(rows.length / topic.rows)));
  const publisher = bus.publisher({ ...topic, slots, backpressure: "block" });
  const subscription = bus.subscribe(publisher.topic);
  for (let at = 0; at < rows.length; at += topic.rows) {
    const part = rows.subarray(at, at + topic.rows);
    gatherRows(layout, columns, part, publisher.claim()!.columns);
    publisher.commit(part.length, timeNs);
  }
  publisher.close();
  return { bus, subscription, rows: rows.length };
}
