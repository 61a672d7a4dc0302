/** Rows that say which one they are, and the count of those that come. */
import type { Rows } from "../../analysis/bus_validation.js";
import type { Columns, Topic, Views } from "../../bus/bus.js";
import { type MessageType, messageTypes } from "../../bus/routing/message_types.js";
import { messageTopic, topologyOf } from "../../bus/routing/topology.js";
import { viewOf } from "../../core/contract/contract.js";

/** The number of a row is its time, from 0; its other columns follow from it, the first f64 closely enough to tell it where there is no time. */
const valueAt = (dtype: string, row: number, column: number): number => (dtype === "f64" ? row + (column % 8) / 8 : (row + column) % 100);
const numbers = ({ columns }: Topic): string => {
  const of = (dtype: string) => Object.keys(columns).find((name) => columns[name]!.dtype === dtype);
  return of("i64") ?? of("f64")!;
};

export function rowsOf<C extends Columns>({ columns }: Topic<C>, first: number, count: number): Views<C> {
  const made = Object.entries(columns).map(([name, { dtype }], column) => {
    const value = (_: unknown, i: number) => valueAt(dtype, first + i, column);
    if (dtype === "i64") return [name, BigInt64Array.from({ length: count }, (_, i) => BigInt(first + i))];
    return [name, (viewOf(dtype) as Float64ArrayConstructor).from({ length: count }, value)];
  });
  return Object.fromEntries(made) as Views<C>;
}

export class Tally {
  got = 0;
  duplicates = 0;
  disordered = 0;
  wrong = 0;
  private highest = -1;
  private readonly number: string;
  private readonly seen: Uint8Array;

  constructor(
    private readonly topic: Topic,
    readonly expected: number,
  ) {
    this.seen = new Uint8Array(expected);
    this.number = numbers(topic);
  }
  take(columns: Views<Columns>, from: number, rows: number): void {
    const number = columns[this.number]!;
    for (let i = from; i < rows; i++) {
      const row = Math.floor(Number(number[i]));
      if (!(row >= 0 && row < this.expected)) this.wrong++;
      else if (this.seen[row]) this.duplicates++;
      else {
        this.seen[row] = 1;
        this.got++;
        if (row < this.highest) this.disordered++;
        this.highest = Math.max(row, this.highest);
        if (!this.fits(columns, i, row)) this.wrong++;
      }
    }
  }
  private fits(columns: Views<Columns>, i: number, row: number): boolean {
    return Object.entries(this.topic.columns).every(([name, { dtype }], column) =>
      dtype === "i64" ? columns[name]![i] === BigInt(row) : columns[name]![i] === valueAt(dtype, row, column),
    );
  }
  /** Rows up to the highest number that came. */
  get reached(): number {
    return this.highest + 1;
  }
  get rows(): Rows {
    const { expected, got, duplicates, disordered, wrong } = this;
    return { expected, got, duplicates, disordered, wrong };
  }
}

export const sumOf = (all: readonly Rows[]): Rows =>
  all.reduce(
    (a, b) => ({
      expected: a.expected + b.expected,
      got: a.got + b.got,
      duplicates: a.duplicates + b.duplicates,
      disordered: a.disordered + b.disordered,
      wrong: a.wrong + b.wrong,
    }),
    { expected: 0, got: 0, duplicates: 0, disordered: 0, wrong: 0 },
  );

/** Nothing may be lost, so that every type of message waits for its subscribers here. */
export const checkedTopic = (type: MessageType, name?: string): Topic =>
  messageTopic(type, { backpressure: "block", rows: 256, slots: 16, columns: messageTypes[type], ...(name !== undefined && { name }) });

/** A type that lies on the bus, for checks of one topic a bus. */
export function typeOn(topology: string, bus: string): MessageType {
  const table = topologyOf(topology);
  const known: readonly MessageType[] = ["market_data", "trade_execution", "vpin_calculation"];
  return known.find((type) => table[type] === bus)!;
}
