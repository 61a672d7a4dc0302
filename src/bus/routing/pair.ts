/**
 * Two servers for one topic. `both`: every batch goes to each, and a subscriber takes whichever copy comes first. `standby`: the
 * other one is used when this one has not acknowledged something in time, and first gets what subscribers are not known to have read.
 * Rows bear the same numbers on both, which is how the second copy of a row is known.
 */
import { needArray, needMethods, needObject } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Batch, Columns, Subscription, Topic, Views } from "../bus.js";
import { layoutOf, rowsOf } from "../frame.js";
import type { RedisBus } from "../redis/redis_bus.js";
import type { RedisPublisher } from "../redis/redis_publisher.js";

export interface PairOptions {
  readonly mode?: "both" | "standby";
  /** Standby takes over when nothing was acknowledged for so long; 30. Where the link itself is broken it does after 5 at most. */
  readonly overdueMs?: number;
  /** A server that has not answered when the other has, and so long after, is begun without; 1000. */
  readonly openMs?: number;
}
const LOOK_MS = 2;
/** A broken link may be there again at once; longer than that it is not waited for. */
const BROKEN_MS = 5;

export class PairPublisher<C extends Columns = Columns> {
  readonly ready: Promise<void>;
  /** Times that the other server was turned to. */
  switches = 0;
  private readonly sides: readonly [RedisPublisher<C>, RedisPublisher<C>];
  private active = 0;
  private next = 0;
  /** Rows before this one were passed on to the other server, which then had no room. */
  private passed = 0;
  private opened = false;
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    buses: readonly [RedisBus, RedisBus],
    readonly topic: Topic<C>,
    private readonly options: PairOptions = {},
  ) {
    needArray("PairPublisher: buses", buses);
    for (const bus of [buses[0], buses[1]]) needMethods("PairPublisher: one of two buses", bus, "a RedisBus", "publisher");
    needObject("PairPublisher: options", options);
    this.sides = [buses[0].publisher(topic), buses[1].publisher(topic)];
    this.ready = this.open();
    this.ready.catch(() => {});
    if (options.mode === "standby") {
      this.timer = setInterval(() => this.watch(), LOOK_MS);
      this.timer.unref();
    }
  }

  private async open(): Promise<void> {
    await openOf(this.sides, this.options.openMs);
    this.next = Math.max(...this.sides.map((side) => side.published));
    for (const side of this.sides) side.seek(this.next);
    this.opened = true;
  }

  /** Ids are the same on both, for symbols are added to both in the same order. */
  symbol(name: string): number {
    const [a, b] = this.sides.map(({ symbols }) => symbols.add(name));
    if (a === b) return a!;
    const hint = "Choose a namespace of its own for the pair, so that both begin with the same symbols.";
    throw new BusError("E_BUS_SYMBOLS", `topic '${this.topic.name}': symbol '${name}' is ${a} on the first server and ${b} on the second`, {
      hint,
    });
  }

  /** Rows that at least one server's publisher has accepted; 0 where there is no room, or before `ready`. */
  publish(columns: Views<C>, timeNs = BigInt(Date.now()) * 1_000_000n): number {
    if (!this.opened) return 0;
    const rows = rowsOf(layoutOf(this.topic), columns);
    const taken = this.sides.map((side, i) => (this.options.mode === "standby" && i !== this.active ? 0 : attempt(side, columns, timeNs)));
    const most = Math.max(...taken);
    if (rows === 0 || most === 0) return 0;
    this.next += most;
    // Who had less room goes on behind what it did not get.
    for (const [i, side] of this.sides.entries()) if (taken[i]! < most) side.seek(this.next);
    return most;
  }

  async room(): Promise<void> {
    await this.ready;
    const side = this.sides[this.active]!;
    // With both, room on either will do; with a standby the other may be the active one soon.
    const turns = this.options.mode === "standby" ? [side.room()] : this.sides.map((one) => one.room());
    let timer: NodeJS.Timeout | undefined;
    const soon = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LOOK_MS);
    });
    await Promise.race([Promise.any(turns).catch(() => soon), soon]);
    clearTimeout(timer);
  }

  private watch(): void {
    const [from, to] = [this.sides[this.active]!, this.sides[1 - this.active]!];
    const { overdueMs = 30 } = this.options;
    if (!this.opened || from.overdueMs <= (from.cutOff ? Math.min(BROKEN_MS, overdueMs) : overdueMs)) {
      this.passed = 0;
      return;
    }
    if (to.overdueMs > 0) return;
    // What was acknowledged and not read is read from here as well: the server that had it may never answer again.
    for (const { columns, sequence, timeNs } of from.unread()) {
      if (sequence < this.passed) continue;
      to.seek(sequence);
      if (attempt(to, columns, timeNs) === 0) return;
      this.passed = to.published;
    }
    this.passed = 0;
    to.seek(this.next);
    this.active = 1 - this.active;
    this.switches++;
  }

  async flushed(): Promise<void> {
    await Promise.any(this.sides.map((side) => side.flushed()));
  }
  /** Settles when one of the servers has everything; the other is not waited for longer than its own limit. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    const ends = await Promise.allSettled(this.sides.map((side) => side.close()));
    const failed = ends.filter((end) => end.status === "rejected");
    if (failed.length === ends.length) throw failed[0]!.reason;
  }
}

/** Settles when both servers have answered, or one and the other not in `openMs`; rejects where neither can be used. */
async function openOf(sides: readonly { readonly ready: Promise<void> }[], openMs = 1000): Promise<void> {
  const answers = sides.map(({ ready }) => ready);
  await Promise.any(answers).catch(({ errors }: AggregateError) => {
    throw errors[0];
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, openMs);
  });
  await Promise.race([Promise.allSettled(answers), late]);
  clearTimeout(timer);
}

/** A side that can publish no more, or another process has, takes nothing. */
function attempt<C extends Columns>(side: RedisPublisher<C>, columns: Views<C>, timeNs: bigint): number {
  try {
    return side.publish(columns, timeNs);
  } catch (error) {
    if (error instanceof BusError && error.code !== "E_BUS_COLUMN") return 0;
    throw error;
  }
}

/** A stretch of new rows: [from, rows) of a batch, valid until the next one is asked for. */
export interface Merged<C extends Columns = Columns> {
  readonly columns: Views<C>;
  readonly from: number;
  readonly rows: number;
  readonly sequence: number;
  readonly timeNs: bigint;
  /** Rows before these that neither server had. */
  readonly lost: number;
  /** Which of the two it came by. */
  readonly side: 0 | 1;
}

type Head<C extends Columns> = IteratorResult<Batch<C>, void>;

/** Reads both copies of a topic: each row once, in order, as soon as either server has it. */
export class PairSubscription<C extends Columns = Columns> implements AsyncIterable<Merged<C>> {
  /** Settles when both servers will give what is published from now on; after a second when one of them will. */
  readonly ready: Promise<void>;
  readonly duplicates = [0, 0];
  lost = 0;
  private readonly sides: readonly [Subscription<C>, Subscription<C>];
  private expected = -1;

  constructor(
    buses: readonly [RedisBus, RedisBus],
    topic: Topic<C>,
    /** How long rows that one server does not have are waited for from the other; 30. */
    private readonly holdMs = 30,
  ) {
    needArray("PairSubscription: buses", buses);
    for (const bus of [buses[0], buses[1]]) needMethods("PairSubscription: one of two buses", bus, "a RedisBus", "subscribe");
    this.sides = [buses[0].subscribe(topic), buses[1].subscribe(topic)];
    this.ready = openOf(this.sides);
    this.ready.catch(() => {});
  }
  /** A symbol of the topic, from whichever server has told it. */
  symbol(id: number): string | undefined {
    return this.sides[0].symbols.at(id) ?? this.sides[1].symbols.at(id);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Merged<C>, void, undefined> {
    const readers = this.sides.map((side) => side[Symbol.asyncIterator]());
    const heads: (Head<C> | undefined)[] = [undefined, undefined];
    const asked: (Promise<void> | undefined)[] = [undefined, undefined];
    const ask = (i: number) => {
      asked[i] ??= readers[i]!.next().then(
        (head) => void (heads[i] = head),
        () => void (heads[i] = { done: true, value: undefined }),
      );
    };
    const drop = (i: number) => {
      heads[i] = asked[i] = undefined;
    };
    try {
      for (let waited = false; ; ) {
        for (const i of [0, 1]) {
          this.skim(heads, i, drop);
          ask(i);
        }
        if (heads.every((head) => head?.done)) return;
        const i = this.choose(heads, waited);
        if (i < 0) {
          waited = await this.arrival(heads, asked);
          continue;
        }
        waited = false;
        const batch = heads[i]!.value as Batch<C>;
        const start = this.expected < 0 ? batch.sequence : this.expected;
        const lost = Math.max(0, batch.sequence - start);
        const from = batch.from + Math.max(0, start - batch.sequence);
        const sequence = batch.sequence + from - batch.from;
        this.lost += lost;
        yield { columns: batch.columns, from, rows: batch.rows, sequence, timeNs: batch.timeNs, lost, side: i as 0 | 1 };
        this.expected = sequence + batch.rows - from;
        drop(i);
      }
    } finally {
      this.close();
    }
  }

  /** Lets go of a batch whose rows have all come by the other side. */
  private skim(heads: (Head<C> | undefined)[], i: number, drop: (i: number) => void): void {
    const head = heads[i];
    if (!head || head.done) return;
    const { sequence, rows, from } = head.value;
    if (this.expected < 0 || sequence + rows - from > this.expected) return;
    this.duplicates[i]! += rows - from;
    drop(i);
  }

  /** The side to read next; -1 where it is not known yet. */
  private choose(heads: readonly (Head<C> | undefined)[], waited: boolean): number {
    const here = [0, 1].filter((i) => heads[i] && !heads[i]!.done);
    const sequence = (i: number) => (heads[i]!.value as Batch<C>).sequence;
    const fits = here.find((i) => this.expected < 0 || sequence(i) <= this.expected);
    if (fits !== undefined) return fits;
    // A gap on every side that can say something: the smallest one is real.
    const silent = [0, 1].some((i) => !heads[i]);
    if (here.length === 0 || (silent && !waited)) return -1;
    return here.reduce((a, b) => (sequence(a) <= sequence(b) ? a : b));
  }

  /** True where the time to wait for the other side is over. */
  private async arrival(heads: readonly (Head<C> | undefined)[], asked: readonly (Promise<void> | undefined)[]): Promise<boolean> {
    const open = [0, 1].filter((i) => !heads[i]).map((i) => asked[i]!);
    if (!heads.some((head) => head && !head.done)) {
      await Promise.race(open);
      return false;
    }
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), this.holdMs);
    });
    const answer = await Promise.race([over, ...open.map((one) => one.then(() => false))]);
    clearTimeout(timer);
    return answer;
  }

  close(): void {
    for (const side of this.sides) side.close();
  }
}
