/** How numbers are written, told from a table's own: 1,234.56 or 1.234,56; refused where either could be meant. */
import { DataError } from "../../core/contract/errors.js";

export type Mark = "." | ",";
/** The mark before the decimals and the one between thousands; "": thousands have none. */
export interface Written {
  decimal: Mark;
  group: Mark | "";
}
export const decimals = ["comma", "point"] as const;
export type Decimal = (typeof decimals)[number];
export const plainly: Written = { decimal: ".", group: "" };

/** The same as parameters of the kernels that read text. */
export const writtenParams = {
  decimal: { type: "i32", min: 44, max: 46, default: 46, doc: "byte before the decimals: 44 a comma, 46 a point" },
  group: { type: "i32", min: 0, max: 46, default: 0, doc: "byte between thousands: 44 a comma, 46 a point, 0 none" },
} as const;
export const writtenOf = (decimal: number, group: number): Written => ({
  decimal: String.fromCharCode(decimal) as Mark,
  group: group === 0 ? "" : (String.fromCharCode(group) as Mark),
});
export const refuseWritten = ({ decimal, group }: Readonly<Record<string, unknown>>): string | undefined =>
  ![44, 46].includes(decimal as number) || ![0, 90 - (decimal as number)].includes(group as number)
    ? "decimal is 44 or 46, and group 0 or the other of the two"
    : undefined;
/** For a kernel's call. */
export const writtenBytes = ({ decimal, group }: Written): { decimal: number; group: number } => ({
  decimal: decimal.charCodeAt(0),
  group: group === "" ? 0 : group.charCodeAt(0),
});

/** Longest number with other marks than a point that is read, in bytes; as in native/kernels/files/decimal.h. */
const longestMarked = 128;

/** Digits with a point and an exponent; nothing else: no nan, no infinity. */
const plainNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** The same with either mark, and marks between thousands. */
const anyNumber = /^[+-]?(\d{1,3}((,\d{3})+(\.\d*)?|(\.\d{3})+(,\d*)?)|\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i;
export const looksLikeNumber = (text: string): boolean => anyNumber.test(text);

/** The number as Number() takes it; undefined where it is not written so: thousands come in threes, before the decimals alone. */
export function plainText(text: string, { decimal, group }: Written): string | undefined {
  if (decimal === "." && (plainNumber.test(text) || group === "")) return plainNumber.test(text) ? text : undefined;
  const [whole, rest] = splitAt(text, decimal === "." ? /[.e]/i : /[,e]/i);
  const grouped = group !== "" && whole.includes(group);
  if (grouped && !(group === "." ? /^[+-]?\d{1,3}(\.\d{3})+$/ : /^[+-]?\d{1,3}(,\d{3})+$/).test(whole)) return undefined;
  const mark = rest.startsWith(decimal) ? 1 : 0;
  const joined = (grouped ? whole.replaceAll(group, "") : whole) + (mark ? "." : "") + rest.slice(mark);
  const foreign = /[.,]/.test(rest.slice(mark)) || (!grouped && /[.,]/.test(whole));
  return !foreign && joined.length <= longestMarked && plainNumber.test(joined) ? joined : undefined;
}

function splitAt(text: string, where: RegExp): [string, string] {
  const at = text.search(where);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at)];
}

/** What a number says of its marks; `either`: three digits behind a single one, thousands or decimals; `long`: four digits without any. */
type Says = "comma" | "point" | "either comma" | "either point" | "long" | "short" | "nothing";

function saysOf(text: string): Says {
  if (!looksLikeNumber(text)) return "nothing";
  const marks = text.match(/[.,]/g) ?? [];
  if (marks.length === 0) return /\d{4}/.test(text) ? "long" : Number(text) === 0 ? "nothing" : "short";
  const last = marks.at(-1) as Mark;
  const name = (mark: Mark) => (mark === "," ? "comma" : "point");
  if (marks.length > 1) return name(marks[0] === last ? (last === "," ? "." : ",") : last);
  return /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/.test(text) ? `either ${name(last)}` : name(last);
}

interface Example {
  column: string;
  value: string;
  count: number;
}
interface NumberCells {
  name: string;
  values: readonly string[];
}

/** What a column says with all of its values. */
function ofColumn({ name, values }: NumberCells, separator: string): [Decimal | "unclear", Example][] {
  const seen = new Map<Says, Example>();
  for (const value of values) {
    const says = saysOf(value);
    const { value: first, count } = seen.get(says) ?? { value, count: 0 };
    seen.set(says, { column: name, value: first, count: count + 1 });
  }
  const decided = decimals.flatMap((one): [Decimal, Example][] => (seen.has(one) ? [[one, seen.get(one)!]] : []));
  if (decided.length > 0) return decided;
  const [comma, point] = [seen.get("either comma"), seen.get("either point")];
  if (comma && point) return [["unclear", comma]];
  // Who writes 2216600 does not part thousands.
  if (comma) return [[seen.has("long") ? "comma" : "unclear", comma]];
  // 987 and 1.012 in one column are thousands as likely as decimals: who writes three decimals writes them everywhere.
  return point && separator !== "," && seen.has("short") && !seen.has("long") ? [["unclear", point]] : [];
}

export interface Evidence {
  written: Written;
  /** For the user; none where nothing but plain numbers were seen. */
  note?: string;
}

/** From the first values of the columns of numbers: what nine in ten say that tell. */
export function writtenIn(file: string, columns: readonly NumberCells[], separator: string, asked?: Decimal): Evidence {
  if (asked !== undefined) return { written: marksOf(asked), note: noteOf(asked, "as was asked for") };
  const said = columns.flatMap((column) => ofColumn(column, separator));
  const all = (what: Decimal | "unclear"): Example & { most: number } => {
    const own = said.filter(([one]) => one === what).map(([, example]) => example);
    return { ...(own[0] ?? { column: "", value: "", count: 0 }), most: own.reduce((sum, { count }) => sum + count, 0) };
  };
  const [comma, point, unclear] = [all("comma"), all("point"), all("unclear")];
  if (Math.min(comma.most, point.most) > 0.1 * Math.max(comma.most, point.most)) throw contrary(file, comma, point);
  if (comma.most === 0 && point.most === 0 && unclear.most > 0) throw either(file, unclear);
  const decimal = comma.most > point.most ? "comma" : "point";
  const marks = marksOf(decimal);
  const isParted = (text: string) => marks.group !== "" && text.includes(marks.group) && plainText(text, marks) !== undefined;
  const parted = columns.map(({ values }) => values.find(isParted)).find((text) => text !== undefined);
  const { value } = decimal === "comma" ? comma : point;
  if (parted === undefined)
    return decimal === "point"
      ? { written: plainly }
      : { written: { decimal: ",", group: "" }, note: noteOf("comma", `such as '${value}'`) };
  return { written: marks, note: `${noteOf(decimal, `such as '${value}'`)}; thousands as in '${parted}'` };
}

/** What a number is held against. */
export const writtenText = ({ decimal, group }: Written): string =>
  `with a decimal ${decimal === "," ? "comma" : "point"}${group === "" ? " and no mark between thousands" : ""}`;

const marksOf = (decimal: Decimal): Written => (decimal === "comma" ? { decimal: ",", group: "." } : { decimal: ".", group: "," });
const noteOf = (decimal: Decimal, why: string): string => `decimal ${decimal}, ${why}`;

function either(file: string, { column, value }: Example): DataError {
  const mark = value.includes(",") ? "comma" : "point";
  return new DataError(
    "E_DECIMAL",
    `${file}: ${column} is '${value}', and no number tells whether its ${mark} parts thousands or decimals`,
    {
      file,
      column,
      value,
      hint: "say which: --decimal comma, or --decimal point",
    },
  );
}

function contrary(file: string, comma: Example, point: Example): DataError {
  const what = `${comma.column} is '${comma.value}', which has a decimal comma, and ${point.column} is '${point.value}', which has a decimal point`;
  return new DataError("E_DECIMAL", `${file}: ${what}`, {
    file,
    column: comma.column,
    value: comma.value,
    hint: "write all numbers of the file alike, or name the one that is meant: --decimal comma, --decimal point; the others are then refused where they stand",
  });
}
