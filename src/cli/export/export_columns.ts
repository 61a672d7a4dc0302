/** What the columns of a recording are in a table: times, names, numbers, lists of numbers. */
import type { Topic } from "../../bus/bus.js";
import { type Dtype, type View, viewOf } from "../../core/contract/contract.js";
import { didYouMean } from "../../core/contract/errors.js";
import { UsageError } from "../kit/exit.js";

export interface TableColumn {
  readonly name: string;
  readonly dtype: Dtype;
  readonly width: number;
  readonly kind: "number" | "time" | "symbol";
}

/** A part of the rows, the values of each column one after the other; its memory is whoever's it is given to. */
export interface Part {
  readonly rows: number;
  readonly values: readonly View[];
}

/** Where the parts of a table go. */
export interface TableWriter {
  write(part: Part): Promise<void>;
  /** What stands behind the last part. */
  finish(): Promise<void>;
}

const usualTimes = /^(?:time|received|happened)$|(?:Time|_time|_ns)$/;
const usualSymbols = /^(?:instrument|engine|metric|factor|account)$/;

export function tableColumns({ name: topic, columns }: Topic, times: string | undefined, symbols: string | undefined): TableColumn[] {
  const asked = (flag: string, given: string | undefined, dtype: Dtype) => {
    const names = given?.split(",").map((name) => name.trim()) ?? [];
    for (const name of names) {
      const { dtype: found, width = 1 } = columns[name] ?? {};
      if (found === dtype && width === 1) continue;
      if (found)
        throw new UsageError(`--${flag} ${name}: it is ${found}${width === 1 ? "" : ` by ${width}`}, expected ${dtype}`, "leave it out");
      const near = didYouMean(name, Object.keys(columns));
      const there = `topic '${topic}' has ${Object.keys(columns).join(", ")}`;
      throw new UsageError(`--${flag} ${name}: topic '${topic}' has no such column`, near ? `did you mean ${near}?` : there);
    }
    return names;
  };
  const [timed, named] = [asked("times", times, "i64"), asked("symbols", symbols, "u32")];
  return Object.entries(columns).map(([name, { dtype, width = 1 }]) => {
    const time = dtype === "i64" && width === 1 && (timed.includes(name) || usualTimes.test(name));
    const symbol = dtype === "u32" && width === 1 && (named.includes(name) || usualSymbols.test(name));
    return { name, dtype, width, kind: time ? "time" : symbol ? "symbol" : "number" };
  });
}

/** Frames are often small: parts of a table are not. */
export class Gathered {
  private rows = 0;
  private values: View[] = [];
  constructor(
    private readonly columns: readonly TableColumn[],
    private readonly most: number,
    private readonly full: (part: Part) => Promise<void>,
  ) {}

  async take(views: Readonly<Record<string, View>>, rows: number): Promise<void> {
    for (let from = 0; from < rows; ) {
      if (this.rows === 0) this.values = this.columns.map(({ dtype, width }) => new (viewOf(dtype))(this.most * width) as View);
      const count = Math.min(rows - from, this.most - this.rows);
      for (const [i, { name, width }] of this.columns.entries())
        this.values[i]!.set(views[name]!.subarray(from * width, (from + count) * width) as never, this.rows * width);
      from += count;
      this.rows += count;
      if (this.rows === this.most) await this.empty();
    }
  }
  async empty(): Promise<void> {
    const { rows } = this;
    if (rows === 0) return;
    this.rows = 0;
    await this.full({ rows, values: this.values.map((view, i) => view.subarray(0, rows * this.columns[i]!.width) as View) });
  }
}
