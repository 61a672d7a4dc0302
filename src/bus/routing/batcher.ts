import { needMethods, needObject } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Bus, Columns, Publisher, Slot, Topic, Views } from "../bus.js";
import { type Alarm, LoopAlarm } from "./loop_alarm.js";

/** Puts a value into one row of the columns; a column of width w has its values at [row * w, (row + 1) * w). */
export type Writer<C extends Columns, T> = (columns: Views<C>, row: number, value: T) => void;

export interface BatcherOptions {
  /** No row waits longer than this, as exactly as the thread comes back: at a push, at `poll`, at a turn of its event loop. */
  readonly budgetUs?: number;
  /** Most rows of a batch; the topic's rows by default. */
  readonly rows?: number;
  /** Raise each row, so that subscribers of open frames need not wait for the commit. */
  readonly open?: boolean;
  /** Whether consumers have nothing to do: then what waits is committed. `idleConsumers` makes one; asked every eighth of the budget. */
  readonly idle?: () => boolean;
  readonly nowUs?: () => number;
  readonly alarm?: (ring: () => void) => Alarm;
}

/** Why a batch was committed. */
export type Cause = "filled" | "idle" | "urgent" | "deadline" | "asked";
export interface BatcherStats {
  readonly rows: number;
  readonly batches: number;
  /** Pushes that were refused because the bus was full. */
  readonly full: number;
  readonly waiting: number;
  /** Rows that a batch is filled with at the present rate. */
  readonly threshold: number;
  readonly rowsPerSecond: number;
  readonly causes: Readonly<Record<Cause, number>>;
}

/** The clock is read so many times while a batch fills: it costs more than a row. */
const LOOKS = 8;

/** An `idle` that asks the bus: every subscriber has read everything. Without subscribers nobody waits. */
export function idleConsumers(bus: Bus, topic: Topic): () => boolean {
  return () => {
    const { subscribers } = bus.stats(topic);
    return subscribers.length > 0 && subscribers.every(({ lag }) => lag === 0);
  };
}

/**
 * Single rows into batches. A batch is committed when it holds the rows that are expected to arrive within half the budget,
 * so that the alarm is the exception: one row at a low rate, for which no other would come in time, and full slots at a
 * high one. The rate is a moving average that forgets within a budget.
 */
export class Batcher<C extends Columns, T> {
  private readonly most: number;
  private readonly budgetUs: number;
  private readonly open: boolean;
  private readonly idle: (() => boolean) | undefined;
  private readonly nowUs: () => number;
  private readonly alarm: Alarm;
  private readonly causes: Record<Cause, number> = { filled: 0, idle: 0, urgent: 0, deadline: 0, asked: 0 };
  private slot: Slot<C> | undefined;
  private waiting = 0;
  private deadlineUs = 0;
  private armed = false;
  private closed = false;
  private failure: unknown;
  private rows = 0;
  private full = 0;
  private threshold = 1;
  /** Rows per microsecond, as of `lookedUs`; what was refused arrived too, and a full bus wants full slots. */
  private rate = 0;
  private lookedUs: number;
  private arrived = 0;
  private askedUs = Number.NEGATIVE_INFINITY;
  private untilLook = 1;

  /** The publisher stays the caller's to close; nobody else may claim from it before `close`. */
  constructor(
    private readonly publisher: Publisher<C>,
    private readonly write: Writer<C, T>,
    options: BatcherOptions = {},
  ) {
    needMethods("Batcher: publisher", publisher, "a publisher", "claim", "commit");
    needObject("Batcher: options", options);
    const { budgetUs = 200, rows = publisher.topic.rows, open = false } = options;
    if (!(budgetUs > 0 && budgetUs <= 60_000_000)) throw this.wrong("budgetUs", budgetUs, "above 0, at most 60,000,000");
    if (!(Number.isInteger(rows) && rows >= 1 && rows <= publisher.topic.rows))
      throw this.wrong("rows", rows, `a whole number from 1 to ${publisher.topic.rows}, the rows of a slot`);
    this.budgetUs = budgetUs;
    this.most = rows;
    this.open = open;
    this.idle = options.idle;
    this.nowUs = options.nowUs ?? (() => performance.now() * 1000);
    const ring = () => this.rung();
    this.alarm = options.alarm?.(ring) ?? new LoopAlarm(ring);
    this.lookedUs = this.nowUs();
  }

  /** True: the row is accepted and will be seen once. False: the bus is full, nothing was taken. */
  push(value: T, urgent = false): boolean {
    this.check();
    this.arrived++;
    const slot = this.slot ?? this.claim();
    if (!slot) return false;
    this.write(slot.columns, this.waiting, value);
    const rows = ++this.waiting;
    this.rows++;
    if (this.open) this.publisher.raise(rows);
    const cause = --this.untilLook <= 0 || rows === 1 ? this.look() : undefined;
    if (urgent) this.commit("urgent");
    else if (rows >= this.threshold) this.commit("filled");
    else if (cause) this.commit(cause);
    else if (rows === 1) this.wake();
    return true;
  }

  /** Commits what has waited for its budget; for threads that do not return to their event loop. */
  poll(): void {
    this.check();
    if (this.waiting > 0 && this.nowUs() >= this.deadlineUs) this.commit("deadline");
  }

  /** Commits what waits; how many rows that were. */
  flush(): number {
    this.check();
    const rows = this.waiting;
    if (rows > 0) this.commit("asked");
    return rows;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.alarm.clear();
    this.rethrow();
    if (this.waiting > 0) this.commit("asked");
    // A writer that threw on the first row has left an empty slot.
    else if (this.slot) this.publisher.abort();
    this.slot = undefined;
  }

  stats(): BatcherStats {
    const { rows, full, waiting, threshold, causes } = this;
    const batches = Object.values(causes).reduce((sum, count) => sum + count, 0);
    return { rows, batches, full, waiting, threshold, rowsPerSecond: this.rate * 1e6, causes: { ...causes } };
  }

  private claim(): Slot<C> | undefined {
    this.slot = this.publisher.claim();
    if (!this.slot) this.full++;
    return this.slot;
  }

  private commit(cause: Cause): void {
    const rows = this.waiting;
    this.slot = undefined;
    this.waiting = 0;
    if (this.armed) this.alarm.hold(false);
    this.publisher.commit(rows);
    this.causes[cause]++;
  }

  private look(): Cause | undefined {
    const now = this.nowUs();
    this.follow(now);
    const due = this.untilLook <= 0;
    if (due) this.untilLook = Math.max(1, Math.floor(this.threshold / LOOKS));
    if (this.waiting === 1) this.deadlineUs = now + this.budgetUs;
    else if (now >= this.deadlineUs) return "deadline";
    return due && this.isIdle(now) ? "idle" : undefined;
  }

  /** Asked a few times per budget: an answer takes microseconds, as long as dozens of rows. */
  private isIdle(now: number): boolean {
    if (!this.idle || now - this.askedUs < this.budgetUs / LOOKS) return false;
    this.askedUs = now;
    return this.idle();
  }

  private follow(now: number): void {
    const elapsed = now - this.lookedUs;
    // Rows of one instant count when the clock has moved on.
    if (!(elapsed > 0)) return;
    this.rate += (this.arrived / elapsed - this.rate) * (elapsed / (elapsed + this.budgetUs));
    this.lookedUs = now;
    this.arrived = 0;
    this.threshold = Math.max(1, Math.min(this.most, Math.floor((this.rate * this.budgetUs) / 2)));
  }

  /** The alarm is left to ring when its batch is gone already: setting one for each batch would cost more. */
  private wake(): void {
    if (this.armed) this.alarm.hold(true);
    else this.arm(this.budgetUs);
  }
  private arm(us: number): void {
    this.armed = true;
    this.alarm.set(us);
  }

  private rung(): void {
    this.armed = false;
    if (this.waiting === 0 || this.closed) return;
    const now = this.nowUs();
    const left = this.deadlineUs - now;
    try {
      if (left <= 0) this.commit("deadline");
      else if (this.isIdle(now)) this.commit("idle");
      else this.arm(left);
    } catch (error) {
      // Nobody could catch it here; whoever pushes next is told.
      this.failure = error;
    }
  }

  private check(): void {
    if (this.closed) {
      const hint = "Make another batcher for the publisher.";
      throw new BusError("E_BUS_CLOSED", `topic '${this.publisher.topic.name}': the batcher is closed`, { hint });
    }
    this.rethrow();
  }
  private rethrow(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
  }
  private wrong(option: string, value: unknown, expected: string): BusError {
    const hint = "200 microseconds and the topic's rows are the defaults.";
    return new BusError("E_BUS_OPTION", `batcher: ${option} is ${value}, expected ${expected}`, { option, value, hint });
  }
}
