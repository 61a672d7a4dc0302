/** Trades without a side -> time bars -> buyer-initiated share of each bar -> vpin. */
import { bulkVolumeClassification } from "../kernels/flow/bulk_volume_classification.js";
import { timeBars } from "../kernels/flow/time_bars.js";
import { vpin } from "../kernels/flow/vpin.js";
import { type BucketBlock, BucketColumns } from "./buckets.js";
import type { TradeBatch } from "./trades.js";

export interface BarOptions {
  bucketVolume: number;
  window: number;
  history: number;
  /** Length of a bar. */
  barSeconds: number;
  instrument: number;
}

interface Rows {
  time: BigInt64Array;
  price: Float64Array;
  size: Float64Array;
}

/** Age at which a price change counts half in sigma: prices that multiply within a file make a sigma of all of them useless. */
const halfLifeSeconds = 86_400;

/** One instrument; sigma is that of the price changes up to the bar, so nothing looks ahead. */
class BarToxicity {
  readonly buckets = new BucketColumns();
  private readonly bars;
  private readonly shares;
  private readonly vpin;
  /** Last trade of every bar, as a row of the tape. */
  private readonly ends: number[] = [];
  /** Rows of the tape by row of this instrument; undefined where they are the same. */
  private tapeRows: number[] | undefined;
  private last: { price: number; time: bigint; rows: number } | undefined;

  constructor(private readonly options: BarOptions) {
    const { bucketVolume, window, history, barSeconds } = options;
    this.shares = bulkVolumeClassification.stream({ sigma: "ewma", halfLife: Math.max(1, halfLifeSeconds / barSeconds) });
    this.bars = timeBars.stream({ interval: barSeconds });
    this.vpin = vpin.stream({ bucketVolume, window, history });
  }

  take(batch: TradeBatch, only: boolean): number {
    const before = this.buckets.rows;
    const rows = only ? this.whole(batch) : this.own(batch);
    const count = rows.time.length;
    if (count === 0) return 0;
    this.bars.pushBatch(rows);
    this.last = { price: rows.price[count - 1]!, time: rows.time[count - 1]!, rows: (this.last?.rows ?? 0) + count };
    this.classify();
    return this.buckets.rows - before;
  }

  /** The open bar ends with the tape. One trade of no volume, a day on, brings it out and changes nothing. */
  finish(): void {
    if (!this.last) return;
    const { price, time } = this.last;
    this.bars.pushBatch({
      time: BigInt64Array.of(time + 86_400_000_000_000n),
      price: Float64Array.of(price),
      size: Float64Array.of(0),
    });
    this.classify();
  }

  private classify(): void {
    if (this.bars.poll() === 0) return;
    const { last, volume, endTime, endIndex } = this.bars.results;
    for (const row of endIndex) this.ends.push(this.tapeRows ? this.tapeRows[row]! : row);
    this.shares.pushBatch({ last });
    this.shares.poll();
    this.vpin.pushBatch({ time: endTime, price: last, size: volume, buyFraction: this.shares.results.buyFraction });
    const closed = this.vpin.poll();
    const block = this.vpin.results as unknown as BucketBlock;
    const endIndexes = block.endIndex.map((bar) => this.ends[bar]!);
    const instrument = new Uint32Array(closed).fill(this.options.instrument);
    this.buckets.append({ ...block, endIndex: endIndexes, instrument }, closed);
  }

  private whole({ columns, rows }: TradeBatch): Rows {
    const { time, price, size } = columns;
    return { time: time.subarray(0, rows), price: price.subarray(0, rows), size: size.subarray(0, rows) };
  }

  private own({ columns, rows, sequence }: TradeBatch): Rows {
    const at: number[] = [];
    for (let i = 0; i < rows; i++) if (columns.instrument[i] === this.options.instrument) at.push(i);
    this.tapeRows ??= [];
    for (const i of at) this.tapeRows.push(sequence + i);
    return {
      time: BigInt64Array.from(at, (i) => columns.time[i]!),
      price: Float64Array.from(at, (i) => columns.price[i]!),
      size: Float64Array.from(at, (i) => columns.size[i]!),
    };
  }
}

/** Several instruments: a chain of kernels for each, their buckets in one order of closing. */
export class BarsToxicity {
  private readonly each: BarToxicity[];
  private order: BucketBlock | undefined;

  constructor(options: Omit<BarOptions, "instrument" | "bucketVolume"> & { bucketVolumes: Float64Array }) {
    this.each = Array.from(options.bucketVolumes, (bucketVolume, instrument) => new BarToxicity({ ...options, bucketVolume, instrument }));
  }

  take(batch: TradeBatch): number {
    return this.each.reduce((sum, one) => sum + one.take(batch, this.each.length === 1), 0);
  }

  finish(): void {
    for (const one of this.each) one.finish();
  }

  get buckets(): { rows: number; view(): BucketBlock } {
    const rows = this.each.reduce((sum, one) => sum + one.buckets.rows, 0);
    return { rows, view: () => (this.order?.vpin.length === rows ? this.order : (this.order = this.merged(rows))) };
  }

  private merged(rows: number): BucketBlock {
    if (this.each.length === 1) return this.each[0]!.buckets.view();
    const all = new BucketColumns();
    for (const { buckets } of this.each) all.append(buckets.view(), buckets.rows);
    const view = all.view();
    const order = Array.from({ length: rows }, (_, i) => i).sort((a, b) => view.endIndex[a]! - view.endIndex[b]! || a - b);
    const pick = (column: Float64Array) => column.map((_, i) => column[order[i]!]!);
    return Object.fromEntries(Object.entries(view).map(([name, column]) => [name, pick(column as Float64Array)])) as unknown as BucketBlock;
  }
}
