/** Which runs a sweep has: values of parameters, and all combinations of them. */
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { checkParams } from "../strategy/check_params.js";
import type { AnyStrategy } from "../strategy/strategy.js";

export type Params = Readonly<Record<string, number | string>>;

export interface Axis {
  readonly name: string;
  readonly values: readonly (number | string)[];
}

export const mostRuns = 10_000;

const wrong = (axis: string, what: string, hint: string, code = "E_OPTION_RANGE") =>
  new TickforgeError(code, `sweep: ${axis} ${what}`, { option: axis, hint });

/** Every combination with the parameters that all have, in order: the last axis goes fastest. Each is held against what the strategy declares. */
export function combinationsOf(strategy: AnyStrategy, fixed: Params, sweep: Readonly<Record<string, readonly (number | string)[]>>) {
  const axes: Axis[] = Object.entries(sweep).map(([name, values]) => ({ name, values }));
  for (const { name, values } of axes) {
    if (!Object.hasOwn(strategy.params, name)) {
      const near = didYouMean(name, Object.keys(strategy.params));
      const has = Object.keys(strategy.params).join(", ") || "none";
      throw wrong(name, `is no parameter of ${strategy.name}`, near ? `did you mean ${near}?` : `it has ${has}`, "E_OPTION_UNKNOWN");
    }
    if (name in fixed) throw wrong(name, "is swept and has a value beside it", "give it once");
    if (values.length === 0) throw wrong(name, "has no values", "give one or more");
    if (new Set(values).size < values.length) throw wrong(name, "has a value twice", "give each once");
  }
  const count = axes.reduce((all, { values }) => all * values.length, 1);
  if (count > mostRuns)
    throw wrong(
      axes.map(({ name }) => name).join(" by "),
      `make ${count} runs, expected ${mostRuns} at the most`,
      "give larger steps, or fewer parameters",
    );
  const runs: Params[] = [];
  for (let run = 0; run < count; run++) {
    let place = run;
    const own: [string, number | string][] = [];
    for (const { name, values } of [...axes].reverse()) {
      own.push([name, values[place % values.length]!]);
      place = Math.floor(place / values.length);
    }
    const params = { ...fixed, ...Object.fromEntries(own.reverse()) };
    checkParams(strategy, params);
    runs.push(params);
  }
  return { axes, runs };
}
