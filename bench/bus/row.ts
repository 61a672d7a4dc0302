/** The rows that the bus benchmarks print: one JSON object a line, always with the same keys. */
import type { Counts } from "./stream.js";

export interface Row {
  path: string;
  batch: number;
  recordsPerSecondMedian: number | null;
  /** Of a two-process memcpy, or a two-thread one for what runs between threads, in the same run. */
  memcpyFraction: number | null;
  p50us: number | null;
  p99us: number | null;
  p999us: number | null;
  /** With those whose checksum was wrong: what was sent did not arrive. */
  lost: number;
  duplicated: number;
  reordered: number;
}

const none = { recordsPerSecondMedian: null, memcpyFraction: null, p50us: null, p99us: null, p999us: null };
const whole = { lost: 0, duplicated: 0, reordered: 0 };

/** All rows so far. */
export const printed: Row[] = [];

/** Keys in their order, null where a row has nothing to say; exit code 1 where a record did not arrive once and in order. */
export function print(path: string, batch: number, has: Partial<Row>, counted?: Omit<Counts, "records">): void {
  const found = counted ? { lost: counted.lost + counted.corrupt, duplicated: counted.duplicated, reordered: counted.reordered } : whole;
  const row: Row = { path, batch, ...none, ...has, ...found };
  printed.push(row);
  process.stdout.write(`${JSON.stringify(row)}\n`);
  if (row.lost + row.duplicated + row.reordered > 0) process.exitCode = 1;
}

/** Of microseconds in order. */
export function percentiles(sorted: Float64Array): Pick<Row, "p50us" | "p99us" | "p999us"> {
  const at = (share: number) => sorted[Math.floor(sorted.length * share)]!;
  return { p50us: at(0.5), p99us: at(0.99), p999us: at(0.999) };
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
