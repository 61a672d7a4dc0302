import type { Buckets } from "../analysis/toxicity.js";

/** Output columns of vpin, in the order of its contract. */
export interface BucketBlock extends Buckets {
  imbalance: Float64Array;
  /** Trade that closed the bucket, counted from the first of the tape. */
  endIndex: Float64Array;
  instrument: Uint32Array;
}

export const emptyBlock = (rows: number): BucketBlock => ({
  vpin: new Float64Array(rows),
  cdf: new Float64Array(rows),
  imbalance: new Float64Array(rows),
  buy: new Float64Array(rows),
  sell: new Float64Array(rows),
  startTime: new BigInt64Array(rows),
  endTime: new BigInt64Array(rows),
  endIndex: new Float64Array(rows),
  lastPrice: new Float64Array(rows),
  instrument: new Uint32Array(rows),
});

const names = Object.keys(emptyBlock(0)) as (keyof BucketBlock)[];

/** Copies the first rows of a block; column by column the types are equal, which the compiler cannot follow. */
function copy(from: BucketBlock, rows: number, to: BucketBlock, at: number): void {
  for (const name of names) (to[name] as Float64Array).set(from[name].subarray(0, rows) as Float64Array, at);
}

/** Finished buckets, in columns that grow. */
export class BucketColumns {
  rows = 0;
  private columns = emptyBlock(1024);

  append(block: BucketBlock, rows: number): void {
    if (rows === 0) return;
    if (this.rows + rows > this.columns.vpin.length) this.grow(this.rows + rows);
    copy(block, rows, this.columns, this.rows);
    this.rows += rows;
  }

  private grow(rows: number): void {
    const larger = emptyBlock(Math.max(rows, 2 * this.columns.vpin.length));
    copy(this.columns, this.rows, larger, 0);
    this.columns = larger;
  }

  /** Views of what is there now. */
  view(): BucketBlock {
    return Object.fromEntries(names.map((name) => [name, this.columns[name].subarray(0, this.rows)])) as unknown as BucketBlock;
  }
}

/** The buckets of each instrument, in columns of their own. */
export function bucketsByInstrument(all: BucketBlock, instruments: number): BucketBlock[] {
  const counts = new Uint32Array(instruments);
  for (const id of all.instrument) counts[id]!++;
  const at = Array.from(counts, (count) => new Uint32Array(count));
  const filled = new Uint32Array(instruments);
  all.instrument.forEach((id, i) => void (at[id]![filled[id]!++] = i));
  return at.map((rows) => {
    const made = emptyBlock(rows.length);
    for (const name of names) rows.forEach((from, to) => void ((made[name] as Float64Array)[to] = (all[name] as Float64Array)[from]!));
    return made;
  });
}
