/** The batches that a publisher has accepted and Redis not acknowledged: sent in order, and again from where the server is when something went wrong. */
import type { BusError } from "../../core/contract/errors.js";
import type { Columns, Slot, Symbols, Views } from "../bus.js";
import type { Frames } from "../frame.js";
import { isWhole, letters } from "./codec.js";
import type { RedisChannel } from "./redis_channel.js";
import { type Fields, sumOf, sumOfSlot } from "./redis_entry.js";
import { type Appended, answerOf, damagedAnswer, isFinal, redisError, textsOf } from "./redis_link.js";

/** What `admit` and `tend` answer. */
export const status = { taken: 1, gap: -2, fenced: -3, vanished: -4 } as const;
/** With so many transactions under way, more batches wait for one of them to be answered, and go as one: a transaction costs more than a batch. */
const UNDER_WAY = 4;
const TOGETHER = 64;
/** What XADD says where the last id of the stream is not below the one that is given. */
const smaller = /equal or smaller/;
const MOST_MENDS = 3;
/** Of a transaction with more than one batch. */
const MOST_BYTES = 1 << 19;

/** Whose window it is. */
export interface Sender {
  readonly fatal: BusError | undefined;
  /** Redis is told nothing more. */
  readonly left: boolean;
  /** Redis has taken more; `gate`: the place of the slowest subscriber in the server's count, where it said so. */
  taken(gate: number | undefined): void;
  /** What did not belong there was removed from the stream. */
  removed(entries: readonly string[]): void;
  /** Another publisher has taken over. */
  fenced(): void;
  fail(error: BusError): BusError;
  /** Opens an epoch, with `opened` in the end. */
  begin(): Promise<void>;
}

/** Ordinals count batches since this publisher began; `base` is what the server counts more. */
export class SendingWindow<C extends Columns = Columns> {
  head = 0;
  acked = 0;
  base = 0;
  epoch = 0;
  /** Redis has let the publisher in. */
  isOpen = false;
  /** Number of the first row of this publisher. */
  firstRow = 0;
  private sent = 0;
  private paused = false;
  private outstanding = 0;
  private waitingSince = 0;
  private failures = 0;
  private symbolsSent = 0;
  /** A batch was admitted and then not written: the next ones do not count until that is mended. */
  private unwritten = false;
  private mends = 0;
  private readonly together: number;
  /** `sum`: of the columns in the slot, taken while they are in the cache; none where a codec writes them otherwise. */
  private readonly marks: { rows: number; first: number; symbols: number; note: string; sum: ReturnType<typeof sumOfSlot> | undefined }[];

  constructor(
    private readonly channel: RedisChannel<C>,
    private readonly frames: Frames<C>,
    private readonly symbols: Symbols,
    private readonly producer: number,
    private readonly sender: Sender,
  ) {
    this.together = Math.max(1, Math.min(TOGETHER, Math.floor(MOST_BYTES / frames.layout.stride)));
    this.marks = frames.slots.map(() => ({ rows: 0, first: 0, symbols: 0, note: "", sum: undefined }));
  }

  get inFlight(): number {
    return this.head - this.acked;
  }
  /** Rows that Redis has not acknowledged. */
  get rowsInFlight(): number {
    let rows = 0;
    for (let ordinal = this.acked; ordinal < this.head; ordinal++) rows += this.markOf(ordinal).rows;
    return rows;
  }
  /** Nothing is on its way. */
  get silent(): boolean {
    return this.outstanding === 0;
  }
  /** Milliseconds since something was sent that Redis has not acknowledged; 0 where all is. */
  get overdueMs(): number {
    return this.inFlight > 0 ? performance.now() - this.waitingSince : 0;
  }
  /** The slot for the next batch. */
  get vacant(): Slot<C> {
    return this.frames.slots[this.head % this.frames.slots.length]!;
  }
  /** Number of the row after the last that was acknowledged; `rows`: of all that were accepted. */
  rowsAcked(rows: number): number {
    return this.firstRow + (this.inFlight === 0 ? rows : this.markOf(this.acked).first);
  }
  private markOf(ordinal: number) {
    return this.marks[ordinal % this.marks.length]!;
  }

  /** `first`: rows of this publisher before those of the slot. */
  add(slot: Slot<C>, rows: number, first: number, note: string, timeNs: bigint | undefined): void {
    this.frames.seal(slot.index, rows, 0, this.producer, 0, timeNs);
    const sum = this.channel.codecName === "raw" && isWhole(this.frames.layout, rows) ? sumOfSlot(slot.bytes) : undefined;
    Object.assign(this.marks[slot.index]!, { rows, first, symbols: this.symbols.size, note, sum });
    if (this.inFlight === 0) this.waitingSince = performance.now();
    this.head++;
    this.flush();
  }

  /** Batches from this ordinal on, as far back as slots hold them, oldest first: views, valid until the next claim. */
  *since(from: number): Generator<{ columns: Views<C>; sequence: number; timeNs: bigint }> {
    for (let ordinal = Math.max(from, this.head - this.frames.slots.length, 0); ordinal < this.head; ordinal++) {
      const slot = this.frames.slots[ordinal % this.frames.slots.length]!;
      const { rows, first } = this.markOf(ordinal);
      const cut = this.frames.layout.columns.map(({ name, width }) => [
        name,
        (slot.columns[name] as Float64Array).subarray(0, rows * width),
      ]);
      yield { columns: Object.fromEntries(cut) as Views<C>, sequence: this.firstRow + first, timeNs: this.frames.timeNs(slot.index) };
    }
  }

  /** `symbols`: those that the server knows. */
  opened(epoch: number, symbols: number): void {
    this.epoch = epoch;
    this.symbolsSent = symbols;
    this.sent = this.acked;
    this.isOpen = true;
    this.flush();
  }

  private flush(): void {
    while (this.isOpen && !this.paused && this.sent < this.head && this.outstanding < UNDER_WAY) {
      const count = Math.min(this.head - this.sent, this.together);
      this.send(this.sent, count);
      this.sent += count;
    }
  }

  private send(from: number, count: number): void {
    const { channel } = this;
    const { rows, first, symbols } = this.markOf(from + count - 1);
    let note = "";
    for (let ordinal = from; ordinal < from + count; ordinal++) note = this.markOf(ordinal).note || note;
    const known = this.symbolsSent;
    const added = Array.from({ length: Math.max(0, symbols - known) }, (_, i) => this.symbols.at(known + i)!);
    const after = this.firstRow + first + rows;
    const admission = [this.epoch, this.base + from, count, after, note, known, ...added];
    this.outstanding++;
    channel.link.append(channel.keys, admission, this.entries(from, count)).then(
      (answer) => this.answered(from, count, answer),
      (error: unknown) => this.refused(error),
    );
  }
  /** Arguments of XADD, one batch after the other. */
  private *entries(from: number, count: number): Generator<(string | Buffer)[]> {
    const { frames, channel } = this;
    const { codec, codecName, link } = channel;
    for (let ordinal = from; ordinal < from + count; ordinal++) {
      const slot = ordinal % frames.slots.length;
      const { rows, first, symbols, sum } = this.markOf(ordinal);
      frames.seal(slot, rows, this.firstRow + first, this.producer, this.epoch, frames.timeNs(slot));
      const { bytes: frame } = frames.slots[slot]!;
      const bytes = codec.encode(frames.layout, frame);
      // A slot stays as it is until Redis has it; what a codec returns, until the next batch.
      const stays = bytes === frame && !link.keepsArguments;
      const body = stays ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.from(bytes);
      const entry: Fields = { id: this.idOf(ordinal), letter: letters[codecName], body, by: sum?.by ?? "c2", symbols: this.added(symbols) };
      const most = ["MAXLEN", "~", String(4 * frames.slots.length)];
      yield [
        ...most,
        ...[entry.id, entry.letter, body, entry.by, String(sumOf(entry, sum?.columns))],
        ...(entry.symbols === "" ? [] : ["y", entry.symbols]),
      ];
    }
  }
  /** Symbols up to this number that no entry has had yet, as text. */
  private added(symbols: number): string {
    const { symbolsSent: first } = this;
    if (symbols <= first) return "";
    this.symbolsSent = symbols;
    return JSON.stringify([first, ...Array.from({ length: symbols - first }, (_, i) => this.symbols.at(first + i)!)]);
  }
  private idOf(ordinal: number): string {
    return `${this.epoch}-${this.base + ordinal + 1}`;
  }

  private answered(from: number, count: number, [said, ...ids]: Appended): void {
    const reply = ids.length === count ? answerOf(said, this.base + from) : undefined;
    const [answer, gate, there] = reply ?? [0, 0, 0];
    const wrong = answer === status.taken && gate >= 0 ? ids.find((id, i) => id !== this.idOf(from + i)) : undefined;
    if (this.unwritten || (wrong instanceof Error && smaller.test(wrong.message) && this.mends++ < MOST_MENDS)) {
      this.outstanding--;
      this.unwritten = this.paused = true;
      this.resume();
      return;
    }
    // Admitted and not written: a key holds something else.
    if (wrong instanceof Error) this.sender.fail(redisError(this.channel.where, wrong));
    if (!reply || wrong !== undefined) {
      this.refused(this.sender.fatal ?? this.damaged());
      return;
    }
    this.outstanding--;
    if (answer === status.taken) {
      this.failures = this.mends = 0;
      this.sender.removed(textsOf(said));
      this.acked = Math.max(this.acked, Math.min(from + count, there - this.base));
      // A part of them had come before: the rest is sent again.
      if (this.acked < from + count) this.paused = true;
      this.waitingSince = performance.now();
      this.sender.taken(gate >= 0 ? gate : undefined);
      this.flush();
    } else if (answer === status.fenced) this.sender.fenced();
    else this.goBack(answer === status.vanished, there - this.base);
    this.resume();
  }

  /** The server has less than was acknowledged, or nothing: as after a failover. What still lies in the slots is sent again. */
  private goBack(vanished: boolean, there: number): void {
    this.paused = true;
    if (vanished || there < this.head - this.frames.slots.length) this.isOpen = false;
    else if (there < this.acked) this.acked = there;
  }
  /** The topic is no longer on the server. */
  vanished(): void {
    if (!this.silent) return;
    this.goBack(true, 0);
    this.resume();
  }

  /** Puts the stream and its facts back to what was acknowledged, after something else had raised the last id of the stream. */
  private async mend(): Promise<boolean> {
    const { link, keys, where } = this.channel;
    try {
      const { first } = this.markOf(this.acked);
      const answer = await link.script("mend", keys, this.epoch, this.base + this.acked, this.firstRow + first);
      this.unwritten = false;
      if (answer === status.fenced) this.sender.fenced();
      return answer !== status.fenced;
    } catch (cause) {
      link.blame(redisError(where, cause));
      this.resume();
      return false;
    }
  }
  private damaged(): BusError {
    this.channel.link.drop();
    return damagedAnswer(this.channel.where);
  }
  private refused(cause: unknown): void {
    this.outstanding--;
    const error = redisError(this.channel.where, cause);
    this.channel.link.blame(error);
    this.paused = true;
    if (isFinal(error)) this.sender.fail(error);
    this.resume();
  }

  /** Once all answers are in, so that nothing overtakes what must be sent again. */
  private resume(): void {
    if (!this.paused || !this.silent || this.sender.fatal || this.sender.left) return;
    const wait = Math.min(2 ** Math.min(this.failures++, 8), 200);
    void this.channel.link.again(wait).then(async () => {
      if (!this.paused || !this.silent || this.sender.left) return;
      this.symbolsSent = 0;
      if (this.unwritten && !(await this.mend())) return;
      if (!this.isOpen) await this.sender.begin().catch(() => {});
      this.paused = false;
      this.sent = this.acked;
      this.flush();
    });
  }
}
