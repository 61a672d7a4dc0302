/** Numbers and times as the page writes them. */
import { count, duration, fixed, none, significant } from "../../../report/kit/text.js";

export { count, duration, fixed, none, significant };

/** `2026-01-12 00:00:00.250`, UTC. */
export const toMs = (time: number): string => (Number.isFinite(time) ? new Date(time).toISOString().slice(0, 23).replace("T", " ") : none);
export const toSecond = (time: number): string => toMs(time).slice(0, 19);
/** Of nanoseconds in words: exact to the nanosecond. */
export const toNs = (text: string): string => {
  const ns = BigInt(text);
  return `${toSecond(Number(ns / 1_000_000n))}.${String(ns % 1_000_000_000n).padStart(9, "0")}`;
};
export const span = (ms: number): string => (Number.isFinite(ms) ? duration(BigInt(Math.round(ms * 1e6))) : none);
export const bytes = (value: number): string => (value === 0 ? none : `${fixed(value / 2 ** 20, 0)} MB`);
/** `1.2 k`, `3.4 M`. */
export function rate(value: number): string {
  if (!(value > 0)) return value === 0 ? "0" : none;
  const [by, unit] = value >= 1e6 ? [1e6, " M"] : value >= 1e4 ? [1e3, " k"] : [1, ""];
  return `${fixed(value / by, value / by < 10 && by > 1 ? 1 : 0)}${unit}`;
}
