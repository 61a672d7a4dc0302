import { kernel } from "../../core/call/kernel.js";
import { latin, split } from "./line.js";
import { plainText, refuseWritten, type Written, writtenOf, writtenParams } from "./written.js";

/** What a column of the text is read as, in the order of their numbers. */
export const cellKinds = ["passed over", "number", "text"] as const;
/** Why a line is refused, in the order of their numbers; 8 numbers are kept for each column. */
export const lineFlaws = ["", "columns", "quote", "number", "number_range"] as const;
export const flawStep = 8;

const missing = ["", "na", "nan", "n/a", "#n/a", "null", "none", ".", "-", "#n/a n/a"];
const exact = { f64: { exact: true }, f32: { exact: true } } as const;

type Row = { cell: Float64Array; length: Int32Array };

/** One line into a row of cells, or the number of what is wrong with it. */
function readLine(text: string, at: number, separator: string, kinds: Uint8Array, written: Written, row: Row): number {
  const fields = split(text, separator);
  if (!Array.isArray(fields)) return flawStep * fields.column + lineFlaws.indexOf("quote");
  if (fields.length !== kinds.length) return flawStep * fields.length + lineFlaws.indexOf("columns");
  for (const [column, { start, end }] of fields.entries()) {
    const field = text.slice(start, end);
    if (kinds[column] === cellKinds.indexOf("text")) {
      row.cell[column] = at + start;
      row.length[column] = end - start;
    } else if (kinds[column] === cellKinds.indexOf("number") && !missing.includes(field.toLowerCase())) {
      const plain = plainText(field, written);
      if (plain === undefined) return flawStep * column + lineFlaws.indexOf("number");
      row.cell[column] = Number(plain);
      if (!Number.isFinite(row.cell[column])) return flawStep * column + lineFlaws.indexOf("number_range");
    }
  }
  return 0;
}

/** Lines of delimited text -> rows of numbers, and where its texts lie. */
export const delimitedTable = kernel({
  name: "delimited_table",
  rows: "row",
  doc: "Reads the cells of lines of delimited text. Numbers are rounded correctly; an empty cell, NA, NaN, N/A, #N/A, #N/A N/A, null, none, a point or a dash is missing.",
  source: "RFC 4180 without line breaks inside quotes; decimal rounding as in IEEE 754-2019, 5.12.2",
  inputs: {
    bytes: { dtype: "u8", shape: ["byte"], unit: "text", doc: "what holds the lines" },
    start: { dtype: "i32", shape: ["row"], check: { min: 0 }, unit: "byte", doc: "first byte of each line" },
    end: { dtype: "i32", shape: ["row"], check: { min: 0 }, unit: "byte", doc: "the byte behind each line; none beyond the text is read" },
    kinds: { dtype: "u8", shape: ["column"], unit: "-", doc: "of each column: 0 passed over, 1 number, 2 text" },
  },
  params: { separator: { type: "i32", min: 1, max: 127, default: 44, doc: "byte between fields" }, ...writtenParams },
  outputs: {
    cell: {
      dtype: "f64",
      shape: ["row", "column"],
      unit: "of the column; byte",
      doc: "numbers, NaN where missing; of a text, its first byte; NaN all along a refused line",
    },
    length: { dtype: "i32", shape: ["row", "column"], unit: "byte", doc: "of a text; 0 elsewhere" },
    flaw: {
      dtype: "i32",
      shape: ["row"],
      unit: "-",
      doc: "0, or why the line is refused: 8 times its column (1: the number of its columns), and 1 number of columns, 2 quote, 3 not a number, 4 too large",
    },
  },
  compare: { cell: exact, length: exact, flaw: exact },
  refuse: refuseWritten,
  cost: ({ byte = 0, row = 0, column = 0 }) => ({ flops: byte, bytes: byte + 12 * row * column }),
  reference({ in: { bytes, start, end, kinds }, params: { separator, decimal, group }, out: { cell, length, flaw } }) {
    const width = kinds.length;
    const written = writtenOf(decimal, group);
    for (let i = 0; i < start.length; i++) {
      const row = { cell: cell.subarray(i * width, (i + 1) * width), length: length.subarray(i * width, (i + 1) * width) };
      row.cell.fill(Number.NaN);
      row.length.fill(0);
      const line = latin(bytes.subarray(start[i]!, Math.max(start[i]!, end[i]!)));
      flaw[i] = readLine(line, start[i]!, String.fromCharCode(separator), kinds, written, row);
      if (flaw[i] === 0) continue;
      row.cell.fill(Number.NaN);
      row.length.fill(0);
    }
  },
  sample: ({ row = 0, column = 3 }, random) => {
    const pick = (list: readonly string[]) => list[Math.floor(list.length * random())]!;
    const cellOf = (kind: number) => {
      if (kind === 2) return pick(["AAPL", '"A, B"', " MSFT\t", "", '"x""y"', "2020-01-02"]);
      const scale = 10 ** (12 * random() - 6);
      return random() < 0.1
        ? pick(["", "NA", "nan", "-", "."])
        : pick([`${scale * (random() - 0.5)}`, `${Math.floor(1e5 * random())}`, " 7.25 ", '"1,234.5"', '"-1.234.567,25e-3"', '"12,5"']);
    };
    const kinds = Uint8Array.from({ length: column }, (_, i) => (i === 0 ? 2 : i % 4 === 3 ? 0 : 1));
    const bad = ["x,y", '1,"2"3,4', `AA,1e999${",0".repeat(Math.max(0, column - 2))}`, `AA,12a${",0".repeat(Math.max(0, column - 2))}`];
    const lines = Array.from({ length: row }, (_, i) => (i % 23 === 11 ? pick(bad) : Array.from(kinds, cellOf).join(",")));
    const ends = new Int32Array(row);
    lines.reduce((at, line, i) => {
      ends[i] = at + line.length;
      return at + line.length + 1;
    }, 0);
    const start = ends.map((end, i) => end - lines[i]!.length);
    return { bytes: new Uint8Array(Buffer.from(`${lines.join("\n")}\n`, "latin1")), start, end: ends, kinds };
  },
  golden: [
    {
      source: "RFC 4180 section 2 (quotes, a separator inside them) and hand calculation; 0.1 + 0.2 is written with 17 digits",
      inputs: {
        bytes: [...Buffer.from('2020-01-02,"1.5",0.30000000000000004\na,,-2e3\nb,x,1\nc,1\n')],
        start: [0, 37, 45, 51],
        end: [36, 44, 50, 54],
        kinds: [2, 1, 1],
      },
      outputs: {
        cell: [0, 1.5, 0.30000000000000004, 37, Number.NaN, -2000, ...Array(6).fill(Number.NaN)],
        length: [10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        flaw: [0, 0, 11, 17],
      },
      relative: 0,
    },
    {
      source: "hand calculation: a thousand has three digits behind its mark, and decimals have none",
      inputs: {
        bytes: [...Buffer.from("1.234,5;-1.234.567\n42,21;1.23\n,5e1;1.234\n1.2345;1\n")],
        start: [0, 19, 30, 41],
        end: [18, 29, 40, 49],
        kinds: [1, 1],
      },
      options: { separator: 59, decimal: 44, group: 46 },
      outputs: {
        cell: [1234.5, -1234567, Number.NaN, Number.NaN, 5, 1234, Number.NaN, Number.NaN],
        length: Array(8).fill(0),
        flaw: [0, 11, 0, 3],
      },
      relative: 0,
    },
  ],
  parity: [
    { dims: { row: 0, column: 3 } },
    { dims: { row: 403, column: 4 }, options: { decimal: 46, group: 44 } },
    { dims: { row: 403, column: 5 }, options: { decimal: 44, group: 46 } },
    { dims: { row: 1, column: 1 } },
    { dims: { row: 7, column: 2 } },
    { dims: { row: 403, column: 9 } },
    { dims: { row: 23, column: 130 } },
  ],
  bench: [{ dims: { row: 10_000, column: 40 } }],
});
