import { needObject, needText } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Agreement, Bus, Columns, PublisherOptions, SubscribeOptions, Subscription, Topic, TopicStats } from "../bus.js";
import { difference } from "../frame.js";
import { markedWith, markName, markSize, topologyMark } from "../topology_mark.js";
import { type Attached, attachedTo } from "./attached.js";
import { atomicsWake, Bell, type Wake } from "./bell.js";
import { type KeptPlace, keptPlaces, release } from "./durable_place.js";
import { type DurableOptions, DurableSubscription } from "./durable_subscription.js";
import { Observer } from "./observer.js";
import { type Peers, unknownPeers } from "./peers.js";
import { createRegion, openRegion, type Region, type RegionOptions } from "./region.js";
import { RingPublisher } from "./ring_publisher.js";
import { cursorStats, RingSubscription } from "./ring_subscription.js";

export interface RingOptions extends RegionOptions {
  /** How threads sleep on this memory; Atomics by default, which need a SharedArrayBuffer. */
  readonly wake?: Wake;
  /** How its users know of each other; by default they do not. */
  readonly peers?: Peers;
}

/** Where a new ring begins to count rows. */
export type FirstRow = Pick<RegionOptions, "firstSequence">;

/** One topic in memory that threads share; each thread opens it for itself and makes its own views, once. */
export class Ring<C extends Columns = Columns> {
  private readonly opened = new Set<{ close(): void }>();

  constructor(
    private readonly region: Region<C>,
    private readonly wake: Wake,
    private readonly peers: Peers = unknownPeers,
  ) {}
  get topic(): Topic<C> {
    return this.region.topic;
  }
  /** What another thread needs to open the same ring. */
  get memory(): ArrayBufferLike {
    return this.region.memory;
  }
  publisher(options: PublisherOptions = {}): RingPublisher<C> {
    const left = () => void this.opened.delete(publisher);
    const publisher: RingPublisher<C> = new RingPublisher(this.region, this.wake, this.peers, options, left);
    this.opened.add(publisher);
    return publisher;
  }
  subscribe({ open = false }: SubscribeOptions = {}): Subscription<C> {
    const subscription = new RingSubscription(this.region, this.wake, this.peers, open, (left) => this.opened.delete(left));
    this.opened.add(subscription);
    return subscription;
  }
  /** Reads from the place of that name, which keeps its rows while nobody reads; a reader that has it is replaced. */
  durable(name: string, options: DurableOptions = {}): DurableSubscription<C> {
    needText("durable: name", name);
    needObject("durable: options", options);
    const left = () => void this.opened.delete(subscription);
    const subscription: DurableSubscription<C> = new DurableSubscription(this.region, this.wake, this.peers, name, options, left);
    this.opened.add(subscription);
    return subscription;
  }
  /** Gives up the place of a reader that will not come back; false where there is none of that name. */
  release(name: string): boolean {
    needText("release: name", name);
    const there = release(this.region, this.peers, name);
    if (there) new Bell(this.region.words, this.region.at.spaceFlag, this.region.at.spaceSignal, this.wake).ring();
    return there;
  }
  /** Places that have a name, whether their readers live or not. */
  places(): KeptPlace[] {
    return keptPlaces(this.region, this.peers);
  }
  /** Reads along without a place of its own: nobody waits for it. */
  observe(): Observer<C> {
    return new Observer(this.region);
  }
  stats(): TopicStats {
    const { region } = this;
    return { published: region.head().sequence, full: region.reals[region.at.full >> 1]!, subscribers: cursorStats(region) };
  }
  /** Who is there now. */
  attached(): Attached[] {
    return attachedTo(this.region, this.peers);
  }
  /** Closes what this thread opened; other threads keep theirs. */
  close(): void {
    for (const one of [...this.opened]) one.close();
  }
}

export function createRing<C extends Columns>(topic: Topic<C>, options: RingOptions = {}): Ring<C> {
  return new Ring(createRegion(topic, options), options.wake ?? atomicsWake, options.peers);
}

/** Opens a ring from its memory alone; with `expected`, only if its frames fit that topic. */
export function openRing<C extends Columns = Columns>(
  memory: ArrayBufferLike,
  expected?: Topic<C>,
  wake: Wake = atomicsWake,
  peers: Peers = unknownPeers,
): Ring<C> {
  return new Ring(openRegion(memory, expected), wake, peers);
}

/** Topics between threads. Another thread is given `memories()` and attaches them. */
export class RingBus implements Bus {
  readonly transport = "ring";
  private readonly rings = new Map<string, Ring<any>>();
  private closed = false;

  constructor(private readonly options: RingOptions = {}) {}

  attach(memories: Iterable<ArrayBufferLike>): this {
    for (const memory of memories) {
      const ring = openRing(memory, undefined, this.options.wake, this.options.peers);
      this.rings.set(ring.topic.name, ring);
    }
    return this;
  }
  memories(): ArrayBufferLike[] {
    return [...this.rings.values()].map((ring) => ring.memory);
  }
  agree({ topology, otherwise }: Agreement): void {
    if (!this.rings.has(markName)) this.rings.set(markName, createRing(topologyMark(topology), { ...this.options, ...markSize }));
    const used = markedWith(this.rings.get(markName)!.topic);
    if (used !== topology) throw otherwise(used, "Open another bus.");
  }
  publisher<C extends Columns>(topic: Topic<C>, options?: PublisherOptions): RingPublisher<C> {
    return this.ring(topic).publisher(options);
  }
  subscribe<C extends Columns>(topic: Topic<C>, options?: SubscribeOptions): Subscription<C> {
    return this.ring(topic).subscribe(options);
  }
  durable<C extends Columns>(topic: Topic<C>, name: string, options?: DurableOptions): DurableSubscription<C> {
    return this.ring(topic).durable(name, options);
  }
  stats(topic: Topic): TopicStats {
    return this.ring(topic).stats();
  }
  close(): void {
    this.closed = true;
    for (const ring of this.rings.values()) ring.close();
    this.rings.clear();
  }

  /** `first`: of a ring that is not there yet, the number of its first row. */
  ring<C extends Columns>(topic: Topic<C>, first: FirstRow = {}): Ring<C> {
    if (this.closed) throw new BusError("E_BUS_CLOSED", `topic '${topic.name}': the bus is closed`, { hint: "Open another bus." });
    let ring: Ring<C> | undefined = this.rings.get(topic.name);
    if (!ring) this.rings.set(topic.name, (ring = createRing(topic, { ...this.options, ...first })));
    const other = difference(ring.topic, topic);
    if (other)
      throw new BusError("E_BUS_LAYOUT", `topic '${topic.name}': ${other}`, { hint: "Declare the topic once and import it everywhere." });
    return ring;
  }
}
