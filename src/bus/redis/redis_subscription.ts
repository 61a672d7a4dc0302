/** Reads a topic on Redis: a connection of its own fetches entries and copies each once, into a slot where its columns are aligned. */
import type { BusError } from "../../core/contract/errors.js";
import type { Columns, Slot } from "../bus.js";
import { Turnstile } from "../ring/turnstile.js";
import { SlotSubscription } from "../slot_subscription.js";
import type { Dictionary } from "../symbols.js";
import { Entrance } from "./redis_begin.js";
import type { RedisChannel } from "./redis_channel.js";
import { epochOf, kindOf, ordinalOf } from "./redis_entry.js";
import { Intake, type Wrong } from "./redis_intake.js";
import { type Entry, foreignEntries, isFinal, type Link, type Reply, redisError } from "./redis_link.js";

const BEAT_MS = 500;
const TELL_MS = 1;
const FEW = 2;
/** Of the queue of promises: more than a `for await` takes to read a batch and ask for the next. */
const TURNS = 8;
/** Shorter than a link may be silent. */
export const BLOCK_MS = 300;

let count = 0;

/** Ordinals count the batches that came here; `place` is the server's count. */
export class RedisSubscription<C extends Columns = Columns> extends SlotSubscription<C> {
  override readonly ready: Promise<void>;
  protected readonly id = `s:${process.pid}.${++count}.${Math.random().toString(36).slice(2)}`;
  protected readonly arrived = new Turnstile();
  private readonly space = new Turnstile();
  private readonly timer: NodeJS.Timeout;
  protected head = 0;
  protected position = 0;
  private taken = 0;
  /** Batches before each one, as the server counts. */
  private readonly ordinals: number[];
  private nextOrdinal = 0;
  /** Epoch of the last batch; batches with lower numbers than `had` were read before the server lost them. */
  private epoch = 0;
  private had = 0;
  /** Batches on the server as last heard. */
  protected there = 0;
  protected last = "0-0";
  private finished = false;
  private reported = 0;
  private reporting = false;
  private told = 0;
  private telling: NodeJS.Timeout | undefined;
  private polled = performance.now();
  private readonly ids: string[];
  protected fatal: BusError | undefined;
  private readonly intake: Intake;
  private readonly begun: Promise<void>;

  constructor(
    protected readonly channel: RedisChannel<C>,
    protected readonly reader: Link,
    before: Promise<unknown>,
    /** Where to begin, instead of what comes from now on: behind an entry, with the number of the row that follows. */
    private readonly start?: { readonly id: string; readonly sequence: number },
  ) {
    super(channel.subscriberFrames(), 0);
    this.ordinals = this.frames.slots.map(() => 0);
    this.ids = this.frames.slots.map(() => "");
    this.intake = new Intake(channel, reader, this.frames.layout);
    const { ready, begun } = new Entrance(channel, before, () => this.join(), {
      fail: (error) => this.fail(error),
      isOver: () => this.closed,
    });
    this.ready = ready;
    this.begun = begun;
    begun.then(
      () => void this.run(),
      () => {},
    );
    this.timer = setInterval(() => void this.beat(), BEAT_MS);
    this.timer.unref();
  }

  /** Entries that no copy could be read of. */
  get damaged(): number {
    return this.intake.damaged;
  }
  /** Entries that were none of this bus. */
  get foreign(): number {
    return this.intake.foreign;
  }
  get symbols(): Dictionary {
    return this.channel.symbols;
  }
  get ended(): boolean {
    return this.finished && this.head === this.position;
  }

  /** Why nothing can be read at the moment, or what was wrong with the last entry. */
  get trouble(): BusError | undefined {
    return this.fatal ?? this.reader.trouble?.error ?? this.intake.wrong;
  }

  private async join(): Promise<void> {
    const { channel } = this;
    this.enter((await channel.link.script("join", channel.keys, channel.declaration, this.id, this.group())) as Reply[]);
  }
  private enter([answer, last, ordinal, sequence, ended, , ...known]: Reply[]): void {
    if (answer === "LAYOUT") throw this.channel.otherLayout(String(last));
    this.channel.learn(known as string[], false);
    this.last = String(last);
    this.there = this.nextOrdinal = this.reported = Number(ordinal);
    this.expected = this.channel.sequence = Number(sequence);
    this.finished = ended === 1 && this.group() !== "";
    if (this.start) [this.last, this.expected] = [this.start.id, this.start.sequence];
    // From an earlier place, what was read is known with the first batch.
    this.epoch = this.start ? 0 : epochOf(this.last);
  }
  /** The entry of a batch that is held. */
  idOf(slot: number): string {
    return this.ids[slot]!;
  }
  protected group(): string {
    return "";
  }

  protected blame(cause: unknown): BusError {
    const error = redisError(this.channel.where, cause);
    this.reader.blame(error);
    return error;
  }
  protected fail(error: BusError): BusError {
    this.fatal ??= error;
    this.arrived.ring();
    return error;
  }

  private async run(): Promise<void> {
    for (let tries = 0; !this.closed && !this.fatal; ) {
      const free = this.topic.backpressure === "evict" ? this.topic.slots : this.topic.slots - (this.head - this.position);
      if (free === 0) {
        await this.space.next();
        continue;
      }
      try {
        const entries = await this.fetch(free);
        for (const entry of entries) await this.take_in(entry);
        // Whoever waits for few gets them before the next command is written, which takes longer than to read them.
        for (let turns = 0; entries.length <= FEW && turns < TURNS && this.head > this.position; turns++) await undefined;
        tries = 0;
      } catch (cause) {
        if (this.closed) return;
        const error = this.blame(cause);
        if (isFinal(error)) this.fail(error);
        else await this.recover(error, tries++);
      }
    }
  }
  protected fetch(free: number): Promise<Entry[]> {
    const key = this.channel.keys[0]!;
    return this.reader.entries(key, "XREAD", "COUNT", free, "BLOCK", BLOCK_MS, "STREAMS", key, this.last);
  }
  protected async recover(_error: BusError, tries: number): Promise<void> {
    await this.reader.again(Math.min(10 * 2 ** Math.min(tries, 6), 500));
  }

  private async take_in([id, fields]: Entry): Promise<void> {
    const name = id.toString();
    const kind = kindOf(name, fields);
    if (typeof kind === "object") {
      const error = foreignEntries(this.channel.where, [`${name}: ${kind.foreign}`]);
      return this.passOver(name, { error, fields }, "foreign");
    }
    if (kind === "open") this.had = this.goesOn(Number(fields[1])) ? this.nextOrdinal : 0;
    if (kind !== "batch") this.marker(name, kind === "end");
    else {
      // Read before the server lost it; all the same it has to be one of the bus, or its id says nothing.
      const slot = ordinalOf(name) < this.had ? undefined : this.frames.slots[this.head % this.topic.slots]!;
      if (slot) this.makeRoom();
      const wrong = await this.intake.decode(name, fields, slot?.bytes);
      if (wrong) return this.passOver(name, wrong, "damaged");
      if (slot) this.took(slot, name);
    }
    this.last = name;
  }
  private took(slot: Slot<C>, name: string): void {
    const ordinal = ordinalOf(name);
    this.ordinals[slot.index] = ordinal;
    this.there = Math.max(this.there, ordinal + 1);
    this.nextOrdinal = ordinal + 1;
    this.epoch = epochOf(name);
    this.ids[slot.index] = name;
    this.noted(slot, name);
    this.head++;
    this.channel.sequence = Math.max(this.channel.sequence, this.frames.sequence(slot.index) + this.frames.field(slot.index, "rows"));
    this.intake.wellAgain();
    this.arrived.ring();
  }
  private async passOver(name: string, wrong: Wrong, what: "foreign" | "damaged"): Promise<void> {
    const now = await this.intake.passOver(name, wrong, what);
    if (now === "same") this.last = name;
    if (now !== "another") this.skipped(name);
  }
  /** Whether a topic was opened again by the publisher of what was read last, which counts on; `before` is its epoch until then, 0 of a new one. */
  private goesOn(before: number): boolean {
    return before > 0 && before === this.epoch && this.group() === "";
  }
  /** An entry that holds no rows: the topic was opened or closed. */
  protected marker(_id: string, end: boolean): void {
    this.finished = end;
    this.arrived.ring();
  }
  protected noted(_slot: Slot<C>, _id: string): void {}
  protected skipped(_id: string): void {}

  /** A full ring under `evict`: the place moves to the newest half, as the publisher of a ring in memory would move it. */
  private makeRoom(): void {
    const { slots } = this.topic;
    if (this.head - this.position >= slots) this.position = this.head - slots / 2;
  }

  protected lag(): number {
    return Math.max(0, this.there - this.place());
  }
  private place(): number {
    return this.head > this.position ? this.ordinals[this.position % this.topic.slots]! : this.nextOrdinal;
  }
  protected override look(): number {
    if (this.fatal) throw this.fatal;
    this.polled = performance.now();
    return this.head - this.position;
  }
  protected next(): number {
    if (this.fatal) throw this.fatal;
    this.polled = performance.now();
    if (this.position !== this.taken) this.restart();
    this.taken = this.position;
    return this.head > this.position ? this.position % this.topic.slots : -1;
  }
  protected holds(): boolean {
    return this.position === this.taken;
  }
  protected advance(): boolean {
    if (!this.holds()) return false;
    this.read(this.position % this.topic.slots);
    this.position++;
    this.space.ring();
    if (this.place() - this.reported >= this.topic.slots / 4) void this.beat();
    else if (this.position === this.head) this.tell();
    return true;
  }
  protected read(_slot: number): void {}

  /** Tells how far this subscriber is: the publisher of a topic that blocks waits for that. */
  protected reportSoon(): void {
    void this.beat();
  }
  /** At once, or soon where it has just told: a reader that keeps up would tell after every few batches. */
  private tell(): void {
    if (performance.now() - this.told > TELL_MS) void this.beat();
    else
      this.telling ??= setTimeout(() => {
        this.telling = undefined;
        void this.beat();
      }, TELL_MS);
  }
  private async beat(): Promise<void> {
    if (this.reporting || this.closed || this.fatal) return;
    this.reporting = true;
    this.told = performance.now();
    // One report for what is read in one go.
    await new Promise((resolve) => setImmediate(resolve));
    const [place, { channel }] = [this.place(), this];
    try {
      await this.report(place);
      this.reported = place;
    } catch (cause) {
      channel.link.blame(redisError(channel.where, cause));
      await channel.link.again(50);
    } finally {
      this.reporting = false;
      if (this.place() !== place && this.position === this.head) this.tell();
    }
  }
  protected async report(place: number): Promise<void> {
    const { channel } = this;
    if (this.closed) return;
    const idle = Math.round(performance.now() - this.polled);
    const [, there] = (await channel.link.script("beat", channel.keys, this.id, place, idle)) as number[];
    this.there = Math.max(this.there, there!);
    if (this.closed) await this.leave();
  }

  wait(): boolean {
    this.check();
    this.release();
    return this.head > this.position || this.ended;
  }
  arrival(): Promise<void> {
    return this.arrived.next();
  }
  protected detach(): void {
    clearInterval(this.timer);
    clearTimeout(this.telling);
    this.channel.subscriptions.delete(this);
    this.reader.close();
    this.arrived.ring();
    this.space.ring();
    this.left = this.begun.then(() => this.leave()).catch(() => {});
  }
  /** Settles when the server has been told that this subscriber is gone. */
  left: Promise<void> = Promise.resolve();
  protected async leave(): Promise<void> {
    await this.channel.link.script("leave", this.channel.keys, this.id);
  }
}
