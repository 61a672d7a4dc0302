import { addressOf } from "../addon/addon.js";
import type { Publisher, Slot } from "../bus/bus.js";
import { Volumes } from "../engines/trades.js";
import type { Spans } from "../files/trades/counted_repeats.js";
import { Sessions } from "../market/sessions.js";
import type { TradeColumns } from "../market/trade_columns.js";
import { Held, namesOf } from "./held.js";
import { controlAt, type Imported, type ImportJob, type Message, type TimeOptions } from "./importer.js";
import { keepOpen, keepRange, type Range, taken } from "./keep.js";
import { Shapes } from "./shape.js";
import { type SpikeSummary, Spikes } from "./spikes.js";

/** Thrown through a reader that was told to stop. */
export class Stopped extends Error {}

/** How often a thread that waits for room looks whether it should stop. */
const turnMs = 50;

/** The writing end of the ring, and the counters that the other thread watches. */
export class Sink {
  readonly volumes = new Volumes();
  addresses: Record<string, bigint> = {};
  private readonly flags: Int32Array;
  private readonly counters: Float64Array;
  private slot: Slot<TradeColumns> | undefined;
  private announced: boolean;
  private range: Range | undefined;
  private readonly shapes: Shapes | undefined;
  private sessions: Sessions | undefined;
  private held: Held | undefined;
  /** Trades outside of the sessions, which are left out. */
  private outside = 0;

  constructor(
    readonly publisher: Publisher<TradeColumns>,
    job: ImportJob,
    private readonly post: (message: Message) => void,
  ) {
    this.flags = new Int32Array(job.control);
    this.counters = new Float64Array(job.control);
    this.announced = !job.announceFull;
    if (job.announceFull) this.shapes = new Shapes();
  }

  get stopped(): boolean {
    return Atomics.load(this.flags, controlAt.stop) === 1;
  }

  /** A slot to write; blocks until there is one. */
  claim(): Slot<TradeColumns> {
    for (;;) {
      if (this.stopped) throw new Stopped();
      const slot = this.publisher.claim();
      if (slot) return this.claimed(slot);
      if (!this.announced) this.post({ kind: "full" });
      this.announced = true;
      this.publisher.wait(turnMs);
    }
  }

  private claimed(slot: Slot<TradeColumns>): Slot<TradeColumns> {
    if (slot.index === 0)
      for (const [name, view] of Object.entries(slot.columns)) {
        const address = addressOf(view);
        if (address !== undefined) this.addresses[name] = address;
      }
    this.slot = slot;
    return slot;
  }

  get symbols() {
    return this.publisher.symbols;
  }

  /** From now on, trades in [from, to) and in the sessions alone are published; which times these are, where not all. */
  only({ from, to, session, outliers }: TimeOptions): Spans | undefined {
    this.held = new Held(new Spikes(outliers !== "keep"), this.publisher.topic.rows);
    if (from !== undefined || to !== undefined) this.range = { from: from ?? -(2n ** 63n), to: to ?? 2n ** 63n };
    if (session !== undefined) this.sessions = new Sessions(session);
    return taken(this.range, this.sessions);
  }

  commit(rows: number, timeNs?: bigint): void {
    const { columns } = this.slot!;
    const ranged = this.range ? keepRange(columns, rows, this.range) : rows;
    const kept = this.sessions ? keepOpen(columns, ranged, this.sessions) : ranged;
    this.outside += ranged - kept;
    const sure = this.held ? this.held.take(columns, kept, this.put) : kept;
    if (sure !== undefined) this.publish(sure, timeNs);
    this.counters[controlAt.rows]! += rows;
  }

  private publish(rows: number, timeNs?: bigint): void {
    const { columns } = this.slot!;
    this.volumes.take(columns, rows);
    this.shapes?.take(columns, rows);
    this.publisher.commit(rows, timeNs);
  }

  /** Rows that waited; into the slot in hand, and into others behind it. */
  private readonly put = (from: Slot<TradeColumns>["columns"], start: number, count: number, slot: number): void => {
    const { columns } = slot === 0 ? this.slot! : this.claim();
    for (const name of namesOf(columns)) (columns[name] as Float64Array).set((from[name] as Float64Array).subarray(start, start + count));
    this.publish(count);
  };

  /** The tape ends: what still waits is kept. */
  private settle(): SpikeSummary | undefined {
    this.held?.end((from, start, count, slot) => {
      if (slot === 0) this.claim();
      this.put(from, start, count, slot);
    });
    return this.held?.spikes.summary();
  }

  abort(): void {
    this.publisher.abort();
  }

  progress(bytes: number, totalBytes: number): void {
    this.counters[controlAt.bytes] = bytes;
    this.counters[controlAt.totalBytes] = totalBytes;
  }

  end(also: Partial<Imported>): void {
    const spikes = this.stopped ? this.held?.spikes.summary() : this.settle();
    const { symbols } = this.publisher;
    const names = Array.from({ length: symbols.size }, (_, id) => symbols.at(id)!);
    const { addresses, stopped, outside } = this;
    const left = this.sessions ? { outsideSession: outside } : {};
    const imported = {
      ...this.volumes.summary(),
      rejected: {},
      ...left,
      ...(spikes && { spikes }),
      symbols: names,
      shapes: this.shapes?.summary() ?? [],
      addresses,
      stopped,
      ...also,
    };
    this.post({ kind: "end", imported });
  }
}
