/** Times as a user writes them down, in the letters of strftime: '%Y%m%d %H:%M:%S.%f' -> ISO 8601, which the parsers read. */
import { DataError } from "../../core/contract/errors.js";
import { daysOf } from "../kernels/line_time.js";

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const fullMonths = "january february march april may june july august september october november december".split(" ");
const abbreviated = months.map((month) => (month === "sep" ? "sept?" : month)).join("|");
const zone = "Z|UTC|[+-]\\d{2}(?::?\\d{2})?";
/** `wide` where no digit can follow at once: 9:30 beside 09:30. */
const letters: Readonly<Record<string, { wide: string; fixed?: string }>> = {
  Y: { wide: "\\d{4}" },
  y: { wide: "\\d{2}" },
  m: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  d: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  j: { wide: "\\d{1,3}", fixed: "\\d{3}" },
  b: { wide: abbreviated },
  B: { wide: fullMonths.join("|") },
  H: { wide: "[01]?\\d|2[0-3]", fixed: "\\d{2}" },
  I: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  M: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  S: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  // Behind digits as many as are usual: an hour may have lost its zero, and 93001123 is no 23 hundredths.
  f: { wide: "\\d{1,9}", fixed: "\\d{3}|\\d{6}|\\d{9}" },
  p: { wide: "am|pm" },
  z: { wide: zone },
};
/** Quarters are dates of tables, not times of trades. */
const lettersOfDates: typeof letters = { ...letters, q: { wide: "[1-4]" } };

/** A format, ready to read texts. */
export interface TimePattern {
  text: string;
  hasDate: boolean;
  hasClock: boolean;
  hasZone: boolean;
  /** ISO 8601, or undefined where the text is not written so; `date` of a format without one. */
  iso(text: string, date?: string): string | undefined;
}

/** What cannot be read as a format, or does not make a time, in words. */
function refuse(text: string, what: string, ofDates: boolean): never {
  const such = ofDates
    ? "'%d.%m.%Y', '%b %d, %Y', '%Y%m%d %H:%M' or '%Y-Q%q'"
    : "'%Y%m%d %H:%M:%S.%f', '%m/%d/%Y %I:%M:%S %p' or '%Y-%j %H:%M:%S%z'";
  throw new DataError("E_TIME_FORMAT", `time format '${text}' ${what}`, {
    value: text,
    hint: `such as ${such}; letters: ${Object.keys(ofDates ? lettersOfDates : letters).join(" ")}`,
  });
}

const literal = (c: string): string => (/\s/.test(c) ? "\\s+" : c.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));

/** The letters in order, and the expression that finds them; a fraction behind a mark may be missing. */
function parse(text: string, ofDates: boolean): { order: string[]; source: string } {
  const order: string[] = [];
  const parts = text.match(/[.,]%f|%.?|[^%]/gsu) ?? [];
  const isDigits = (part: string | undefined): boolean => /^%[YymdjHIMSfq]$/.test(part ?? "");
  const source = parts.map((part, i) => {
    if (!part.includes("%")) return literal(part);
    if (part === "%%") return "%";
    const letter = part.at(-1)!;
    const known = (ofDates ? lettersOfDates : letters)[letter];
    if (part === "%" || !known) refuse(text, part === "%" ? "ends with a single %" : `has %${letter}, which is not known`, ofDates);
    if (order.includes(letter)) refuse(text, `has %${letter} twice`, ofDates);
    order.push(letter);
    if (part.length > 2) return `(?:${literal(part[0]!)}(${known!.wide}))?`;
    // Digits of two letters run into each other: all but the first have all of theirs.
    const run = isDigits(parts[i - 1]);
    return `(${run ? (known!.fixed ?? known!.wide) : known!.wide})`;
  });
  return { order, source: `^${source.join("")}$` };
}

function check(text: string, has: (letter: string) => boolean, ofDates: boolean): boolean {
  const wrong = (what: string) => refuse(text, what, ofDates);
  const year = has("Y") || has("y");
  const month = has("m") || has("b") || has("B");
  const day = (month && has("d")) || has("j");
  const whole = ofDates ? year && (!has("d") || day) : year && day;
  if (has("Y") && has("y")) wrong("has both %Y and %y");
  if (["m", "b", "B", "j", "q"].filter(has).length > 1) wrong("says the month more than once");
  if ((ofDates || year || month || has("d") || has("j")) && !whole) wrong(`has a date without its ${year ? "month and day" : "year"}`);
  const clock = ["H", "I", "M", "S", "f", "p"].some(has);
  if (has("H") === has("I") && (clock || !ofDates)) wrong(has("H") ? "has both %H and %I" : "has no hour: %H, or %I with %p");
  if (has("I") !== has("p")) wrong(has("I") ? "has %I without %p" : "has %p without %I");
  return year;
}

type Parts = Readonly<Partial<Record<string, string>>>;

/** Year, month and day, the first where there is none; the year of two digits as POSIX has it: 69 to 99 are of the last century. */
function dateOf({ Y, y, m, d = "1", j, b, B, q }: Parts): [number, number, number] | undefined {
  const short = Number(y);
  const year = Y === undefined ? short + (short < 69 ? 2000 : 1900) : Number(Y);
  if (j !== undefined) {
    const date = new Date(Date.UTC(year, 0, Number(j)));
    return Number(j) > 0 && date.getUTCFullYear() === year ? [year, date.getUTCMonth() + 1, date.getUTCDate()] : undefined;
  }
  const named = b === undefined ? fullMonths.indexOf(B?.toLowerCase() ?? "") : months.indexOf(b.toLowerCase().slice(0, 3));
  const first = q === undefined ? 1 : 3 * Number(q) - 2;
  const month = m !== undefined ? Number(m) : b !== undefined || B !== undefined ? named + 1 : first;
  return daysOf(year, month, Number(d)) === undefined ? undefined : [year, month, Number(d)];
}

function hourOf({ H, I, p }: Parts): number | undefined {
  if (H === undefined && I === undefined) return 0;
  if (H !== undefined) return Number(H) < 24 ? Number(H) : undefined;
  const hour = Number(I);
  return hour >= 1 && hour <= 12 ? (hour % 12) + (p!.toLowerCase() === "pm" ? 12 : 0) : undefined;
}

const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

/** `ofDates`: of a table, which need no hour, nor a day of a month or quarter. */
export function timePattern(text: string, ofDates = false): TimePattern {
  const { order, source } = parse(text, ofDates);
  const hasDate = check(text, (letter) => order.includes(letter), ofDates);
  const expression = new RegExp(source, "i");
  return {
    text,
    hasDate,
    hasClock: order.includes("H") || order.includes("I"),
    hasZone: order.includes("z"),
    iso(written, day) {
      const found = expression.exec(written);
      if (!found) return undefined;
      const parts: Record<string, string | undefined> = {};
      for (let i = 0; i < order.length; i++) parts[order[i]!] = found[i + 1];
      const hour = hourOf(parts);
      const [minute, second] = [Number(parts.M ?? 0), Number(parts.S ?? 0)];
      const date = hasDate ? dateOf(parts) : undefined;
      if ((hasDate && !date) || hour === undefined || minute > 59 || second > 59) return undefined;
      const whole = date ? `${String(date[0]).padStart(4, "0")}-${two(date[1])}-${two(date[2])}` : day!;
      return `${whole}T${two(hour)}:${two(minute)}:${two(second)}${parts.f ? `.${parts.f}` : ""}${parts.z?.toUpperCase() ?? ""}`;
    },
  };
}
