/**
 * What stands between a text and its parser where rows are chosen by any column, or times are written in a format of the user's: a row
 * that is not asked for becomes an empty line, so that lines keep their numbers, and a time becomes ISO 8601 in its place. Of a bar whose
 * bought volume cannot be, the volume gets a mark, which the parser refuses.
 */

import type { Field } from "../kernels/field.js";
import { isBlank, latin } from "../kernels/line.js";
import { readTime, type TimeRule } from "../kernels/line_time.js";
import { longestLine, type Refusal } from "../kernels/refusals.js";
import { type TimePattern, timePattern } from "../times/time_pattern.js";
import { boughtFlaw } from "./bought.js";
import type { Layout } from "./layout.js";
import { type FieldsOf, fieldsOf, latinOf } from "./line_fields.js";
import { matcher } from "./where.js";

/** Needed by the layout, or not. */
export const stageOf = (layout: Layout, linesBefore: number): RowStage | undefined =>
  layout.where || layout.timePattern || layout.bought ? new RowStage(layout, linesBefore) : undefined;

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");

export class RowStage {
  /** Rows of the file that were not asked for, by why. */
  readonly passedBy: Record<string, number> = {};
  /** Values of the first condition in rows that were passed over, for who asks for what is not there. */
  readonly others = new Set<string>();
  passed = 0;
  private pending = "";
  /** Within a line too long: the rest of it is the parser's to count. */
  private through = false;
  private lines: string[] = [];
  /** What is wrong with the volume bought in lines of the latest piece. */
  private readonly flaws = new Map<number, { what: string; field: Field }>();
  private firstLine: number;
  private readonly tests: { column: number; name: string; test: (value: string) => boolean }[];
  private readonly pattern: TimePattern | undefined;
  private readonly date: string | undefined;
  private readonly fields: FieldsOf;

  constructor(
    private readonly layout: Layout,
    linesBefore: number,
  ) {
    this.firstLine = linesBefore + 1;
    this.tests = (layout.where ?? []).map((one) => {
      const values = one.values.map(latinOf);
      return { column: one.column, name: `of another ${one.name}`, test: matcher({ ...one, values }) };
    });
    this.pattern = layout.timePattern && timePattern(layout.timePattern.text, layout.timePattern.days);
    this.date = layout.timePattern?.date;
    const { time, clock = -1, size } = layout.columns;
    const { bought = -1, sold = -1 } = layout.bought ?? {};
    this.fields = fieldsOf(layout, [time!, clock, size!, bought, sold, ...this.tests.map(({ column }) => column)]);
  }

  /** The next piece of the text -> what the parser is given of it: complete lines. */
  push(chunk: Uint8Array): Uint8Array {
    this.firstLine += this.lines.length;
    this.lines = [];
    this.flaws.clear();
    let text = this.pending + latin(chunk);
    let head = "";
    if (this.through) {
      const end = text.indexOf("\n");
      if (end < 0) return chunk;
      head = text.slice(0, end + 1);
      text = text.slice(end + 1);
      this.lines.push("");
    }
    const lines = text.split("\n");
    this.pending = lines.pop()!;
    this.through = this.pending.length > longestLine;
    const before = this.firstLine + this.lines.length;
    for (const line of lines) this.lines.push(line);
    const done = lines.map((line, i) => `${this.take(line, before + i)}\n`).join("");
    const tail = this.through ? this.pending : "";
    if (this.through) this.pending = "";
    return bytesOf(head + done + tail);
  }

  /** A last line without an end is one all the same. */
  end(): Uint8Array {
    return this.pending === "" ? new Uint8Array(0) : this.push(Uint8Array.of(10));
  }

  /** A line of the latest piece as it is in the file, and where the field of a column lies in it. */
  original(line: number, column: number): { text: string; field: Field | undefined } | undefined {
    const text = this.lines[line - this.firstLine];
    return text ? { text, field: this.fields(text)?.(column) } : undefined;
  }

  /** Why the volume of a line was marked, as the parser's row has it. */
  boughtFlaw(
    line: number,
  ): { what: string; value: string; column: number; columnName: string; offset: number; length: number } | undefined {
    const flaw = this.flaws.get(line);
    const { bought } = this.layout.bought ?? {};
    if (!flaw || bought === undefined) return undefined;
    const { start: offset, end } = flaw.field;
    const value = this.lines[line - this.firstLine]!.slice(offset, end);
    return { what: flaw.what, value, column: bought + 1, columnName: this.layout.names[bought]!, offset, length: end - offset };
  }

  private take(line: string, number: number): string {
    if (isBlank(line, this.layout.separator)) return line;
    const fields = this.fields(line);
    // What is no row is the parser's to refuse.
    if (!fields) return line;
    const cell = (column: number): string => {
      const field = fields(column);
      return field === undefined ? "" : line.slice(field.start, field.end);
    };
    for (const { column, name, test } of this.tests) {
      const value = cell(column);
      if (test(value)) continue;
      this.passed++;
      this.passedBy[name] = (this.passedBy[name] ?? 0) + 1;
      if (this.others.size < 12) this.others.add(value);
      return "";
    }
    const time = fields(this.layout.columns.time!);
    const timed = this.pattern && time ? this.withTime(line, time, cell, this.pattern) : line;
    const what = this.layout.bought && this.flawOf(cell);
    if (what === undefined) return timed;
    this.flaws.set(number, { what, field: fields(this.layout.bought!.bought) ?? { start: 0, end: 0 } });
    const size = this.fields(timed)?.(this.layout.columns.size!);
    return size ? this.put(timed, size, "?") : timed;
  }

  private flawOf(cell: (column: number) => string): string | undefined {
    const { columns, bought, names, written, header } = this.layout;
    const { bought: at, sold } = bought!;
    const title = (column: number) => (header || this.layout.json ? names[column]! : `column ${column + 1}`);
    const values = { bought: cell(at), sold: sold === undefined ? undefined : cell(sold), volume: cell(columns.size!) };
    return boughtFlaw(values, { bought: title(at), sold: sold === undefined ? undefined : title(sold) }, written);
  }

  /** Text of a field in place of what it has. */
  private put(line: string, { start, end }: Field, text: string): string {
    const quoted = this.layout.json && line[start - 1] !== '"';
    return line.slice(0, start) + (quoted ? `"${text}"` : text) + line.slice(end);
  }

  /** A time that is not written in the format gets a mark, for it may look like one in ISO 8601. */
  private withTime(line: string, field: Field, cell: (column: number) => string, pattern: TimePattern): string {
    const text = line.slice(field.start, field.end);
    if (text === "") return line;
    const { clock } = this.layout.columns;
    const iso = clock === undefined ? pattern.iso(text, this.date) : joinedIso(pattern, text, cell(clock));
    return this.put(line, field, iso ?? `?${text}`);
  }
}

/** Date and clock with a blank between them, or with nothing, as the format has it. */
/** A time as the pattern writes it, or as the rule does where there is none. */
export function writtenTime(
  text: string,
  clock: string | undefined,
  rule: TimeRule,
  pattern?: TimePattern,
  date?: string,
): bigint | Refusal {
  if (pattern === undefined || text === "") return readTime(text, clock, rule);
  const iso = clock === undefined ? pattern.iso(text, date) : joinedIso(pattern, text, clock);
  return iso === undefined ? "time" : readTime(iso, undefined, rule);
}

const joinedIso = (pattern: TimePattern, date: string, clock: string): string | undefined =>
  pattern.iso(`${date} ${clock}`) ?? pattern.iso(date + clock);
