/** Times as a user writes them down, in the letters of strftime: '%Y%m%d %H:%M:%S.%f' -> ISO 8601, which the parsers read. */
import { DataError } from "../errors.js";
import { daysOf } from "./line_time.js";

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const fullMonths = "january february march april may june july august september october november december".split(" ");
const zone = "Z|UTC|[+-]\\d{2}(?::?\\d{2})?";
/** `wide` where no digit can follow at once: 9:30 beside 09:30. */
const letters: Readonly<Record<string, { wide: string; fixed?: string }>> = {
  Y: { wide: "\\d{4}" },
  y: { wide: "\\d{2}" },
  m: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  d: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  j: { wide: "\\d{1,3}", fixed: "\\d{3}" },
  b: { wide: months.join("|") },
  B: { wide: fullMonths.join("|") },
  H: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  I: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  M: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  S: { wide: "\\d{1,2}", fixed: "\\d{2}" },
  f: { wide: "\\d{1,9}" },
  p: { wide: "am|pm" },
  z: { wide: zone },
};

/** A format, ready to read texts. */
export interface TimePattern {
  text: string;
  hasDate: boolean;
  hasZone: boolean;
  /** ISO 8601, or undefined where the text is not written so; `date` of a format without one. */
  iso(text: string, date?: string): string | undefined;
}

/** What cannot be read as a format, or does not make a time, in words. */
function refuse(text: string, what: string): never {
  throw new DataError("E_TIME_FORMAT", `time format '${text}' ${what}`, {
    value: text,
    hint: `such as '%Y%m%d %H:%M:%S.%f', '%m/%d/%Y %I:%M:%S %p' or '%Y-%j %H:%M:%S%z'; letters: ${Object.keys(letters).join(" ")}`,
  });
}

const literal = (c: string): string => (/\s/.test(c) ? "\\s+" : c.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));

/** The letters in order, and the expression that finds them; a fraction behind a mark may be missing. */
function parse(text: string): { order: string[]; source: string } {
  const order: string[] = [];
  const parts = text.match(/[.,]%f|%.?|[^%]/gsu) ?? [];
  const isDigits = (part: string | undefined): boolean => /^%[YymdjHIMSf]$/.test(part ?? "");
  const source = parts.map((part, i) => {
    if (!part.includes("%")) return literal(part);
    if (part === "%%") return "%";
    const letter = part.at(-1)!;
    const known = letters[letter];
    if (part === "%" || !known) refuse(text, part === "%" ? "ends with a single %" : `has %${letter}, which is not known`);
    if (order.includes(letter)) refuse(text, `has %${letter} twice`);
    order.push(letter);
    if (part.length > 2) return `(?:${literal(part[0]!)}(${known!.wide}))?`;
    // Digits of two letters run into each other: all but the first have all of theirs.
    const run = isDigits(parts[i - 1]);
    return `(${run ? (known!.fixed ?? known!.wide) : known!.wide})`;
  });
  return { order, source: `^${source.join("")}$` };
}

function check(text: string, has: (letter: string) => boolean): boolean {
  const year = has("Y") || has("y");
  const month = has("m") || has("b") || has("B");
  const day = (month && has("d")) || has("j");
  if (has("Y") && has("y")) refuse(text, "has both %Y and %y");
  if ([has("m"), has("b"), has("B"), has("j")].filter(Boolean).length > 1) refuse(text, "says the month more than once");
  if ((year || month || has("d") || has("j")) && !(year && day)) refuse(text, `has a date without its ${year ? "month and day" : "year"}`);
  if (has("H") === has("I")) refuse(text, has("H") ? "has both %H and %I" : "has no hour: %H, or %I with %p");
  if (has("I") !== has("p")) refuse(text, has("I") ? "has %I without %p" : "has %p without %I");
  return year;
}

type Parts = Readonly<Partial<Record<string, string>>>;

/** Year, month and day; the year of two digits as POSIX has it: 69 to 99 are of the last century. */
function dateOf({ Y, y, m, d, j, b, B }: Parts): [number, number, number] | undefined {
  const short = Number(y);
  const year = Y === undefined ? short + (short < 69 ? 2000 : 1900) : Number(Y);
  if (j !== undefined) {
    const date = new Date(Date.UTC(year, 0, Number(j)));
    return Number(j) > 0 && date.getUTCFullYear() === year ? [year, date.getUTCMonth() + 1, date.getUTCDate()] : undefined;
  }
  const named = b === undefined ? fullMonths.indexOf(B?.toLowerCase() ?? "") : months.indexOf(b.toLowerCase());
  const month = m === undefined ? named + 1 : Number(m);
  return daysOf(year, month, Number(d)) === undefined ? undefined : [year, month, Number(d)];
}

function hourOf({ H, I, p }: Parts): number | undefined {
  if (H !== undefined) return Number(H) < 24 ? Number(H) : undefined;
  const hour = Number(I);
  return hour >= 1 && hour <= 12 ? (hour % 12) + (p!.toLowerCase() === "pm" ? 12 : 0) : undefined;
}

const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

export function timePattern(text: string): TimePattern {
  const { order, source } = parse(text);
  const hasDate = check(text, (letter) => order.includes(letter));
  const expression = new RegExp(source, "i");
  return {
    text,
    hasDate,
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
