/** Words of the command line -> values, with errors that name what was meant. */
import { parseArgs } from "node:util";
import { didYouMean } from "../../core/contract/errors.js";
import { UsageError } from "./exit.js";
import { camel, type Flag } from "./flag.js";

/** Values of the flags, under their names in camelCase. */
export type Values = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

export const text = (value: Values[string]): string | undefined => (value === undefined ? undefined : String(value));

export interface Parsed {
  values: Record<string, string | number | bigint | boolean>;
  words: string[];
}

const help: Flag = { name: "help", letter: "h", doc: "the flags of a command" };

export function parse(command: string, args: readonly string[], flags: readonly Flag[]): Parsed {
  const known = new Map([...flags, help].map((flag) => [flag.name, flag]));
  const options = Object.fromEntries(
    [...known].map(([name, { value, letter }]) => [
      name,
      { type: value ? ("string" as const) : ("boolean" as const), ...(letter && { short: letter }) },
    ]),
  );
  const { tokens, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const values: Parsed["values"] = {};
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const flag = known.get(token.name);
    if (!flag) throw unknownFlag(command, token.rawName, [...known.keys()]);
    if (given.has(flag.name) && !flag.many) throw new UsageError(`--${flag.name} is given twice`, "give it once");
    given.add(flag.name);
    const before = values[camel(flag.name)];
    const value = valueFor(flag, token.value, token.inlineValue ?? false);
    if (value !== "auto" || !flag.auto) values[camel(flag.name)] = before === undefined ? value : `${before}\n${value}`;
  }
  return { values, words: positionals };
}

function unknownFlag(command: string, raw: string, names: readonly string[]): UsageError {
  const near = didYouMean(raw.replace(/^-+/, ""), names);
  return new UsageError(`no flag is called ${raw}`, near ? `did you mean --${near}?` : `see tickforge ${command} --help`, "E_USAGE");
}

function valueFor(flag: Flag, text: string | undefined, inline: boolean): string | number | bigint | boolean {
  if (!flag.value) {
    if (text !== undefined) throw new UsageError(`--${flag.name} takes no value, got '${cut(text)}'`, `write --${flag.name} alone`);
    return true;
  }
  if (text === undefined || text === "" || (!inline && text.startsWith("--")))
    throw new UsageError(`--${flag.name} needs a value`, `--${flag.name} ${flag.value}`);
  if (flag.auto && text === "auto") return text;
  switch (flag.kind) {
    case "number":
    case "whole":
      return number(flag, text);
    case "choice":
      return choice(flag, text);
    case "time":
      return time(flag, text);
    case "duration":
      return duration(flag, text);
    default:
      return text;
  }
}

function number(flag: Flag, text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value) && (flag.kind !== "whole" || Number.isSafeInteger(value))) return value;
  const whole = flag.kind === "whole";
  const hint = /^[\d,_']+$/.test(text) ? `write ${text.replace(/[,_']/g, "")}` : `such as --${flag.name} ${whole ? 20 : 0.5}`;
  throw new UsageError(`--${flag.name} is '${cut(text)}', expected a ${whole ? "whole " : ""}number`, hint);
}

function choice({ name, choices = [] }: Flag, text: string): string {
  if (choices.includes(text)) return text;
  const near = didYouMean(text, choices);
  throw new UsageError(
    `--${name} is '${cut(text)}', expected ${choices.join(", ")}`,
    near ? `did you mean ${near}?` : `such as --${name} ${choices[0]}`,
  );
}

/** Of a long value as much as is needed to know it. */
const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

const unitNs: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };

/** Nanoseconds. */
function duration({ name }: Flag, text: string): bigint {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)$/.exec(text);
  const ns = parts ? Number(parts[1]) * unitNs[parts[2]!]! : 0;
  if (ns >= 1e6 && ns <= 86_400e9) return BigInt(Math.round(ns));
  throw new UsageError(`--${name} is '${cut(text)}', expected a time from 1ms to 24h`, "such as 500ms, 60s, 5m or 1h");
}

/** Epoch ns of a date or time in UTC. */
function time({ name }: Flag, text: string): bigint {
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.(\d{1,9}))?Z?)?$/.exec(text);
  const ms = parts ? Date.parse(`${parts[1]}T${parts[2] ?? "00:00"}${parts[3] ?? ":00"}Z`) : Number.NaN;
  // Date.parse takes the 31st of February for the 3rd of March.
  if (parts && Number.isFinite(ms) && new Date(ms).toISOString().startsWith(parts[1]!))
    return BigInt(ms) * 1_000_000n + BigInt((parts[4] ?? "").padEnd(9, "0"));
  throw new UsageError(`--${name} is '${cut(text)}', expected a time in UTC`, "such as 2026-01-12 or 2026-01-12T14:30:00");
}
