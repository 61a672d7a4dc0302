/** One topic as this process sees it on Redis: its keys, its declaration, and what was opened of it here. */
import { BusError } from "../../core/contract/errors.js";
import type { Columns, SubscriberStats, Topic } from "../bus.js";
import { Frames, layoutOf } from "../frame.js";
import { Dictionary } from "../symbols.js";
import { type Codec, type CodecName, codec } from "./codec.js";
import type { Link } from "./redis_link.js";

export interface ChannelOptions {
  readonly codec: CodecName;
  readonly deadMs: number;
  readonly closeMs: number;
  readonly readyMs: number;
  /** What is put before the names of keys; its braces decide the shard. */
  readonly prefix: string;
  /** Rejects where the server is used with another topology than here. */
  readonly agreed: () => Promise<void>;
}
interface Opened {
  readonly trouble: BusError | undefined;
  close(): void | Promise<void>;
}

export class RedisChannel<C extends Columns = Columns> {
  /** Stream, facts, places, beats, symbols. */
  readonly keys: readonly string[];
  readonly declaration: string;
  readonly symbols: Dictionary;
  readonly codec: Codec;
  readonly subscriptions = new Set<Opened & { stats(): SubscriberStats }>();
  publisher: (Opened & { readonly published: number; flushed(timeoutMs?: number): Promise<void> }) | undefined;
  /** Publishers that ended with an error while Redis did not have all that they had accepted: closing the bus says so. */
  readonly failed = new Set<Opened>();
  /** Of the publisher before this one: the next waits until it has left. */
  leaving: Promise<unknown> = Promise.resolve();
  /** Rows known to be published, where no publisher of this process says so. */
  sequence = 0;
  full = 0;

  constructor(
    readonly topic: Topic<C>,
    readonly link: Link,
    private readonly options: ChannelOptions,
  ) {
    const layout = layoutOf(topic);
    this.keys = ["stream", "facts", "places", "beats", "symbols"].map((what) => `${options.prefix}${topic.name}:${what}`);
    this.declaration = JSON.stringify({ rows: topic.rows, columns: layout.columns.map(({ name, dtype, width }) => [name, dtype, width]) });
    this.symbols = new Dictionary(topic.symbols);
    this.codec = codec(options.codec);
  }
  get codecName(): CodecName {
    return this.options.codec;
  }
  get deadMs(): number {
    return this.options.deadMs;
  }
  get closeMs(): number {
    return this.options.closeMs;
  }
  get readyMs(): number {
    return this.options.readyMs;
  }
  agreed(): Promise<void> {
    return this.options.agreed();
  }
  get where(): string {
    return `topic '${this.topic.name}'`;
  }
  private frames(): Frames<C> {
    const layout = layoutOf(this.topic);
    return new Frames(layout, new ArrayBuffer(layout.stride * this.topic.slots), 0, this.topic.slots);
  }
  publisherFrames(): Frames<C> {
    return this.frames();
  }
  subscriberFrames(): Frames<C> {
    return this.frames();
  }

  /** Symbols as the server has them: ids and names in turn, in any order. */
  learn(known: readonly string[], again: boolean): void {
    const names: string[] = [];
    for (let i = 0; i < known.length; i += 2) names[Number(known[i])] = known[i + 1]!;
    for (const [id, name] of names.entries()) {
      const here = name === undefined ? id : this.symbols.add(name);
      if (here === id || again) continue;
      const what = `${this.where}: symbol '${name}' is ${id} on Redis and ${here} here`;
      throw new BusError("E_BUS_SYMBOLS", what, {
        hint: "Wait for publisher.ready before adding symbols to a topic that has some, or declare the same ones.",
      });
    }
  }

  otherLayout(there: string): BusError {
    const { rows, columns } = JSON.parse(there) as { rows: number; columns: [string, string, number][] };
    const shown = columns.map(([name, dtype, width]) => `${name} ${dtype}${width > 1 ? ` x ${width}` : ""}`).join(", ");
    return new BusError("E_BUS_LAYOUT", `${this.where}: on Redis it has ${rows} rows a slot of ${shown}`, {
      hint: "Declare the topic once and import it everywhere, or choose another namespace.",
    });
  }

  forget(publisher: Opened): void {
    if (this.publisher !== publisher) return;
    this.sequence = Math.max(this.sequence, this.publisher.published);
    this.publisher = undefined;
  }
}
