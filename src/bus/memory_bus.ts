import { BusError } from "../core/contract/errors.js";
import type {
  Agreement,
  Bus,
  Columns,
  Publisher,
  PublisherOptions,
  Slot,
  SubscribeOptions,
  Subscription,
  Topic,
  TopicStats,
} from "./bus.js";
import { difference, Frames, layoutOf } from "./frame.js";
import { SlotPublisher } from "./slot_publisher.js";
import { SlotSubscription } from "./slot_subscription.js";
import { Dictionary } from "./symbols.js";

/** One topic in this thread's memory. `published` counts batches, `sequence` rows. */
class Channel<C extends Columns = Columns> {
  readonly buffer: ArrayBuffer;
  readonly frames: Frames<C>;
  readonly symbols: Dictionary;
  readonly subscribers = new Set<MemorySubscription<C>>();
  publisher: MemoryPublisher<C> | undefined;
  published = 0;
  sequence = 0;
  /** Rows of the next batch that were raised before its commit. */
  raised = 0;
  epoch = 0;
  full = 0;
  ended = false;
  private waiting: (() => void)[] = [];

  constructor(topic: Topic<C>) {
    const layout = layoutOf(topic);
    this.buffer = new ArrayBuffer(layout.stride * topic.slots);
    this.frames = new Frames(layout, this.buffer, 0, topic.slots);
    this.symbols = new Dictionary(topic.symbols);
  }
  /** Settles at the next change of anything. */
  change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
  changed(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

class MemoryPublisher<C extends Columns> extends SlotPublisher<C> {
  constructor(
    private readonly channel: Channel<C>,
    private readonly producer: number,
  ) {
    super(channel.frames);
    channel.publisher = this;
    channel.epoch++;
    channel.ended = false;
  }
  get symbols(): Dictionary {
    return this.channel.symbols;
  }
  private hasRoom(): boolean {
    const { subscribers, published } = this.channel;
    for (const { position } of subscribers) if (published - position >= this.topic.slots) return false;
    return true;
  }
  protected vacant(): Slot<C> | undefined {
    const { frames, published, subscribers } = this.channel;
    const { slots, backpressure } = this.topic;
    if (backpressure === "evict") {
      for (const subscriber of subscribers) if (published - subscriber.position >= slots) subscriber.position = published - slots / 2;
    } else if (!this.hasRoom()) return undefined;
    return frames.slots[published % slots];
  }
  protected reveal(slot: Slot<C>, rows: number, timeNs: bigint | undefined): void {
    const { channel } = this;
    channel.frames.seal(slot.index, rows, channel.sequence, this.producer, channel.epoch, timeNs);
    channel.sequence += rows;
    channel.published++;
    channel.raised = 0;
    channel.changed();
  }
  protected show(slot: Slot<C>, rows: number): void {
    const { channel } = this;
    if (this.raised === 0) channel.frames.seal(slot.index, rows, channel.sequence, this.producer, channel.epoch, undefined);
    channel.raised = rows;
    channel.changed();
  }
  protected refused(): void {
    this.channel.full++;
  }
  /** Nothing else can run while this thread waits, so the answer is known at once. */
  wait(): boolean {
    this.check();
    return this.topic.backpressure === "evict" || this.hasRoom();
  }
  async room(): Promise<void> {
    this.check();
    while (!this.closed && !this.wait()) await this.channel.change();
  }
  /** Subscribers of the same thread come and go by close(); none can vanish. */
  evictStalled(): number {
    return 0;
  }
  protected end(): void {
    this.channel.publisher = undefined;
    this.channel.ended = true;
    this.channel.changed();
  }
}

class MemorySubscription<C extends Columns> extends SlotSubscription<C> {
  /** The batch that comes next; the publisher moves it when it evicts. */
  position: number;
  private taken = 0;

  constructor(
    private readonly channel: Channel<C>,
    private readonly open: boolean,
  ) {
    super(channel.frames, channel.sequence);
    this.position = channel.published;
    channel.subscribers.add(this);
  }
  get symbols(): Dictionary {
    return this.channel.symbols;
  }
  get ended(): boolean {
    return this.channel.ended && this.lag() === 0;
  }
  protected lag(): number {
    return this.channel.published - this.position;
  }
  private visible(): boolean {
    return this.lag() > 0 || (this.open && this.channel.raised > this.from);
  }
  protected override look(): number {
    return this.lag() + (this.open ? 1 : 0);
  }
  protected next(): number {
    if (this.position !== this.taken) this.restart();
    this.taken = this.position;
    this.growing = 0;
    const slot = this.position % this.topic.slots;
    if (this.lag() > 0 && this.from > 0 && this.frames.field(slot, "rows") === this.from) {
      this.position++;
      this.channel.changed();
      return this.next();
    }
    if (this.lag() > 0) return slot;
    if (!this.visible()) return -1;
    this.growing = this.channel.raised;
    return slot;
  }
  protected holds(): boolean {
    return this.position === this.taken;
  }
  protected advance(): boolean {
    if (!this.holds()) return false;
    this.position++;
    this.channel.changed();
    return true;
  }
  protected detach(): void {
    this.channel.subscribers.delete(this);
    this.channel.changed();
  }
  arrival(): Promise<void> {
    return this.channel.change();
  }
  wait(): boolean {
    this.release();
    return this.visible() || this.ended;
  }
}

/** Everything in one thread: the specification that other transports are compared with. */
export class MemoryBus implements Bus {
  readonly transport = "memory";
  private readonly channels = new Map<string, Channel>();
  private topology: string | undefined;
  private closed = false;

  agree({ topology, otherwise }: Agreement): void {
    this.topology ??= topology;
    if (this.topology !== topology) throw otherwise(this.topology, "Open another bus.");
  }
  publisher<C extends Columns>(topic: Topic<C>, { producer = 1, takeover = false }: PublisherOptions = {}): Publisher<C> {
    const channel = this.channel(topic);
    if (takeover) channel.publisher?.close();
    if (channel.publisher) {
      const hint = "A topic has one publisher at a time: close the other, or pass takeover if it is dead.";
      throw new BusError("E_BUS_PUBLISHER", `topic '${topic.name}' has a publisher already`, { hint });
    }
    return new MemoryPublisher(channel, producer);
  }
  subscribe<C extends Columns>(topic: Topic<C>, { open = false }: SubscribeOptions = {}): Subscription<C> {
    return new MemorySubscription(this.channel(topic), open);
  }
  stats(topic: Topic): TopicStats {
    const { sequence, full, subscribers } = this.channel(topic);
    return { published: sequence, full, subscribers: [...subscribers].map((subscriber) => subscriber.stats()) };
  }
  /** Detaches the memory, so that a view kept from before has length 0. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const { publisher, subscribers, buffer } of this.channels.values()) {
      publisher?.close();
      for (const subscriber of subscribers) subscriber.close();
      structuredClone(buffer, { transfer: [buffer] });
    }
  }

  private channel<C extends Columns>(topic: Topic<C>): Channel<C> {
    if (this.closed) throw new BusError("E_BUS_CLOSED", `topic '${topic.name}': the bus is closed`, { hint: "Open another bus." });
    let channel = this.channels.get(topic.name);
    if (!channel) this.channels.set(topic.name, (channel = new Channel<Columns>(topic)));
    const other = difference(channel.frames.layout.topic, topic);
    if (other)
      throw new BusError("E_BUS_LAYOUT", `topic '${topic.name}': ${other}`, { hint: "Declare the topic once and import it everywhere." });
    return channel as unknown as Channel<C>;
  }
}
