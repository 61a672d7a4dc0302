import type { BusError } from "../../core/contract/errors.js";
import type { Columns, PublisherOptions, Slot } from "../bus.js";
import { SlotPublisher } from "../slot_publisher.js";
import type { SharedDictionary } from "../symbols.js";
import { Bell, milliseconds, millisecondsSince, type Wake } from "./bell.js";
import { FIRST_CURSOR_SEAT, type Peers } from "./peers.js";
import {
  ACTIVE,
  after,
  ahead,
  before,
  cursor,
  EVICTED,
  FREE,
  handed,
  handOf,
  LOOK_AGAIN,
  NOWHERE,
  ordinalOf,
  ownerOf,
  published,
  type Region,
  STATUS,
} from "./region.js";
import { begin, end, type Tenure } from "./tenure.js";
import { Watch } from "./watch.js";

/** A publisher that waits looks this often whether somebody who holds it up has died or stalled. */
const TURN_MS = 5;

/** The one writer. Ordinals count batches and wrap; a batch is visible when `published` has passed it. */
export class RingPublisher<C extends Columns> extends SlotPublisher<C> {
  private readonly tenure: Tenure;
  private readonly producer: number;
  private readonly evictAfterMs: number;
  private readonly watch: Watch;
  private readonly data: Bell;
  private readonly space: Bell;
  /** Which slot has which place: only the publisher changes it, and only when it begins. */
  private readonly places: readonly Slot<C>[];
  private ordinal: number;
  private nextRow: number;
  /** The slowest subscriber as last seen; looked up again only when the ring seems full. */
  private gate: number;

  constructor(
    private readonly region: Region<C>,
    wake: Wake,
    private readonly peers: Peers,
    { producer = 1, takeover = false, evictAfterMs = Number.POSITIVE_INFINITY }: PublisherOptions,
    private readonly left: () => void,
  ) {
    super(region.frames);
    const { words, at, topic, frames } = region;
    this.tenure = begin(region, peers, takeover);
    this.producer = producer;
    this.evictAfterMs = evictAfterMs;
    this.watch = new Watch(peers);
    this.data = new Bell(words, at.dataFlag, at.dataSignal, wake);
    this.space = new Bell(words, at.spaceFlag, at.spaceSignal, wake, TURN_MS);
    this.places = Array.from({ length: topic.slots }, (_, ordinal) => frames.slots[region.slotOf(ordinal)]!);
    ({ ordinal: this.ordinal, sequence: this.nextRow } = region.head());
    this.gate = this.unknown();
    // Replaced already: the places that were read may be the other's.
    if (!this.leads()) throw this.fenced(Atomics.load(words, at.published));
    words[at.pid] = peers.pid ?? 0;
    words[at.placement] = peers.placement ?? 0;
    words[at.claimed] = 0;
    words[at.heartbeat] = milliseconds();
    // A frame that the last publisher left open may just have become whole.
    this.data.ring();
  }

  get symbols(): SharedDictionary {
    return this.region.symbols;
  }
  /** Number of the next row: counts on from the last that anybody published on this ring. */
  get sequence(): number {
    return this.nextRow;
  }

  /** A gate that makes the next claim look. */
  private unknown(): number {
    return before(this.ordinal, this.topic.slots);
  }

  private isFull(): boolean {
    const { slots } = this.topic;
    if (ahead(this.ordinal, this.gate) < slots) return false;
    this.gate = this.slowest();
    return ahead(this.ordinal, this.gate) >= slots;
  }

  /** The smallest position of any subscriber; under `evict`, of those that keep up, after moving the others. */
  private slowest(): number {
    const { words, cursors, topic } = this.region;
    let gate = this.ordinal;
    for (const line of cursors) {
      if ((Atomics.load(words, line + cursor.state) & STATUS) !== ACTIVE) continue;
      let position = Atomics.load(words, line + cursor.position);
      if (this.astray(line, position)) {
        // Looked at again after its state: since the first look the cursor may have passed to another.
        this.evict((one) => one === line && this.astray(line, Atomics.load(words, line + cursor.position)));
        continue;
      }
      if (topic.backpressure === "evict") position = this.moveOn(line, position);
      // Evicted since its state was read: it holds nothing.
      if (position !== NOWHERE && ahead(position, gate) < 0) gate = position;
    }
    return gate;
  }

  /** A cursor where none can be was overwritten: its owner is told as one that was evicted, instead of being waited for in vain. */
  private astray(line: number, position: number): boolean {
    if (position === NOWHERE) return false;
    const behind = ahead(this.ordinal, position);
    if (ordinalOf(position) === position && behind >= 0 && behind <= this.topic.slots) return false;
    // One that is just being set may be anywhere further behind; it is waited for, also where its reader died then.
    if (position >= 0 && behind >= 0 && this.named(line)) return false;
    // One that was replaced counts from an ordinal of the past.
    return this.leads();
  }

  /** Whether this cursor is kept for whoever comes back for it. */
  private named(line: number): boolean {
    return Atomics.load(this.region.words, line + cursor.name) !== 0;
  }

  private moveOn(line: number, from: number): number {
    const { words, topic } = this.region;
    const target = before(this.ordinal, topic.slots / 2);
    let position = from;
    while (position !== NOWHERE && ahead(this.ordinal, position) >= topic.slots) {
      const moved = handed(handOf(position), target);
      const seen = Atomics.compareExchange(words, line + cursor.position, position, moved);
      position = seen === position ? moved : seen;
    }
    return position;
  }

  protected vacant(): Slot<C> | undefined {
    const now = milliseconds();
    this.watch.now(now);
    this.watch.tell();
    if (this.isFull()) return undefined;
    const { words, at } = this.region;
    words[at.claimed] = 1;
    words[at.heartbeat] = now;
    return this.places[this.ordinal & (this.topic.slots - 1)];
  }

  protected reveal(slot: Slot<C>, rows: number, timeNs: bigint | undefined): void {
    const { words, at } = this.region;
    const { owner, epoch } = this.tenure;
    // A frame that was seen growing keeps its header: subscribers may be reading it.
    if (this.raised > 0) this.frames.raise(slot.index, rows);
    else this.frames.seal(slot.index, rows, this.nextRow, this.producer, epoch, timeNs);
    const next = after(this.ordinal);
    const mine = published(owner, this.ordinal);
    const seen = Atomics.compareExchange(words, at.published, mine, published(owner, next));
    if (seen !== mine) throw this.fenced(seen);
    this.ordinal = next;
    this.nextRow += rows;
    this.heed(this.data.ring());
  }
  /** A reader that asked to be looked for stands behind the slowest that this publisher knows of; one that was replaced passes it on. */
  private heed(asked: number): void {
    if (asked >= 0) return;
    this.gate = this.unknown();
    if (!this.leads()) Atomics.or(this.region.words, this.region.at.dataFlag, LOOK_AGAIN);
  }

  protected show(slot: Slot<C>, rows: number): void {
    const { words } = this.region;
    if (this.raised > 0) {
      this.frames.raise(slot.index, rows);
      this.heed(this.data.ringLightly());
      return;
    }
    if (!this.leads()) throw this.fenced(Atomics.load(words, this.region.at.published));
    this.frames.seal(slot.index, rows, this.nextRow, this.producer, this.tenure.epoch, undefined);
    Atomics.store(words, this.region.growthOf(slot.index), published(this.tenure.owner, this.ordinal));
    this.heed(this.data.ring());
  }

  /** Whether nobody has taken over: an early word to the user, while the exchange in `reveal` is what prevents it. */
  private leads(): boolean {
    return Atomics.load(this.region.words, this.region.at.published) === published(this.tenure.owner, this.ordinal);
  }
  /** The end of this publisher: whoever took over may then use again the slot that it was writing. */
  private fenced(seen: number): BusError {
    this.closed = true;
    this.raised = 0;
    this.peers.leave(this.tenure.owner);
    this.left();
    if (ownerOf(seen) === this.tenure.owner)
      return this.region.damaged(`the ring is at batch ${ordinalOf(seen)} and this publisher, which alone counts them, at ${this.ordinal}`);
    return this.error("E_BUS_FENCED", "another publisher has taken over", "Stop this one; nothing of this commit was published.");
  }

  protected override leave(): void {
    super.leave();
    this.region.words[this.region.at.claimed] = 0;
  }
  protected refused(): void {
    this.region.reals[this.region.at.full >> 1]! += 1;
  }

  wait(timeoutMs = Number.POSITIVE_INFINITY): boolean {
    this.check();
    return this.space.sleep(
      () => !this.isFull(),
      timeoutMs,
      () => this.reap(),
    );
  }
  room(): Promise<void> {
    this.check();
    return this.space.listen(
      () => this.closed || !this.isFull(),
      () => this.closed || this.reap(),
    );
  }

  /** Whether a claim can succeed now. */
  get hasRoom(): boolean {
    this.check();
    return !this.isFull();
  }
  /** Before a sleep that ends with `wake`, where this waits for room: whoever makes some wakes this thread. */
  askRoom(): void {
    this.check();
    this.space.ask();
    this.reap();
  }

  /** Frees the places of subscribers that hold this publisher up and are dead, or stalled where that was allowed. */
  private reap(): void {
    this.watch.now(milliseconds());
    this.watch.tell();
    const full = (line: number) => ahead(this.ordinal, Atomics.load(this.region.words, line + cursor.position)) >= this.topic.slots;
    this.evict(
      (line, seat) =>
        full(line) && !this.named(line) && (this.peers.alive(seat) === false || stalled(this.region, line, this.evictAfterMs)),
    );
  }
  evictStalled(ms: number): number {
    return this.evict((line, seat) => !this.named(line) && (this.peers.alive(seat) === false || stalled(this.region, line, ms)));
  }

  private evict(due: (line: number, seat: number) => boolean): number {
    const { words, cursors } = this.region;
    let evicted = 0;
    for (const [index, line] of cursors.entries()) {
      const state = Atomics.load(words, line + cursor.state);
      if (state === FREE || (state & STATUS) === EVICTED || !due(line, FIRST_CURSOR_SEAT + index)) continue;
      if (Atomics.compareExchange(words, line + cursor.state, state, (state & ~STATUS) | EVICTED) !== state) continue;
      // After the state: the owner looks at its position first, and then must see why it is wrong.
      Atomics.store(words, line + cursor.position, NOWHERE);
      evicted++;
    }
    if (evicted > 0) this.gate = this.unknown();
    return evicted;
  }

  override close(): void {
    if (this.closed) return;
    if (this.watch.isCut) this.resign();
    else super.close();
  }
  /** Lets go of the topic without ending it: subscribers wait, and who publishes next, with `takeover`, goes on behind what was committed. */
  resign(): void {
    if (this.closed) return;
    this.closed = true;
    this.peers.leave(this.tenure.owner);
    this.left();
  }
  protected end(): void {
    end(this.region, this.peers, this.tenure, this.ordinal);
    this.heed(this.data.ring());
    this.space.stir();
    this.left();
  }
}

const stalled = ({ words }: Region<any>, line: number, ms: number): boolean =>
  millisecondsSince(Atomics.load(words, line + cursor.heartbeat)) > ms;
