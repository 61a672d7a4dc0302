/** What the values of a side column mean: as the user says, as the layout has it, or as they tell themselves. */

import { type Known, wordsFor } from "../guess/layouts.js";
import type { SideWords } from "../kernels/words.js";
import type { ColumnOptions } from "./layout.js";
import { listOf, sameNumber } from "./where.js";

export interface Side {
  words: SideWords;
  text: string;
}
interface SideColumn {
  /** As it is told, and as it stands in the file. */
  title: string;
  name: string;
  values: readonly string[];
}
type Refuse = (code: string, what: string, hint: string) => Error;

const list = (given: string | readonly string[] | undefined): string[] =>
  given === undefined ? [] : typeof given === "string" ? listOf(given) : [...given];

const mostDecimals = 9;
/** A number as files write it: 4 is 4.0 too, and as the first rows have it. */
const written = (words: readonly string[], values: readonly string[]): string[] => {
  const of = (word: string): string[] => {
    if (!sameNumber(word, word)) return [word];
    const whole = Number(word);
    const zeros = Number.isSafeInteger(whole) ? Array.from({ length: mostDecimals }, (_, i) => `${whole}.${"0".repeat(i + 1)}`) : [];
    return [word, String(whole), ...zeros, ...(whole > 0 ? [`+${whole}`] : []), ...values.filter((value) => sameNumber(value, word))];
  };
  return [...new Set(words.flatMap(of))];
};

export function sideOf(column: SideColumn | undefined, asked: ColumnOptions, found: Known | undefined, refuse: Refuse): Side | undefined {
  const [buy, sell, unknown] = [list(asked.buy), list(asked.sell), list(asked.unknown)];
  const given = asked.buy !== undefined || asked.sell !== undefined;
  if (!column) {
    if (!given && unknown.length === 0) return undefined;
    throw refuse("E_COLUMN_UNKNOWN", "values for buy and sell are given, but no side column", "pass --side with the column");
  }
  const also = written(unknown, column.values);
  const side = given ? ofUser(column, buy, sell, also, refuse) : ofFile(column, asked, found, also, refuse);
  const spoken = [...side.words.buy, ...side.words.sell].map((word) => word.toLowerCase());
  const both = unknown.find((word) => spoken.includes(word.toLowerCase()));
  if (both !== undefined) throw refuse("E_SIDE", `'${both}' is given for unknown and is a side too`, "they must differ");
  return unknown.length === 0 ? side : { ...side, text: `${side.text}, ${unknown.join(" or ")} = unknown` };
}

function ofUser({ title, values }: SideColumn, buy: string[], sell: string[], unknown: readonly string[], refuse: Refuse): Side {
  if (buy.length === 0 || sell.length === 0)
    throw refuse("E_SIDE", "only one of buy and sell is given", "pass both --buy VALUE and --sell VALUE");
  const words = { buy: written(buy, values), sell: written(sell, values), unknown };
  const both = words.buy.find((b) => words.sell.some((s) => s.toLowerCase() === b.toLowerCase()));
  if (both !== undefined) throw refuse("E_SIDE", `'${both}' is given for buy and for sell`, "they must differ");
  return { words, text: `${title}, ${buy.join(" or ")} = buyer was aggressor, ${sell.join(" or ")} = seller` };
}

function ofFile(column: SideColumn, asked: ColumnOptions, found: Known | undefined, also: readonly string[], refuse: Refuse): Side {
  const { title, name, values } = column;
  const left = values.filter((value) => !also.some((word) => word.toLowerCase() === value.toLowerCase()));
  const known = found?.words && asked.side === undefined ? { words: found.words, text: found.sideText! } : wordsFor(name, left);
  if (known) return { ...known, words: { ...known.words, unknown: [...(known.words.unknown ?? []), ...also] } };
  const some = [...new Set(values)].slice(0, 5).map((value) => `'${value}'`);
  throw refuse(
    "E_SIDE",
    `what the values of ${title} mean is not clear (${some.join(", ")})`,
    "pass --buy VALUE and --sell VALUE: who was the aggressor; --unknown VALUE where neither was",
  );
}
