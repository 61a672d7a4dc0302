/** What to say where it is not clear which columns hold the trades: the columns themselves. What is clear was taken, and nothing else is suggested. */
import type { Seen } from "./column_seen.js";

const mostColumns = 16;
const mostLetters = 40;
const short = (text: string): string => (text.length > mostLetters ? `${text.slice(0, mostLetters - 3)}...` : text);

/** Each column with a value, as `Price = '35.6'`. */
function columnsWithValues(seen: Seen): string {
  const { named, names } = seen;
  const listed = names.slice(0, mostColumns).map((name, i) => {
    const value = seen.values(i).find((v) => v !== "") ?? "";
    return `${named ? short(name) : i} = '${short(value)}'`;
  });
  return `${listed.join(", ")}${names.length > mostColumns ? ` and ${names.length - mostColumns} more` : ""}`;
}

export function unknownFormat(seen: Seen, lines: readonly string[], missing: readonly string[]): string {
  const first = lines.slice(0, 3).map((line) => `  ${line.length > 120 ? `${line.slice(0, 117)}...` : line}`);
  const none = missing.join(", no ");
  return `not a trade file that is known; no ${none} column found. It begins\n${first.join("\n")}\ncolumns: ${columnsWithValues(seen)}`;
}

export const unknownHint = ({ named }: Seen): string =>
  `pass --time COL --price COL --size COL${named ? "" : " (columns from 0)"}, and --side with --buy and --sell where there is one; date and time of day in two columns are --time DATE,TIME`;
