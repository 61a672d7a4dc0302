/** Trades without a side -> time bars -> buyer-initiated share of each bar -> vpin. */
import type { BoundKernel } from "../../core/call/bind.js";
import { Alarms } from "../../engines/alarms.js";
import { Gather, type TradeViews } from "../../engines/gather.js";
import type { Measure } from "../../engines/measure_list.js";
import { Measures } from "../../engines/measures.js";
import { knownInstruments, oneInstrument } from "../../engines/one_instrument.js";
import { type BarBlock, type BarListener, barBlock, SessionBars } from "../../engines/session_bars.js";
import { sessionPieces } from "../../engines/session_cut.js";
import { States, type StateViews } from "../../engines/states.js";
import type { TradeBatch } from "../../engines/trades.js";
import { bulkVolumeClassification } from "../../kernels/flow/sides/bulk_volume_classification.js";
import { vpin } from "../../kernels/flow/toxicity/vpin.js";
import type { Sessions } from "../../market/sessions.js";
import { Bought } from "./bars_of_file.js";
import { type BucketBlock, BucketColumns, emptyBlock, mapBlock, picked } from "./buckets.js";

export interface BarOptions {
  bucketVolumes: Float64Array;
  window: number;
  history: number;
  threshold: number;
  minHistory: number;
  /** Length of a bar. */
  barSeconds: number;
  /** Whether bars without trades count in sigma, on dates that have some. */
  empty?: "skip" | "emit" | undefined;
  measures?: readonly Measure[];
  /** Of realized_spread. */
  horizonSeconds?: number | undefined;
  sessions?: Sessions | undefined;
  /** Each row is a bar of this length already: its close and its volume. */
  ofFile?: boolean;
  /** Such a row says what buyers took: no side is looked for in prices. */
  given?: boolean;
}

/** How the bars of one instrument lie beside its buckets. */
export interface BarFit {
  bars: number;
  /** Those with more volume than a bucket. */
  over: number;
  /** Volume of the largest over a bucket's. */
  largest: number;
  /** Of a file: those that come sooner after the one before than a bar is long. */
  sooner: number;
}
export const noFit = (): BarFit => ({ bars: 0, over: 0, largest: 0, sooner: 0 });

/** Age at which a price change counts half in sigma: prices that multiply within a file make a sigma of all of them useless. */
const halfLifeSeconds = 86_400;
/** Of bars of a day sigma would be the last change alone. */
const fewestBars = 20;
/** In bars: a day, but not fewer than tell a deviation, nor more of them than the kernel takes. */
const halfLifeOf = (barSeconds: number): number =>
  Math.min(bulkVolumeClassification.contract.params.halfLife.max, Math.max(fewestBars, halfLifeSeconds / barSeconds));
/** What sigma is taken over with bars of this length. */
export const sigmaSeconds = (barSeconds: number): number => barSeconds * halfLifeOf(barSeconds);
/** Bars of a file lie apart: on a grid so fine each stays by itself, wherever its own grid begins. */
const rowSeconds = 1;
/** Buckets that one run of the kernel may write before they are taken over. */
const blockRows = 4096;

/** Memory that all instruments write, one after the other. */
interface Room {
  bars: BarBlock;
  shares: Float64Array;
  block: ReturnType<typeof emptyBlock>;
}

/** One instrument; sigma is that of the price changes up to the bar, so nothing looks ahead. */
class BarToxicity implements BarListener {
  readonly buckets: BucketColumns;
  private readonly bars: SessionBars;
  private readonly sessionEnd: Float64Array;
  private readonly shareState: StateViews;
  private readonly classify: BoundKernel;
  private readonly fill: BoundKernel;
  private readonly alarms: Alarms;
  private readonly bought: Bought | undefined;
  private barsBefore = 0;
  readonly fit: BarFit = noFit();
  private lastStart: bigint | undefined;
  /** Trade of the tape that came last, and where rows of the present columns lie in the tape. */
  private lastTrade = 0;
  private tapeRow: (row: number) => number = () => this.lastTrade;
  private from = Number.POSITIVE_INFINITY;

  constructor(
    private readonly options: BarOptions,
    private readonly instrument: number,
    private readonly room: Room,
    private readonly measures: Measures,
  ) {
    const states = new States();
    const { barSeconds, empty, window, history, bucketVolumes } = options;
    this.bought = options.given ? new Bought() : undefined;
    this.alarms = new Alarms(options, 1, states);
    const { bars, shares, block } = room;
    this.buckets = new BucketColumns(measures.names);
    this.bars = new SessionBars(options.ofFile ? Math.min(barSeconds, rowSeconds) : barSeconds, bars, states, { empty });
    this.sessionEnd = states.numbers(1);
    const sigma = { sigma: "ewma", halfLife: halfLifeOf(barSeconds) } as const;
    this.shareState = states.kernel(bulkVolumeClassification as never, sigma);
    const state = this.shareState as never;
    this.classify = bulkVolumeClassification.bind({ in: { last: bars.last }, out: { buyFraction: shares }, state }, sigma);
    const inputs = { time: bars.endTime, price: bars.last, size: bars.volume, buyFraction: shares };
    const { alarm: _, ...out } = block;
    this.fill = vpin.bind({ in: inputs, out }, { bucketVolume: bucketVolumes[instrument]!, window, history });
  }

  take(columns: TradeViews, key: number, from: number, to: number, tapeRow: (row: number) => number): void {
    const { time, price, size } = columns;
    this.tapeRow = tapeRow;
    this.from = from;
    this.buckets.count(to - from);
    this.bought?.take(columns.bought!, from, to);
    for (const piece of sessionPieces(this.options.sessions, this.sessionEnd, time, from, to))
      this.bars.take({ time, price, size }, key, piece, this);
    this.lastTrade = tapeRow(to - 1);
  }

  finish(): void {
    this.from = Number.POSITIVE_INFINITY;
    this.bars.finish(this);
  }

  restart(price: number): void {
    const lastPrice = this.shareState.lastPrice as Float64Array;
    if (lastPrice[0]! > 0) lastPrice[0] = price;
  }

  closed(bars: number, base: number): void {
    const { bars: closed, block, shares } = this.room;
    if (this.bought) this.bought.shares(closed.endIndex, closed.volume, bars, shares);
    else this.classify(0, bars, 0, 0);
    this.look(closed.volume.subarray(0, bars));
    if (this.options.ofFile) this.lookApart(closed.startTime, bars);
    const trade = (bar: number) => {
      const row = closed.endIndex[bar - this.barsBefore]! - base;
      return row < this.from ? this.lastTrade : this.tapeRow(row);
    };
    for (let from = 0; from < bars; ) {
      const { consumed, produced } = this.fill(0, bars, from, 0);
      from += consumed;
      for (let i = 0; i < produced; i++) block.endIndex[i] = trade(block.endIndex[i]!);
      for (let i = 0; i < produced; i++) block.alarm[i] = this.alarms.next(0, block.vpin[i]!, block.cdf[i]!);
      block.instrument.fill(this.instrument, 0, produced);
      this.buckets.append({ ...block, measures: this.measured(produced) }, produced);
    }
    this.barsBefore += bars;
  }

  private look(volumes: Float64Array): void {
    const { fit } = this;
    const bucketVolume = this.options.bucketVolumes[this.instrument]!;
    for (const volume of volumes) {
      fit.largest = Math.max(fit.largest, volume / bucketVolume);
      if (volume > bucketVolume) fit.over++;
      if (volume > 0) fit.bars++;
    }
  }

  /** Bars of a minute among those of a day, or the other way round: a tenth is for clocks that change. */
  private lookApart(startTime: BigInt64Array, bars: number): void {
    const least = BigInt(Math.round(0.9e9 * this.options.barSeconds));
    for (let bar = 0; bar < bars; bar++) {
      const start = startTime[bar]!;
      if (this.lastStart !== undefined && start - this.lastStart < least) this.fit.sooner++;
      this.lastStart = start;
    }
  }

  /** As of the last trade of the bar that closed each bucket. */
  private measured(rows: number): Record<string, Float64Array> {
    const { endIndex } = this.room.block;
    const column = (m: number) => Float64Array.from({ length: rows }, (_, i) => this.measures.at(m, endIndex[i]!, this.instrument));
    return Object.fromEntries(this.measures.names.map((name, m) => [name, column(m)]));
  }
}

/** Several instruments: a chain of kernels for each, their buckets in one order of closing. */
export class BarsToxicity {
  private readonly measures: Measures;
  private each: BarToxicity[] = [];
  private readonly first = new Float64Array(1);
  private gather: Gather | undefined;
  private order: BucketBlock | undefined;

  constructor(private readonly options: BarOptions) {
    const { measures = [], sessions, barSeconds, horizonSeconds, bucketVolumes } = options;
    this.measures = new Measures({ measures, sides: "tick_rule", barSeconds, horizonSeconds, instruments: bucketVolumes.length, sessions });
  }

  take(batch: TradeBatch): void {
    const { columns, slot, rows, sequence } = batch;
    if (this.options.bucketVolumes.length === 1) oneInstrument("bars", "trades", batch, this.first);
    else knownInstruments("bars", "trades", batch, this.options.bucketVolumes.length);
    this.measures.take(columns, slot, 0, rows, sequence);
    if (this.each.length === 0) this.each = this.chains(columns.time.length);
    if (this.each.length === 1) {
      this.each[0]!.take(columns, slot, 0, rows, (row) => sequence + row);
      return;
    }
    this.gather ??= new Gather(columns.time.length, this.each.length, columns);
    const { gather } = this;
    for (const { instrument, from, to } of gather.take(columns, 0, rows))
      this.each[instrument]!.take(gather.columns, 0, from, to, (row) => sequence + gather.row[row]!);
  }

  private chains(rows: number): BarToxicity[] {
    const room = { bars: barBlock(rows), shares: new Float64Array(rows), block: emptyBlock(blockRows) };
    return Array.from(this.options.bucketVolumes, (_, id) => new BarToxicity(this.options, id, room, this.measures));
  }

  /** The open bars end with the tape. */
  finish(): void {
    this.measures.settle();
    for (const one of this.each) one.finish();
  }

  /** By instrument. */
  get barFits(): BarFit[] {
    return this.each.map(({ fit }) => fit);
  }

  get buckets(): { rows: number; view(): BucketBlock } {
    const rows = this.each.reduce((sum, one) => sum + one.buckets.rows, 0);
    return { rows, view: () => (this.order?.vpin.length === rows ? this.order : (this.order = this.merged(rows))) };
  }

  private merged(rows: number): BucketBlock {
    if (this.each.length === 1) return this.each[0]!.buckets.view();
    const all = new BucketColumns(this.measures.names);
    for (const { buckets } of this.each) all.append(buckets.view(), buckets.rows);
    const view = all.view();
    const order = Uint32Array.from({ length: rows }, (_, i) => i).sort((a, b) => view.endIndex[a]! - view.endIndex[b]! || a - b);
    return mapBlock(view, (column) => picked(column, order));
  }
}
