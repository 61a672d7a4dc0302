/** A share of a topic on Redis: each batch goes to one member of the group, and to another one if that dies before it has read it. */
import type { BusError } from "../../core/contract/errors.js";
import type { Columns, Slot } from "../bus.js";
import type { RedisChannel } from "./redis_channel.js";
import type { Entry, Link } from "./redis_link.js";
import { BLOCK_MS, RedisSubscription } from "./redis_subscription.js";

export interface GroupOptions {
  readonly group: string;
  /** A name that is kept over a restart gets back at once what it had not finished; by default one that nobody else has. */
  readonly consumer?: string;
  /** What a member holds and has shown no sign of life about for so long goes to another; 3000. */
  readonly claimAfterMs?: number;
}

export class RedisGroup<C extends Columns = Columns> extends RedisSubscription<C> {
  private readonly names: (Buffer | string)[];
  private readonly consumer: string;
  private readonly claimAfterMs: number;
  private done: string[] = [];
  /** Own batches of an earlier run are read first, from here on; undefined when there are no more. */
  private earlier: string | undefined = "0-0";
  private claimed = performance.now();
  private all = false;
  private readonly stolen = new Set<string>();
  /** Batches that came a second time because another member had not finished them. */
  taken_over = 0;

  constructor(
    channel: RedisChannel<C>,
    reader: Link,
    before: Promise<unknown>,
    private readonly options: GroupOptions,
  ) {
    super(channel, reader, before);
    this.names = this.frames.slots.map(() => "");
    this.consumer = options.consumer ?? this.id;
    this.claimAfterMs = options.claimAfterMs ?? 3000;
  }
  protected override group(): string {
    return this.options.group;
  }
  override get ended(): boolean {
    return this.all && this.head === this.position;
  }

  protected override async fetch(free: number): Promise<Entry[]> {
    const { reader, consumer, options } = this;
    const key = this.channel.keys[0]!;
    const read = (from: string, ...more: (string | number)[]) =>
      reader.entries(key, "XREADGROUP", "GROUP", options.group, consumer, "COUNT", free, ...more, "STREAMS", key, from);
    if (this.earlier !== undefined) {
      const entries = await read(this.earlier);
      this.earlier = entries.at(-1)?.[0].toString();
      return this.present(entries);
    }
    if (performance.now() - this.claimed > this.claimAfterMs / 2) {
      this.claimed = performance.now();
      const entries = await reader.entries(key, "XAUTOCLAIM", key, options.group, consumer, this.claimAfterMs, "0-0", "COUNT", free);
      this.taken_over += entries.length;
      if (entries.length > 0) return this.present(entries);
    }
    return this.present(await read(">", "BLOCK", Math.min(BLOCK_MS, Math.ceil(this.claimAfterMs / 2))));
  }
  /** What was trimmed while it was pending is no longer there. */
  private present(entries: Entry[]): Entry[] {
    for (const [id, fields] of entries as [Buffer, Buffer[] | null][]) if (!fields) this.skipped(id.toString());
    return entries.filter((entry) => (entry as [Buffer, Buffer[] | null])?.[1]);
  }

  protected override async recover(error: BusError, tries: number): Promise<void> {
    if (error.code === "E_BUS_REDIS_STREAM") {
      const key = this.channel.keys[0]!;
      await this.channel.link.call(key, "XGROUP", "CREATE", key, this.options.group, this.last, "MKSTREAM").catch((cause: unknown) => {
        if (!/BUSYGROUP/.test(String(cause))) this.blame(cause);
      });
    }
    await super.recover(error, tries);
    this.earlier ??= "0-0";
  }

  protected override noted(slot: Slot<C>, id: string): void {
    // Fetched again after a lost link: it lies here already.
    for (let at = this.position; at < this.head; at++) if (this.names[at % this.topic.slots] === id) this.stolen.add(`${at}`);
    this.names[slot.index] = id;
  }
  protected override marker(id: string, _end: boolean): void {
    this.skipped(id);
  }
  protected override skipped(id: string): void {
    this.done.push(id);
    this.reportSoon();
  }
  protected override read(slot: number): void {
    this.done.push(String(this.names[slot]));
  }
  protected override next(): number {
    while (this.head > this.position && this.stolen.delete(`${this.position}`)) this.position++;
    return super.next();
  }
  /** Others have the batches between. */
  protected override missed(): number {
    return 0;
  }

  protected override async report(): Promise<void> {
    const { channel, options } = this;
    const done = this.done.splice(0, 500);
    const held: string[] = [];
    for (let at = this.position; at < this.head; at++) held.push(String(this.names[at % this.topic.slots]));
    try {
      const reply = await channel.link.script("acknowledge", channel.keys, options.group, this.consumer, done.length, ...done, ...held);
      const [pending, there, all, ...gone] = reply as [number, number, number, ...string[]];
      for (let at = this.position; at < this.head; at++)
        if (gone.includes(String(this.names[at % this.topic.slots]))) this.stolen.add(`${at}`);
      this.there = there;
      const ended = all === 1 && pending === 0;
      if (ended !== this.all || ended) this.arrived.ring();
      this.all = ended;
    } catch (error) {
      this.done.unshift(...done);
      throw error;
    }
    if (this.done.length > 0) await this.report();
  }
  /** Members come and go; the group keeps its place. What this one has not read goes to the others. */
  protected override leave(): Promise<void> {
    return this.report();
  }
}
