/** Numbers and times as the page writes them: as its reader chose. */
import * as text from "../../../report/kit/text.js";
import { none } from "../../../report/kit/text.js";
import { offsetText, wallText } from "./zone.js";

export { none };

/** Marks between thousands and before decimals. */
const marks: Readonly<Record<string, readonly [group: string, decimal: string]>> = {
  en: [",", "."],
  de: [".", ","],
  fr: ["\u202f", ","],
  ch: ["\u2019", "."],
  plain: ["", "."],
};
export const numberForms: readonly (readonly [form: string, words: string])[] = [
  ["en", "1,234,567.89"],
  ["de", "1.234.567,89"],
  ["fr", "1\u202f234\u202f567,89"],
  ["ch", "1\u2019234\u2019567.89"],
  ["plain", "1234567.89"],
  ["local", "as this browser"],
];
let [group, decimal] = marks.en!;

export function useNumbers(form: string): void {
  const of = new Intl.NumberFormat().formatToParts(1_234_567.8);
  const mine = (type: string) => of.find((part) => part.type === type)?.value ?? "";
  [group, decimal] = form === "local" ? [mine("group"), mine("decimal") || "."] : (marks[form] ?? marks.en!);
}
const marked = (written: string): string => written.replace(/[,.]/g, (mark) => (mark === "," ? group : decimal));

export const fixed = (value: number, decimals: number): string => marked(text.fixed(value, decimals));
export const count = (value: number): string => marked(text.count(value));
export const significant = (value: number, digits?: number): string => marked(text.significant(value, digits));
/** One number where both are it or there is none, else both: of a stretch whose last value is not known. */
export function lowToHigh(low: number, high: number, write: (value: number) => string): string {
  return low === high || Number.isNaN(low) ? write(low) : `${write(low)} to ${write(high)}`;
}

/** `2026-01-12 00:00:00.250`, in the zone that was chosen. */
export const toMs = (time: number): string => wallText(time)?.slice(0, -1).replace("T", " ") ?? none;
export const toSecond = (time: number): string => toMs(time).slice(0, -4) || none;
/** Of nanoseconds in words: exact to the nanosecond. */
export const toNs = (text: string): string => {
  const ns = BigInt(text);
  return `${toSecond(Number(ns / 1_000_000n))}.${String(ns % 1_000_000_000n).padStart(9, "0")}`;
};
/** For other programs: `2026-01-12T09:30:00.000000001-05:00`. */
export const isoNs = (ns: string): string => {
  const at = Number(BigInt(ns) / 1_000_000n);
  return `${toNs(ns).replace(" ", "T")}${offsetText(at)}`;
};
export const span = (ms: number): string => (Number.isFinite(ms) ? marked(text.duration(BigInt(Math.round(ms * 1e6)))) : none);
export const bytes = (value: number): string => (value === 0 ? none : `${fixed(value / 2 ** 20, 0)} MB`);
/** `1.2 k`, `3.4 M`. */
export function rate(value: number): string {
  if (!(value > 0)) return value === 0 ? "0" : none;
  const [by, unit] = value >= 1e6 ? [1e6, " M"] : value >= 1e4 ? [1e3, " k"] : [1, ""];
  return `${fixed(value / by, value / by < 10 && by > 1 ? 1 : 0)}${unit}`;
}

/** Beyond these, numbers are written with powers of ten. */
const LARGE = 1e9;
const SMALL = 1e-4;
const MOST_DIGITS = 17;

/** Numbers of an axis, with as many digits as tell one from the next. */
export function axisTexts(values: readonly number[]): string[] {
  const largest = Math.max(...values.map(Math.abs));
  const step = values.length > 1 ? Math.abs(values[1]! - values[0]!) : largest;
  const digits = Math.min(MOST_DIGITS, Math.max(1, Math.floor(Math.log10(largest)) - Math.floor(Math.log10(step) + 1e-9) + 1));
  const powers = largest >= LARGE || largest < SMALL;
  return values.map((value) => {
    if (value === 0 || !Number.isFinite(value)) return value === 0 ? "0" : none;
    if (!powers) return significant(value, Math.max(7, digits));
    return value
      .toExponential(Math.max(1, digits) - 1)
      .replace("e+", "e")
      .replaceAll("-", "\u2212");
  });
}

/** Numbers beneath each other: all with the decimals that the finest of them needs, of `most` digits at most. */
export function alignedTexts(values: readonly number[], most = 12): string[] {
  const real = values.filter((value) => Number.isFinite(value) && value !== 0);
  const largest = Math.max(...real.map(Math.abs));
  const decimals = Math.max(0, ...real.map((value) => decimalsOf(Number(value.toPrecision(most)))));
  const fits = real.length === 0 || (largest < LARGE && decimals + Math.max(0, Math.log10(largest)) <= most);
  return values.map((value) => (fits || !Number.isFinite(value) ? fixed(value, decimals) : plain(value, most)));
}
const plain = (value: number, most: number): string => String(Number(value.toPrecision(most))).replaceAll("-", "\u2212");
function decimalsOf(value: number): number {
  const [digits, power] = value.toExponential().split("e") as [string, string];
  return Math.max(0, (digits.split(".")[1]?.length ?? 0) - Number(power));
}
