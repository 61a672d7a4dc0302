/** The one writer of a topic on Redis. What it has accepted lies in its slots until Redis has it, and is sent again whatever happened between. */
import { crc32 } from "node:zlib";
import type { BusError } from "../errors.js";
import type { Columns, GrowingSymbols, PublisherOptions, Slot, Views } from "./bus.js";
import { type Codec, letters } from "./codec.js";
import { SlotPublisher } from "./publish.js";
import type { RedisChannel } from "./redis_channel.js";
import { answerOf, damagedAnswer, isFinal, type Reply, redisError } from "./redis_link.js";
import { Turnstile } from "./turnstile.js";

export interface RedisPublisherOptions extends PublisherOptions {
  /** A publisher that has not been heard of for so long may be replaced without `takeover`; 2000. */
  readonly staleMs?: number;
}

/** What `append` and `tend` answer. */
const status = { taken: 1, gap: -2, fenced: -3, vanished: -4 } as const;
const BEAT_MS = 500;
/** A full publisher asks this often how far the slowest subscriber is. */
const LOOK_MS = 2;
/** After this time without Redis a publisher that waits for room is told. */
const DOWN_MS = 1_000;

/** Ordinals count batches since this publisher began; `base` is what the server counts more. */
export class RedisPublisher<C extends Columns = Columns> extends SlotPublisher<C> {
  /** Settles when Redis has let it in; until then what it publishes waits in its slots. */
  readonly ready: Promise<void>;
  readonly symbols: GrowingSymbols;
  /** What the last batch of the topic was noted with when this publisher was let in. */
  note = "";
  private noted = "";
  private readonly turn = new Turnstile();
  private readonly token = `${process.pid}.${Math.random().toString(36).slice(2)}`;
  private readonly body: Codec;
  private readonly marks: { rows: number; first: number; symbols: number; note: string }[];
  private readonly timer: NodeJS.Timeout;
  private head = 0;
  private sent = 0;
  private acked = 0;
  /** Place of the slowest subscriber as last heard. */
  private gate = 0;
  private rows = 0;
  /** The numbers of rows are given by `seek`, and no longer the server's. */
  private numbered = false;
  private base = 0;
  private firstRow = 0;
  private epoch = 0;
  private opened = false;
  private begun = false;
  private paused = false;
  private outstanding = 0;
  private waitingSince = 0;
  private failures = 0;
  private looking = false;
  private symbolsSent = 0;
  private fatal: BusError | undefined;
  private closing: Promise<void> = Promise.resolve();
  /** Subscribers that the last look took places from. */
  private evicted = 0;

  constructor(
    private readonly channel: RedisChannel<C>,
    private readonly options: RedisPublisherOptions,
    after: Promise<unknown>,
  ) {
    super(channel.publisherFrames());
    this.symbols = channel.symbols;
    this.body = channel.codec;
    this.marks = this.frames.slots.map(() => ({ rows: 0, first: 0, symbols: 0, note: "" }));
    this.symbolsSent = 0;
    this.ready = after.then(() => this.begin());
    this.ready.catch(() => {});
    this.timer = setInterval(() => void this.tend(), BEAT_MS);
    this.timer.unref();
  }

  /** Rows that were committed here, with those of the topic before, as far as that is known. */
  get published(): number {
    return this.firstRow + this.rows;
  }
  /** Milliseconds since something was sent that Redis has not acknowledged; 0 where all is. */
  get overdueMs(): number {
    return this.head > this.acked ? performance.now() - this.waitingSince : 0;
  }
  /** Batches that the slowest subscriber has not read, or Redis not acknowledged, as last heard. */
  get waiting(): number {
    return this.head - Math.min(this.gate, this.acked);
  }
  /** Kept with the next batch, in one step with it: where its source was read to, say. */
  noteNext(note: string): void {
    this.noted = note;
  }
  /** The next row gets this number: those between were published elsewhere, and show as a gap here. */
  seek(sequence: number): void {
    this.rows = sequence - this.firstRow;
    this.numbered = true;
  }
  /** What Redis has not acknowledged, oldest first: views of the slots, valid until the next claim. */
  *tail(): Generator<{ columns: Views<C>; sequence: number; timeNs: bigint }> {
    for (let ordinal = this.acked; ordinal < this.head; ordinal++) {
      const slot = this.frames.slots[ordinal % this.topic.slots]!;
      const { rows, first } = this.marks[slot.index]!;
      const cut = this.frames.layout.columns.map(({ name, width }) => [
        name,
        (slot.columns[name] as Float64Array).subarray(0, rows * width),
      ]);
      yield { columns: Object.fromEntries(cut) as Views<C>, sequence: this.firstRow + first, timeNs: this.frames.timeNs(slot.index) };
    }
  }
  get inFlight(): number {
    return this.head - this.acked;
  }

  /** Opens an epoch; where the topic was lost on the server, one that goes on from what is known here. */
  private async begin(): Promise<void> {
    const { channel, options } = this;
    for (let tries = 0; ; tries++) {
      try {
        const floor = this.begun
          ? [this.epoch, this.base + this.acked, this.firstRow + (this.marks[this.acked % this.topic.slots]?.first ?? 0)]
          : [0, 0, 0];
        if (this.begun && this.acked === this.head) floor[2] = this.firstRow + this.rows;
        const args = [channel.declaration, this.token, options.takeover || this.begun ? 1 : 0, options.staleMs ?? 2000];
        const reply = (await channel.link.script("open", channel.keys, ...args, ...floor)) as Reply[];
        return this.enter(reply);
      } catch (cause) {
        const error = redisError(channel.where, cause);
        channel.link.blame(error);
        if (isFinal(error) || this.closed) throw this.fail(error);
        await channel.link.again(Math.min(20 * 2 ** Math.min(tries, 6), DOWN_MS));
      }
    }
  }

  private enter([answer, epoch, ordinal, sequence, gate, note, ...known]: Reply[]): void {
    if (answer === "LAYOUT") throw this.channel.otherLayout(String(epoch));
    if (answer === "PUBLISHER")
      throw this.error(
        "E_BUS_PUBLISHER",
        "has a publisher already, in another process",
        "A topic has one at a time: close the other, or pass takeover if it is dead.",
      );
    this.channel.learn(known as string[], this.begun);
    this.epoch = Number(epoch);
    if (!this.begun) {
      this.note = String(note);
      this.base = Number(ordinal);
      if (!this.numbered) this.firstRow = Number(sequence);
      this.begun = true;
    }
    this.gate = Number(gate) - this.base;
    this.symbolsSent = known.length / 2;
    this.sent = this.acked;
    this.opened = true;
    this.flush();
  }

  private fail(error: BusError): BusError {
    this.fatal ??= error;
    clearInterval(this.timer);
    this.channel.forget(this);
    this.turn.ring();
    return error;
  }

  private hasRoom(): boolean {
    const { slots, backpressure } = this.topic;
    return this.head - this.acked < slots && (backpressure === "evict" || this.head - this.gate < slots);
  }
  protected vacant(): Slot<C> | undefined {
    return this.hasRoom() ? this.frames.slots[this.head % this.topic.slots] : undefined;
  }
  override claim(): Slot<C> | undefined {
    if (this.fatal) throw this.fatal;
    return super.claim();
  }
  protected reveal(slot: Slot<C>, rows: number, timeNs: bigint | undefined): void {
    this.frames.seal(slot.index, rows, 0, this.options.producer ?? 1, 0, timeNs);
    Object.assign(this.marks[slot.index]!, { rows, first: this.rows, symbols: this.symbols.size, note: this.noted });
    this.noted = "";
    if (this.head === this.acked) this.waitingSince = performance.now();
    this.rows += rows;
    this.head++;
    this.flush();
  }
  /** Rows of a frame that is not whole are not sent: the commit shows them. */
  protected show(): void {}
  protected refused(): void {
    this.channel.full++;
    void this.tend();
  }

  private flush(): void {
    while (this.opened && !this.paused && this.sent < this.head) this.send(this.sent++);
  }

  private send(ordinal: number): void {
    const { frames, channel, topic } = this;
    const slot = ordinal % topic.slots;
    const { rows, first, symbols, note } = this.marks[slot]!;
    frames.seal(slot, rows, this.firstRow + first, this.options.producer ?? 1, this.epoch, frames.timeNs(slot));
    const bytes = this.body.encode(frames.layout, frames.slots[slot]!.bytes);
    const body = channel.link.keepsArguments ? Buffer.from(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const args: (string | number | Buffer)[] = [
      this.epoch,
      this.base + ordinal,
      this.firstRow + first + rows,
      4 * topic.slots,
      letters[channel.codecName],
      body,
      crc32(body),
      note,
    ];
    if (symbols > this.symbolsSent) {
      args.push(this.symbolsSent);
      for (let id = this.symbolsSent; id < symbols; id++) args.push(this.symbols.at(id)!);
      this.symbolsSent = symbols;
    }
    this.outstanding++;
    channel.link.script("append", channel.keys, ...args).then(
      (reply) => this.answered(ordinal, answerOf(reply, this.base + ordinal)),
      (error: unknown) => this.refusedBy(error),
    );
  }

  private answered(ordinal: number, reply: ReturnType<typeof answerOf>): void {
    if (!reply) {
      this.refusedBy(this.damaged());
      return;
    }
    this.outstanding--;
    const [answer, gate, there] = reply;
    if (answer === status.taken) {
      this.failures = 0;
      this.acked = Math.max(this.acked, ordinal + 1);
      this.waitingSince = performance.now();
      if (gate >= 0) this.gate = gate - this.base;
      this.turn.ring();
    } else if (answer === status.fenced)
      this.fail(this.error("E_BUS_FENCED", "another publisher has taken over", "Stop this one; it can publish no more."));
    else this.goBack(answer === status.vanished, there - this.base);
    this.resume();
  }

  /** The server has less than was acknowledged, or nothing: as after a failover. What still lies in the slots is sent again. */
  private goBack(vanished: boolean, there: number): void {
    this.paused = true;
    if (vanished || there < this.head - this.topic.slots) this.opened = false;
    else if (there < this.acked) this.acked = there;
  }

  private damaged(): BusError {
    this.channel.link.drop();
    return damagedAnswer(this.channel.where);
  }

  private refusedBy(cause: unknown): void {
    this.outstanding--;
    const error = redisError(this.channel.where, cause);
    this.channel.link.blame(error);
    this.paused = true;
    if (isFinal(error)) this.fail(error);
    this.resume();
  }

  /** Once all answers are in, so that nothing overtakes what must be sent again. */
  private resume(): void {
    if (!this.paused || this.outstanding > 0 || this.fatal) return;
    const wait = Math.min(2 ** Math.min(this.failures++, 8), 200);
    void this.channel.link.again(wait).then(async () => {
      if (!this.paused || this.outstanding > 0) return;
      this.symbolsSent = 0;
      if (!this.opened) await this.begin().catch(() => {});
      this.paused = false;
      this.sent = this.acked;
      this.flush();
    });
  }

  /** A sign of life, and an answer to how far the slowest subscriber is. */
  private async tend(notPolledMs = this.options.evictAfterMs ?? Number.POSITIVE_INFINITY): Promise<void> {
    if (this.looking || !this.opened || this.fatal) return;
    this.looking = true;
    const { channel } = this;
    const waits = this.topic.backpressure === "block" && this.head - this.gate >= this.topic.slots;
    const behind = waits ? this.base + this.gate : -1;
    try {
      const polled = Number.isFinite(notPolledMs) ? notPolledMs : -1;
      const reply = answerOf(await channel.link.script("tend", channel.keys, this.epoch, channel.deadMs, polled, behind), behind);
      if (!reply) throw this.damaged();
      const [answer, gate, gone] = reply;
      if (answer === status.taken) {
        this.gate = gate - this.base;
        this.evicted = gone;
        if (this.hasRoom()) this.turn.ring();
      } else if (answer === status.fenced)
        this.fail(this.error("E_BUS_FENCED", "another publisher has taken over", "Stop this one; it can publish no more."));
      else if (this.outstanding === 0) {
        this.goBack(true, 0);
        this.resume();
      }
    } catch (cause) {
      channel.link.blame(redisError(channel.where, cause));
    } finally {
      this.looking = false;
    }
  }

  /** Answers come by the event loop, so a thread that blocks would hear none: what is known now. */
  wait(): boolean {
    this.check();
    return this.hasRoom();
  }
  /** Rejects where Redis has been away for a second: what was accepted is kept, and `room` may be called again. */
  async room(): Promise<void> {
    this.check();
    const { link } = this.channel;
    while (!this.closed && !this.hasRoom()) {
      if (this.fatal) throw this.fatal;
      const { trouble } = link;
      if (trouble && performance.now() - trouble.since > DOWN_MS) throw trouble.error;
      await this.turn.next(LOOK_MS);
      if (!this.hasRoom()) void this.tend();
    }
  }
  evictStalled(ms: number): number {
    void this.tend(ms);
    const gone = this.evicted;
    this.evicted = 0;
    return gone;
  }

  /** Settles when Redis has all that was accepted so far. */
  async flushed(timeoutMs = Number.POSITIVE_INFINITY): Promise<void> {
    const [until, started] = [this.head, performance.now()];
    while (this.acked < until || !this.opened) {
      if (this.fatal) throw this.fatal;
      if (performance.now() - started > timeoutMs)
        throw (
          this.channel.link.trouble?.error ??
          this.error(
            "E_BUS_REDIS_DOWN",
            `${until - this.acked} batches were not taken in ${timeoutMs} ms`,
            "Check that Redis runs and can be reached.",
          )
        );
      await this.turn.next(20);
    }
  }

  /** Settles when Redis has everything; the stream does not end, and the next publisher takes over. */
  async handOver(): Promise<void> {
    try {
      if (!this.fatal) await this.flushed(this.channel.closeMs);
    } finally {
      this.closed = true;
      clearInterval(this.timer);
      this.channel.forget(this);
    }
  }

  /** Settles when Redis has everything and the end; rejects where it could not be told so in `closeMs`. */
  override close(): Promise<void> {
    super.close();
    return this.closing;
  }
  protected end(): void {
    this.closing = this.takeLeave();
    this.closing.catch(() => {});
  }
  private async takeLeave(): Promise<void> {
    const { channel } = this;
    try {
      if (this.fatal) return;
      await this.flushed(channel.closeMs);
      for (const started = performance.now(); ; await channel.link.again(20)) {
        const told = await channel.link.script("finish", channel.keys, this.epoch).catch((cause: unknown) => cause as Error);
        if (!(told instanceof Error)) break;
        if (performance.now() - started > channel.closeMs) throw told;
      }
    } catch (cause) {
      throw redisError(`${channel.where}: ${this.head - this.acked} batches are not known to have arrived`, cause);
    } finally {
      clearInterval(this.timer);
      channel.forget(this);
    }
  }
}
