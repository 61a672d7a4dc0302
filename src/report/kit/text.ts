import { utcFormat } from "d3-time-format";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Safe inside an element and inside a quoted attribute. Control characters, which no page may hold, become the replacement sign. */
export const escapeHtml = (text: unknown): string =>
  String(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be found
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (found) => entities[found]!);

/** A command line that is not broken after the hyphens of a flag. */
export const commandHtml = (line: string): string => escapeHtml(line).replace(/(^|\s)(--?[a-z][\w-]*)/g, '$1<span class="flag">$2</span>');

/** `<` is written as an escape, so that no text can close the element it stands in. */
export const inertJson = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === "bigint" ? String(v) : v)).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A piece of markup made here, as opposed to text that still has to be escaped. */
export class Markup {
  constructor(readonly html: string) {}
}

export const none = "–";
/** A minus as it is printed, and none before a zero. */
const minus = (text: string) => text.replace(/^-(?=[0.]*$)/, "").replace("-", "\u2212");

/** Making a format costs a hundred times what using it does. */
const formats = new Map<string, Intl.NumberFormat>();
function inFormat(value: number, kind: string, digits: number, options: () => Intl.NumberFormatOptions): string {
  const key = `${kind}${digits}`;
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.NumberFormat("en-US", options())));
  return minus(format.format(value));
}
/** Of a number that is written whole. */
const MOST_DIGITS = 21;

/** A fixed number of decimals with thousands set apart; a dash where there is no number. */
export const fixed = (value: number, decimals: number): string =>
  Number.isFinite(value)
    ? inFormat(value, "fixed", decimals, () => ({ minimumFractionDigits: decimals, maximumFractionDigits: decimals }))
    : none;

export const count = (value: number): string => fixed(value, 0);

/** Up to `digits` significant digits, no trailing zeros. */
export const significant = (value: number, digits = 6): string => {
  if (!Number.isFinite(value)) return none;
  if (value !== 0 && Math.abs(value) < 1e-6) return minus(value.toExponential(2));
  const most = Math.min(MOST_DIGITS, Math.max(digits, Math.ceil(Math.log10(Math.abs(value) + 1))));
  return inFormat(value, "significant", most, () => ({ maximumSignificantDigits: most }));
};

export const percent = (value: number, decimals = 1): string => (Number.isFinite(value) ? `${fixed(value * 100, decimals)} %` : none);

/** With its sign, also where it is positive. */
export const signedPercent = (value: number, decimals = 2): string => {
  const written = percent(value, decimals);
  return value > 0 && /[1-9]/.test(written) ? `+${written}` : written;
};

/* Left out of the page of a running system, which writes no dates by them. */
const second = /* @__PURE__ */ utcFormat("%Y-%m-%d %H:%M:%S");
const minute = /* @__PURE__ */ utcFormat("%Y-%m-%d %H:%M");
/** Epoch ns UTC to a Date, cut to ms. */
const dateOf = (time: bigint): Date => new Date(Number(time / 1_000_000n));
const written = (format: (date: Date) => string, date: Date) => (Number.isNaN(date.getTime()) ? "time out of range" : format(date));
export const toSecond = (time: bigint): string => written(second, dateOf(time));
export const toMinute = (time: bigint): string => written(minute, dateOf(time));

/** `95 s`, `12 min`, `3 h 20 min`, `2 days 4 h`. */
export function duration(ns: bigint): string {
  const seconds = Number(ns) / 1e9;
  if (seconds < 120) return `${seconds < 10 ? significant(seconds, 2) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const two = (large: number, unit: string, small: number, smallUnit: string) =>
    `${count(large)} ${unit}${small ? ` ${small} ${smallUnit}` : ""}`;
  if (minutes < 48 * 60) return two(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), "days", hours % 24, "h");
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

export interface Table {
  caption: string;
  columns: readonly string[];
  /** Text is escaped; the first column heads its row. */
  rows: readonly (readonly (string | Markup)[])[];
  /** Columns that hold words and stand on the left; the others hold numbers and stand on the right. */
  words?: readonly number[];
}

const inner = (cell: string | Markup) => (cell instanceof Markup ? cell.html : escapeHtml(cell));

/** A table in a box that scrolls by itself on a narrow screen, so that the page never does. */
export function table(of: Table): string {
  const words = new Set(of.words ?? [0]);
  const kind = (i: number) => (words.has(i) ? ' class="w"' : "");
  // A name of many words in one may be broken between them: a wide table must fit on paper.
  const broken = (name: string) => escapeHtml(name).replaceAll("_", "_<wbr>");
  const head = of.columns.map((name, i) => `<th scope="col"${kind(i)}>${broken(name)}</th>`).join("");
  const row = (cells: readonly (string | Markup)[]) =>
    `<tr>${cells.map((cell, i) => (i ? `<td${kind(i)}>${inner(cell)}</td>` : `<th scope="row"${kind(0)}>${inner(cell)}</th>`)).join("")}</tr>`;
  const caption = escapeHtml(of.caption);
  return (
    `<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table><caption><span>${caption}</span></caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${of.rows.map(row).join("\n")}</tbody></table></div>`
  );
}

/** More rows than this stand folded: who looks for one of them opens them. */
export const longest = 25;

/** A table as it is, or folded under its caption where it is long. */
export const longTable = (of: Table): string =>
  of.rows.length <= longest
    ? table(of)
    : `<details><summary>${escapeHtml(of.caption)}: ${count(of.rows.length)} rows</summary>${table(of)}</details>`;

/** Name and value pairs. A number does not part from its unit, nor do lines of markup. */
export const facts = (pairs: readonly (readonly [string, string | Markup])[]): string => {
  const kind = (value: string | Markup) => (typeof value === "string" && value.length > 16 ? "" : ' class="whole"');
  return `<dl>${pairs.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd${kind(value)}>${inner(value)}</dd></div>`).join("\n")}</dl>`;
};

/** A bar as long as the value is beside the largest one, in another colour below 0. */
export const meter = (value: number, largest: number): Markup =>
  new Markup(
    `<span class="meter${value < 0 ? " minus" : ""}" style="width:${Math.min(90, Math.round((90 * Math.abs(value)) / largest) || 0)}px"></span>`,
  );
