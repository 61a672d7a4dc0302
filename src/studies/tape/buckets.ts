import type { Buckets } from "../../analysis/toxicity.js";
import { KernelError } from "../../core/contract/errors.js";
import { outputLimit } from "../../core/contract/limit.js";
import { vpin } from "../../kernels/flow/toxicity/vpin.js";

/** Output columns of vpin, in the order of its contract. */
export interface VpinColumns extends Buckets {
  imbalance: Float64Array;
  /** Trade that closed the bucket, counted from the first of the tape. */
  endIndex: Float64Array;
  instrument: Uint32Array;
}

/** Buckets with what else was measured when each closed, by the measure's name. */
export interface BucketBlock extends VpinColumns {
  measures: Readonly<Record<string, Float64Array>>;
}

type BucketView = VpinColumns[keyof VpinColumns];

export const emptyBlock = (rows: number): VpinColumns => ({
  vpin: new Float64Array(rows),
  cdf: new Float64Array(rows),
  alarm: new Uint8Array(rows),
  imbalance: new Float64Array(rows),
  buy: new Float64Array(rows),
  sell: new Float64Array(rows),
  startTime: new BigInt64Array(rows),
  endTime: new BigInt64Array(rows),
  endIndex: new Float64Array(rows),
  lastPrice: new Float64Array(rows),
  instrument: new Uint32Array(rows),
});

function tooMany(trades: number): KernelError {
  const [most, of] = [outputLimit(undefined, trades), trades].map((n) => n.toLocaleString("en-US"));
  return new KernelError("E_OUTPUT_LIMIT", `${of} trades fill more than ${most} buckets`, {
    kernel: vpin.contract.name,
    value: trades,
    hint: "use a larger bucketVolume: a bucket holds many trades",
  });
}

const names = Object.keys(emptyBlock(0)) as (keyof VpinColumns)[];

const made = (rows: number, measures: readonly string[]): BucketBlock => ({
  ...emptyBlock(rows),
  measures: Object.fromEntries(measures.map((name) => [name, new Float64Array(rows)])),
});

/** A block with each column replaced by what is made of it; the types stay, which the compiler cannot follow. */
export function mapBlock(block: BucketBlock, change: (column: Float64Array) => Float64Array): BucketBlock {
  const changed = names.map((name) => [name, change(block[name] as Float64Array)]);
  const measures = Object.entries(block.measures).map(([name, column]) => [name, change(column)]);
  return { ...Object.fromEntries(changed), measures: Object.fromEntries(measures) } as BucketBlock;
}

/** Copies the first rows of a block, column by column. */
function copy(from: BucketBlock, rows: number, to: BucketBlock, at: number): void {
  const one = (source: BucketView, target: BucketView) => (target as Float64Array).set(source.subarray(0, rows) as Float64Array, at);
  for (const name of names) one(from[name], to[name]);
  for (const [name, column] of Object.entries(to.measures)) one(from.measures[name]!, column);
}

/** Finished buckets, in columns that grow; where trades are counted, no further than a call of vpin on them all. */
export class BucketColumns {
  rows = 0;
  private columns: BucketBlock;
  private trades: number | undefined;

  constructor(private readonly measures: readonly string[] = []) {
    this.columns = made(1024, measures);
  }

  /** So many trades more may have filled them. */
  count(trades: number): void {
    this.trades = (this.trades ?? 0) + trades;
  }

  append(block: BucketBlock, rows: number): void {
    if (rows === 0) return;
    if (this.trades !== undefined && this.rows + rows > outputLimit(undefined, this.trades)) throw tooMany(this.trades);
    if (this.rows + rows > this.columns.vpin.length) this.grow(this.rows + rows);
    copy(block, rows, this.columns, this.rows);
    this.rows += rows;
  }

  private grow(rows: number): void {
    const larger = made(Math.max(rows, 2 * this.columns.vpin.length), this.measures);
    copy(this.columns, this.rows, larger, 0);
    this.columns = larger;
  }

  /** Views of what is there now. */
  view(): BucketBlock {
    return mapBlock(this.columns, (column) => column.subarray(0, this.rows));
  }
}

/** The buckets of each instrument, in columns of their own. */
export function bucketsByInstrument(all: BucketBlock, instruments: number): BucketBlock[] {
  const counts = new Uint32Array(instruments);
  for (const id of all.instrument) counts[id]!++;
  const at = Array.from(counts, (count) => new Uint32Array(count));
  const filled = new Uint32Array(instruments);
  all.instrument.forEach((id, i) => void (at[id]![filled[id]!++] = i));
  return at.map((rows) => mapBlock(all, (column) => picked(column, rows)));
}

/** The rows of a column that are named, in their order. */
export function picked(column: Float64Array, rows: Uint32Array): Float64Array {
  const chosen = column.slice(0, rows.length);
  rows.forEach((from, to) => void (chosen[to] = column[from]!));
  return chosen;
}
