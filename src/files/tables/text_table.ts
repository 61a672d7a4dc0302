/** Delimited text -> columns of numbers and texts, by the delimited_table kernel, a chunk of lines at a time. */
import { DataError, didYouMean } from "../../core/contract/errors.js";
import { peek, type Source } from "../bytes/source.js";
import { problem } from "../bytes/unpack.js";
import { most } from "../guess/layouts.js";
import { cellKinds, delimitedTable, flawStep, lineFlaws } from "../kernels/delimited_table.js";
import { latin, split } from "../kernels/line.js";
import type { Refusal } from "../kernels/refusals.js";
import { type Evidence, looksLikeNumber, writtenBytes, writtenIn, writtenText } from "../kernels/written.js";
import { firstLines, sampleLines, separatorOf, valuesOf } from "../layout/detect.js";
import { dateFormat } from "../times/date_formats.js";
import { dateNames, looksLikeDate } from "../times/dates.js";
import { type BadRow, BadRowError } from "../trades/bad_row.js";
import { Growing, Words } from "./growing.js";
import { type RawTable, refuseTwice, type TableOptions, unknownColumn, wantedColumn } from "./raw_table.js";

const headBytes = 1 << 18;
/** Lines that tell how numbers are written. */
const evidenceLines = 5000;
/** A row of a million numbers. */
const mostLine = 1 << 24;
const [passedOver, number, text] = [0, 1, 2];
const missing = /^(|na|nan|n\/a|#n\/a|#n\/a n\/a|null|none|\.|-)$/i;
const utf8 = (latin1: string) => Buffer.from(latin1, "latin1").toString("utf8").replaceAll('""', '"');

interface Form {
  names: string[];
  separator: string;
  kinds: Uint8Array;
  evidence: Evidence;
}

/** Names, separator and what each column is, from the first lines. */
function formOf(file: string, head: Uint8Array, whole: boolean, options: TableOptions): Form {
  const { filled, none } = firstLines(head, whole, evidenceLines);
  if (filled.length === 0)
    throw problem(
      "E_FORMAT_UNKNOWN",
      file,
      none ? `has no line end in its first ${head.length} bytes` : "holds only empty lines",
      "tables are text with one row a line",
    );
  const separator = separatorOf(filled.slice(0, sampleLines), options, file);
  const rows = filled.map((line) => valuesOf(line, separator));
  const names = rows[0]!.map((name) => utf8(name).trim());
  const even = rows.slice(1).filter((row) => row.length === names.length);
  const sample = even.slice(0, sampleLines);
  const plain = (value: string) => looksLikeNumber(value) || looksLikeDate(value);
  const header = names.some((name, i) => !plain(name) && name !== "" && (sample.length === 0 || sample.some((row) => row[i] !== name)));
  if (!header || names.filter((name) => name === "").length > 1)
    throw problem(
      "E_TABLE_HEADER",
      file,
      `has no line of column names: it begins '${filled[0]!.slice(0, 60)}'`,
      "put the names in its first line: date,AAPL,MSFT",
    );
  refuseTwice(file, names);
  const bracketed = names.every((name) => /^<.+>$/.test(name));
  names.forEach((name, i) => {
    if (name === "") names[i] = "index";
    else if (bracketed) names[i] = name.slice(1, -1);
  });
  const asked = [...(options.columns ?? []), ...(options.date === undefined ? [] : [options.date])];
  const absent = asked.find((name) => !names.includes(name));
  if (absent !== undefined) throw unknownColumn(file, absent, names, didYouMean(absent, names));
  // A single wrong cell does not make a text of a column: it is refused where it is.
  const isNumber = (i: number) => {
    const filled = sample.map((row) => row[i]!).filter((value) => !missing.test(value));
    return filled.length === 0 || most(filled, looksLikeNumber);
  };
  const dated = datedColumn(names, sample, options);
  const kinds = names.map((name, i) => (!wantedColumn(name, options) ? passedOver! : isNumber(i) && i !== dated ? number! : text!));
  const cells = names.flatMap((name, i) => (kinds[i] === number ? [{ name, values: even.map((row) => row[i]!) }] : []));
  return { names, separator, kinds: Uint8Array.from(kinds), evidence: writtenIn(file, cells, separator, options.decimal) };
}

/** The column of dates whose format is said: it is read as text, since digits of a date are no number (02012020). */
function datedColumn(names: readonly string[], sample: readonly (readonly string[])[], { date, timeFormat }: TableOptions): number {
  if (timeFormat === undefined) return -1;
  const format = dateFormat(timeFormat);
  const byName = names.findIndex((name) => (date === undefined ? dateNames.includes(name.toLowerCase()) : name === date));
  const fits = (i: number) =>
    most(
      sample.map((row) => row[i]!),
      (value) => format.ns(value) !== undefined,
    );
  const at = byName >= 0 || !timeFormat.includes("%") ? byName : names.findIndex((_, i) => fits(i)); // any number is a count
  return at >= 0 && fits(at) ? at : -1;
}

/** Where the lines of a chunk begin and end, blank ones left out, and the number of each in the file. */
class Lines {
  readonly start = new Growing(Int32Array);
  readonly end = new Growing(Int32Array);
  readonly number = new Growing(Uint32Array);

  add(start: number, end: number, line: number): void {
    this.start.push(start);
    this.end.push(end);
    this.number.push(line);
  }
}

class TextReader {
  private readonly numbers: (Growing<Float64Array> | undefined)[];
  private readonly words: (Words | undefined)[];
  private readonly before: { bytes: string; id: number }[];
  readonly lines = new Growing(Uint32Array);
  rows = 0;

  constructor(
    private readonly file: string,
    private readonly form: Form,
    private readonly backend: string | undefined,
  ) {
    this.numbers = Array.from(form.kinds, (kind) => (cellKinds[kind] === "number" ? new Growing(Float64Array) : undefined));
    this.words = Array.from(form.kinds, (kind) => (cellKinds[kind] === "text" ? new Words() : undefined));
    this.before = Array.from(form.kinds, () => ({ bytes: "", id: 0 }));
  }

  take(data: Buffer, lines: Lines): void {
    const [start, end, number] = [lines.start.done(), lines.end.done(), lines.number.done()];
    const count = start.length;
    if (count === 0) return;
    const { kinds, separator, evidence } = this.form;
    const inputs = {
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.length),
      start,
      end,
      kinds,
    };
    const how = this.backend === undefined ? {} : { backend: this.backend };
    const { cell, length, flaw } = delimitedTable(inputs, { separator: separator.charCodeAt(0), ...writtenBytes(evidence.written) }, how);
    const wrong = flaw.findIndex((why) => why !== 0);
    if (wrong >= 0) throw this.refused(data.subarray(start[wrong], end[wrong]), number[wrong]!, flaw[wrong]!, this.rows + wrong);
    const width = kinds.length;
    for (let column = 0; column < width; column++) {
      const out = this.numbers[column]?.room(count);
      if (out) for (let row = 0, at = column; row < count; row++, at += width) out[row] = cell[at]!;
      else if (this.words[column]) this.takeTexts(column, data, cell, length, count);
    }
    this.lines.room(count).set(number);
    this.rows += count;
  }

  private takeTexts(column: number, data: Buffer, cell: Float64Array, length: Int32Array, count: number): void {
    const words = this.words[column]!;
    const ids = words.ids.room(count);
    const width = this.form.kinds.length;
    const before = this.before[column]!;
    for (let row = 0; row < count; row++) {
      const at = row * width + column;
      const bytes = data.toString("latin1", cell[at]!, cell[at]! + length[at]!);
      if (bytes !== before.bytes) {
        before.bytes = bytes;
        before.id = words.idOf(bytes);
      }
      ids[row] = before.id;
    }
  }

  private refused(bytes: Buffer, line: number, flaw: number, rowsBefore: number): BadRowError {
    const { names, separator } = this.form;
    const shown = latin(bytes);
    const refusal = lineFlaws[flaw % flawStep] as Refusal;
    const at = Math.floor(flaw / flawStep);
    const fields = split(shown, separator);
    const whole = refusal === "columns" || !Array.isArray(fields);
    const { start, end } = whole ? { start: 0, end: shown.length } : fields[at]!;
    const value = whole ? "" : shown.slice(start, Math.min(end, start + 200));
    const what = {
      columns: `has ${at} ${at === 1 ? "column" : "columns"}, expected ${names.length}`,
      quote: `${names[at] ?? `column ${at + 1}`} has a quote that does not end with the field`,
      number: `${names[at]} is '${value}', not a number${looksLikeNumber(value) ? ` ${writtenText(this.form.evidence.written)}` : ""}`,
      number_range: `${names[at]} is '${value}', too large for a 64-bit number`,
    }[refusal as "number"];
    const code = refusal === "columns" ? "E_BAD_COLUMNS" : refusal === "quote" ? "E_BAD_QUOTE" : "E_BAD_VALUE";
    const other = looksLikeNumber(value) && "where all numbers are written so, say how: --decimal comma, --decimal point";
    const hint = whole ? "a table has the same columns in every line" : other || "leave the cell empty where the number is missing";
    const where = {
      file: this.file,
      line,
      unit: "line" as const,
      column: whole ? undefined : at + 1,
      columnName: whole ? undefined : names[at],
    };
    const bad: BadRow = {
      ...where,
      table: true,
      offset: start,
      length: end - start,
      value,
      code,
      refusal,
      what,
      hint,
      text: bytes.toString("utf8"),
      rowsBefore,
    };
    return new BadRowError(bad);
  }

  columns(): RawTable["columns"] {
    return this.form.names.flatMap((name, i): RawTable["columns"] => {
      const [numbers, words] = [this.numbers[i], this.words[i]];
      if (numbers) return [{ name, kind: "number", values: numbers.done() }];
      return words ? [{ name, kind: "text", ids: words.ids.done(), words: words.list.map(utf8) }] : [];
    });
  }
}

/** The chunks as they come, up to the first in which a line is longer than any row is: what holds lines together stays small. */
export async function* inLines({ name, chunks }: Source): AsyncGenerator<Uint8Array> {
  let [line, begun] = [1, 0];
  for await (const chunk of chunks) {
    const data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let at = 0; at < data.length; ) {
      const end = data.indexOf(10, at);
      begun += (end < 0 ? data.length : end) - at;
      if (begun > mostLine)
        throw new DataError("E_LINE_LONG", `${name}, line ${line}: has more than ${mostLine} bytes`, {
          file: name,
          line,
          hint: "a table has a row a line: check that it is the right file",
        });
      at = end < 0 ? data.length : end + 1;
      if (end >= 0) [line, begun] = [line + 1, 0];
    }
    yield chunk;
  }
}

/** As many first bytes as hold a line under the names, however wide the table is. */
async function headOf(from: Source["chunks"]) {
  for (let enough = headBytes, chunks = from; ; enough *= 4) {
    const seen = await peek(chunks, enough);
    const whole = seen.head.length < enough;
    if (whole || enough > 2 * mostLine || firstLines(seen.head, false).filled.length > 1) return { ...seen, whole };
    chunks = seen.chunks;
  }
}

export async function textColumns(source: Source, options: TableOptions): Promise<RawTable> {
  const { head, chunks, whole } = await headOf(source.chunks);
  let skip = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const form = formOf(source.name, head.subarray(skip), whole, options);
  const reader = new TextReader(source.name, form, options.backend);
  let rest = Buffer.alloc(0);
  let [line, header] = [0, true];
  const feed = (chunk: Uint8Array): void => {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset + skip, chunk.length - skip);
    const data = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    skip = 0;
    const lines = new Lines();
    let at = 0;
    for (let end = data.indexOf(10); end >= 0; at = end + 1, end = data.indexOf(10, at)) {
      line++;
      if (isBlankLine(data, at, end)) continue;
      if (!header) lines.add(at, end, line);
      header = false;
    }
    reader.take(data, lines);
    rest = Buffer.from(data.subarray(at));
  };
  for await (const chunk of chunks) {
    feed(chunk);
    options.signal?.throwIfAborted();
    options.onProgress?.({ ...source.progress, rows: reader.rows });
  }
  if (rest.length > 0) feed(Uint8Array.of(10));
  const numbers = reader.lines.done();
  const { evidence } = form;
  return { form: "delimited text", rows: reader.rows, columns: reader.columns(), evidence, unit: "line", lineOf: (row) => numbers[row]! };
}

function isBlankLine(data: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && (data[at] === 32 || data[at] === 9 || data[at] === 13)) at++;
  return at === end;
}
