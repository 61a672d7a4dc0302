/** An engine between subscriptions and publishers of any bus, without a host: its rows in the order of its case, its results as they come. */
import type { Batch, Bus, Publisher, Subscription } from "../../../src/bus/bus.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import type { Engine } from "../../../src/system/kit/engine.js";
import { Found, type Made, type Results, type Wired } from "./made.js";

class Again extends Error {}
const always = () => true;
const never = () => false;

export class Bare {
  ended = false;
  private engine!: Engine;
  private entry = 0;
  private elapsed = 0;
  /** First row and place of the batch in hand, which was begun to be taken. */
  private begun: { from: number; sequence: number } | undefined;
  private readonly positions: number[];
  private readonly publishers: Readonly<Record<string, Publisher>>;
  private readonly subscriptions: readonly Subscription[];

  /** `restart`: asked between two batches, whether another engine goes on from a copy of the state. */
  constructor(
    private readonly made: Made,
    bus: Bus,
    private state = new ArrayBuffer(made.definition.stateBytes(made.settings)),
    private readonly restart: () => boolean = never,
  ) {
    this.subscriptions = made.takes.map(({ topic }) => bus.subscribe(topic));
    this.publishers = Object.fromEntries(made.gives.map(({ port, topic }) => [port, bus.publisher(topic)]));
    this.positions = made.takes.map(() => 0);
  }

  async begin(): Promise<void> {
    const { definition, settings, takes } = this.made;
    await Promise.all(this.subscriptions.map(({ ready }) => ready));
    this.engine = await definition.begin({
      ...settings,
      ...{ state: this.state, gives: this.publishers, log: () => {}, health: () => [] },
      takes: Object.fromEntries(takes.map(({ port }, i) => [port, this.subscriptions[i]!])),
    });
  }

  /** What can be done at once; false where that is nothing. */
  async step(): Promise<boolean> {
    if (this.begun === undefined && this.restart()) {
      this.state = this.state.slice(0);
      await this.begin();
    }
    const next = this.made.order[this.entry];
    if (next) return this.take(next.port, next.upTo);
    const rest = this.made.takes.length > 0 ? Number.POSITIVE_INFINITY : (this.engine.turn?.(this.elapsed) ?? Number.POSITIVE_INFINITY);
    if (rest !== Number.POSITIVE_INFINITY) {
      this.elapsed += rest;
      return rest === 0;
    }
    this.ended = true;
    await this.engine.close?.();
    for (const publisher of Object.values(this.publishers)) await publisher.close();
    return true;
  }

  private take(which: number, upTo: number): boolean {
    const { port } = this.made.takes[which]!;
    const before = this.positions[which]!;
    try {
      this.subscriptions[which]!.poll((batch) => {
        const position = this.positions[which]!;
        const from = batch.from + position - batch.sequence;
        const to = Math.min(batch.rows, from + upTo - position);
        this.begun ??= { from, sequence: position };
        const taken = this.engine.take!(port, stretch(batch, this.begun, to), from);
        this.positions[which]! += taken - from;
        if (taken === to) this.begun = undefined;
        // What is left of a batch whose handler throws comes again.
        if (taken < batch.rows) throw new Again();
      }, 1);
    } catch (cause) {
      if (!(cause instanceof Again)) throw cause;
    }
    if (this.positions[which] === upTo) this.entry++;
    return this.positions[which]! > before;
  }
}

const stretch = (batch: Batch, { from, sequence }: { from: number; sequence: number }, rows: number): Batch => {
  const { slot, timeNs, producer, epoch, columns, lost } = batch;
  if (lost > 0) throw new Error(`${lost} rows were lost`);
  return { ...{ slot, timeNs, producer, epoch, columns, lost, from, rows, sequence }, intact: always };
};

/** Publishes the rows of a topic in batches of any size. */
export class Feed {
  private at = 0;
  private closed = false;
  private readonly publisher: Publisher;

  constructor(
    private readonly of: Wired,
    bus: Bus,
    private readonly size: () => number,
  ) {
    this.publisher = bus.publisher(of.topic);
  }
  async step(): Promise<boolean> {
    if (this.closed) return false;
    const { columns, rows, topic } = this.of;
    if (this.at === rows) {
      this.closed = true;
      await this.publisher.close();
      return true;
    }
    const to = Math.min(rows, this.at + Math.max(1, Math.min(topic.rows, this.size())));
    const part = Object.entries(columns).map(([name, view]) => {
      const { width = 1 } = topic.columns[name]!;
      return [name, view.subarray(this.at * width, to * width)];
    });
    const taken = this.publisher.publish(Object.fromEntries(part));
    this.at += taken;
    return taken > 0;
  }
}

/** Results of a run, hashed as they come; `most` batches at once. */
export class Sinks {
  readonly results: Results;
  private readonly subscriptions: Readonly<Record<string, Subscription>>;

  constructor({ gives }: Made, bus: Bus) {
    this.subscriptions = Object.fromEntries(gives.map(({ port, topic }) => [port, bus.subscribe(topic)]));
    this.results = Object.fromEntries(gives.map(({ port, topic }) => [port, new Found(topic)]));
  }
  get ready(): Promise<unknown> {
    return Promise.all(Object.values(this.subscriptions).map(({ ready }) => ready));
  }
  get ended(): boolean {
    return Object.values(this.subscriptions).every(({ ended }) => ended);
  }
  step(most = Number.POSITIVE_INFINITY): boolean {
    let did = false;
    for (const [port, subscription] of Object.entries(this.subscriptions))
      did = subscription.poll((batch) => this.results[port]!.take(batch), most) > 0 || did;
    return did;
  }
}

export interface How {
  /** Of sizes of batches, restarts, and turns of feeds and sinks. */
  readonly seed?: number;
  /** Rows of each batch of inputs; as many as a slot holds where left out, and with a seed any number. */
  readonly batch?: number;
  /** Chance that a turn of the feeds, or of the sinks, does anything. */
  readonly feeds?: number;
  readonly sinks?: number;
  /** Chance of a restart before each step. */
  readonly restarts?: number;
  readonly state?: ArrayBuffer;
}

/** Feeds, engine and sinks in one thread, over one bus or three ends of it. */
export async function runBare(
  made: Made,
  bus: Bus,
  { seed, batch, feeds = 1, sinks = 1, restarts = 0, state }: How = {},
): Promise<Results> {
  const random = seeded(seed ?? 1);
  const bare = new Bare(made, bus, state, restarts > 0 ? () => random() < restarts : never);
  const out = new Sinks(made, bus);
  await out.ready;
  const size = () => batch ?? (seed === undefined ? Number.POSITIVE_INFINITY : Math.ceil(64 * random() ** 3));
  const ins = made.takes.map((of) => new Feed(of, bus, size));
  await bare.begin();
  while (!bare.ended || !out.ended) {
    let did = false;
    for (const feed of ins) if (feeds === 1 || random() < feeds) did = (await feed.step()) || did;
    if (!bare.ended) did = (await bare.step()) || did;
    if (sinks === 1 || random() < sinks) did = out.step(sinks === 1 ? undefined : 1) || did;
    // Those who work beside this thread, or wait for an answer, get their turn.
    if (!did) await new Promise(setImmediate);
  }
  return out.results;
}
