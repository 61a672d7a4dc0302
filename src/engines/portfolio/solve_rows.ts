/**
 * Rows of one answer: its proof, then the weights, then the orders. Kept in the state until all are written, since results may be full
 * anywhere: who comes again goes on behind the row that was written last.
 */
import type { Publisher } from "../../bus/bus.js";
import { messages } from "../../bus/routing/message_types.js";
import { RowWriter } from "../kit/row_writer.js";
import type { States } from "../states.js";
import type { OrderColumns, PortfolioColumns, TargetColumns } from "./portfolio_topics.js";

type Row = { readonly [K in keyof PortfolioColumns]: PortfolioColumns[K]["dtype"] extends "i64" ? bigint : number };
/** All but the time, in the order of the numbers that keep them. */
export type ProofRow = Omit<Row, "time">;

/** What the rows are of, read where it lies. */
export interface Answer {
  readonly weights: Float64Array;
  readonly there: Float64Array;
  readonly alarm: Float64Array;
  readonly price: Float64Array;
  readonly costRate: Float64Array;
}
export interface Outputs {
  readonly portfolio: Publisher<PortfolioColumns>;
  readonly weights: Publisher<TargetColumns>;
  readonly orders?: Publisher<OrderColumns> | undefined;
}

const names = Object.keys(messages.portfolio.columns).filter((name) => name !== "time") as (keyof ProofRow)[];
const finished = 0;
const proof = 1;
const weighing = 2;
const ordering = 3;

export class SolveRows {
  /** Weights that were held before, and trades of the answer in hand. */
  readonly before: Float64Array;
  readonly trade: Float64Array;
  /** Which rows come next, of which asset; orders so far. */
  private readonly at: Float64Array;
  private readonly time: BigInt64Array;
  private readonly numbers: Float64Array;

  constructor(
    private readonly of: Answer,
    /** Undefined where only room in the state is counted. */
    private readonly outputs: Outputs | undefined,
    states: States,
  ) {
    const n = of.weights.length;
    this.before = states.numbers(n);
    this.trade = states.numbers(n);
    this.at = states.numbers(3);
    this.time = states.times(1);
    this.numbers = states.numbers(names.length);
  }

  /** Whether rows wait to be written. */
  get pending(): boolean {
    return this.at[0] !== finished;
  }

  begin(time: bigint, row: ProofRow): void {
    this.time[0] = time;
    names.forEach((name, i) => {
      this.numbers[i] = row[name];
    });
    this.at.set([proof, 0]);
  }

  private number(name: keyof ProofRow): number {
    return this.numbers[names.indexOf(name)]!;
  }

  /** Writes what there is room for; false where something is left. */
  write(): boolean {
    const { at } = this;
    if (at[0] === proof) {
      const into = new RowWriter(this.outputs!.portfolio);
      if (!into.room()) return false;
      into.write({ time: this.time[0]!, ...Object.fromEntries(names.map((name, i) => [name, this.numbers[i]!])) } as never);
      into.flush();
      at.set([this.number("kept") === 1 ? finished : weighing, 0]);
    }
    if (at[0] === weighing) {
      if (!this.writeWeights(this.outputs!.weights)) return false;
      at.set([this.outputs!.orders ? ordering : finished, 0]);
    }
    if (at[0] === ordering) {
      if (!this.writeOrders(this.outputs!.orders!)) return false;
      at.set([finished, 0]);
    }
    return true;
  }

  private writeWeights(weights: Publisher<TargetColumns>): boolean {
    const { at, of, before } = this;
    const n = of.weights.length;
    for (const solve = this.number("solve"); at[1]! < n; ) {
      const slot = weights.claim();
      if (!slot) return false;
      const from = at[1]!;
      const rows = Math.min(weights.topic.rows, n - from);
      const { time, instrument, weight, there, alarm, ...columns } = slot.columns;
      time.fill(this.time[0]!, 0, rows);
      columns.solve.fill(solve, 0, rows);
      weight.set(of.weights.subarray(from, from + rows));
      columns.before.set(before.subarray(from, from + rows));
      there.set(of.there.subarray(from, from + rows));
      alarm.set(of.alarm.subarray(from, from + rows));
      for (let i = 0; i < rows; i++) instrument[i] = from + i;
      weights.commit(rows);
      at[1] = from + rows;
    }
    return true;
  }

  private writeOrders(orders: Publisher<OrderColumns>): boolean {
    const { at, of, trade } = this;
    const n = trade.length;
    const solve = this.number("solve");
    for (;;) {
      while (at[1]! < n && trade[at[1]!] === 0) at[1]!++;
      if (at[1]! >= n) return true;
      const slot = orders.claim();
      if (!slot) return false;
      const { columns } = slot;
      let rows = 0;
      for (; at[1]! < n && rows < orders.topic.rows; at[1]!++) {
        const i = at[1]!;
        const units = trade[i]!;
        if (units === 0) continue;
        columns.time[rows] = this.time[0]!;
        columns.instrument[rows] = i;
        columns.order[rows] = BigInt(++at[2]!);
        columns.price[rows] = Number.NaN;
        columns.size[rows] = Math.abs(units);
        columns.side[rows] = units > 0 ? 1 : -1;
        columns.decision[rows] = of.price[i]!;
        columns.cost[rows] = of.costRate[i]! * Math.abs(units) * of.price[i]!;
        columns.solve[rows] = solve;
        rows++;
      }
      orders.commit(rows);
    }
  }
}
