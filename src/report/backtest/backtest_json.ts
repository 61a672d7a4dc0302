/** Answers of back-tests as plain objects for JSON: times as text in UTC, what is no number as null. */
import type { BacktestResult, SweepResult, WalkResult } from "../../analysis/backtest.js";
import type { FillQuality } from "../../analysis/fill_quality.js";
import { backtestRemarks, qualityOf, sweepRemarks, walkRemarks } from "./backtest_remarks.js";

/** More fills than this are left out of JSON, and said so. */
const mostFills = 100_000;

/** No zero below 0 either: JSON has none. */
const number = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);
const list = (values: ArrayLike<number>): (number | null)[] => Array.from(values, number);
/** Nanoseconds are kept: `2024-08-08T00:00:00.123456789Z`. */
export const isoTime = (ns: bigint): string => {
  const parts = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const date = new Date(Number((ns - parts) / 1_000_000n));
  return Number.isNaN(date.getTime()) ? String(ns) : `${date.toISOString().slice(0, -5)}.${String(parts).padStart(9, "0")}Z`;
};

/** Of all parts of an object, whatever lies in it. */
function plain(of: unknown): unknown {
  if (typeof of === "number") return number(of);
  if (typeof of === "bigint") return isoTime(of);
  if (of instanceof BigInt64Array) return Array.from(of, isoTime);
  if (ArrayBuffer.isView(of)) return list(of as unknown as ArrayLike<number>);
  if (Array.isArray(of)) return of.map(plain);
  if (typeof of === "object" && of !== null) return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, plain(value)]));
  return of;
}
type Plain = Readonly<Record<string, unknown>>;
const object = (of: object): Plain => plain(of) as Plain;

export function backtestJson(result: BacktestResult, quality: FillQuality = qualityOf(result)): Plain {
  const { fills, returns: _, remarks: __, ...rest } = result;
  const kept = Math.min(mostFills, fills.time.length);
  const columns = Object.fromEntries(Object.entries(fills).map(([name, column]) => [name, plain(column.subarray(0, kept))]));
  return {
    ...object(rest),
    quality: object(quality),
    remarks: backtestRemarks(result, quality),
    fills: { rows: fills.time.length, leftOut: fills.time.length - kept, ...columns },
  };
}

/** Without the returns of each run. */
export function sweepJson(result: SweepResult): Plain {
  const { runs, ...rest } = result;
  return { ...object(rest), remarks: sweepRemarks(result), runs: runs.map(({ returns: _, ...run }) => object(run)) };
}

export const walkJson = (result: WalkResult): Plain => ({ ...object(result), remarks: walkRemarks(result) });
