/** The lines as people read them: grouped by workload, the error beside the time. */
import type { Result } from "./run.js";

export const count = (n: number): string =>
  n >= 1e6 ? `${+(n / 1e6).toPrecision(3)} M` : n >= 1e4 ? `${+(n / 1e3).toPrecision(3)} k` : String(n);
export const ns = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3);
export const errorText = (value: number): string => (value === 0 ? "0" : value.toExponential(0));

/** Repetitions further apart than this say more about the machine than about the code. */
const noisy = 0.25;
export const spreadOf = (r: Pick<Result, "nsPerRowMin" | "nsPerRowMedian">): number => r.nsPerRowMedian / r.nsPerRowMin - 1;

const columns: [name: string, width: number, cell: (r: Result) => string][] = [
  ["backend", -11, (r) => r.backend],
  ["rows", 8, (r) => count(r.size)],
  ["ns min", 9, (r) => ns(r.nsPerRowMin)],
  ["median", 9, (r) => ns(r.nsPerRowMedian)],
  ["", 2, (r) => (spreadOf(r) > noisy ? "~" : "")],
  ["error", 7, (r) => errorText(r.maxError)],
  ["x reference", 12, (r) => (r.speedup === null ? "" : r.speedup.toFixed(1))],
  ["of limit", 9, (r) => (r.limitFraction === null ? "" : `${(100 * r.limitFraction).toFixed(r.limitFraction < 0.1 ? 1 : 0)} %`)],
  ["", -9, (r) => (r.limitedBy === null ? "" : ` ${r.limitedBy}`)],
];
const row = (cell: (column: (typeof columns)[number]) => string): string =>
  `  ${columns.map((c) => (c[1] < 0 ? cell(c).padEnd(-c[1]) : cell(c).padStart(c[1]))).join(" ")}`.trimEnd();

export const header = (): string => row(([name]) => name);
export const line = (r: Result): string => row(([, , cell]) => cell(r));

export function footer(results: readonly Result[]): string {
  const shaken = results.filter((r) => spreadOf(r) > noisy);
  const meaning =
    "error: worst element against the reference, relative; limit: the larger of operations / multiply-add peak and bytes / read bandwidth, measured in the same process";
  if (shaken.length === 0) return meaning;
  return `${meaning}\nwarning: ${shaken.length} of ${results.length} lines (marked ~) have a median more than ${100 * noisy} % above the minimum: the machine is busy or its clock changes; trust the minimum, or run again`;
}
