/** Which time format fits most of the values that were seen, in one column or in two of date and clock. */

import { type TimePattern, timePattern } from "../times/time_pattern.js";
import { most } from "./layouts.js";

const dates = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y", "%d-%m-%Y", "%d.%m.%Y"].concat(
  ["%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d-%b-%Y", "%d-%b-%y", "%d%b%Y", "%d %b %Y", "%b %d %Y"], // those with names last
);
const clocks = ["%H:%M:%S.%f", "%H:%M:%S,%f", "%I:%M:%S.%f %p", "%I:%M:%S.%f%p", "%H:%M", "%I:%M %p", "%I:%M%p"];
const digits = ["%H%M%S.%f", "%H%M%S%f"];
const between = [" ", "T", "-", "_", ", ", ""];

/** A text of a date alone, and one of a time of day alone. */
const midnight = " 00:00";
const dateOnly = dates.map((date) => timePattern(`${date} %H:%M`));
const clockOnly = [...clocks, ...clocks.map((clock) => `${clock}%z`), ...clocks.map((clock) => `${clock} %z`)].map((text) =>
  timePattern(text),
);
const digitClocks = digits.map((text) => timePattern(text));

export const looksLikeDay = (value: string): boolean => dateOnly.some((pattern) => pattern.iso(value + midnight) !== undefined);
export const looksLikeClock = (value: string): boolean => clockOnly.some((pattern) => pattern.iso(value, "1970-01-01") !== undefined);
/** 93000, 170000.250 or 170000250: a number, taken for a clock beside a date alone. */
export const looksLikeDigitClock = (value: string): boolean =>
  /^\d{5,6}(\.\d+)?$|^\d{8,9}$|^\d{11,12}$/.test(value) && digitClocks.some((clock) => clock.iso(value, "x") !== undefined);

export interface GuessedTime {
  pattern: TimePattern;
  /** Another that fits as well, and the value that neither tells apart. */
  rival?: { pattern: TimePattern; value: string };
}

let whole: { pattern: string; made?: TimePattern }[] | undefined;
const all = (): { pattern: string; made?: TimePattern }[] => {
  const zoned = [...clocks, ...digits].flatMap((clock) => [clock, `${clock}%z`, `${clock} %z`]);
  whole ??= dates.flatMap((date) => between.flatMap((gap) => zoned.map((clock) => ({ pattern: `${date}${gap}${clock}` }))));
  return whole;
};

/** Texts of whole times; those of two columns are put together with a blank. */
export const guessTime = (texts: readonly string[]): GuessedTime | undefined => guess(texts, all());

let days: { pattern: string; made?: TimePattern }[] | undefined;
/** Dates alone: midnight. */
export function guessDay(texts: readonly string[]): GuessedTime | undefined {
  days ??= dates.map((pattern) => ({ pattern, made: timePattern(pattern, true) }));
  return guess(texts, days);
}

function guess(texts: readonly string[], patterns: { pattern: string; made?: TimePattern }[]): GuessedTime | undefined {
  const seen = texts.slice(0, 200);
  const first = seen.slice(0, 4).filter((text) => text.length > 5 && text.length < 48 && /\d/.test(text));
  const fits = patterns.flatMap((one) => {
    one.made ??= timePattern(one.pattern);
    const pattern = one.made;
    if (!first.some((text) => pattern.iso(text) !== undefined)) return [];
    return most(seen, (text) => pattern.iso(text) !== undefined)
      ? [{ pattern, good: seen.filter((text) => pattern.iso(text)).length }]
      : [];
  });
  const best = fits.reduce((a, b) => (b.good > a ? b.good : a), 0);
  const [pattern, ...others] = fits.filter(({ good }) => good === best).map((one) => one.pattern);
  if (!pattern) return undefined;
  const differs = (other: TimePattern) => seen.find((text) => pattern.iso(text) !== other.iso(text));
  const rival = others.find((other) => differs(other) !== undefined);
  return { pattern, ...(rival && { rival: { pattern: rival, value: differs(rival)! } }) };
}

/** A format for clocks alone, of a day that is known from elsewhere. */
export const guessClock = (texts: readonly string[]): TimePattern | undefined =>
  clockOnly.find((pattern) => most(texts, (text) => pattern.iso(text, "1970-01-01") !== undefined));
