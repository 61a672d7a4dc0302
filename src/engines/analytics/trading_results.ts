/** Topics of fills and prices -> profit of each instrument, and of all with equity, drawdown and Sharpe ratio -> two topics. */
import type { Batch, Publisher, Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { BarClock } from "../kit/bar_clock.js";
import { RowWriter } from "../kit/row_writer.js";
import { States } from "../states.js";
import { PositionProfit } from "./position_profit.js";
import { TrackRecord } from "./track_record.js";

export interface TradingResultsOptions {
  readonly instruments: number;
  readonly capital: number;
  readonly barSeconds: number;
  readonly periodsPerYear: number;
  readonly state?: ArrayBufferLike | undefined;
}

const i64 = { dtype: "i64" } as const;
const u32 = { dtype: "u32" } as const;
const real = { dtype: "f64" } as const;
const profitColumns = {
  ...{ time: i64, instrument: u32, price: real, position: real, average: real, realized: real, unrealized: real },
  ...{ fees: real, profit: real, contribution: real, cost: real, volume: real, fills: real, unmarked: real },
} as const;
const performanceColumns = {
  ...{ time: i64, equity: real, returns: real, drawdown: real, maxDrawdown: real, volatility: real, sharpe: real },
  ...{ realized: real, unrealized: real, fees: real, profit: real, cost: real, volume: real, exposure: real },
} as const;
const fillColumns = { time: i64, instrument: u32, price: real, size: real, side: { dtype: "i8" }, fee: real, decision: real } as const;
type PriceRows = Batch<{ time: typeof i64; instrument: typeof u32; price: typeof real }>;
/** `fee` and `decision` where the topic has them. */
type FillRows = Batch<typeof fillColumns>;

const usual = { rows: 256, slots: 64, backpressure: "block" } as const;
export const profitTopic = (): Topic<typeof profitColumns> => topic({ name: "profit", columns: profitColumns, ...usual });
export const performanceTopic = (): Topic<typeof performanceColumns> =>
  topic({ name: "performance", columns: performanceColumns, ...usual });

function partsOf({ instruments, barSeconds, capital, periodsPerYear }: TradingResultsOptions, states: States) {
  return {
    clock: new BarClock(barSeconds, instruments + 1, states),
    /** Whether an instrument has had a row in the open bar. */
    moved: states.numbers(instruments),
    of: Array.from({ length: instruments }, () => new PositionProfit(states)),
    all: new TrackRecord(capital, periodsPerYear, states),
  };
}

export class TradingResults {
  private readonly parts: ReturnType<typeof partsOf>;
  private readonly profits: RowWriter<typeof profitColumns>;
  private readonly performances: RowWriter<typeof performanceColumns>;

  constructor(
    private readonly options: TradingResultsOptions,
    profits: Publisher,
    performances: Publisher,
  ) {
    this.parts = partsOf(options, new States(options.state));
    this.profits = new RowWriter(profits as unknown as Publisher<typeof profitColumns>);
    this.performances = new RowWriter(performances as unknown as Publisher<typeof performanceColumns>);
  }

  static stateBytes(options: TradingResultsOptions): number {
    const states = new States();
    partsOf(options, states);
    return states.bytes;
  }

  takePrices({ columns, rows }: PriceRows, from: number): number {
    return this.each(columns, from, rows, (of, row) => of.mark(columns.price[row]!));
  }

  takeFills({ columns, rows }: FillRows, from: number): number {
    const { price, size, side, fee, decision } = columns;
    return this.each(columns, from, rows, (of, row) =>
      of.fill(price[row]!, size[row]!, side[row]!, fee?.[row] ?? 0, decision?.[row] ?? Number.NaN),
    );
  }

  private each(
    { time, instrument }: { readonly time: BigInt64Array; readonly instrument: Uint32Array },
    from: number,
    rows: number,
    apply: (of: PositionProfit, row: number) => void,
  ): number {
    const { clock, of, moved } = this.parts;
    let row = from;
    for (; row < rows && clock.reach(time[row]!, this.end); row++) {
      apply(of[instrument[row]!]!, row);
      moved[instrument[row]!] = 1;
    }
    this.profits.flush();
    this.performances.flush();
    return row;
  }

  private readonly end = (part: number, time: bigint): boolean => {
    const { moved, of } = this.parts;
    if (part === of.length) return this.endAll(time);
    if (moved[part] === 0) return true;
    if (!this.profits.room()) return false;
    moved[part] = 0;
    const row = of[part]!.row();
    this.profits.write({ time, instrument: part, ...row, contribution: row.profit / this.options.capital });
    return true;
  };

  private endAll(time: bigint): boolean {
    if (!this.performances.room()) return false;
    const sum = { realized: 0, unrealized: 0, fees: 0, profit: 0, cost: 0, volume: 0 };
    let exposure = 0;
    for (const one of this.parts.of) {
      const row = one.row();
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += row[name];
      exposure += Math.abs(row.position * row.price);
    }
    this.performances.write({ time, ...sum, exposure, ...this.parts.all.next(sum.profit) });
    return true;
  }
}
