/** Topics across machines, on Redis, Redis Cluster or Valkey: the only file that names the client. */
import { createRequire } from "node:module";
import type { RedisOptions as ClientOptions, Cluster, Redis } from "ioredis";
import { BusError } from "../errors.js";
import type { Bus, Columns, SubscribeOptions, Topic, TopicStats } from "./bus.js";
import type { CodecName } from "./codec.js";
import { difference } from "./frame.js";
import { RedisChannel } from "./redis_channel.js";
import { type GroupOptions, RedisGroup } from "./redis_group.js";
import { damagedAnswer, type Entry, isFinal, type Link, type Reply, redisError } from "./redis_link.js";
import { RedisPublisher, type RedisPublisherOptions } from "./redis_publisher.js";
import { KEYS_OF_A_TOPIC, scripts } from "./redis_scripts.js";
import { RedisSubscription } from "./redis_subscription.js";
import { Turnstile } from "./turnstile.js";

export interface RedisOptions {
  /** redis://host:port, rediss:// for TLS, or a path of a unix socket; redis://127.0.0.1:6379 by default. */
  readonly url?: string;
  /** Nodes of a Redis Cluster, as `host:port`, instead of `url`. */
  readonly cluster?: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly tls?: {
    readonly ca?: string | Buffer;
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
    readonly servername?: string;
  };
  /** Put before all keys, `tickforge` by default. */
  readonly namespace?: string;
  /** Topics of one shard lie on one node of a cluster; each topic has one of its own by default. */
  readonly shard?: (topic: string) => string;
  readonly codec?: CodecName;
  /** A link that is silent for so long, while an answer is due, is dead; 800. */
  readonly silentMs?: number;
  /** A subscriber that was not heard of for so long loses its place; 5000. */
  readonly deadMs?: number;
  /** A publisher that closes waits so long until Redis has what it accepted; 5000. */
  readonly closeMs?: number;
  /** Told when the link fails, and when it works again (undefined). */
  readonly onTrouble?: (error: BusError | undefined) => void;
}

/** `lag` in batches; `kept`: entries that the server still has. */
export interface RedisLook {
  readonly batches: number;
  readonly rows: number;
  readonly epoch: number;
  readonly ended: boolean;
  readonly publisherSilentMs: number;
  readonly kept: number;
  readonly subscribers: readonly { readonly name: string; readonly group: boolean; readonly lag: number }[];
}

/** `from`: behind an entry that the server still has, instead of what comes from now on; `sequence` of the row after it. */
export type RedisSubscribeOptions = SubscribeOptions &
  Partial<GroupOptions> & { readonly from?: { readonly id: string; readonly sequence: number } };

type Client = Redis | Cluster;
/** Its own declarations do not hold under exactOptionalPropertyTypes. */
type Any = any;
type Scripted = Record<string, (...args: (string | number | Buffer)[]) => Promise<Reply>>;

function client(): typeof import("ioredis") {
  try {
    return createRequire(import.meta.url)("ioredis");
  } catch (cause) {
    throw new BusError("E_PACKAGE_MISSING", "the bus on Redis needs the package ioredis, which is not installed", {
      hint: "npm install ioredis",
      cause,
    });
  }
}

function clientOptions(options: RedisOptions, waits: boolean): ClientOptions {
  const { username, password, tls, silentMs = 800 } = options;
  return {
    ...{ protocol: 2, enableOfflineQueue: false, autoResendUnfulfilledCommands: false, enableReadyCheck: false, maxRetriesPerRequest: 0 },
    ...{ connectTimeout: 1000, keepAlive: 1000, noDelay: true, socketTimeout: silentMs, disableClientInfo: true },
    ...(!waits && { commandTimeout: silentMs }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: tls as NonNullable<ClientOptions["tls"]> }),
    scripts: Object.fromEntries(
      Object.entries(scripts).map(([name, lua]) => [`tickforge_${name}`, { lua, numberOfKeys: KEYS_OF_A_TOPIC }]),
    ),
  };
}

const answersNumber: ReadonlySet<string> = new Set(["finish", "hold", "leave", "drop"] satisfies (keyof typeof scripts)[]);
const vague = /Connection is closed|writeable|max retries|Cluster isn't ready|None of startup nodes/i;

class RedisLink implements Link {
  trouble: { error: BusError; since: number } | undefined;
  readonly keepsArguments: boolean;
  private readonly client: Client;
  private readonly turn = new Turnstile();
  private closed = false;

  constructor(
    private readonly options: RedisOptions,
    waits: boolean,
  ) {
    const { Redis, Cluster } = client();
    const { url = "redis://127.0.0.1:6379", cluster } = options;
    this.keepsArguments = cluster !== undefined;
    const retry = (times: number) => (this.trouble && isFinal(this.trouble.error) ? null : Math.min(20 * times, 250));
    const common: Any = clientOptions(options, waits);
    const nodes = {
      redisOptions: common,
      clusterRetryStrategy: retry,
      enableOfflineQueue: false,
      slotsRefreshTimeout: 1000,
      scripts: common.scripts,
    };
    this.client = cluster
      ? new Cluster([...cluster], nodes as Any)
      : url.startsWith("/")
        ? new Redis({ ...common, path: url, retryStrategy: retry })
        : new Redis(url, { ...common, retryStrategy: retry });
    this.client.on("error", (cause: unknown) => this.blame(redisError("bus 'redis'", cause)));
    this.client.on("ready", () => this.turn.ring());
  }

  blame(error: BusError): void {
    if (this.closed || !error.code.startsWith("E_BUS_REDIS_")) return;
    // That the connection is closed says less than why.
    if (this.trouble && vague.test(error.message)) return;
    const news = this.trouble?.error.message !== error.message;
    this.trouble = { error, since: this.trouble?.since ?? performance.now() };
    if (news) this.options.onTrouble?.(error);
  }
  private well<T>(reply: T): T {
    if (this.trouble) {
      this.trouble = undefined;
      if (!this.closed) this.options.onTrouble?.(undefined);
    }
    return reply;
  }
  async script(name: keyof typeof scripts, keys: readonly string[], ...args: (string | number | Buffer)[]): Promise<Reply> {
    const reply = await (this.client as unknown as Scripted)[`tickforge_${name}`]!(...keys, ...args);
    if (typeof reply === "number" && !answersNumber.has(name)) throw this.lost();
    return this.well(reply);
  }
  async call(_key: string, command: string, ...args: (string | number)[]): Promise<Reply> {
    return this.well((await this.client.call(command, ...args.map(String))) as Reply);
  }
  async entries(key: string, command: string, ...args: (string | number)[]): Promise<Entry[]> {
    const reply = (await this.client.callBuffer(command, ...args.map(String))) as unknown;
    if (reply !== null && !Array.isArray(reply)) throw this.lost();
    this.well(reply);
    if (reply === null) return [];
    if (command === "XRANGE") return reply as Entry[];
    if (command === "XAUTOCLAIM") return (reply as [Buffer, Entry[]])[1];
    const found = (reply as [Buffer, Entry[]][]).find(([name]) => name.toString() === key);
    return found?.[1] ?? [];
  }
  drop(): void {
    if (!this.closed) this.client.disconnect(true);
  }
  private lost(): BusError {
    this.drop();
    return damagedAnswer("bus 'redis'");
  }
  async again(ms: number): Promise<void> {
    await this.turn.next(ms);
  }
  close(): void {
    this.closed = true;
    this.client.disconnect();
    this.turn.ring();
  }
}

/** Topics on Redis. What is published is kept here until Redis has it; what Redis has reaches each subscriber in order, once. */
export class RedisBus implements Bus {
  readonly transport = "redis";
  private readonly channels = new Map<string, RedisChannel<any>>();
  private readonly link: RedisLink;
  private closed = false;

  constructor(private readonly options: RedisOptions = {}) {
    this.link = new RedisLink(options, false);
  }

  /** Why Redis cannot be used at the moment; undefined while all is well. */
  get trouble(): BusError | undefined {
    return this.link.trouble?.error;
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
    const before = Promise.resolve(channel.publisher?.flushed()).catch(() => {});
    const reader = new RedisLink(this.options, true);
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
    const [batches, rows, epoch, ended, beat, length, ...places] = (await link.script("look", keys).catch((cause: unknown) => {
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

  /** Publishers first: what they have accepted is sent. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const channels = [...this.channels.values()];
    const ends = await Promise.allSettled(channels.map(async ({ publisher }) => publisher?.close()));
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
      const { namespace = "tickforge", shard = (name: string) => name, codec = "raw", deadMs = 5000, closeMs = 5000 } = this.options;
      const prefix = `{${namespace}.${shard(topic.name)}}:`;
      this.channels.set(topic.name, (channel = new RedisChannel(topic, this.link, { codec, deadMs, closeMs, prefix })));
    }
    const other = difference(channel.topic, topic);
    if (other)
      throw new BusError("E_BUS_LAYOUT", `topic '${topic.name}': ${other}`, { hint: "Declare the topic once and import it everywhere." });
    return channel;
  }
}
