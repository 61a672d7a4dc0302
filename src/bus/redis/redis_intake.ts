/** What a subscriber makes of the entries that come: frames in its slots, symbols, and a word about those that are damaged or none of the bus. */
import { createHash } from "node:crypto";
import type { BusError } from "../../core/contract/errors.js";
import type { Layout } from "../frame.js";
import type { RedisChannel } from "./redis_channel.js";
import { decodeEntry, symbolsOf } from "./redis_entry.js";
import { type Link, redisEntryError } from "./redis_link.js";

/** A damaged entry is fetched again so often: the damage may have happened on the way here. */
const TRIES = 3;

/** An entry that is no good, as it came. */
export interface Wrong {
  readonly error: BusError;
  readonly fields: readonly Buffer[];
}

export class Intake {
  damaged = 0;
  foreign = 0;
  /** What was wrong with the last entry, until a good one came. */
  wrong: BusError | undefined;

  constructor(
    private readonly channel: RedisChannel<any>,
    private readonly reader: Link,
    private readonly layout: Layout,
  ) {}

  /** What is wrong with all copies that came, if anything is, and the last of them. */
  async decode(name: string, came: readonly Buffer[], slot: Uint8Array | undefined): Promise<Wrong | undefined> {
    const key = this.channel.keys[0]!;
    for (let [fields, tries] = [came, 1]; ; tries++) {
      const wrong = decodeEntry(name, fields, this.layout, slot);
      if (!wrong) {
        const [first, names] = symbolsOf(fields);
        if (names.length > 0) await this.learn(first, names);
        return undefined;
      }
      if (tries === TRIES) return { error: redisEntryError(this.channel.where, name, wrong), fields };
      const again = await this.reader.entries(key, "XRANGE", key, name, name);
      if (again[0]) fields = again[0][1];
    }
  }
  /** Entries between that were damaged may have had symbols too: the server has them all. */
  private async learn(first: number, names: readonly string[]): Promise<void> {
    const { symbols } = this.channel;
    if (first > symbols.size) await this.learnAll();
    for (const [i, name] of names.entries()) if (first + i >= symbols.size) symbols.add(name);
  }
  private async learnAll(): Promise<void> {
    const { channel } = this;
    const key = channel.keys[4]!;
    channel.learn((await channel.link.call(key, "HGETALL", key)) as string[], false);
  }

  /**
   * Tells of an entry, and says what is under its id now. One that is none of the bus is removed: behind its id those of the bus would not be
   * found. Its publisher may have been first to remove it, and have written a batch of the same id: that is another.
   */
  async passOver(name: string, { error, fields }: Wrong, what: "foreign" | "damaged"): Promise<"gone" | "same" | "another"> {
    const { channel } = this;
    this.wrong = error;
    this.reader.tell(error);
    const sum = createHash("sha1");
    for (const [i, field] of fields.entries()) sum.update(i === 0 ? "" : " ").update(field);
    const there = await channel.link.script("clear", channel.keys, name, sum.digest("hex"));
    // Its symbols may be needed by what follows.
    await this.learnAll();
    this[what]++;
    return (["gone", "same", "another"] as const)[Number(there)] ?? "another";
  }
  wellAgain(): void {
    if (this.wrong) this.reader.tell((this.wrong = undefined));
  }
}
