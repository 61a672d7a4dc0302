/** Topics of trades, quotes and books of many instruments -> bars of event time or of volume -> topic of features. */
import type { Batch, Publisher, Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import type { TradeColumns } from "../../market/trade_columns.js";
import { BarClock } from "../kit/bar_clock.js";
import { RowWriter } from "../kit/row_writer.js";
import { States } from "../states.js";
import { BookFeatures, bookColumns } from "./book_features.js";
import { featureColumns, InstrumentFeatures } from "./instrument_features.js";

export interface FlowFeaturesOptions {
  readonly instruments: number;
  readonly clock: "time" | "volume";
  readonly barSeconds: number;
  /** By instrument. */
  readonly barVolume: Float64Array;
  readonly tickSize: Float64Array;
  readonly window: number;
  readonly price: "trade" | "mid";
  /** Of books; 0: there are none. */
  readonly levels: number;
  readonly backend?: string | undefined;
  readonly state?: ArrayBufferLike | undefined;
}

const f64 = { dtype: "f64" } as const;
const quoteTopicColumns = { time: { dtype: "i64" }, instrument: { dtype: "u32" }, bid: f64, ask: f64, bidSize: f64, askSize: f64 } as const;
type QuoteColumns = typeof quoteTopicColumns;
type Rows = { readonly time: BigInt64Array; readonly instrument: Uint32Array };

export const featuresTopic = (levels: number): Topic =>
  topic({ name: "features", columns: { ...featureColumns, ...bookColumns(levels) }, rows: 256, slots: 64, backpressure: "block" });

function partsOf({ instruments, barSeconds, window, price, tickSize, levels, backend }: FlowFeaturesOptions, states: States) {
  return {
    clock: new BarClock(barSeconds, instruments, states),
    /** Of bars of volume: when the open one began, and whether there is one. */
    begins: states.times(instruments),
    begun: states.numbers(instruments),
    of: Array.from({ length: instruments }, (_, k) => new InstrumentFeatures({ window, price, tickSize: tickSize[k]!, backend }, states)),
    books: levels === 0 ? [] : Array.from({ length: instruments }, () => new BookFeatures(levels, window, states)),
  };
}

export class FlowFeatures {
  private readonly parts: ReturnType<typeof partsOf>;
  private readonly features: RowWriter<typeof featureColumns>;
  private readonly barNs: bigint;

  constructor(
    private readonly options: FlowFeaturesOptions,
    results: Publisher,
  ) {
    this.parts = partsOf(options, new States(options.state));
    this.features = new RowWriter(results as unknown as Publisher<typeof featureColumns>);
    this.barNs = BigInt(Math.max(1, Math.round(options.barSeconds * 1e9)));
  }

  static stateBytes(options: FlowFeaturesOptions): number {
    const states = new States();
    partsOf(options, states);
    return states.bytes;
  }

  takeTrades({ columns, rows }: Batch<TradeColumns>, from: number): number {
    const { price, size, side } = columns;
    return this.each(columns, from, rows, (of, row) => of.trade(price[row]!, size[row]!, side[row]!));
  }

  takeQuotes({ columns, rows }: Batch<QuoteColumns>, from: number): number {
    const { bid, bidSize, ask, askSize } = columns;
    return this.each(columns, from, rows, (of, row) => of.quote(bid[row]!, bidSize[row]!, ask[row]!, askSize[row]!));
  }

  takeBooks({ columns, rows }: Batch<QuoteColumns>, from: number): number {
    return this.each(columns, from, rows, (_, row) => this.parts.books[columns.instrument[row]!]!.take(columns, row));
  }

  private each({ time, instrument }: Rows, from: number, rows: number, apply: (of: InstrumentFeatures, row: number) => void): number {
    const { parts, features } = this;
    const byTime = this.options.clock === "time";
    let row = from;
    for (; row < rows; row++) {
      if (byTime ? !parts.clock.reach(time[row]!, this.endTimed) : !features.room()) break;
      const k = instrument[row]!;
      apply(parts.of[k]!, row);
      if (!byTime) this.endVolume(k, time[row]!);
    }
    features.flush();
    return row;
  }

  private readonly endTimed = (instrument: number, end: bigint): boolean => {
    const of = this.parts.of[instrument]!;
    const book = this.parts.books[instrument];
    if (!of.begun && !book?.begun) return true;
    if (!this.features.room()) return false;
    this.features.write({ time: end, instrument, ...of.end(end - this.barNs, end), ...book?.end() });
    return true;
  };

  /** A trade that crosses the volume lies in the bar that it ends, whole. */
  private endVolume(instrument: number, time: bigint): void {
    const { begins, begun, of: all } = this.parts;
    const of = all[instrument]!;
    if (begun[instrument] === 0) {
      begun[instrument] = 1;
      begins[instrument] = time;
    }
    if (of.volume < this.options.barVolume[instrument]!) return;
    this.features.write({ time, instrument, ...of.end(begins[instrument]!, time), ...this.parts.books[instrument]?.end() });
    begins[instrument] = time;
  }
}
