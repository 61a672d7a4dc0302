/** What to say where it is not clear which columns hold the trades: the columns themselves. What is clear was taken, and nothing else is suggested. */
import type { Seen } from "./column_guess.js";

const mostColumns = 16;
const mostLetters = 40;
const short = (text: string): string => (text.length > mostLetters ? `${text.slice(0, mostLetters - 3)}...` : text);

/** Each column with a value, as `Price = '35.6'`. */
export function columnsWithValues(seen: Seen): string {
  const { named, names } = seen;
  const listed = names.slice(0, mostColumns).map((name, i) => {
    const value = seen.values(i).find((v) => v !== "") ?? "";
    return `${named ? short(name) : i} = '${short(value)}'`;
  });
  return `${listed.join(", ")}${names.length > mostColumns ? ` and ${names.length - mostColumns} more` : ""}`;
}
