/** A strategy and its parameters, held against what it declares before anything runs. */
import { checkOptions, type ParamRecord } from "../../core/contract/check.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import type { AnyStrategy } from "./strategy.js";

/** All parameters by name, defaults filled in; a misspelt one and one out of its range are named. */
export function checkParams(strategy: AnyStrategy, params: Readonly<Record<string, number | string>> = {}): ParamRecord {
  try {
    return checkOptions(strategy.name, strategy.params, params);
  } catch (error) {
    if (!(error instanceof TickforgeError)) throw error;
    // The words of strategies, and no kernel: the command line would take its options for flags.
    const { code, message, option, value, hint } = error;
    const words = message.replace(": option '", ": parameter '").replace(": no option is called", ": no parameter is called");
    throw new TickforgeError(code, words, { ...(option !== undefined && { option }), value, ...(hint !== undefined && { hint }) });
  }
}

/** How many values each name of a state has, with these parameters. */
export function stateSizes(name: string, sizes: AnyStrategy["state"], params: ParamRecord): Readonly<Record<string, number>> {
  const all = typeof sizes === "function" ? sizes(params) : (sizes ?? {});
  needSizes(name, all);
  return all;
}

function needSizes(name: string, sizes: Readonly<Record<string, number>>): void {
  const isSize = (places: unknown) => Number.isInteger(places) && (places as number) >= 1 && (places as number) <= 2 ** 24;
  if (typeof sizes === "object" && sizes !== null && Object.values(sizes).every(isSize)) return;
  throw new TickforgeError("E_STRATEGY", `the strategy '${name}' has a state that is no whole number of values`, {
    ...{ value: sizes, hint: "declare state: { name: 10 }, or a function of the parameters that gives such an object" },
  });
}

/** Throws where something is no strategy. */
export function checkStrategy(strategy: unknown): asserts strategy is AnyStrategy {
  const wrong = (what: string) =>
    new TickforgeError("E_STRATEGY", `the strategy ${what}`, { value: strategy, hint: "export what defineStrategy gives as default" });
  if (typeof strategy !== "object" || strategy === null) throw wrong(`is ${said(strategy)}, expected an object`);
  const { name, params, begin, rows, state, stateEach } = strategy as Partial<AnyStrategy>;
  if (typeof name !== "string" || name === "") throw wrong("has no name");
  if (typeof params !== "object" || params === null) throw wrong(`'${name}' declares no params: {} where it has none`);
  if (typeof begin !== "function") throw wrong(`'${name}' has no function begin`);
  for (const sizes of [state, stateEach]) if (sizes !== undefined && typeof sizes !== "function") needSizes(name, sizes);
  if (rows !== undefined && !(Array.isArray(rows.topics) && Number.isInteger(rows.every) && rows.every >= 1))
    throw wrong(`'${name}' asks for rows otherwise than by { topics: [...], every: 1 or more }`);
}
