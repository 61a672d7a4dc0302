/** What a file is, told from its first bytes and never from its name; and which columns hold what. */
import { DataError, didYouMean } from "../errors.js";
import { type Kind, type Known, known, most, type Role, synonyms, type TimeFormat, wordsFor } from "./layouts.js";
import { split } from "./line.js";
import type { SideWords } from "./words.js";

/** What the user says about the columns; what is left out is detected. A column is a name of the header or an index from 0. */
export interface ColumnOptions {
  time?: string | undefined;
  /** Time of day, where it has a column of its own. */
  clock?: string | undefined;
  price?: string | undefined;
  size?: string | undefined;
  side?: string | undefined;
  symbol?: string | undefined;
  buy?: string | readonly string[] | undefined;
  sell?: string | readonly string[] | undefined;
  unknown?: string | readonly string[] | undefined;
  timeFormat?: TimeFormat | undefined;
  separator?: string | undefined;
  header?: boolean | undefined;
}
export interface Layout {
  name: string;
  separator: string;
  /** Lines before the first trade. */
  header: boolean;
  /** Names of the columns; their numbers where there is no header. */
  names: readonly string[];
  columns: Partial<Record<Role, number>>;
  words: SideWords;
  signedSize: boolean;
  timeFormat: TimeFormat;
  /** `no header`, `time in us (detected)`, `side: is_buyer_maker, true = seller was aggressor`. */
  notes: readonly string[];
}

const roles = ["time", "clock", "price", "size", "side", "symbol"] as const;
const sampleLines = 200;
const units = { s: "s", ms: "ms", us: "us", ns: "ns", iso: "ISO 8601", iso_us: "ISO 8601, microseconds not padded" } as const;

/** Reads the layout from the beginning of a text; `whole`: there is no more of it. */
export function detectLayout(file: string, head: Uint8Array, whole: boolean, asked: ColumnOptions = {}): Layout {
  const text = new TextDecoder("latin1").decode(head);
  const lines = text.split("\n");
  if (!whole || text.endsWith("\n")) lines.pop();
  const filled = lines
    .map((line) => line.replace(/\r$/, ""))
    .filter((line) => line.trim() !== "")
    .slice(0, sampleLines);
  if (filled.length === 0) {
    const what = lines.length === 0 && !whole ? `has no line end in its first ${head.length} bytes` : "holds only empty lines";
    throw new DataError("E_FORMAT_UNKNOWN", `${file}: ${what}`, { file, hint: "trade files are text with one trade a line" });
  }
  const separator = separatorOf(filled, asked, file);
  const rows = filled.map((line) => valuesOf(line, separator));
  const common = mostCommon(rows.map((row) => row.length));
  const header = asked.header ?? looksLikeHeader(rows[0]!, common);
  const width = header ? rows[0]!.length : common;
  const names = Array.from({ length: width }, (_, i) => (header ? rows[0]![i]! : String(i)));
  const data = header ? rows.slice(1) : rows;
  const sample = data.filter((row) => row.length === names.length);
  return new Table(file, filled, separator, header, names, sample).layout(asked);
}

function valuesOf(line: string, separator: string): string[] {
  const fields = split(line, separator);
  return Array.isArray(fields) ? fields.map(({ start, end }) => line.slice(start, end)) : [line];
}

/** The one that cuts most lines into equally many fields, and into most of them. */
function separatorOf(lines: readonly string[], asked: ColumnOptions, file: string): string {
  const given = asked.separator === "tab" || asked.separator === "\\t" ? "\t" : asked.separator;
  if (given !== undefined) {
    if (given.length === 1 && given.charCodeAt(0) < 128 && !'"\r\n'.includes(given)) return given;
    throw new DataError("E_SEPARATOR", `${file}: separator '${given}' is not one ASCII character`, {
      file,
      value: given,
      hint: "use , ; | or tab",
    });
  }
  const counts = [",", ";", "\t", "|"].map((candidate) => {
    const widths = lines.map((line) => valuesOf(line, candidate).length);
    const common = mostCommon(widths);
    return { candidate, common, share: widths.filter((w) => w === common).length / widths.length };
  });
  const usable = counts.filter((c) => c.common > 1 && c.share >= 0.5);
  return usable.sort((a, b) => b.common - a.common)[0]?.candidate ?? ",";
}

const looksLikeHeader = (row: readonly string[], width: number): boolean =>
  row.length === width &&
  row.filter((v) => /[a-z]/i.test(v)).length >= row.length / 2 &&
  !row.some((v) => /^[+-]?(\d|\.\d)/.test(v) || /^(true|false)$/i.test(v));

function mostCommon(values: readonly number[]): number {
  const seen = new Map<number, number>();
  for (const v of values) seen.set(v, (seen.get(v) ?? 0) + 1);
  return [...seen].sort((a, b) => b[1] - a[1])[0]![0];
}

const count = /^\d+(\.\d*)?$/;
const kinds: Record<Kind, (v: string) => boolean> = {
  i: (v) => /^-?\d+$/.test(v),
  d: (v) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(v),
  t: (v) => /^\d+$/.test(v) && unitOf([v]) !== undefined,
  u: (v) => /^\d{9,10}$/.test(v),
  b: (v) => /^(true|false)$/i.test(v),
};

/** The unit whose counts fall between 1990 and 2100. */
function unitOf(values: readonly string[]): TimeFormat | undefined {
  for (const [unit, scale] of [
    ["s", 1],
    ["ms", 1e3],
    ["us", 1e6],
    ["ns", 1e9],
  ] as const)
    if (most(values, (v) => count.test(v) && Number(v) >= 631_152_000 * scale && Number(v) < 4_102_444_800 * scale)) return unit;
  return undefined;
}

class Table {
  constructor(
    private readonly file: string,
    private readonly lines: readonly string[],
    private readonly separator: string,
    private readonly header: boolean,
    private readonly names: readonly string[],
    private readonly sample: readonly (readonly string[])[],
  ) {}

  layout(asked: ColumnOptions): Layout {
    const found = this.recognise();
    const columns: Partial<Record<Role, number>> = {};
    for (const role of roles) {
      const given = asked[role];
      const index = given !== undefined ? this.index(role, given) : this.default(role, found, asked);
      if (index !== undefined) columns[role] = index;
    }
    const missing = (["time", "price", "size"] as const).filter((role) => columns[role] === undefined);
    if (missing.length > 0) throw this.unknown(missing);
    this.checkApart(columns);
    const named = roles.some((role) => asked[role] !== undefined);
    const side = this.side(columns.side, asked, found);
    const { timeFormat, note } = this.time(columns, asked, asked.time === undefined ? found?.timeFormat : undefined);
    const signedSize = found?.signedSize === true && columns.side === undefined && asked.size === undefined;
    const text = side?.text ?? (signedSize ? found.sideText! : undefined);
    const title =
      found && !named
        ? found.name
        : `columns ${roles
            .filter((r) => columns[r] !== undefined)
            .map((r) => `${r} = ${this.title(columns[r]!)}`)
            .join(", ")}`;
    return {
      name: title,
      separator: this.separator,
      header: this.header,
      names: this.names,
      columns,
      words: side?.words ?? { buy: [], sell: [] },
      signedSize,
      timeFormat,
      notes: [this.header ? "header" : "no header", note, `side: ${text ?? "none in the file"}`],
    };
  }

  /** The published layout that this is, if any. */
  private recognise(): Known | undefined {
    const names = this.names.map((n) => n.toLowerCase());
    return known.find((k) => {
      if ((k.header !== undefined) !== this.header || (k.separator ?? ",") !== this.separator) return false;
      if (k.header) return k.header.every((n, i) => n === names[i]) && (!k.whole || k.header.length === names.length);
      return k.shape!.length === names.length && most(this.sample, (row) => k.shape!.every((kind, i) => kinds[kind](row[i]!)));
    });
  }

  private default(role: Role, found: Known | undefined, asked: ColumnOptions): number | undefined {
    if (found) {
      const column = found.columns[role];
      if (role === "clock" && asked.time !== undefined) return undefined;
      return typeof column === "string" ? this.names.findIndex((n) => n.toLowerCase() === column) : column;
    }
    if (!this.header || role === "clock") return undefined;
    const hits = this.names.flatMap((n, i) => (synonyms[role].includes(n.toLowerCase()) ? [i] : []));
    if (hits.length < 2) return hits[0];
    const list = hits.map((i) => this.title(i)).join(" and ");
    throw this.error("E_COLUMN_AMBIGUOUS", `${list} could both be the ${role}`, `pass --${role} with one of them`);
  }

  private index(role: Role, given: string): number {
    const exact = this.names.flatMap((n, i) => (n === given ? [i] : []));
    const hits =
      exact.length > 0 || !this.header ? exact : this.names.flatMap((n, i) => (n.toLowerCase() === given.toLowerCase() ? [i] : []));
    if (hits.length === 1) return hits[0]!;
    if (hits.length > 1)
      throw this.error(
        "E_COLUMN_AMBIGUOUS",
        `${hits.length} columns are named '${given}' (${hits.join(", ")} from 0)`,
        `pass --${role} with one of these numbers`,
      );
    if (/^\d+$/.test(given) && Number(given) < this.names.length) return Number(given);
    const near = this.header ? didYouMean(given, this.names) : undefined;
    const have = this.header ? `columns: ${this.names.join(", ")}` : `it has no header: columns are 0 to ${this.names.length - 1}`;
    throw this.error(
      "E_COLUMN_UNKNOWN",
      `no column is called '${given}'; ${have}`,
      near ? `did you mean ${near}?` : `pass --${role} with one of them`,
    );
  }

  private checkApart(columns: Partial<Record<Role, number>>): void {
    const used = roles.filter((r) => columns[r] !== undefined);
    for (const a of used)
      for (const b of used)
        if (a < b && columns[a] === columns[b])
          throw this.error("E_COLUMN_TWICE", `column ${this.title(columns[a]!)} is both ${a} and ${b}`, `pass --${a} or --${b}`);
  }

  private side(column: number | undefined, asked: ColumnOptions, found: Known | undefined): { words: SideWords; text: string } | undefined {
    const list = (v: string | readonly string[] | undefined) => (v === undefined ? [] : typeof v === "string" ? [v] : v);
    const given = asked.buy !== undefined || asked.sell !== undefined;
    if (column === undefined) {
      if (!given) return undefined;
      throw this.error("E_COLUMN_UNKNOWN", "values for buy and sell are given, but no side column", "pass --side with the column");
    }
    const name = this.title(column);
    if (given) {
      if (list(asked.buy).length === 0 || list(asked.sell).length === 0)
        throw this.error("E_SIDE", "only one of buy and sell is given", "pass both --buy VALUE and --sell VALUE");
      const words = { buy: list(asked.buy), sell: list(asked.sell), unknown: list(asked.unknown) };
      const both = words.buy.find((b) => words.sell.some((s) => s.toLowerCase() === b.toLowerCase()));
      if (both !== undefined) throw this.error("E_SIDE", `'${both}' is given for buy and for sell`, "they must differ");
      return { words, text: `${name}, ${words.buy.join(" or ")} = buyer was aggressor, ${words.sell.join(" or ")} = seller` };
    }
    if (found?.words && asked.side === undefined) return { words: found.words, text: found.sideText! };
    const values = this.sample.map((row) => row[column]!);
    const guess = wordsFor(this.names[column]!, values);
    if (guess) return guess;
    const some = [...values]
      .slice(0, 5)
      .map((v) => `'${v}'`)
      .join(", ");
    throw this.error(
      "E_SIDE",
      `what the values of ${name} mean is not clear (${some})`,
      "pass --buy VALUE and --sell VALUE: who was the aggressor",
    );
  }

  private time(
    columns: Partial<Record<Role, number>>,
    asked: ColumnOptions,
    fixed: TimeFormat | undefined,
  ): { timeFormat: TimeFormat; note: string } {
    const values = this.sample.map((row) => row[columns.time!]!).filter((v) => v !== "");
    const stated = asked.timeFormat ?? fixed;
    if (stated !== undefined) return { timeFormat: stated, note: `time in ${units[stated]}` };
    if (columns.clock !== undefined || most(values, (v) => /^\d{4}-\d{2}-\d{2}[T D]\d{2}:/.test(v))) {
      const zone = columns.clock === undefined && most(values, (v) => /(Z|UTC|[+-]\d{2}:?\d{0,2})$/.test(v.slice(11)));
      return { timeFormat: "iso", note: `time in ISO 8601${zone ? "" : ", taken as UTC"} (detected)` };
    }
    const unit = unitOf(values);
    if (unit !== undefined) return { timeFormat: unit, note: `time in ${unit} (detected)` };
    if (values.length === 0) return { timeFormat: "ms", note: "time in ms (no rows)" };
    throw this.error(
      "E_TIME_UNIT",
      `column ${this.title(columns.time!)} is no time that is known: '${values[0]}'`,
      "pass --time with another column, or --time-format s, ms, us, ns or iso",
    );
  }

  private title(column: number): string {
    return this.header ? `'${this.names[column]}'` : `${column}`;
  }

  private error(code: string, what: string, hint: string): DataError {
    return new DataError(code, `${this.file}: ${what}`, { file: this.file, hint });
  }

  private unknown(missing: readonly string[]): DataError {
    const first = this.lines.slice(0, 3).map((l) => `  ${l.length > 120 ? `${l.slice(0, 117)}...` : l}`);
    const example = this.header ? this.names.slice(0, 3) : ["0", "1", "2"];
    const hint = `pass --time ${example[0] ?? "NAME"} --price ${example[1] ?? "NAME"} --size ${example[2] ?? "NAME"}${this.header ? "" : " (columns from 0)"}, and --side with --buy and --sell where there is one`;
    return this.error(
      "E_FORMAT_UNKNOWN",
      `not a trade file that is known; no ${missing.join(", no ")} column found. It begins\n${first.join("\n")}`,
      hint,
    );
  }
}
