/** What an account must hold for its positions, as asked for and checked. */
import { needObject } from "../../core/contract/arguments.js";
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";

export interface MarginOptions {
  /** By how much the price of an instrument may move in the scenarios, as a share of it: 0.05 asks for 5 % of a position's value. Of all, or by name. */
  readonly priceRange: number | Readonly<Record<string, number>>;
  /** Initial over maintenance requirement; default 1.1. */
  readonly initialRatio?: number;
  /** Groups of instruments, by name, within which losses and gains offset each other; each instrument is its own where none is given. */
  readonly groups?: Readonly<Record<string, string>>;
  /** The account is looked at after each fill, and so often while something is held; default 1. */
  readonly everySeconds?: number;
}

export interface MarginTerms {
  rangeOf(name: string): number;
  groupOf(name: string): string;
  readonly initialRatio: number;
  readonly everySeconds: number;
}

const names = ["priceRange", "initialRatio", "groups", "everySeconds"];

export function marginTerms(options: MarginOptions): MarginTerms {
  needObject("backtest: margin", options);
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const near = didYouMean(name, names);
    throw new TickforgeError(
      "E_OPTION_UNKNOWN",
      `backtest: margin: no option is called '${name}'${near ? `: did you mean '${near}'?` : ""}`,
      {
        option: name,
        hint: `options are ${names.join(", ")}`,
      },
    );
  }
  const { priceRange, initialRatio = 1.1, groups = {}, everySeconds = 1 } = options;
  needObject("backtest: margin.groups", groups);
  const range = (option: string, value: unknown): number => {
    // Twice the range down leaves a price.
    if (!(typeof value === "number" && value > 0 && value < 0.5)) throw wrong(option, value, "a share above 0 and below 0.5");
    return value;
  };
  if (typeof priceRange === "object" && priceRange !== null)
    for (const [name, value] of Object.entries(priceRange)) range(`margin.priceRange.${name}`, value);
  else range("margin.priceRange", priceRange);
  if (!(typeof initialRatio === "number" && initialRatio >= 1 && initialRatio <= 100))
    throw wrong("margin.initialRatio", initialRatio, "1 to 100");
  if (!(typeof everySeconds === "number" && everySeconds >= 1e-3 && Number.isFinite(everySeconds)))
    throw wrong("margin.everySeconds", everySeconds, "0.001 or more");
  return {
    initialRatio,
    everySeconds,
    rangeOf(name) {
      if (typeof priceRange === "number") return priceRange;
      if (Object.hasOwn(priceRange, name)) return priceRange[name]!;
      throw wrong(`margin.priceRange.${name}`, undefined, "one for each instrument that is recorded, or one number for all");
    },
    groupOf: (name) => (Object.hasOwn(groups, name) ? `group ${groups[name]}` : `instrument ${name}`),
  };
}

const wrong = (option: string, value: unknown, expected: string) =>
  new TickforgeError("E_OPTION_RANGE", `backtest: ${option} is ${said(value)}, expected ${expected}`, {
    option,
    value,
    hint: `pass ${expected}`,
  });
