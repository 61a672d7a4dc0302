/** Sequence numbers checked by producer and epoch: duplicates dropped, gaps told, restarts known. */
import { needObject } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Batch } from "../bus.js";

/** What is needed to know of a batch; `from` as there, 0 where it is left out. */
export type Numbered = Pick<Batch, "producer" | "epoch" | "sequence" | "rows"> & { readonly from?: number };
/** Rows [from, to) of a producer that did not come, by sequence number; `epoch` is that of the batch that showed it. */
export type Gap = { readonly producer: number; readonly epoch: number; readonly from: number; readonly to: number };
export type Restart = { readonly producer: number; readonly epoch: number; readonly sequence: number };
/** Rows [from, to) of the batch are new; `late`: they lay in a gap, younger ones have been taken already. */
export type Take = (from: number, to: number, late: boolean) => void;

export interface GapOptions {
  /** Told before the batch that shows the gap is taken: rows that are offered here, out of a replay, come in order. */
  readonly onGap?: (gap: Gap) => void;
  readonly onRestart?: (restart: Restart) => void;
  /** Take rows that fill a gap after younger ones; without it they are only counted, and order holds. */
  readonly fill?: boolean;
  /** A producer that starts again goes on with the numbers of its topic, as those of this bus do, or begins at 0. */
  readonly restarts?: "continue" | "anew";
  /** Producers known at a time: the one not heard for longest is forgotten. */
  readonly producers?: number;
  /** Gaps remembered for each: rows of a forgotten one count as duplicates should they come. */
  readonly ranges?: number;
}

/** Rows, but for `gaps` and `restarts`. Each row that was offered is in one of the first four. */
export interface GapStats {
  readonly taken: number;
  readonly duplicates: number;
  /** Came after younger rows: taken with `fill`, dropped without. */
  readonly late: number;
  /** Written by a publisher after another one, of a later epoch, had taken its place; dropped. */
  readonly stale: number;
  /** Not come so far. */
  readonly missing: number;
  readonly gaps: number;
  readonly restarts: number;
}

type Range = { readonly from: number; readonly to: number };
interface Source {
  epoch: number;
  /** Lowest sequence seen in this epoch: rows of older epochs end there. */
  base: number;
  next: number;
  /** In ascending order, apart from each other. */
  missing: Range[];
  heard: number;
}

/**
 * Hands over each row of each producer at most once, whatever was lost, repeated or cut differently on the way. A topic
 * that was created again counts from 0 in epoch 1 again: everything is stale or a duplicate then, until `forget`.
 */
export class GapDetector {
  private readonly sources = new Map<number, Source>();
  private readonly options: Required<Omit<GapOptions, "onGap" | "onRestart">>;
  private taken = 0;
  private duplicates = 0;
  private late = 0;
  private stale = 0;
  private gaps = 0;
  private restarts = 0;
  private turn = 0;

  constructor(private readonly given: GapOptions = {}) {
    needObject("GapDetector: options", given);
    const { fill = false, restarts = "continue", producers = 1024, ranges = 256 } = given;
    this.options = { fill, restarts, producers, ranges };
    for (const [option, value] of Object.entries({ producers, ranges }))
      if (!(Number.isInteger(value) && value >= 1)) {
        const hint = "It bounds the memory.";
        throw new BusError("E_BUS_OPTION", `gap detector: ${option} is ${value}, expected a whole number from 1`, { option, value, hint });
      }
  }

  /** Calls `take` for each run of new rows; how many rows those were. If it throws, what it was called with comes again with the batch. */
  offer(batch: Numbered, take: Take): number {
    const { epoch, sequence, rows, from = 0 } = batch;
    const offset = sequence - from;
    let end = offset + rows;
    if (end <= sequence) return 0;
    const source = this.sourceOf(batch);
    source.heard = ++this.turn;
    if (epoch > source.epoch) this.restart(source, batch);
    else if (epoch < source.epoch) {
      const mine = Math.max(sequence, Math.min(end, source.base));
      this.stale += end - mine;
      end = mine;
    } else if (sequence < source.base) source.base = sequence;
    let count = 0;
    if (sequence < source.next && end > sequence) count += this.again(source, sequence, Math.min(end, source.next), offset, take);
    if (sequence > source.next) this.gap(source, batch);
    if (end > source.next) {
      const start = Math.max(sequence, source.next);
      take(start - offset, end - offset, false);
      this.taken += end - start;
      count += end - start;
      source.next = end;
    }
    return count;
  }

  /** Gaps of a producer that are open, oldest first. */
  missing(producer: number): readonly Range[] {
    return this.sources.get(producer)?.missing ?? [];
  }

  /** The next batch of the producer may have any number. */
  forget(producer: number): void {
    this.sources.delete(producer);
  }

  stats(): GapStats {
    const { taken, duplicates, late, stale, gaps, restarts } = this;
    let missing = 0;
    for (const source of this.sources.values()) for (const { from, to } of source.missing) missing += to - from;
    return { taken, duplicates, late, stale, missing, gaps, restarts };
  }

  /** A producer that is new here is taken from where it is: what it sent before was for others. */
  private sourceOf({ producer, epoch, sequence }: Numbered): Source {
    let source = this.sources.get(producer);
    if (source) return source;
    if (this.sources.size >= this.options.producers) {
      let [oldest, heard] = [producer, Number.POSITIVE_INFINITY];
      for (const [id, other] of this.sources) if (other.heard < heard) [oldest, heard] = [id, other.heard];
      this.sources.delete(oldest);
    }
    source = { epoch, base: sequence, next: sequence, missing: [], heard: 0 };
    this.sources.set(producer, source);
    return source;
  }

  private restart(source: Source, { producer, epoch, sequence }: Numbered): void {
    source.epoch = epoch;
    source.base = sequence;
    if (this.options.restarts === "anew") {
      source.base = source.next = 0;
      source.missing = [];
    }
    this.restarts++;
    this.given.onRestart?.({ producer, epoch, sequence });
  }

  private gap(source: Source, { producer, epoch, sequence }: Numbered): void {
    const range = { from: source.next, to: sequence };
    source.missing.push(range);
    if (source.missing.length > this.options.ranges) source.missing.shift();
    source.next = sequence;
    this.gaps++;
    this.given.onGap?.({ producer, epoch, ...range });
  }

  /** Rows [from, to) lie before the next: those that were missing are late, the others duplicates. */
  private again(source: Source, from: number, to: number, offset: number, take: Take): number {
    let count = 0;
    let at = from;
    while (at < to) {
      // Looked up anew each time: `take` may offer rows itself.
      const range = source.missing.find((one) => one.to > at && one.from < to);
      const start = range ? Math.max(at, range.from) : to;
      this.duplicates += start - at;
      if (!range) break;
      at = Math.min(to, range.to);
      if (this.options.fill) {
        take(start - offset, at - offset, true);
        source.missing = source.missing.flatMap((one) => without(one, start, at));
        count += at - start;
      }
      this.late += at - start;
    }
    return count;
  }
}

const without = (range: Range, from: number, to: number): Range[] =>
  to <= range.from || from >= range.to
    ? [range]
    : [
        { from: range.from, to: from },
        { from: to, to: range.to },
      ].filter((rest) => rest.from < rest.to);
