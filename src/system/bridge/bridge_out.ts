/**
 * Takes a topic and publishes it on Redis, for other hosts. Its rows stay in the ring until Redis has them; whoever continues asks Redis
 * how many it has and goes on behind them.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Batch, Columns, Symbols } from "../../bus/bus.js";
import { copyRows, layoutOf } from "../../bus/frame.js";
import type { RedisBus, RedisLook } from "../../bus/redis/redis_bus.js";
import type { RedisPublisher } from "../../bus/redis/redis_publisher.js";
import { BusError } from "../../core/contract/errors.js";
import { type Context, defineEngine, type Engine } from "../kit/engine.js";
import { BRIDGE_BYTES } from "../plan/bridged.js";
import { type Crossing, holdOf, persist } from "./crossing.js";

const LOOK_MS = 250;
/** A publisher that was not heard of for so long has died. */
const STALE_MS = 2000;

export const bridgeOut = (crossing: Crossing) =>
  defineEngine({
    name: "bridge",
    doc: "Brings a topic to other hosts, through Redis.",
    options: {},
    takes: () => ({ [crossing.topic.name]: { doc: "what leaves this host", topic: crossing.topic.name, columns: {} } }),
    gives: () => ({}),
    stateBytes: () => BRIDGE_BYTES,
    begin: (context) => new Outgoing(crossing, context),
  });

/** Numbers of the state: which life of the topic this is, and what Redis has of it. */
const at = { life: 0, epoch: 1, batches: 2, rows: 3 } as const;

class Outgoing implements Engine {
  private readonly bus: RedisBus;
  private readonly numbers: Float64Array;
  private readonly symbols: Symbols;
  private publisher: RedisPublisher<Columns> | undefined;
  /** Redis has let it in, and the places of the other hosts are there. */
  private isIn = false;
  private fatal: unknown;
  private closed = false;
  private ending: Promise<void> | undefined;
  private hasEnded = false;
  private reason: string | undefined;
  /** Since when there is no room on Redis; undefined where there is. */
  private fullSince: number | undefined;
  private looking = false;
  /** How far each host is, and since when. */
  private readonly hosts = new Map<string, { place: number; since: number; moved: boolean }>();

  constructor(
    private readonly of: Crossing,
    private readonly context: Context,
  ) {
    this.numbers = new Float64Array(context.state);
    // Written down before anything is published: Redis is asked for it whenever somebody continues.
    if (this.numbers[at.life] === 0) this.numbers[at.life] = 1 + Math.floor(Math.random() * 0xffff_fffe);
    this.symbols = context.takes[of.topic.name]!.symbols;
    this.bus = of.open();
    this.open().catch((cause: unknown) => {
      if (!this.closed) this.fatal = cause;
    });
  }

  private async open(): Promise<void> {
    const { of, bus, numbers } = this;
    const life = numbers[at.life]!;
    const known = { epoch: numbers[at.epoch]!, batches: numbers[at.batches]!, rows: numbers[at.rows]! };
    let there = await this.look();
    const isOurs = there.note === String(life);
    if (!isOurs && there.note !== "" && known.epoch > 0) throw this.taken(known.rows);
    let atLeast = known;
    if (!isOurs && known.epoch === 0 && there.epoch > 0) {
      // This system begins anew: what an earlier one left is removed, and ids of entries go on rising.
      there = await this.lonely(there);
      await persist(() => bus.remove(of.topic), this.isOver);
      atLeast = { epoch: there.epoch + 1, batches: 0, rows: 0 };
      there = await this.look();
    } else if (there.rows < known.rows)
      this.context.log(
        `Redis has ${there.rows} rows of topic ${of.topic.name} and had ${known.rows}: of those between, what host ${of.to.join(", ")} has not read is lost`,
      );
    const publisher = bus.publisher(of.topic, {
      ...{ takeover: true, producer: life },
      ...((there.epoch === 0 || there.rows < known.rows) && { atLeast }),
    });
    this.publisher = publisher;
    await publisher.flushed();
    publisher.noteNext(String(life));
    await this.holdAll(there);
    this.isIn = true;
  }

  private isOver = (): boolean => this.closed;
  private look(): Promise<RedisLook> {
    return persist(() => this.bus.look(this.of.topic), this.isOver);
  }
  /** Once nobody publishes the topic any more. */
  private async lonely(there: RedisLook): Promise<RedisLook> {
    let seen = there;
    while (!seen.ended && seen.publisherSilentMs < STALE_MS) {
      const { system, topic } = this.of;
      this.reason = `somebody else publishes topic ${topic.name} of system '${system}' on Redis: is another system of this name at work there?`;
      await pause(LOOK_MS);
      seen = await this.look();
    }
    this.reason = undefined;
    return seen;
  }
  private taken(rows: number): BusError {
    const { system, topic, address } = this.of;
    return new BusError(
      "E_BRIDGE_OTHER",
      `topic '${topic.name}': another system of the name '${system}' has begun it anew on Redis at ${address}`,
      {
        ...{ value: rows },
        hint: "give the systems two names; to go on with this one, end the other and begin with --fresh on all hosts",
      },
    );
  }

  /** A place for each host that has none: Redis keeps for it what it has not read, whether it was started or not. */
  private async holdAll(there: RedisLook): Promise<void> {
    const { of, bus, publisher } = this;
    for (const host of of.blocks ? of.to : [])
      if (!there.subscribers.some(({ name, group }) => group && name === holdOf(host)))
        await persist(() => bus.hold(of.topic, holdOf(host), publisher!.stored.batches), this.isOver);
  }

  take(_port: string, batch: Batch, from: number): number {
    if (this.fatal) throw this.fatal;
    const { publisher, of } = this;
    if (!publisher || !this.isIn) return from;
    const first = batch.sequence + from - batch.from;
    // What Redis has already was published before this bridge began.
    const begin = from + Math.min(batch.rows - from, Math.max(0, publisher.published - first));
    if (begin === batch.rows) return begin;
    if (first > publisher.published) publisher.seek(first);
    const slot = publisher.claim();
    if (!slot) {
      this.fullSince ??= performance.now();
      return begin;
    }
    this.fullSince = undefined;
    for (let id = publisher.symbols.size; id < this.symbols.size; id++) publisher.symbols.add(this.symbols.at(id)!);
    copyRows(layoutOf(of.topic), batch.columns, begin, batch.rows, slot);
    publisher.commit(batch.rows - begin, batch.timeNs);
    return batch.rows;
  }

  turn(): number {
    if (this.fatal) throw this.fatal;
    if (this.publisher?.trouble) throw this.publisher.trouble;
    if (this.isIn && !this.looking) void this.watch();
    return LOOK_MS;
  }
  /** How far the other hosts are. */
  private async watch(): Promise<void> {
    this.looking = true;
    try {
      const there = await this.bus.look(this.of.topic);
      await this.holdAll(there);
      const now = performance.now();
      for (const host of this.of.to) {
        const lag = there.subscribers.find(({ name, group }) => group && name === holdOf(host))?.lag ?? 0;
        const [place, seen] = [there.batches - lag, this.hosts.get(host)];
        // It would wait for entries that Redis has lost, and hold this host up for ever.
        const gone = there.batches - there.kept;
        if (this.of.blocks && place < gone) await this.bus.hold(this.of.topic, holdOf(host), gone);
        if (seen?.place !== place || lag === 0)
          this.hosts.set(host, { place, since: now, moved: seen !== undefined && (seen.moved || seen.place !== place) });
      }
    } catch {
      // `waits` tells what is wrong with Redis.
    } finally {
      this.looking = false;
    }
  }

  waits(): string | undefined {
    const { bus, of } = this;
    if (this.fatal) return undefined;
    if (bus.trouble) return `Redis at ${of.address} does not take it: ${bus.trouble.message}`;
    if (!this.isIn) return this.reason ?? "";
    if (this.fullSince === undefined) return undefined;
    const now = performance.now();
    const late = [...this.hosts].filter(([, { since }]) => now - since > of.patience && now - this.fullSince! > of.patience);
    return late
      .map(([host, { moved }]) =>
        moved
          ? `host '${host}' has read nothing of it for ${of.patience / 1000} s`
          : `host '${host}' has read nothing of it yet: start it there with tickforge up --host ${host}`,
      )
      .join("; ");
  }

  safe(): number {
    const { publisher, numbers } = this;
    if (!publisher || !this.isIn) return numbers[at.rows]!;
    const { epoch, batches, rows } = publisher.stored;
    numbers.set([epoch, batches, rows], at.epoch);
    return rows;
  }

  done(draining: boolean): boolean {
    if (!this.isIn) return false;
    this.ending ??= this.end(draining);
    return this.hasEnded;
  }
  /** A system that goes down goes on later: only a topic that has ended by itself ends on the other hosts. */
  private async end(draining: boolean): Promise<void> {
    const publisher = this.publisher!;
    try {
      await publisher.flushed();
      if (!draining) await publisher.close();
      this.hasEnded = true;
    } catch (cause) {
      this.fatal = cause;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    // Without an end: whoever continues goes on with the topic.
    await this.publisher?.handOver().catch(() => {});
    await this.bus.close().catch(() => {});
  }
}
