/**
 * Reads a topic of another host from Redis and gives it here, row by row as it was given there. Redis keeps what this bridge has not
 * written down; whoever continues reads on behind its last entry.
 */
import type { Batch, Slot } from "../../bus/bus.js";
import { copyRows, layoutOf } from "../../bus/frame.js";
import type { RedisBus, RedisLook } from "../../bus/redis/redis_bus.js";
import { isFinal } from "../../bus/redis/redis_link.js";
import type { RedisSubscription } from "../../bus/redis/redis_subscription.js";
import { BusError } from "../../core/contract/errors.js";
import { type Context, defineEngine, type Engine } from "../kit/engine.js";
import { BRIDGE_BYTES } from "../plan/bridged.js";
import { type Crossing, holdOf, persist } from "./crossing.js";

/** How soon an empty topic is looked at again. */
const POLL_MS = 1;
const LOOK_MS = 1000;

export const bridgeIn = (crossing: Crossing) =>
  defineEngine({
    name: "bridge",
    doc: "Brings a topic from another host, through Redis.",
    options: {},
    takes: () => ({}),
    gives: () => ({ [crossing.topic.name]: { doc: "what comes to this host", topic: crossing.topic } }),
    stateBytes: () => BRIDGE_BYTES,
    begin: (context) => new Incoming(crossing, context),
  });

/** Numbers of the state: the life of the topic, the row that comes next, the last entry, rows that were lost. */
const at = { life: 0, next: 1, epoch: 2, batches: 3, lost: 4 } as const;

class Incoming implements Engine {
  private readonly bus: RedisBus;
  private readonly numbers: Float64Array;
  private subscription: RedisSubscription | undefined;
  private fatal: unknown;
  private closed = false;
  private known = 0;
  /** Batches that Redis need not keep for this host, and those of them that it knows of. */
  private read = -1;
  private held = -1;
  private holding = false;
  private lookedAt = 0;
  private silent: string | undefined;

  constructor(
    private readonly of: Crossing,
    private readonly context: Context,
  ) {
    this.numbers = new Float64Array(context.state);
    this.bus = of.open();
    this.open().catch((cause: unknown) => {
      if (!this.closed) this.fatal = cause;
    });
  }
  private get out() {
    return this.context.gives[this.of.topic.name]!;
  }

  private async open(): Promise<void> {
    const { of, bus, numbers } = this;
    const [epoch, batches] = [numbers[at.epoch]!, numbers[at.batches]!];
    const isOver = () => this.closed;
    const there = await persist(() => bus.look(of.topic), isOver);
    const isOther = numbers[at.life] !== 0 && there.note !== "" && there.note !== String(numbers[at.life]);
    if (isOther || (there.epoch > 0 && there.epoch < epoch)) throw this.anew();
    if (of.blocks) await persist(() => bus.hold(of.topic, holdOf(of.here), batches), isOver);
    const subscription = bus.subscribe(of.topic, { from: { id: `${epoch}-${batches}`, sequence: numbers[at.next]! } });
    subscription.ready.catch(() => {});
    this.subscription = subscription;
  }
  private anew(): BusError {
    const { topic, from, system } = this.of;
    return new BusError(
      "E_BRIDGE_ANEW",
      `topic '${topic.name}': host '${from}' has begun system '${system}' anew, and this host goes on with an earlier run`,
      {
        hint: "begin anew here too: tickforge up --fresh",
      },
    );
  }

  turn(elapsedMs: number): number {
    if (this.fatal) throw this.fatal;
    const { subscription, out } = this;
    if (this.read > this.held && !this.holding) void this.hold();
    if (elapsedMs - this.lookedAt > LOOK_MS) {
      this.lookedAt = elapsedMs;
      void this.look();
    }
    if (!subscription) return POLL_MS;
    const { trouble } = subscription;
    if (trouble && isFinal(trouble)) throw trouble;
    const waits = subscription.wait();
    if (subscription.ended) return Number.POSITIVE_INFINITY;
    if (!waits) return POLL_MS;
    const slot = out.claim();
    if (!slot) return POLL_MS;
    let given = false;
    try {
      subscription.poll((batch) => {
        given = this.pass(batch, slot, subscription.idOf(batch.slot));
      }, 1);
    } finally {
      if (!given) out.abort();
    }
    return 0;
  }

  /** False where all rows came before, as after Redis has lost what it knew. */
  private pass(batch: Batch, slot: Slot, id: string): boolean {
    const { numbers, out, of } = this;
    if (numbers[at.life] !== 0 && numbers[at.life] !== batch.producer) throw this.anew();
    const rows = batch.rows - batch.from;
    const [first, next] = [batch.sequence, numbers[at.next]!];
    const again = Math.max(0, next - first);
    if (first > next) this.gap(next, first);
    numbers[at.life] = batch.producer;
    numbers.set(id.split("-").map(Number), at.epoch);
    if (again >= rows) return false;
    const { symbols } = this.subscription!;
    for (; this.known < symbols.size; this.known++) out.symbols.add(symbols.at(this.known)!);
    copyRows(layoutOf(of.topic), batch.columns, batch.from + again, batch.rows, slot);
    out.commit(rows - again, batch.timeNs);
    numbers[at.next] = first + rows;
    return true;
  }
  private gap(next: number, first: number): void {
    const { topic, from } = this.of;
    this.numbers[at.lost]! += first - next;
    this.context.log(`rows ${next} to ${first - 1} of topic ${topic.name} from host '${from}' are lost: Redis does not have them any more`);
  }

  lost(): number {
    return this.numbers[at.lost]!;
  }
  kept(): void {
    this.read = this.numbers[at.batches]!;
  }
  /** What was written down here need not be kept on Redis. */
  private async hold(): Promise<void> {
    const { read, bus, of } = this;
    if (!of.blocks) return;
    this.holding = true;
    try {
      await bus.hold(of.topic, holdOf(of.here), read);
      this.held = read;
    } catch {
      // Next time; `waits` tells what is wrong.
    } finally {
      this.holding = false;
    }
  }

  private async look(): Promise<void> {
    const { of, bus } = this;
    const there = await bus.look(of.topic).catch(() => undefined);
    if (there) this.silent = this.silenceOf(there);
  }
  private silenceOf({ epoch, ended, publisherSilentMs }: RedisLook): string | undefined {
    const { from, patience } = this.of;
    if (epoch === 0) return `host '${from}' has given nothing of it yet: start it there with tickforge up --host ${from}`;
    return !ended && publisherSilentMs > patience ? `nothing was heard of host '${from}' for more than ${patience / 1000} s` : undefined;
  }
  waits(): string | undefined {
    const { bus, of } = this;
    if (this.fatal) return undefined;
    return bus.trouble ? `Redis at ${of.address} does not give it: ${bus.trouble.message}` : this.silent;
  }

  /** An end that all hosts have read leaves nothing behind on Redis, where the next run would find it. */
  private async clear(): Promise<void> {
    const { bus, of } = this;
    await bus.hold(of.topic, holdOf(of.here), this.read);
    const { subscribers, ended } = await bus.look(of.topic);
    if (ended && subscribers.every(({ group, lag }) => !group || lag === 0)) await bus.remove(of.topic);
  }

  async close(): Promise<void> {
    this.closed = true;
    const all = this.subscription?.ended === true && this.read === this.numbers[at.batches];
    this.subscription?.close();
    if (all) await this.clear().catch(() => {});
    await this.bus.close().catch(() => {});
  }
}
