/** How dates of tables are written: as the user says, or by the usual forms. */
import { DataError, didYouMean } from "../../core/contract/errors.js";
import { daysOf } from "../kernels/line_time.js";
import { timePattern } from "./time_pattern.js";

const dayNs = 86_400_000_000_000n;
const second = 1_000_000_000n;
const counts = { s: second, ms: 1_000_000n, us: 1000n, ns: 1n } as const;

/** A way in which dates are written. */
export interface DateFormat {
  /** For the user. */
  text: string;
  /** Nanoseconds since 1970 UTC; undefined: the text is not written so. */
  ns(text: string): bigint | undefined;
  /** The letters of strftime in which this date is written. */
  letters(text: string): string;
}

const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?([ap]m))?(Z| ?UTC| ?([+-])(\d{2}):?(\d{2})?)?$/i;

function readClock(text: string): bigint | undefined {
  const parts = clock.exec(text);
  if (!parts) return undefined;
  const [, hour, minute, whole = "0", fraction = "", half, , sign, zoneHours = "0", zoneMinutes = "0"] = parts;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
  if (hours > 23 || (half !== undefined && (Number(hour) < 1 || Number(hour) > 12))) return undefined;
  if (Number(minute) > 59 || Number(whole) > 59) return undefined;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -60 : 60);
  return BigInt(hours * 3600 + Number(minute) * 60 + Number(whole) - offset) * second + BigInt(fraction.padEnd(9, "0"));
}

function clockLetters(text: string | undefined): string {
  const parts = text === undefined ? undefined : clock.exec(text);
  if (!parts) return "";
  const [, , , whole, fraction, half, zone] = parts;
  const seconds = whole === undefined ? "" : fraction === undefined ? ":%S" : ":%S.%f";
  return ` ${half === undefined ? "%H" : "%I"}:%M${seconds}${half === undefined ? "" : " %p"}${zone === undefined ? "" : "%z"}`;
}

/** A date, and the clock behind it where there is one. */
const split = (text: string): { date: string; clock: string | undefined } => {
  const parts = /^(.*?)(?:[T ]+(\d{1,2}:.+))?$/s.exec(text)!;
  return { date: parts[1]!, clock: parts[2] };
};

function withClock(text: string, read: (date: string) => bigint | undefined, letters: (date: string) => string): DateFormat {
  return {
    text,
    ns(written) {
      const parts = split(written);
      const day = read(parts.date);
      const rest = day === undefined || parts.clock === undefined ? 0n : readClock(parts.clock);
      return day === undefined || rest === undefined ? undefined : day + rest;
    },
    letters: (written) => {
      const parts = split(written);
      return `${letters(parts.date)}${clockLetters(parts.clock)}`;
    },
  };
}

/** Digits in an order of year, month and day: any of the marks between them, of two digits a year has its own form. */
function inOrder(text: string, order: string): DateFormat {
  const [mark, [first, ...others]] = ["([-/.])", [...order]];
  const digits: Readonly<Record<string, string>> = { Y: "(\\d{4})", y: "(\\d{2})", m: "(\\d{1,2})", d: "(\\d{1,2})" };
  const gap = order === "Ymd" ? "([-/.]?)" : mark;
  const form = new RegExp(`^${digits[first!]}${gap}${others.map((letter) => digits[letter]).join("\\2")}$`);
  const read = (date: string): bigint | undefined => {
    const [, a, , b, c] = form.exec(date) ?? [];
    if (a === undefined) return undefined;
    const at = (letter: string): number => Number([a, b, c][order.indexOf(letter)]);
    const short = at("y");
    const days = daysOf(order.includes("Y") ? at("Y") : short + (short < 69 ? 2000 : 1900), at("m"), at("d"));
    return days === undefined ? undefined : BigInt(days) * dayNs;
  };
  return withClock(text, read, (date) => [...order].map((letter) => `%${letter}`).join(form.exec(date)?.[2] ?? "-"));
}

/** Letters of strftime; whole texts, or those before a clock. */
function ofLetters(text: string, before: boolean): DateFormat {
  const pattern = timePattern(text, true);
  const whole = (written: string): bigint | undefined => {
    const found = pattern.iso(written);
    return found === undefined ? undefined : iso.ns(found);
  };
  return before ? withClock(text, whole, () => text) : { text, ns: whole, letters: () => text };
}

const iso = inOrder("YYYY-MM-DD", "Ymd");
const named = [
  "%d-%b-%Y",
  "%d %b %Y",
  "%d/%b/%Y",
  "%d.%b.%Y",
  "%d%b%Y",
  "%d-%b-%y",
  "%d %b %y",
  "%b %d, %Y",
  "%b %d %Y",
  "%b-%d-%Y",
].concat(["%Y-%b-%d", "%Y %b %d", "%b %Y", "%b-%Y", "%b, %Y", "%Y-%b", "%Y %b"]);
const periods = ["%Y-%m", "%Y/%m", "%YQ%q", "%Y-Q%q", "%Y Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y", "%qQ%Y"];

let made: DateFormat[] | undefined;
/** Those found without a word of the user. */
export const usualDates = (): readonly DateFormat[] => {
  made ??= [
    iso,
    ...[inOrder("MM/DD/YYYY", "mdY"), inOrder("DD/MM/YYYY", "dmY")],
    ...[inOrder("MM/DD/YY", "mdy"), inOrder("DD/MM/YY", "dmy"), inOrder("YY/MM/DD", "ymd")],
    ...[...named, ...named.map((form) => form.replace("%b", "%B")), ...periods].map((form) => ofLetters(form, true)),
  ];
  return made;
};

/** A count since 1970, exact. */
function ofCounts(unit: keyof typeof counts): DateFormat {
  const scale = counts[unit];
  const ns = (text: string): bigint | undefined => {
    const parts = /^(-?)(\d{1,19})(?:\.(\d+))?$/.exec(text);
    if (!parts) return undefined;
    const fraction = (BigInt((parts[3] ?? "").slice(0, 9).padEnd(9, "0")) * scale) / second;
    const value = BigInt(parts[2]!) * scale + fraction;
    return value > 2n ** 63n - 1n ? undefined : parts[1] === "-" ? -value : value;
  };
  return { text: `${unit} since 1970`, ns, letters: () => unit };
}

/** What the user says of how dates are written. */
export function dateFormat(text: string): DateFormat {
  if (text === "iso") return iso;
  if (text in counts) return ofCounts(text as keyof typeof counts);
  if (text.includes("%")) return ofLetters(text, false);
  const near = didYouMean(text, [...Object.keys(counts), "iso"]);
  throw new DataError("E_TIME_FORMAT", `'${text}' is no format of dates`, {
    value: text,
    hint: `${near ? `did you mean ${near}? ` : ""}s, ms, us, ns, iso, or letters such as '%d.%m.%Y' or '%b %d, %Y'`,
  });
}
