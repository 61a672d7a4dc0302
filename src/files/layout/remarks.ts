/** What a reader of a file should know of its columns: some that are not read, some that were asked for and look wrong. */
import { isOdd, tellsInstrument, tellsOfRows } from "../guess/column_words.js";

export interface Remark {
  name: "unread_column" | "odd_column";
  column: string;
  what: string;
  done: string;
  /** Worth a line on the screen. */
  doubtful: boolean;
}
interface Read {
  names: readonly string[];
  values(column: number): readonly string[];
  used: ReadonlySet<number>;
  hasSide: boolean;
  /** A published layout, whose columns are known: conditions alone are left to be told. */
  known: boolean;
}

const shown = 4;
const fewestNumbers = 3;

/** A type, side, condition or correction that is passed over. */
export function unread({ names, values, used, hasSide, known }: Read): Remark[] {
  return names.flatMap((name, i): Remark[] => {
    const words = [...new Set(values(i).filter((value) => value !== ""))];
    const tells = used.has(i) ? undefined : tellsOfRows(name, words.length);
    if (tells === undefined || (known && !/cond|corr/i.test(name))) return [];
    const list = words.slice(0, shown).map((word) => (word.length > 20 ? `${word.slice(0, 17)}...` : word));
    const some = list.length === 0 ? "empty so far" : `${list.join(", ")}${words.length > shown ? ", ..." : ""}`;
    const flag = /^[\w.]+$/.test(name) ? name : `'${name}'`;
    const side = tells === "side" && !hasSide;
    return [
      {
        ...{ name: "unread_column", column: name, doubtful: !known && words.length > 1 },
        what: `column ${flag} (${some}) ${side ? "may say who was the aggressor" : "may say which rows are trades"}`,
        done: side ? `not read: --side ${flag} --buy WORD --sell WORD reads it` : `not read: --where ${flag}=VALUE takes such rows alone`,
      },
    ];
  });
}

/** Numbers of trades that fall where times do not: rows of one time may lie in the reverse order, and sides by prices with them. */
export function falling({ names, values, used }: Read): Remark[] {
  return names.flatMap((name, i): Remark[] => {
    if (used.has(i) || !/^((agg|trade)?_?(trade)?_?id|tid|seq(uence)?(_(no|num|number))?)$/i.test(name)) return [];
    const numbers = values(i).map((value) => (value === "" ? Number.NaN : Number(value)));
    if (numbers.length < fewestNumbers || !numbers.every((value, row) => row === 0 || value < numbers[row - 1]!)) return [];
    const what = `column ${name} falls from row to row, and times do not: trades of one time may lie in reverse order`;
    return [{ name: "odd_column", column: name, what, done: "kept in the order of the file", doubtful: true }];
  });
}

/** A column that may name the instruments of a file that is read as of one. */
export function unnamed({ names, values, used, known }: Read): Remark[] {
  if (known) return [];
  return names.flatMap((name, i): Remark[] => {
    if (used.has(i) || !tellsInstrument(name)) return [];
    const filled = values(i).filter((value) => value !== "");
    const words = [...new Set(filled)];
    if (words.length < 2 || words.length > filled.length / 2) return [];
    const some = `${words.slice(0, shown).join(", ")}${words.length > shown ? ", ..." : ""}`;
    const flag = /^[\w.]+$/.test(name) ? name : `'${name}'`;
    const what = `column ${flag} (${some}) may name the instrument, and all rows are read as of one`;
    return [{ name: "unread_column", column: name, what, done: `not read: --symbol ${flag} reads each by itself`, doubtful: true }];
  });
}

/** Columns that the user named. */
export function odd(role: "price" | "size", name: string): Remark[] {
  if (!isOdd(role, name)) return [];
  const what = `${role}s are read from column '${name}', which by its name holds none`;
  return [{ name: "odd_column", column: name, what, done: "taken as was asked for", doubtful: true }];
}

/** A running total that was asked for. */
export const total = (name: string): Remark => ({
  ...{ name: "odd_column", column: name, doubtful: true },
  what: `sizes are read from column '${name}', which only grows from row to row: a running total, by what it holds`,
  done: "taken as was asked for",
});

/** Of several files, each once. */
export function remarksOf(layouts: readonly { remarks?: readonly Remark[] }[]): Remark[] {
  const all = layouts.flatMap(({ remarks = [] }) => remarks);
  return all.filter((remark, i) => all.findIndex((other) => other.name === remark.name && other.column === remark.column) === i);
}
