/** Errors as people see them: what is wrong, where, what to do, and the code to look up. */

import { TickforgeError } from "../../core/contract/errors.js";
import type { BadRow } from "../../files/trades/bad_row.js";
import { explanations } from "../explanations/explanations.js";
import { kebab } from "./flag.js";
import { count } from "./format.js";
import { quoted, type Terminal } from "./terminal.js";

/** Where the advice of a kernel, or of a run, is for programs. */
const advices: Readonly<Record<string, string>> = {
  E_TOO_MANY: "pass a larger --bucket-volume, or look at that trade: its size may be wrong",
  E_STRATEGY_TIME: "look for a loop that does not end and for timers that are not later than now, or raise --time-limit",
  E_BACKTEST_DEPTH: "add a recording of book_changes or quotes, or choose by --queue what is believed: trades needs nothing but trades",
  E_BACKTEST_GRID: "give the tick and the lot of the venue: --instrument NAME:TICK/LOT",
  E_OUTPUT_LIMIT: "pass a larger --bucket-volume: a bucket holds many trades",
};

export function errorScreen(error: unknown, terminal: Terminal): string {
  const red = (text: string) => terminal.style("red", text);
  if (!(error instanceof TickforgeError)) return unexpected(error, red);
  const bad = (error as { bad?: BadRow }).bad;
  if (bad) return badRowScreen(bad, terminal);
  const message = inFlags(error);
  const advice = advices[error.code] ?? error.hint ?? explanations[error.code]?.fix;
  const hint = advice && !message.endsWith(advice) ? `\n  ${inFlags(error, advice)}` : "";
  return `${red("tickforge:")} ${quoted(`${message}${hint}`)}   ${terminal.style("dim", `[${error.code}]`)}\n`;
}

/** An option of a kernel is a flag here. */
function inFlags(error: TickforgeError, text = error.message): string {
  const { kernel, option } = error;
  if (!kernel || !option) return text;
  return text.replace(`${kernel}: option '${option}'`, `--${kebab(option)}`);
}

function unexpected(error: unknown, red: (text: string) => string): string {
  const { stack, message } = error instanceof Error ? error : { stack: undefined, message: String(error) };
  return `${red("tickforge:")} this should not have happened: ${message}\n${stack ?? ""}\n  a fault of tickforge, not of your data: please report it with the lines above   [E_INTERNAL]\n`;
}

const widest = 100;

/** As a shell reads it. */
export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** A command line that can be given again. */
export const commandOf = (line: readonly string[]): string => ["tickforge", ...line.map(shellWord)].join(" ");

/** The line itself, and a caret under the field with what it is; of a long line the part around it. */
export function pointed({ line, text, column, columnName, offset, length, refusal }: BadRow, terminal: Terminal) {
  const shown = clip(text, offset, length);
  const margin = `  ${line} | `;
  const placed = column !== undefined || refusal === "json";
  const caret = !placed ? "" : `${" ".repeat(margin.length + shown.at)}${terminal.style("yellow", "^".repeat(shown.width))}`;
  const where = column === undefined ? "" : ` column ${column}${columnName ? `, ${columnName}` : ""}`;
  return { shown, margin, caret, where };
}

function badRowScreen(bad: BadRow, terminal: Terminal): string {
  const { file, unit, line, code, rowsBefore, what, hint } = bad;
  const { shown, margin, caret, where } = pointed(bad, terminal);
  const before = `${count(rowsBefore)} ${rowsBefore === 1 ? "row" : "rows"} before it ${rowsBefore === 1 ? "was" : "were"} good. Nothing was written.`;
  const named = terminal.style("dim", `[${code}]`);
  const beside = caret && margin.length + shown.at + shown.width + where.length < 45;
  return [
    `${terminal.style("red", "tickforge:")} ${quoted(`${file}, ${unit} ${line}: ${what}`)}`,
    `${margin}${shown.text}`,
    ...(caret ? [`${caret}${where}${beside ? `          ${before}` : ""}`] : []),
    ...(beside ? [] : [`  ${before}`]),
    ...(hint.includes("--on-bad") ? [] : [`  ${hint}${bad.table ? `   ${named}` : ""}`]),
    ...(bad.table
      ? []
      : [`  skip and count bad rows: --on-bad skip        list them all: tickforge validate ${shellWord(file)}        ${named}`]),
    "",
  ].join("\n");
}

/** Control characters, which would move the cursor, become dots; a tab is one column wide. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be found
const plain = (text: string): string => text.replace(/\r$/, "").replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => (c === "\t" ? " " : "."));

function clip(text: string, offset: number, length: number): { text: string; at: number; width: number } {
  const bytes = Buffer.from(text);
  const before = plain(bytes.subarray(0, offset).toString());
  const whole = plain(text);
  const from = before.length > widest - 30 ? before.length - 30 : 0;
  const lead = from > 0 ? "..." : "";
  const tail = whole.length > from + widest ? "..." : "";
  const width = Math.max(1, Math.min(length, from + widest - before.length));
  return { text: lead + whole.slice(from, from + widest) + tail, at: lead.length + before.length - from, width };
}
