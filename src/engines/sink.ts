import { addressOf } from "../addon.js";
import type { Publisher, Slot } from "../bus/bus.js";
import { controlAt, type Imported, type ImportJob, type Message } from "./importer.js";
import { type TradeColumns, Volumes } from "./trades.js";

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

  constructor(
    readonly publisher: Publisher<TradeColumns>,
    job: ImportJob,
    private readonly post: (message: Message) => void,
  ) {
    this.flags = new Int32Array(job.control);
    this.counters = new Float64Array(job.control);
    this.announced = !job.announceFull;
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

  /** From now on, trades in [from, to) alone are published. */
  only(from: bigint | undefined, to: bigint | undefined): void {
    if (from !== undefined || to !== undefined) this.range = { from: from ?? -(2n ** 63n), to: to ?? 2n ** 63n };
  }

  commit(rows: number, timeNs?: bigint): void {
    const kept = this.range ? keep(this.slot!.columns, rows, this.range) : rows;
    this.volumes.take(this.slot!.columns, kept);
    this.publisher.commit(kept, timeNs);
    this.counters[controlAt.rows]! += rows;
  }

  abort(): void {
    this.publisher.abort();
  }

  progress(bytes: number, totalBytes: number): void {
    this.counters[controlAt.bytes] = bytes;
    this.counters[controlAt.totalBytes] = totalBytes;
  }

  end(also: Partial<Imported>): void {
    const { symbols } = this.publisher;
    const names = Array.from({ length: symbols.size }, (_, id) => symbols.at(id)!);
    const imported = { ...this.volumes.summary(), rejected: {}, symbols: names, addresses: this.addresses, stopped: this.stopped, ...also };
    this.post({ kind: "end", imported });
  }
}

interface Range {
  from: bigint;
  to: bigint;
}

/** Moves the rows in range to the front; times never fall, so they lie together. */
function keep(columns: Slot<TradeColumns>["columns"], rows: number, { from, to }: Range): number {
  const { time } = columns;
  let first = 0;
  let end = rows;
  while (first < rows && time[first]! < from) first++;
  while (end > first && time[end - 1]! >= to) end--;
  if (first > 0) for (const column of Object.values(columns)) column.copyWithin(0, first, end);
  return end - first;
}
