/** Values of the flags of backtest -> options of the run; what is wrong is refused before a file is opened. */
import { feeTables } from "../../backtest/costs/fee_tables.js";
import type { BacktestOptions } from "../../backtest/run/options.js";
import { checkParams } from "../../backtest/strategy/check_params.js";
import type { AnyStrategy } from "../../backtest/strategy/strategy.js";
import { didYouMean } from "../../core/contract/errors.js";
import { text, type Values } from "../kit/args.js";
import { UsageError } from "../kit/exit.js";
import { costsOf, marginOf, shareOf } from "./cost_settings.js";

export type Params = Readonly<Record<string, number | string>>;

export const linesOf = (value: Values[string]): string[] => text(value)?.split("\n") ?? [];

/** `name=value`, as the strategy declares it. */
export function paramValue(strategy: AnyStrategy, flag: string, name: string, given: string): number | string {
  const param = strategy.params[name];
  if (!param) {
    const names = Object.keys(strategy.params);
    const near = didYouMean(name, names);
    const has = names.length > 0 ? `it has ${names.join(", ")}` : "it has none";
    throw new UsageError(`--${flag} ${name}: ${strategy.name} has no parameter of that name`, near ? `did you mean ${near}?` : has);
  }
  if (param.type === "enum") return given;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) ? Number(given) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new UsageError(`--${flag} ${name} is '${given}', expected a number`, `such as --${flag} ${name}=${param.default ?? 1}`);
}

/** What --set says, checked against what the strategy declares. */
export function paramsOf(strategy: AnyStrategy, values: Values): Params {
  const params: Record<string, number | string> = {};
  for (const line of linesOf(values.set)) {
    const [, name, given] = /^([^=]+)=(.+)$/.exec(line) ?? [];
    if (name === undefined) throw new UsageError(`--set is '${line}', expected NAME=VALUE`, `such as --set ${exampleOf(strategy)}`);
    if (name in params) throw new UsageError(`--set ${name} is given twice`, "give it once");
    params[name] = paramValue(strategy, "set", name, given!);
  }
  checkParams(strategy, params);
  return params;
}

const exampleOf = ({ params }: AnyStrategy): string => {
  const [first] = Object.entries(params) as [string, { default?: number | string }][];
  return first ? `${first[0]}=${first[1].default ?? 1}` : "name=1";
};

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** `5ms`, `5ms/2ms`, `5ms/2ms/1ms`: of requests, of answers, of the feed. */
export function latencyOf(given: string | undefined): BacktestOptions["latency"] {
  if (given === undefined) return undefined;
  const parts = given.split("/").map((part, place) => {
    if (part === "recorded" && place === 2) return part;
    const [, number, unit] = /^(\d+(?:\.\d+)?)(ns|us|ms|s)$/.exec(part) ?? (part === "0" ? [part, "0", "ns"] : []);
    return number === undefined ? Number.NaN : Math.round(Number(number) * units[unit!]!);
  });
  if (parts.length > 3 || parts.some((ns) => ns !== "recorded" && !(ns <= 3600e9)))
    throw new UsageError(
      `--latency is '${given}', expected one to three times of at most an hour`,
      "such as 5ms, or 5ms/2ms, or 500us/500us/1ms, or 5ms/5ms/recorded",
    );
  const [entry, answer = entry, feed] = parts as [number, number?, (number | "recorded")?];
  return { entry, answer: answer!, ...(feed !== undefined && { feed }) };
}

/** `kraken_spot`, or what makers and takers pay: `-0.5bp/4bp`. */
export function feesOf(given: string | undefined): BacktestOptions["fees"] {
  if (given === undefined) return undefined;
  const rates = given.split("/").map(shareOf);
  const [maker, taker] = rates;
  if (rates.length === 2 && rates.every((rate) => Math.abs(rate) <= 0.1)) return { maker: maker!, taker: taker! };
  if (Object.hasOwn(feeTables, given)) return given;
  const near = didYouMean(given, Object.keys(feeTables));
  throw new UsageError(
    `--fees is '${given}', expected a table or two shares of what is traded, at most 10%`,
    `${near ? `did you mean ${near}? ` : ""}such as -0.5bp/4bp; tables: ${Object.keys(feeTables).join(", ")}`,
  );
}

/** Ticks and lots by name; under "*" those of all others. */
export function gridsOf(values: Values): BacktestOptions["instruments"] {
  const grids: Record<string, { tick: number; lot: number }> = {};
  const { tick, lot } = values as { tick?: number; lot?: number };
  if ((tick === undefined) !== (lot === undefined))
    throw new UsageError(
      `--${tick === undefined ? "lot" : "tick"} is given without --${tick === undefined ? "tick" : "lot"}`,
      "give both: --tick 0.01 --lot 1",
    );
  if (tick !== undefined && lot !== undefined) grids["*"] = gridOf(`--tick ${tick} --lot ${lot}`, tick, lot);
  for (const line of linesOf(values.instrument)) {
    const [, name, first, second] = /^(.+):([^/:]+)\/([^/:]+)$/.exec(line) ?? [];
    if (name === undefined)
      throw new UsageError(`--instrument is '${line}', expected NAME:TICK/LOT`, "such as --instrument BTCUSDT:0.1/0.001");
    if (name in grids) throw new UsageError(`--instrument ${name} is given twice`, "give it once");
    grids[name] = gridOf(`--instrument ${line}`, Number(first), Number(second));
  }
  return Object.keys(grids).length > 0 ? grids : undefined;
}

function gridOf(what: string, tick: number, lot: number): { tick: number; lot: number } {
  if (tick > 0 && lot > 0 && Number.isFinite(tick + lot)) return { tick, lot };
  throw new UsageError(`${what}: tick and lot are numbers above 0`, "such as a tick of 0.01 and a lot of 1");
}

const secondsOf = (value: Values[string]): number | undefined => (value === undefined ? undefined : Number(value) / 1e9);
/** Without what was not given. */
const given = (options: { readonly [K in keyof BacktestOptions]?: BacktestOptions[K] | undefined }): BacktestOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

export function optionsOf(values: Values): BacktestOptions {
  const { from, to, capital, power } = values as { from?: bigint; to?: bigint; capital?: number; power?: number };
  if (from !== undefined && to !== undefined && from >= to)
    throw new UsageError("--from is not before --to", "rows from --from on and before --to are taken");
  for (const [name, value] of Object.entries({ capital, power }))
    if (value !== undefined && !(value > 0))
      throw new UsageError(`--${name} is ${value}, expected a number above 0`, `such as --${name} ${name === "power" ? 3 : 100000}`);
  if (power !== undefined && values.queue !== "power")
    throw new UsageError("--power is about the queue model power, and another is used", "--queue power --power 3");
  return given({
    ...{ capital, power, from, to, barSeconds: secondsOf(values.bar), timeLimitSeconds: secondsOf(values.timeLimit) },
    ...{ queue: text(values.queue) as BacktestOptions["queue"], latency: latencyOf(text(values.latency)), fees: feesOf(text(values.fees)) },
    ...{ instruments: gridsOf(values), costs: costsOf(values), margin: marginOf(values) },
  });
}
