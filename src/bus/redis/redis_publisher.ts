/** The one writer of a topic on Redis. What it has accepted lies in its slots until Redis has it, and is sent again whatever happened between. */
import type { BusError } from "../../core/contract/errors.js";
import type { Columns, GrowingSymbols, PublisherOptions, Slot, Views } from "../bus.js";
import { Turnstile } from "../ring/turnstile.js";
import { SlotPublisher } from "../slot_publisher.js";
import { Entrance, finish, notStored } from "./redis_begin.js";
import type { RedisChannel } from "./redis_channel.js";
import { answerOf, damagedAnswer, foreignEntries, type Reply, redisError, textsOf } from "./redis_link.js";
import { SendingWindow, status } from "./redis_window.js";

export interface RedisPublisherOptions extends PublisherOptions {
  /** A publisher that has not been heard of for so long may be replaced without `takeover`; 2000. */
  readonly staleMs?: number;
  /** A server that has less of the topic, because it lost what it had, goes on from here: see `stored`. */
  readonly atLeast?: Stored;
}
/** What Redis has of a topic. */
export interface Stored {
  readonly epoch: number;
  readonly batches: number;
  readonly rows: number;
}

const nothing: Stored = { epoch: 0, batches: 0, rows: 0 };
const BEAT_MS = 500;
/** A full publisher asks so many times at once, and then this often, how far the slowest subscriber is. */
const LOOKS = 8;
const LOOK_MS = 2;
/** After this time without Redis a publisher that waits for room is told. */
const DOWN_MS = 1_000;

export class RedisPublisher<C extends Columns = Columns> extends SlotPublisher<C> {
  /** Settles when Redis has let it in; until then what it publishes waits in its slots. */
  readonly ready: Promise<void>;
  private readonly entrance: Entrance;
  readonly symbols: GrowingSymbols;
  /** What the last batch of the topic was noted with when this publisher was let in. */
  note = "";
  private noted = "";
  private readonly turn = new Turnstile();
  private readonly token = `${process.pid}.${Math.random().toString(36).slice(2)}`;
  private readonly window: SendingWindow<C>;
  private readonly timer: NodeJS.Timeout;
  /** Place of the slowest subscriber as last heard. */
  private gate = 0;
  private rows = 0;
  /** The numbers of rows are given by `seek`, and no longer the server's. */
  private numbered = false;
  private begun = false;
  private looking = false;
  /** Since the last batch. */
  private looks = 0;
  private fatal: BusError | undefined;
  private closing: Promise<void> = Promise.resolve();
  /** Redis is told nothing more. */
  private left = false;
  /** Entries of others that this publisher has removed from the stream. */
  foreign = 0;
  /** Subscribers that the last look took places from. */
  private evicted = 0;

  constructor(
    private readonly channel: RedisChannel<C>,
    private readonly options: RedisPublisherOptions,
    after: Promise<unknown>,
  ) {
    super(channel.publisherFrames());
    this.symbols = channel.symbols;
    this.window = this.openWindow();
    this.entrance = new Entrance(channel, after, () => this.open(), {
      fail: (error) => this.fail(error),
      isOver: () => this.left,
    });
    this.ready = this.entrance.ready;
    this.timer = setInterval(() => void this.tend(), BEAT_MS);
    this.timer.unref();
  }

  private openWindow(): SendingWindow<C> {
    const publisher = this;
    return new SendingWindow(this.channel, this.frames, this.symbols, this.options.producer ?? 1, {
      get fatal() {
        return publisher.fatal;
      },
      get left() {
        return publisher.left;
      },
      taken(gate) {
        if (gate !== undefined) publisher.gate = gate - publisher.window.base;
        publisher.turn.ring();
      },
      removed: (entries) => publisher.removed(entries),
      fenced: () => publisher.fence(),
      fail: (error) => publisher.fail(error),
      begin: () => publisher.entrance.begin(),
    });
  }

  /** Rows that were committed here, with those of the topic before, as far as that is known. */
  get published(): number {
    return this.window.firstRow + this.rows;
  }
  get overdueMs(): number {
    return this.window.overdueMs;
  }
  /** Its link is broken, or Redis refuses what is sent. */
  get cutOff(): boolean {
    return this.channel.link.trouble !== undefined;
  }
  get inFlight(): number {
    return this.window.inFlight;
  }
  /** What Redis is known to have. */
  get stored(): Stored {
    const { window } = this;
    return { epoch: window.epoch, batches: window.base + window.acked, rows: window.rowsAcked(this.rows) };
  }
  /** Batches that the slowest subscriber has not read, or Redis not acknowledged, as last heard. */
  get waiting(): number {
    return this.window.head - Math.min(this.gate, this.window.acked);
  }
  /** Kept with the next batch, in one step with it: where its source was read to, say. */
  noteNext(note: string): void {
    this.noted = note;
  }
  /** The next row gets this number: those between were published elsewhere, and show as a gap here. */
  seek(sequence: number): void {
    this.rows = sequence - this.window.firstRow;
    this.numbered = true;
  }
  /**
   * What Redis has not acknowledged, or the slowest subscriber is not known to have read, which may lie on a server that died: oldest first,
   * views of the slots, valid until the next claim.
   */
  unread(): Generator<{ columns: Views<C>; sequence: number; timeNs: bigint }> {
    return this.window.since(Math.min(this.gate, this.window.acked));
  }

  /** Opens an epoch; where the topic was lost on the server, one that goes on from what is known here. */
  private async open(): Promise<void> {
    const { channel, options } = this;
    const { epoch, batches, rows } = this.begun ? this.stored : (options.atLeast ?? nothing);
    const args = [channel.declaration, this.token, options.takeover || this.begun ? 1 : 0, options.staleMs ?? 2000];
    this.enter((await channel.link.script("open", channel.keys, ...args, epoch, batches, rows)) as Reply[]);
  }

  private enter([answer, epoch, ordinal, sequence, gate, note, ...known]: Reply[]): void {
    if (answer === "LAYOUT") throw this.channel.otherLayout(String(epoch));
    if (answer === "PUBLISHER")
      throw this.error(
        "E_BUS_PUBLISHER",
        "has a publisher already, in another process",
        "A topic has one at a time: close the other, or pass takeover if it is dead.",
      );
    this.channel.learn(known as string[], this.begun);
    const { window } = this;
    if (!this.begun) {
      this.note = String(note);
      window.base = Number(ordinal);
      if (!this.numbered) window.firstRow = Number(sequence);
      this.begun = true;
    }
    this.gate = Number(gate) - window.base;
    window.opened(Number(epoch), known.length / 2);
  }

  private fail(error: BusError): BusError {
    this.fatal ??= error;
    clearInterval(this.timer);
    this.channel.forget(this);
    if (this.inFlight > 0) this.channel.failed.add(this);
    this.turn.ring();
    return error;
  }

  /** Why it can publish no more. */
  get trouble(): BusError | undefined {
    return this.fatal;
  }
  private removed(entries: readonly string[]): void {
    if (entries.length === 0) return;
    this.foreign += entries.length;
    this.channel.link.tell(foreignEntries(this.channel.where, entries));
  }
  private fence(): void {
    this.fail(this.error("E_BUS_FENCED", "another publisher has taken over", "Stop this one; it can publish no more."));
  }

  private hasRoom(): boolean {
    const { slots, backpressure } = this.topic;
    return this.inFlight < slots && (backpressure === "evict" || this.window.head - this.gate < slots);
  }
  protected vacant(): Slot<C> | undefined {
    return this.hasRoom() ? this.window.vacant : undefined;
  }
  override claim(): Slot<C> | undefined {
    if (this.fatal) throw this.fatal;
    return super.claim();
  }
  protected reveal(slot: Slot<C>, rows: number, timeNs: bigint | undefined): void {
    if (this.fatal) throw this.fatal;
    this.looks = 0;
    const [first, note] = [this.rows, this.noted];
    this.rows += rows;
    this.noted = "";
    this.window.add(slot, rows, first, note, timeNs);
  }
  /** Rows of a frame that is not whole are not sent: the commit shows them. */
  protected show(): void {}
  protected refused(): void {
    this.channel.full++;
    this.ask();
  }

  /** A sign of life, and an answer to how far the slowest subscriber is. */
  private async tend(notPolledMs = this.options.evictAfterMs ?? Number.POSITIVE_INFINITY): Promise<void> {
    const { channel, window } = this;
    if (this.looking || !window.isOpen || this.fatal) return;
    this.looking = true;
    const waits = this.topic.backpressure === "block" && window.head - this.gate >= this.topic.slots;
    const behind = waits ? window.base + this.gate : -1;
    try {
      const polled = Number.isFinite(notPolledMs) ? notPolledMs : -1;
      const said = await channel.link.script("tend", channel.keys, window.epoch, channel.deadMs, polled, behind);
      const reply = answerOf(said, behind);
      this.removed(textsOf(said));
      if (!reply) {
        channel.link.drop();
        throw damagedAnswer(channel.where);
      }
      const [answer, gate, gone] = reply;
      if (answer === status.taken) {
        this.gate = gate - window.base;
        this.evicted = gone;
      } else if (answer === status.fenced) this.fence();
      else window.vanished();
    } catch (cause) {
      channel.link.blame(redisError(channel.where, cause));
    } finally {
      this.looking = false;
    }
    if (this.hasRoom() || this.looks++ < LOOKS) this.turn.ring();
  }

  /** How far the slowest subscriber is, where no answer that will say so is under way. */
  private ask(): void {
    if (this.window.silent) void this.tend();
  }

  /** Answers come by the event loop, so a thread that blocks would hear none: what is known now. */
  wait(): boolean {
    this.check();
    return this.hasRoom();
  }
  /** Rejects where Redis has been away for a second: what was accepted is kept, and `room` may be called again. */
  async room(): Promise<void> {
    this.check();
    const { link } = this.channel;
    while (!this.closed && !this.hasRoom()) {
      if (this.fatal) throw this.fatal;
      const { trouble } = link;
      if (trouble && performance.now() - trouble.since > DOWN_MS) throw trouble.error;
      await this.turn.next(LOOK_MS);
      if (!this.hasRoom()) this.ask();
    }
  }
  evictStalled(ms: number): number {
    void this.tend(ms);
    const gone = this.evicted;
    this.evicted = 0;
    return gone;
  }

  /** Settles when Redis has all that was accepted so far. */
  async flushed(timeoutMs = Number.POSITIVE_INFINITY): Promise<void> {
    const { window } = this;
    const [until, started] = [window.head, performance.now()];
    while (window.acked < until || !window.isOpen) {
      if (this.fatal) throw this.fatal;
      if (this.left) throw this.error("E_BUS_CLOSED", "the publisher is closed", "Open another with bus.publisher(topic).");
      if (performance.now() - started > timeoutMs)
        throw (
          this.channel.link.trouble?.error ??
          this.error(
            "E_BUS_REDIS_DOWN",
            `${until - window.acked} batches were not taken in ${timeoutMs} ms`,
            "Check that Redis runs and can be reached.",
          )
        );
      await this.turn.next(20);
    }
  }

  /** Settles when Redis has everything; the stream does not end, and the next publisher takes over. */
  async handOver(): Promise<void> {
    try {
      if (!this.fatal) await this.flushed(this.channel.closeMs);
    } finally {
      this.closed = this.left = true;
      this.channel.failed.delete(this);
      clearInterval(this.timer);
      this.channel.forget(this);
    }
  }

  /** Settles when Redis has everything and the end; rejects where it could not be told so in `closeMs`. */
  override close(): Promise<void> {
    super.close();
    return this.closing;
  }
  protected end(): void {
    this.closing = this.takeLeave();
    this.closing.catch(() => {});
  }
  private async takeLeave(): Promise<void> {
    const { channel } = this;
    try {
      if (this.fatal && this.inFlight === 0) return;
      await this.flushed(this.window.head === 0 ? Math.min(channel.closeMs, DOWN_MS) : channel.closeMs);
      await finish(channel, this.window.epoch);
    } catch (cause) {
      throw notStored(channel, this.window, cause);
    } finally {
      this.left = true;
      clearInterval(this.timer);
      channel.forget(this);
    }
  }
}
