/** Topics across machines, on Redis, Redis Cluster or Valkey. */
import { BusError } from "../../core/contract/errors.js";
import type { Agreement, Bus, Columns, SubscribeOptions, Topic, TopicStats } from "../bus.js";
import { difference } from "../frame.js";
import type { CodecName } from "./codec.js";
import { RedisAgreement } from "./redis_agreement.js";
import { flushedOf } from "./redis_begin.js";
import { RedisChannel } from "./redis_channel.js";
import { type LinkOptions, RedisClient } from "./redis_client.js";
import { type GroupOptions, RedisGroup } from "./redis_group.js";
import { isFinal, redisError } from "./redis_link.js";
import { RedisPublisher, type RedisPublisherOptions } from "./redis_publisher.js";
import { RedisSubscription } from "./redis_subscription.js";

export interface RedisOptions extends LinkOptions {
  /** Put before all keys, `tickforge` by default. */
  readonly namespace?: string;
  /** Topics of one shard lie on one node of a cluster; each topic has one of its own by default. */
  readonly shard?: (topic: string) => string;
  readonly codec?: CodecName;
  /** A subscriber that was not heard of for so long loses its place; 5000. */
  readonly deadMs?: number;
  /** A publisher that closes waits so long until Redis has what it accepted; 5000. */
  readonly closeMs?: number;
  /** A server that answers, and refuses for so long (a replica, out of memory), is told by `ready`; the attempts go on; 5000. */
  readonly readyMs?: number;
}

/** `lag` in batches; `note`: of the last batch that had one; `kept`: entries that the server still has; `foreign`: entries of others that were removed from the stream. */
export interface RedisLook {
  readonly batches: number;
  readonly rows: number;
  readonly epoch: number;
  readonly ended: boolean;
  readonly publisherSilentMs: number;
  readonly kept: number;
  readonly foreign: number;
  readonly note: string;
  readonly subscribers: readonly { readonly name: string; readonly group: boolean; readonly lag: number }[];
}

/** `from`: behind an entry that the server still has, instead of what comes from now on; `sequence` of the row after it. */
export type RedisSubscribeOptions = SubscribeOptions &
  Partial<GroupOptions> & { readonly from?: { readonly id: string; readonly sequence: number } };

/** Topics on Redis. What is published is kept here until Redis has it; what Redis has reaches each subscriber in order, once. */
export class RedisBus implements Bus {
  readonly transport = "redis";
  private readonly channels = new Map<string, RedisChannel<any>>();
  private readonly link: RedisClient;
  private readonly agreement: RedisAgreement;
  private closed = false;

  constructor(private readonly options: RedisOptions = {}) {
    this.link = new RedisClient(options, false);
    this.agreement = new RedisAgreement(this.link, options.namespace ?? "tickforge");
  }

  /** Why Redis, or an entry of a topic that is read here, cannot be used at the moment; undefined while all is well. */
  get trouble(): BusError | undefined {
    const parts = [...this.channels.values()].flatMap(({ publisher, subscriptions }) => [
      ...(publisher ? [publisher] : []),
      ...subscriptions,
    ]);
    return this.link.trouble?.error ?? parts.map(({ trouble }) => trouble).find((trouble) => trouble !== undefined);
  }
  /** Settles once Redis has answered; rejects with the cause where it has not in `timeoutMs`. */
  async answers(timeoutMs = 1000): Promise<void> {
    const started = performance.now();
    for (;;) {
      try {
        await this.link.call("", "PING");
        return;
      } catch (cause) {
        this.link.blame(redisError("bus 'redis'", cause));
        const { error } = this.link.trouble!;
        if (isFinal(error) || performance.now() - started > timeoutMs) throw error;
        await this.link.again(20);
      }
    }
  }

  /** Its publishers and subscriptions reject `ready` where the server is used with another topology, and fail when they are used. */
  agree(agreement: Agreement): void {
    this.agreement.take(agreement);
  }
  /** Settles when the server is known to be used with the topology that was agreed on here. */
  agreed(): Promise<void> {
    return this.agreement.check();
  }
  publisher<C extends Columns>(topic: Topic<C>, options: RedisPublisherOptions = {}): RedisPublisher<C> {
    const channel = this.channel(topic);
    if (options.takeover && channel.publisher) void channel.publisher.close();
    if (channel.publisher && !options.takeover) {
      const hint = "A topic has one publisher at a time: close the other, or pass takeover if it is dead.";
      throw new BusError("E_BUS_PUBLISHER", `topic '${topic.name}' has a publisher already`, { hint });
    }
    const publisher = new RedisPublisher(channel, options, channel.leaving);
    channel.publisher = publisher;
    return publisher;
  }
  /** With `group`, a share of the topic instead of all of it. */
  subscribe<C extends Columns>(topic: Topic<C>, options: RedisSubscribeOptions = {}): RedisSubscription<C> {
    const channel = this.channel(topic);
    // What this process published before comes before.
    const before = channel.publisher ? flushedOf(channel.publisher, channel.readyMs) : Promise.resolve();
    const reader = new RedisClient(this.options, true);
    const { group } = options;
    const subscription =
      group === undefined
        ? new RedisSubscription(channel, reader, before, options.from)
        : new RedisGroup(channel, reader, before, { ...options, group });
    channel.subscriptions.add(subscription);
    return subscription;
  }
  /** Of this process: `published` as far as it has heard, and its own subscribers. */
  stats(topic: Topic): TopicStats {
    const { publisher, sequence, full, subscriptions } = this.channel(topic);
    return { published: publisher?.published ?? sequence, full, subscribers: [...subscriptions].map((one) => one.stats()) };
  }

  /** Any command, for what the bus does not know; its error is one of the bus. */
  async command(name: string, ...args: (string | number)[]): Promise<unknown> {
    return this.link.call("", name, ...args).catch((cause: unknown) => {
      throw redisError(`command ${name}`, cause);
    });
  }
  /** What the server says of a topic: everybody's places, in batches. */
  async look(topic: Topic): Promise<RedisLook> {
    const { link, keys } = this.channel(topic);
    const [batches, rows, epoch, ended, beat, length, foreign, note, ...places] = (await link
      .script("look", keys)
      .catch((cause: unknown) => {
        throw redisError(`topic '${topic.name}'`, cause);
      })) as (number | string)[];
    const at = (i: number) => Number(places[i]);
    const subscribers = places.flatMap((name, i) =>
      i % 2 ? [] : [{ name: String(name).replace(/^[gs]:/, ""), group: String(name).startsWith("g:"), lag: Number(batches) - at(i + 1) }],
    );
    return {
      batches: Number(batches),
      rows: Number(rows),
      epoch: Number(epoch),
      ended: ended === 1,
      publisherSilentMs: Number(beat),
      kept: Number(length),
      foreign: Number(foreign),
      note: String(note),
      subscribers,
    };
  }
  /** A place that holds the publisher until it is moved on, whoever reads: in batches. */
  async hold(topic: Topic, name: string, place: number): Promise<void> {
    const { link, keys } = this.channel(topic);
    await link.script("hold", keys, name, place);
  }
  /** Shards that a member may work on, and those that it is to give back, as of now. */
  async lease(
    group: string,
    member: string,
    shards: number,
    leaseMs: number,
    leaves: boolean,
    back: readonly number[],
  ): Promise<{ mine: number[]; back: number[] }> {
    const { namespace = "tickforge" } = this.options;
    const keys = ["stream", "facts", "places", "beats", "symbols"].map((what) => `{${namespace}.${group}}:${what}`);
    const reply = ((await this.link.script("lease", keys, member, shards, leaseMs, leaves ? 1 : 0, ...back)) as string[]).map(String);
    const cut = reply.indexOf("/");
    return { mine: (cut < 0 ? reply : reply.slice(0, cut)).map(Number), back: cut < 0 ? [] : reply.slice(cut + 1).map(Number) };
  }
  /** Ends a group: the publisher no longer waits for it. */
  async dropGroup(topic: Topic, group: string): Promise<void> {
    const { link, keys } = this.channel(topic);
    await link.script("drop", keys, group).catch((cause: unknown) => {
      throw redisError(`topic '${topic.name}'`, cause);
    });
  }

  /** Removes a topic from the server with all that it holds: for topics that nobody uses any more, for nobody is asked. */
  async remove(topic: Topic): Promise<void> {
    const { link, keys, where } = this.channel(topic);
    await link.call(keys[0]!, "DEL", ...keys).catch((cause: unknown) => {
      throw redisError(where, cause);
    });
  }

  /** Publishers first: what they have accepted is sent. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const channels = [...this.channels.values()];
    const publishers = channels.flatMap(({ publisher, failed }) => [...failed, ...(publisher ? [publisher] : [])]);
    const ends = await Promise.allSettled(publishers.map(async (publisher) => publisher.close()));
    const left = channels.flatMap(({ subscriptions }) =>
      [...subscriptions].map((one) => {
        one.close();
        return (one as RedisSubscription).left;
      }),
    );
    await Promise.all(left);
    this.link.close();
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
  }

  private channel<C extends Columns>(topic: Topic<C>): RedisChannel<C> {
    if (this.closed) throw new BusError("E_BUS_CLOSED", `topic '${topic.name}': the bus is closed`, { hint: "Open another bus." });
    let channel: RedisChannel<C> | undefined = this.channels.get(topic.name);
    if (!channel) {
      const {
        namespace = "tickforge",
        shard = (name: string) => name,
        codec = "raw",
        deadMs = 5000,
        closeMs = 5000,
        readyMs = 5000,
      } = this.options;
      const prefix = `{${namespace}.${shard(topic.name)}}:`;
      this.channels.set(
        topic.name,
        (channel = new RedisChannel(topic, this.link, { codec, deadMs, closeMs, readyMs, prefix, agreed: () => this.agreed() })),
      );
    }
    const other = difference(channel.topic, topic);
    if (other)
      throw new BusError("E_BUS_LAYOUT", `topic '${topic.name}': ${other}`, { hint: "Declare the topic once and import it everywhere." });
    return channel;
  }
}
