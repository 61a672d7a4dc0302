/** Topic of prices of many instruments, sampled on bars of event time -> topic of their risk; with holdings, that of the book -> another. */
import type { Batch, Publisher, Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { BarClock } from "../kit/bar_clock.js";
import { RowWriter } from "../kit/row_writer.js";
import type { PriceColumns } from "../prices.js";
import { SeriesRisk } from "../series_risk.js";
import { States } from "../states.js";
import { Exceedances, exceedanceColumns } from "./exceedances.js";
import { HoldingsRisk } from "./holdings_risk.js";

export interface InstrumentRiskOptions {
  readonly instruments: number;
  readonly confidence: number;
  /** Bars that VaR and ES look back on. */
  readonly window: number;
  readonly decay: number;
  /** 0: each price is a step. */
  readonly barSeconds: number;
  readonly periodsPerYear: number;
  readonly limit?: number | undefined;
  readonly bookLimit?: number | undefined;
  readonly backend?: string | undefined;
  readonly state?: ArrayBufferLike | undefined;
}

const money = { dtype: "f64" } as const;
const instrumentColumns = {
  time: { dtype: "i64" },
  instrument: { dtype: "u32" },
  price: money,
  loss: money,
  var: money,
  es: money,
  volatility: money,
  alarm: { dtype: "u8" },
  ...exceedanceColumns,
} as const;
const bookColumns = {
  time: { dtype: "i64" },
  value: money,
  loss: money,
  var: money,
  es: money,
  alarm: { dtype: "u8" },
  unpriced: { dtype: "i32" },
  ...exceedanceColumns,
} as const;
type Rows = { readonly time: BigInt64Array; readonly instrument: Uint32Array };
type HoldingColumns = { readonly instrument: { dtype: "u32" }; readonly quantity: { dtype: "f64" }; readonly time: { dtype: "i64" } };

const usual = { rows: 256, slots: 64, backpressure: "block" } as const;
export const instrumentRiskTopic = (): Topic<typeof instrumentColumns> => topic({ name: "risk", columns: instrumentColumns, ...usual });
export const bookRiskTopic = (): Topic<typeof bookColumns> => topic({ name: "book_risk", columns: bookColumns, ...usual });

function partsOf(options: InstrumentRiskOptions, states: States) {
  const { instruments, confidence, window, barSeconds, bookLimit, backend } = options;
  const price = states.numbers(instruments);
  return {
    price,
    /** Whether an instrument has had a price in the open bar, and whether any has. */
    moved: states.numbers(instruments + 1),
    clock: new BarClock(Math.max(barSeconds, 1e-9), instruments + 1, states),
    series: Array.from({ length: instruments }, () => ({
      risk: new SeriesRisk(options, states),
      tests: new Exceedances(confidence, states, backend),
    })),
    book: new HoldingsRisk({ instruments, confidence, window, limit: bookLimit, backend }, price, states),
  };
}

export class InstrumentRisk {
  private readonly parts: ReturnType<typeof partsOf>;
  private readonly risks: RowWriter<typeof instrumentColumns>;
  private readonly books: RowWriter<typeof bookColumns> | undefined;

  /** Without `books` holdings are not looked at. */
  constructor(
    private readonly options: InstrumentRiskOptions,
    risks: Publisher,
    books: Publisher | undefined,
  ) {
    this.parts = partsOf(options, new States(options.state));
    this.risks = new RowWriter(risks as unknown as Publisher<typeof instrumentColumns>);
    this.books = books && new RowWriter(books as unknown as Publisher<typeof bookColumns>);
  }

  static stateBytes(options: InstrumentRiskOptions): number {
    const states = new States();
    partsOf(options, states);
    return states.bytes;
  }

  take(batch: Batch<PriceColumns>, from: number): number {
    const { price } = batch.columns;
    return this.each(batch.columns, from, batch.rows, (row, instrument) => {
      this.parts.price[instrument] = price[row]!;
      this.parts.moved[instrument] = 1;
      this.parts.moved[this.options.instruments] = 1;
    });
  }

  /** What is held from now on: of the bars that end after it. */
  takeHoldings(batch: Batch<HoldingColumns>, from: number): number {
    const { quantity } = batch.columns;
    return this.each(batch.columns, from, batch.rows, (row, instrument) => this.parts.book.hold(instrument, quantity[row]!));
  }

  private each({ time, instrument }: Rows, from: number, rows: number, apply: (row: number, instrument: number) => void): number {
    const { parts, risks, books } = this;
    const bars = this.options.barSeconds > 0;
    let row = from;
    for (; row < rows; row++) {
      const now = time[row]!;
      if (bars && !parts.clock.reach(now, this.end)) break;
      if (!bars && !(risks.room() && (books?.room() ?? true))) break;
      apply(row, instrument[row]!);
      if (!bars) {
        this.end(instrument[row]!, now);
        this.end(this.options.instruments, now);
      }
    }
    risks.flush();
    books?.flush();
    return row;
  }

  /** Ends the bar of an instrument, last of the book; what had no price in it has none. */
  private readonly end = (part: number, time: bigint): boolean => {
    const { moved, price, series, book } = this.parts;
    if (moved[part] === 0) return true;
    const isBook = part === series.length;
    if (isBook ? this.books?.room() === false : !this.risks.room()) return false;
    moved[part] = 0;
    if (isBook) {
      this.books?.write({ time, ...book.step() });
      return true;
    }
    const { risk, tests } = series[part]!;
    risk.next(price[part]!);
    tests.take(risk.loss, risk.before);
    const { loss, var: value, es, volatility, alarm } = risk;
    this.risks.write({ time, instrument: part, price: price[part]!, loss, var: value, es, volatility, alarm, ...tests.row() });
    return true;
  };
}
