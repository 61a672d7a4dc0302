import type { Columns, SubscriberStats, Symbols } from "../bus.js";
import { SlotSubscription } from "../slot_subscription.js";
import { Bell, milliseconds, type Wake } from "./bell.js";
import type { Peers } from "./peers.js";
import { beat, join, lagOf, settle } from "./place.js";
import { ACTIVE, after, ahead, cursor, EVICTED, FREE, JOINING, NOWHERE, ordinalOf, type Region, STATUS } from "./region.js";
import { Watch } from "./watch.js";

/**
 * A subscriber's cursor. The position is advanced by compare-and-exchange only, and moved by the publisher in the same way
 * when it evicts: if advancing succeeds, all reads of the batch happened before any later write to its slot.
 */
export class RingSubscription<C extends Columns = Columns> extends SlotSubscription<C> {
  private line: number;
  private token: number;
  private seat: number;
  private position: number;
  /** The place was given up since the last batch, so the next one may have any number. */
  private adrift = false;
  /** Number of the first row behind the place that was last taken. */
  private came: number;
  /** As last seen, so that a busy ring costs one load of it per lap of work, not per batch. */
  private published: number;
  private readonly watch: Watch;
  private readonly data: Bell;
  private readonly space: Bell;

  constructor(
    private readonly region: Region<C>,
    wake: Wake,
    private readonly peers: Peers,
    private readonly open: boolean,
    private readonly left: (subscription: RingSubscription<C>) => void,
  ) {
    const place = join(region, peers);
    super(region.frames, place.sequence);
    ({ line: this.line, token: this.token, seat: this.seat, position: this.position, sequence: this.came } = place);
    this.published = this.position;
    this.watch = new Watch(peers);
    const { words, at } = region;
    this.data = new Bell(words, at.dataFlag, at.dataSignal, wake);
    this.space = new Bell(words, at.spaceFlag, at.spaceSignal, wake);
    this.counted();
  }

  get symbols(): Symbols {
    return this.region.symbols;
  }
  /** One that was evicted has to learn first what it missed. */
  get ended(): boolean {
    const { region, line } = this;
    return region.ended && this.lag() === 0 && Atomics.load(region.words, line + cursor.position) !== NOWHERE;
  }
  override stats(): SubscriberStats {
    return { ...super.stats(), lost: this.missing };
  }
  /** Rows lost, with those before the present place, which the next batch will tell of if one comes. */
  private get missing(): number {
    return this.lost + Math.max(0, this.came - this.expected);
  }

  protected lag(): number {
    return lagOf(this.region, this.line);
  }

  protected override look(): number {
    this.beat();
    this.find();
    this.refresh();
    if (this.published === this.position) this.watch.tell();
    return ahead(this.published, this.position) + (this.open ? 1 : 0);
  }
  private refresh(): void {
    const { words, at } = this.region;
    this.published = ordinalOf(Atomics.load(words, at.published));
    const waiting = ahead(this.published, this.position);
    if (waiting >= 0 && waiting <= this.topic.slots) return;
    // The publisher may have moved this cursor on meanwhile; else nobody of the bus put the two so far apart.
    if (Atomics.load(words, this.line + cursor.position) === this.position)
      throw this.region.damaged(`the ring is at batch ${this.published} and this subscriber at ${this.position}`);
  }
  protected override restart(): void {
    super.restart();
    this.adrift = true;
  }
  /** Without a gap in places there is none in numbers. */
  protected override outOfTurn(sequence: number): string | undefined {
    if (this.adrift || sequence === this.expected) return undefined;
    return `gives its first row the number ${sequence}, expected ${this.expected}`;
  }

  private find(): void {
    const position = Atomics.load(this.region.words, this.line + cursor.position);
    if (position !== this.position) this.relocate(position);
  }

  protected next(): number {
    this.growing = 0;
    for (;;) {
      this.find();
      if (ahead(this.published, this.position) <= 0) this.refresh();
      const waits = ahead(this.published, this.position) > 0;
      if (!waits && !this.open) return -1;
      const slot = this.region.slotOf(this.position);
      if (waits) {
        this.beat();
        if (this.from === 0 || this.frames.field(slot, "rows") !== this.from) return slot;
        // All rows of this frame were read while it grew.
        if (this.advance()) this.from = 0;
      } else if (this.grown() > this.from) {
        this.beat();
        return this.region.slotOf(this.position);
      } else if (this.published === this.position) return -1;
    }
  }

  /** Rows of the frame that grows at this place; 0 where there is none, or where it was committed meanwhile. */
  private grown(): number {
    const { words, at } = this.region;
    const seen = Atomics.load(words, at.published);
    this.published = ordinalOf(seen);
    if (this.published !== this.position) return 0;
    const slot = this.region.slotOf(this.position);
    if (Atomics.load(words, this.region.growthOf(slot)) !== seen) return 0;
    const rows = this.frames.raised(slot);
    // Only if the publisher is still the same: one that was replaced may have raised rows that are none.
    if (Atomics.load(words, at.published) !== seen) {
      this.refresh();
      return 0;
    }
    return (this.growing = rows);
  }

  /** The publisher moved this cursor on, or took it away. */
  private relocate(position: number): void {
    const { words } = this.region;
    this.restart();
    const state = Atomics.load(words, this.line + cursor.state);
    if (state === (this.token | ACTIVE)) {
      if (!this.movedOn(position))
        throw this.region.damaged(`the cursor of this subscriber was moved from ${this.position} to ${position}`);
      this.position = position;
      return;
    }
    const evicted = this.token | EVICTED;
    const mine = Atomics.compareExchange(words, this.line + cursor.state, evicted, this.token | JOINING) === evicted;
    const back = mine ? settle(this.region, this.line, this.token) : undefined;
    if (back) ({ position: this.position, sequence: this.came } = back);
    else this.move();
    this.published = this.position;
    this.counted();
  }
  /** Whether the publisher of a topic that evicts can have moved this cursor there. */
  private movedOn(to: number): boolean {
    const { words, at, topic } = this.region;
    const left = ahead(ordinalOf(Atomics.load(words, at.published)), to);
    // Moved again since: then the next look finds it.
    if (Atomics.load(words, this.line + cursor.position) !== to) return true;
    return topic.backpressure === "evict" && ordinalOf(to) === to && ahead(to, this.position) > 0 && left >= 0 && left <= topic.slots;
  }
  private move(): void {
    this.peers.leave(this.seat);
    const place = join(this.region, this.peers);
    ({ line: this.line, token: this.token, seat: this.seat, position: this.position, sequence: this.came } = place);
  }

  /** An exchange of the position for itself: it orders the reads before it, which a load would not. */
  protected holds(): boolean {
    const { position } = this;
    return Atomics.compareExchange(this.region.words, this.line + cursor.position, position, position) === position;
  }

  protected advance(): boolean {
    const { position } = this;
    const next = after(position);
    if (Atomics.compareExchange(this.region.words, this.line + cursor.position, position, next) !== position) return false;
    this.position = next;
    this.adrift = false;
    this.space.ring();
    return true;
  }

  protected override counted(): void {
    const { reals } = this.region;
    reals[(this.line + cursor.consumed) >> 1] = this.consumed;
    reals[(this.line + cursor.lost) >> 1] = this.missing;
  }
  /** Shows that this subscriber lives. */
  private beat(): void {
    const now = milliseconds();
    this.watch.now(now);
    beat(this.region, this.line, now);
  }
  /** The same of one that waits, and first that the memory is still there. */
  private turn(): void {
    this.watch.look();
    this.watch.tell();
    this.beat();
  }

  wait(timeoutMs = Number.POSITIVE_INFINITY): boolean {
    this.check();
    this.release();
    const ready = () => this.due();
    return this.data.sleep(ready, timeoutMs, () => this.turn());
  }
  arrival(): Promise<void> {
    return this.data.listen(
      () => this.closed || this.due(),
      () => this.closed || this.turn(),
    );
  }
  private due(): boolean {
    const { words, at } = this.region;
    if (ordinalOf(Atomics.load(words, at.published)) !== this.position || this.region.ended) return true;
    if (!this.open) return false;
    const rows = this.grown();
    this.growing = 0;
    return rows > this.from;
  }

  protected detach(): void {
    this.peers.leave(this.seat);
    this.left(this);
    if (this.watch.isCut) return;
    const mine = this.token | ACTIVE;
    Atomics.compareExchange(this.region.words, this.line + cursor.state, mine, FREE);
    this.space.ring();
    this.data.stir();
  }
}

/** What the cursors say of their subscribers, for anybody who looks. */
export function cursorStats(region: Region<any>): SubscriberStats[] {
  const { words, reals, cursors } = region;
  const active = cursors.filter((line) => (Atomics.load(words, line + cursor.state) & STATUS) === ACTIVE);
  return active.map((line) => ({
    consumed: reals[(line + cursor.consumed) >> 1]!,
    lost: reals[(line + cursor.lost) >> 1]!,
    lag: lagOf(region, line),
  }));
}
