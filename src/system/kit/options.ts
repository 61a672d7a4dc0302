/** Options of engines, declared once: checks, help, documentation and the schema of the system file follow. */
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";

interface Common {
  readonly doc: string;
  readonly unit?: string;
  /** May be left out though it has no default. */
  readonly optional?: true;
  /** Refused but where another option is one of these words, of which one that is not among its values stands for what fits its pattern. */
  readonly where?: { readonly option: string; readonly is: readonly string[] };
}
export interface NumberOption extends Common {
  readonly type: "number";
  readonly integer?: true;
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly default?: number;
}
export interface TextOption extends Common {
  readonly type: "text";
  readonly values?: readonly string[];
  /** What it may be beside the values: a regular expression, and what that is in words. */
  readonly pattern?: readonly [expression: string, words: string];
  readonly default?: string;
}
export interface FlagOption extends Common {
  readonly type: "flag";
  readonly default: boolean;
}
/** One number for all instruments, or an object with one for each by its name. */
export interface NumbersOption extends Common {
  readonly type: "numbers";
  readonly above?: number;
  readonly min?: number;
  readonly max?: number;
  readonly default?: number;
}
export interface TextsOption extends Common {
  readonly type: "texts";
  readonly default?: readonly string[];
}
/** A path, relative to the folder of the system file. */
export interface FileOption extends Common {
  readonly type: "file";
  /** What it may be instead: words that are no paths. */
  readonly names?: readonly string[];
}
/** Numbers and texts by name, of which the engine itself knows what they may be. */
export interface ValuesOption extends Common {
  readonly type: "values";
}
export type EngineOption = NumberOption | TextOption | FlagOption | NumbersOption | TextsOption | FileOption | ValuesOption;
export type EngineOptions = Readonly<Record<string, EngineOption>>;

type Plain<P extends EngineOption> = P extends NumberOption
  ? number
  : P extends TextOption
    ? P extends { values: readonly (infer V)[] }
      ? P extends { pattern: object }
        ? string
        : V
      : string
    : P extends FileOption
      ? string
      : P extends FlagOption
        ? boolean
        : P extends NumbersOption
          ? Float64Array
          : P extends ValuesOption
            ? Readonly<Record<string, number | string>>
            : readonly string[];
export type OptionValues<O extends EngineOptions> = {
  readonly [K in keyof O]: O[K] extends { optional: true } ? Plain<O[K]> | undefined : Plain<O[K]>;
};

/** What of the system an option may refer to. */
export interface Around {
  /** Of the engine, for errors. */
  readonly engine: string;
  readonly instruments: readonly string[];
  /** Makes a path of the system file absolute. */
  resolve(path: string): string;
}

/** Every option checked and every default filled in. */
export function checkEngineOptions<O extends EngineOptions>(declared: O, given: unknown, around: Around): OptionValues<O> {
  if (given !== undefined && !isRecord(given)) throw refused(around, undefined, given, "an object of options", optionNames(declared));
  const values = (given ?? {}) as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(declared, name)) continue;
    const near = didYouMean(name, Object.keys(declared));
    throw new TickforgeError("E_OPTION_UNKNOWN", `engine '${around.engine}': it has no option '${name}'`, {
      ...{ option: name, value: values[name] },
      hint: near ? `did you mean ${near}?` : optionNames(declared),
    });
  }
  const all = Object.entries(declared).map(([name, option]): [string, unknown] => [name, checked(name, option, values[name], around)]);
  const found = Object.fromEntries(all) as OptionValues<O>;
  for (const name of Object.keys(values)) {
    const { where } = declared[name]!;
    if (values[name] === undefined || !where || isWhere(where, declared, found)) continue;
    const what = `engine '${around.engine}': option '${name}' says nothing where ${where.option} is '${found[where.option]}'`;
    const details = { option: name, value: values[name], hint: `leave it out: it is of ${where.option} ${where.is.join(", ")}` };
    throw new TickforgeError("E_OPTION_UNKNOWN", what, details);
  }
  return found;
}
function isWhere({ option, is }: NonNullable<Common["where"]>, declared: EngineOptions, found: Readonly<Record<string, unknown>>): boolean {
  const value = String(found[option]);
  const { values = [] } = declared[option] as TextOption;
  return is.includes(value) || (!values.includes(value) && is.some((word) => !values.includes(word)));
}

const optionNames = (declared: EngineOptions): string =>
  Object.keys(declared).length > 0 ? `options are ${Object.keys(declared).join(", ")}` : "it has no options";

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refused(around: Around, option: string | undefined, value: unknown, wants: string, hint?: string): TickforgeError {
  const what = option === undefined ? "its options are" : `option '${option}' is`;
  const details = { value, ...(option !== undefined && { option }), ...(hint !== undefined && { hint }) };
  return new TickforgeError("E_OPTION_RANGE", `engine '${around.engine}': ${what} ${said(value)}, expected ${wants}`, details);
}

function checked(name: string, option: EngineOption, given: unknown, around: Around): unknown {
  const fallback = "default" in option ? option.default : undefined;
  if (given === undefined && fallback === undefined) {
    if (option.optional) return undefined;
    throw new TickforgeError("E_OPTION_MISSING", `engine '${around.engine}': option '${name}' is missing: ${option.doc}`, {
      ...{ option: name, hint: `give it as ${expected(option)}` },
    });
  }
  const value = given === undefined ? fallback : given;
  const bad = (hint?: string) => refused(around, name, value, expected(option), hint ?? option.doc);
  switch (option.type) {
    case "number":
      if (!inRange(option, value) || (option.integer && !Number.isInteger(value))) throw bad();
      return value;
    case "flag":
      if (typeof value !== "boolean") throw bad();
      return value;
    case "numbers":
      return numbersOf(name, option, value, around);
    case "values":
      if (!isRecord(value) || !Object.values(value).every((one) => typeof one === "number" || typeof one === "string")) throw bad();
      return value;
    case "texts":
      if (!Array.isArray(value) || !value.every((one) => typeof one === "string")) throw bad();
      return value;
    default: {
      if (typeof value !== "string" || value === "") throw bad();
      if (option.type === "file") {
        const { names } = option;
        if (!names) return around.resolve(value);
        if (names.includes(value)) return value;
        // A word is a name that was meant, and no path.
        if (!/[./\\]/.test(value)) throw bad(didYouMean(value, names) && `did you mean ${didYouMean(value, names)}?`);
        return around.resolve(value);
      }
      const { values, pattern } = option;
      if (!values || values.includes(value) || (pattern && new RegExp(pattern[0]).test(value))) return value;
      const near = didYouMean(value, values);
      throw bad(near && `did you mean ${near}?`);
    }
  }
}

function numbersOf(name: string, option: NumbersOption, value: unknown, around: Around): Float64Array {
  const { instruments } = around;
  if (!isRecord(value)) {
    if (!inRange(option, value)) throw refused(around, name, value, expected(option), option.doc);
    return new Float64Array(instruments.length).fill(value);
  }
  const unknown = Object.keys(value).find((symbol) => !instruments.includes(symbol));
  if (unknown !== undefined) {
    const near = didYouMean(unknown, instruments);
    const hint = near ? `did you mean ${near}?` : `the system has ${instruments.join(", ")}`;
    throw refused(around, `${name}.${unknown}`, value[unknown], "an instrument of the system", hint);
  }
  return Float64Array.from(instruments, (symbol) => {
    const one = value[symbol] ?? option.default;
    if (!inRange(option, one)) throw refused(around, `${name}.${symbol}`, one, expected({ ...option, type: "number" }), option.doc);
    return one;
  });
}

interface Range {
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
}
const inRange = ({ min = -Infinity, above = -Infinity, max = Infinity }: Range, value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= min && value > above && value <= max;

/** What an option takes, as part of a sentence. */
export function expected(option: EngineOption): string {
  if (option.type === "flag") return "true or false";
  if (option.type === "file") return option.names ? `${option.names.join(", ")}, or the path of a file` : "the path of a file";
  if (option.type === "values") return "an object of numbers and texts";
  if (option.type === "texts") return "a list of texts";
  if (option.type === "text") {
    const or = option.pattern ? `, or ${option.pattern[1]}` : "";
    return option.values ? `one of ${option.values.join(", ")}${or}` : "a text";
  }
  const { min, above, max } = option;
  const low = above === undefined ? (min === undefined ? "" : ` >= ${min}`) : ` > ${above}`;
  const high = max === undefined ? "" : `${low && " and"} <= ${max}`;
  const number = `a ${option.type === "number" && option.integer ? "whole " : ""}number${low}${high}`;
  return option.type === "numbers" ? `${number}, or an object with one for each instrument` : number;
}
