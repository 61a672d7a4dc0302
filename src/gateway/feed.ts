/** One topic and all who take it: read once, encoded once for those who ask for the same, its last rows first. */
import type { Symbols, Topic } from "../bus/bus.js";
import { Rate } from "../bus/metrics/metrics.js";
import type { Following, Hub } from "../bus/routing/hub.js";
import type { Followed } from "../bus/routing/hub_upstream.js";
import type { Checksum } from "../bus/topic_hash.js";
import type { Client } from "./client.js";
import { encode, type Rows, rowBytes } from "./encode.js";
import { type Ask, columnsOf, type Format, missing, told } from "./message.js";
import type { FeedStats } from "./stats.js";

/** Those who asked for the same. */
interface Group {
  readonly format: Format;
  /** Undefined: all of the topic. */
  readonly instruments: readonly string[] | undefined;
  readonly takers: Map<Client, Taker>;
}
interface Taker {
  readonly group: Group;
  /** Rows left out since the client was last told. */
  lost: number;
  /** Too much waits for it: nothing more until there is room. */
  behind: boolean;
}
export interface FeedOptions {
  /** The number under which frames of the topic go. */
  readonly stream: number;
  /** Names by their ids, where the topic has no symbols of its own. */
  readonly instruments: readonly string[];
  /** Nothing is left out of it: a client that is too slow is closed. */
  readonly never: boolean;
  readonly messageBytes: number;
  /** About what last rows may take that a client is given at once. */
  readonly knownBytes: number;
  /** How long a topic that could not be read is left alone. */
  readonly againMs: number;
  readonly checksum: Checksum;
}
export class Feed {
  private readonly groups = new Map<string, Group>();
  private readonly takers = new Map<Client, Taker>();
  private readonly rate = new Rate();
  private readonly counts = { rows: 0, messages: 0, sent: 0, lost: 0, missed: 0 };
  private following: Following<any> | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Of the last batch, and the number of the row that comes next. */
  private last = { sequence: 0, producer: 0, epoch: 0 };
  /** Symbols that clients know of. */
  private announced = 0;

  constructor(
    readonly topic: Topic<any>,
    private readonly hub: Hub,
    private readonly options: FeedOptions,
  ) {}

  /** Throws what the subscription says now; what it says later is told to the clients and tried again. */
  open(): void {
    this.following = this.hub.follow(this.topic, { batch: (batch) => this.take(batch), failed: (error) => this.failed(error) });
    this.announced = this.names().length;
  }
  close(): void {
    clearTimeout(this.timer);
    this.following?.close();
    this.following = undefined;
  }
  private failed(error: unknown): void {
    this.close();
    for (const client of this.takers.keys()) client.say({ topic: this.topic.name, ...told(error) });
    this.again();
  }
  private again(): void {
    const reopen = () => {
      try {
        this.open();
      } catch {
        this.again();
      }
    };
    this.timer = setTimeout(reopen, this.options.againMs).unref();
  }

  /** The instruments of the topic by their ids. */
  names(): readonly string[] {
    const symbols: Symbols | undefined = this.following?.symbols;
    if (!symbols || symbols.size === 0) return this.topic.symbols ?? this.options.instruments;
    return Array.from({ length: symbols.size }, (_, id) => symbols.at(id)!);
  }
  private idOf(name: string): number | undefined {
    const symbols = this.following?.symbols;
    if (symbols && symbols.size > 0) return symbols.find(name);
    const id = this.names().indexOf(name);
    return id < 0 ? undefined : id;
  }

  /** Throws what is wrong with the instruments of an ask. */
  check({ instruments }: Ask): void {
    if (!instruments) return;
    const { name } = this.topic;
    const names = this.names();
    if (this.following && this.following.column === undefined)
      throw missing("E_GATEWAY_INSTRUMENT", `topic '${name}' does not tell instruments apart: it has no`, instruments[0]!, []);
    const there = new Set([...names, ...this.options.instruments]);
    for (const one of instruments)
      if (!there.has(one)) throw missing("E_GATEWAY_INSTRUMENT", `topic '${name}' has no instrument`, one, names);
  }
  /** What the client asks for from now on, instead of what it asked before; first what is known. */
  enter(client: Client, ask: Ask): void {
    this.check(ask);
    this.leave(client);
    const instruments = ask.instruments && [...new Set(ask.instruments)].sort();
    const key = JSON.stringify([ask.format, instruments]);
    const group = this.groups.get(key) ?? { format: ask.format, instruments, takers: new Map() };
    this.groups.set(key, group);
    const taker: Taker = { group, lost: 0, behind: false };
    this.takers.set(client, taker);
    group.takers.set(client, taker);
    client.say({
      subscribed: this.topic.name,
      stream: this.options.stream,
      format: ask.format,
      columns: columnsOf(this.topic),
      symbols: this.names(),
    });
    if (ask.last) this.giveKnown(client, taker);
  }
  /** False where the client does not take this topic. */
  leave(client: Client): boolean {
    const taker = this.takers.get(client);
    if (!taker) return false;
    this.takers.delete(client);
    taker.group.takers.delete(client);
    for (const [key, group] of this.groups) if (group.takers.size === 0) this.groups.delete(key);
    return true;
  }

  private take(batch: Followed<any>): void {
    const { rows, sequence, producer, epoch, lost } = batch;
    this.counts.rows += rows;
    this.rate.add(rows);
    this.last = { sequence: sequence + rows, producer, epoch };
    if (lost > 0) this.missed(lost);
    if (this.takers.size === 0) return;
    this.announce();
    for (const group of this.groups.values()) {
      const places = this.placesOf(group, batch);
      const count = places ? places.length : rows;
      if (count > 0) this.deal(group, { ...batch, places, count, sequence: sequence + (places?.[0] ?? 0), known: false });
    }
  }
  private missed(lost: number): void {
    this.counts.missed += lost;
    for (const client of this.takers.keys()) client.say({ lost, topic: this.topic.name, by: "gateway" });
  }
  /** Symbols come to a topic while it runs. */
  private announce(): void {
    const size = this.following?.symbols.size ?? 0;
    if (size <= this.announced) return;
    const symbols = this.names().slice(this.announced);
    for (const client of this.takers.keys()) client.say({ topic: this.topic.name, from: this.announced, symbols });
    this.announced = size;
  }
  private placesOf({ instruments }: Group, { places }: Followed<any>): Int32Array | undefined {
    if (!instruments) return undefined;
    const found = instruments.flatMap((name) => places.get(this.idOf(name) ?? -1) ?? []);
    if (found.length < 2) return found[0] ?? new Int32Array();
    return Int32Array.from(found.flatMap((one) => [...one])).sort();
  }

  /** Encodes what at least one of the group has room for. */
  private deal(group: Group, rows: Rows): void {
    const ready: [Client, Taker][] = [];
    for (const [client, taker] of group.takers) {
      if (taker.behind) this.leaveOut(client, taker, rows.count);
      else ready.push([client, taker]);
    }
    if (ready.length === 0) return;
    for (const part of this.parts(group, rows)) {
      const data = encode(this.stream, part, group.format);
      for (const [client, taker] of ready) this.give(client, taker, data, part);
    }
  }
  private give(client: Client, taker: Taker, data: Buffer, { count, known }: Rows): void {
    const { never } = this.options;
    if (client.ended) return;
    if (!taker.behind && client.offer(data, taker.group.format === "binary", never)) {
      this.counts.messages++;
      if (!known) this.counts.sent += count;
    } else if (never) client.end("slow", `too slow for ${this.topic.name}, of which nothing is left out`);
    else this.leaveOut(client, taker, known ? 0 : count);
  }
  private leaveOut(client: Client, taker: Taker, rows: number): void {
    taker.lost += rows;
    client.lost += rows;
    this.counts.lost += rows;
    if (taker.behind) return;
    taker.behind = true;
    client.whenRoomy(() => this.catchUp(client, taker));
  }
  /** The newest rows win: the client is told how many it did not get, then the last of each instrument, then what follows. */
  private catchUp(client: Client, taker: Taker): void {
    if (this.takers.get(client) !== taker || client.ended) return;
    if (taker.lost > 0) client.say({ lost: taker.lost, topic: this.topic.name, by: "client" });
    taker.lost = 0;
    taker.behind = false;
    this.giveKnown(client, taker);
  }
  private giveKnown(client: Client, taker: Taker): void {
    const { group } = taker;
    const { following } = this;
    if (!following) return;
    const asked = group.instruments?.map((name) => following.last(this.idOf(name) ?? -1)) ?? [following.last()];
    const all = asked.length === 1 ? asked[0]!.rows : Int32Array.from(asked.flatMap(({ rows }) => [...rows]));
    const most = Math.max(1, Math.floor(this.options.knownBytes / rowBytes(this.stream, group.format)));
    const places = all.subarray(-most);
    if (places.length === 0) return;
    if (places.length < all.length) client.say({ withheld: all.length - places.length, topic: this.topic.name });
    const timeNs = asked.reduce((latest, one) => (one.timeNs > latest ? one.timeNs : latest), 0n);
    const known = { columns: asked[0]!.columns, places, count: places.length, timeNs, ...this.last, known: true };
    for (const part of this.parts(group, known)) this.give(client, taker, encode(this.stream, part, group.format), part);
  }

  private get stream() {
    return { topic: this.topic, stream: this.options.stream, checksum: this.options.checksum };
  }
  private *parts({ format }: Group, rows: Rows): Generator<Rows> {
    const most = Math.max(1, Math.floor(this.options.messageBytes / rowBytes(this.stream, format)));
    if (rows.count <= most) return yield rows;
    const all = rows.places ?? Int32Array.from({ length: rows.count }, (_, i) => i);
    for (let at = 0; at < rows.count; at += most) {
      const places = all.subarray(at, at + most);
      yield { ...rows, places, count: places.length, sequence: rows.known ? rows.sequence : rows.sequence + places[0]! - all[0]! };
    }
  }

  stats(): FeedStats {
    return { topic: this.topic.name, rowsPerSecond: this.rate.perSecond(), clients: this.takers.size, ...this.counts };
  }
}
