/**
 * Engines that share the instruments of a topic. Keys are spread over shards, each a topic of its own; a member works on the shards
 * that it holds the lease of. A result, the place up to which its input was read, and the engine's state are kept in one step, and
 * whoever takes a shard over fences its last owner first: no row is left out of the results or counted in them twice.
 */
import { needMethods, needNumber, needObject, needText } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Batch, Columns, Topic, Views } from "../bus.js";
import { layoutOf, rowsOf } from "../frame.js";
import type { RedisBus } from "../redis/redis_bus.js";
import type { RedisPublisher } from "../redis/redis_publisher.js";

/** FNV-1a: the same shard for a key in every process. */
export function shardOf(key: string, shards: number): number {
  needText("shardOf: key", key);
  needNumber("shardOf: shards", shards);
  let hash = 0x811c_9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x0100_0193);
  return (hash >>> 0) % shards;
}
/** One shard of a topic. */
export function shardTopic<C extends Columns>(topic: Topic<C>, shard: number): Topic<C> {
  needObject("shardTopic: topic", topic);
  needNumber("shardTopic: shard", shard);
  return { ...topic, name: `${topic.name}.${shard}` };
}

/** What computes a shard: all of its state is what `save` returns. */
export interface Work<I extends Columns, O extends Columns> {
  /** Rows for the result topic, at most as many as its slot holds (else E_BUS_ROWS, and the shard begins again from what is saved), or nothing. */
  take(batch: Batch<I>): Views<O> | undefined;
  save(): string;
}
export interface ShareOptions<I extends Columns, O extends Columns> {
  readonly group: string;
  readonly shards: number;
  readonly input: Topic<I>;
  readonly output: Topic<O>;
  /** `saved`: what an earlier owner's `save` returned with its last result, or undefined at the very beginning. */
  readonly work: (shard: number, saved: string | undefined) => Work<I, O>;
  /** A member that shows no sign of life for so long loses its shards; 1000. */
  readonly leaseMs?: number;
  readonly onError?: (error: unknown) => void;
}

/** Kept with each result. */
interface Note {
  readonly id: string;
  readonly sequence: number;
  readonly saved: string;
}

class Shard<I extends Columns, O extends Columns> {
  readonly done: Promise<void>;
  failed = false;
  private stopping = false;
  private subscription: ReturnType<RedisBus["subscribe"]> | undefined;

  constructor(
    private readonly bus: RedisBus,
    private readonly options: ShareOptions<I, O>,
    readonly shard: number,
  ) {
    this.done = this.run().catch((error: unknown) => {
      this.failed = true;
      options.onError?.(error);
    });
  }

  private async run(): Promise<void> {
    const { bus, shard, options } = this;
    const input = shardTopic(options.input, shard);
    // Fences the last owner: what it has not had accepted by now it never will.
    const publisher = bus.publisher(shardTopic(options.output, shard), { takeover: true });
    try {
      await publisher.ready;
      const note = publisher.note === "" ? undefined : (JSON.parse(publisher.note) as Note);
      const work = options.work(shard, note?.saved);
      // The place is in force before anything is read, so that what is not in the results yet stays on the server.
      if (!note) await bus.hold(input, options.group, 0);
      // Asked to stop before there was a subscription to close: a batch that ends the loop below may never come.
      if (this.stopping) return;
      const subscription = bus.subscribe(input, { from: note ?? { id: "0-0", sequence: 0 } });
      this.subscription = subscription as never;
      await subscription.ready;
      for await (const batch of subscription) {
        await this.settle(publisher, work, batch, subscription.idOf(batch.slot));
        if (this.stopping) break;
      }
    } finally {
      this.subscription?.close();
      await publisher.handOver();
    }
  }

  private async settle(publisher: RedisPublisher<O>, work: Work<I, O>, batch: Batch<I>, id: string): Promise<void> {
    const { bus, shard, options } = this;
    const results = work.take(batch);
    if (!results) return;
    const { name, rows: most } = publisher.topic;
    const rows = rowsOf(layoutOf(options.output), results);
    // A result of two slots would be kept in two steps, and be there half for whoever takes over between them.
    if (rows > most)
      throw new BusError("E_BUS_ROWS", `topic '${name}': work.take returned ${rows} rows, expected at most ${most}, those of a slot`, {
        hint: "Declare the output with as many rows as a batch of input can give, or fewer rows in the input.",
      });
    while (rows > 0) {
      publisher.noteNext(JSON.stringify({ id, sequence: batch.sequence + batch.rows, saved: work.save() } satisfies Note));
      if (publisher.publish(results) > 0) break;
      await publisher.room();
    }
    const place = Number(id.slice(id.indexOf("-") + 1));
    // Not before the result is there: until then the input must stay.
    void publisher
      .flushed()
      .then(() => bus.hold(shardTopic(options.input, shard), options.group, place))
      .catch(() => {});
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.subscription?.close();
    await this.done;
  }
}

/** A member of the group: begins at once, and works on what the leases give it until it is closed. */
export class Share<I extends Columns, O extends Columns> {
  private readonly shards = new Map<number, Shard<I, O>>();
  private readonly member = `${process.pid}.${Math.random().toString(36).slice(2)}`;
  private readonly timer: NodeJS.Timeout;
  private turn: Promise<void> = Promise.resolve();
  private closed = false;
  private heard = performance.now();

  constructor(
    private readonly bus: RedisBus,
    private readonly options: ShareOptions<I, O>,
  ) {
    needMethods("Share: bus", bus, "a RedisBus", "publisher", "subscribe");
    needObject("Share: options", options);
    const { leaseMs = 1000 } = options;
    const next = () => {
      this.turn = this.turn.then(() => this.renew()).catch((error: unknown) => options.onError?.(error));
    };
    this.timer = setInterval(next, leaseMs / 4);
    next();
  }
  /** Shards that this member works on. */
  get working(): number[] {
    return [...this.shards.keys()].sort((a, b) => a - b);
  }

  private async renew(): Promise<void> {
    const { bus, options, member, shards } = this;
    const { leaseMs = 1000, group } = options;
    const asked = performance.now();
    const { mine, back } = await bus.lease(group, member, options.shards, leaseMs, false, []).catch(async (error: unknown) => {
      // Others may have the shards by now; their fences hold, and this only saves the work.
      if (asked - this.heard > leaseMs) await this.giveUp([...shards.keys()]);
      throw error;
    });
    this.heard = performance.now();
    if (this.closed) return;
    for (const [shard, one] of shards) if (one.failed) shards.delete(shard);
    await this.giveUp([...shards.keys()].filter((shard) => !mine.includes(shard)));
    if (back.length > 0) await bus.lease(group, member, options.shards, leaseMs, false, back);
    for (const shard of mine) if (!shards.has(shard)) shards.set(shard, new Shard(bus, options, shard));
  }
  private async giveUp(list: readonly number[]): Promise<void> {
    const stopping = list.map((shard) => this.shards.get(shard)).filter((one) => one !== undefined);
    for (const shard of list) this.shards.delete(shard);
    await Promise.all(stopping.map((one) => one.stop()));
  }

  /** Finishes what it has begun and gives its shards to the others. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.turn;
    const had = this.working;
    await this.giveUp(had);
    const { group, shards, leaseMs = 1000 } = this.options;
    await this.bus.lease(group, this.member, shards, leaseMs, true, had);
  }
}
