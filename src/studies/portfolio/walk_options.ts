/** Options of a walk, checked whole before anything is computed. */
import { plainPeriods } from "../../analysis/periods.js";
import { needArray, needObject } from "../../core/contract/arguments.js";
import { DataError, TickforgeError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import { expectedReturnsNamed } from "./expected_returns.js";
import type { MarketPrices } from "./market.js";
import { comparisons, type Limits, type Objective, objectiveNamed, objectives } from "./objectives.js";
import { riskModelNamed, usualRiskModel } from "./risk_models.js";
import { checkDates, datesBetween, type Rebalance, rebalanceOf, rebalances } from "./schedule.js";

export interface WalkForwardOptions {
  /** What the portfolio is made for, by name, or several (minimum_variance); equal weight and inverse volatility are always put beside them. */
  objective?: string | readonly string[] | undefined;
  /** `weekly`, `monthly` (default), `quarterly`, `yearly`, or every so many dates. */
  rebalance?: Rebalance | undefined;
  /** Share of what is bought or sold: 0.0005 (default) is five basis points. */
  costs?: number | undefined;
  /** `ledoit_wolf` (default up to 500 assets), `factor` (default above), `oas`, `sample`. */
  riskModel?: string | undefined;
  /** Of objectives that need them: `sample` (default), `james_stein`, `equilibrium`; guesses, all of them. */
  expectedReturns?: string | undefined;
  /** Of `mean_variance` and `equilibrium`: 2.5. */
  riskAversion?: number | undefined;
  /** Statistical factors of the risk model `factor`: 10. */
  factors?: number | undefined;
  /** Returns that each estimate is made from; 252, or five years of what comes more seldom. */
  window?: number | undefined;
  /** Dates from the last that an estimate knows to the one whose prices are paid: 1; with 0 both are the same close. */
  delay?: number | undefined;
  /** What an asset returns when its prices have ended: 0, or less, such as -0.3. */
  delistingReturn?: number | undefined;
  /** Of each weight, where the objective holds bounds: 0 and 1. */
  minWeight?: number | undefined;
  maxWeight?: number | undefined;
  /** Largest sum of the sizes of weights below 0: 0; longs are 1 plus it. Where the objective heeds it. */
  maxShort?: number | undefined;
  /** Half of what may be bought and sold at a rebalance, of assets that can be bought, over the value; any where left out. Where heeded. */
  maxTurnover?: number | undefined;
  /** Weights by return and risk less the costs of reaching them, spread over the dates until the next rebalance. Where heeded. */
  costAware?: boolean | undefined;
  /** `auto` takes the returns of splits as 0 unless prices are adjusted, `leave-out` always, `keep` never. */
  splits?: "auto" | "leave-out" | "keep" | undefined;
  /** From the dates, where they say it plainly. */
  periodsPerYear?: number | undefined;
  /** A year, of the Sharpe ratios; cash earns nothing. */
  riskFreeRate?: number | undefined;
  /** Portfolios that were tried before these were chosen, for the deflated Sharpe ratio; those of the run where left out. */
  trials?: number | undefined;
}

export interface Settings {
  /** Those asked for, then the comparisons that are not among them. */
  objectives: readonly { objective: Objective; role: "objective" | "comparison" }[];
  rebalance: Rebalance;
  costs: number;
  riskModel: ReturnType<typeof riskModelNamed>;
  expectedReturns: ReturnType<typeof expectedReturnsNamed>;
  riskAversion: number;
  factors: number;
  window: number;
  delay: number;
  delistingReturn: number;
  bounds: readonly [lower: number, upper: number];
  limits: Limits;
  keepSplits: "adjusted" | "asked" | undefined;
  periodsPerYear: number;
  riskFreeRate: number;
  trials: number | undefined;
}

/** Fewer returns are no window. */
export const shortestWindow = 20;

/** Of an option, in the words that the command line puts its flag into. */
export function optionError(option: string, value: unknown, expected: string, hint: string): TickforgeError {
  const what = `walkForward: option '${option}' is ${String(value)}, expected ${expected}`;
  return new TickforgeError("E_OPTION_RANGE", what, { kernel: "walkForward", option, value, hint });
}

export const fileOf = ({ file }: MarketPrices): string => file ?? "prices";

const wrongArray = (name: string, value: unknown, expected: string) =>
  new TickforgeError("E_DTYPE", `walkForward: prices.${name} is ${said(value)}, expected ${expected}`, { value });

/** Throws unless the arrays are a table of prices of two assets or more. */
export function checkPrices(prices: MarketPrices): void {
  needObject("walkForward: prices", prices);
  const { assets, time, price, volume, open } = prices;
  needArray("walkForward: prices.assets", assets);
  for (const [name, values] of Object.entries({ price, volume, open }))
    if (!(values instanceof Float64Array) && (values !== undefined || name === "price")) throw wrongArray(name, values, "a Float64Array");
  if (!(time instanceof BigInt64Array)) throw wrongArray("time", time, "a BigInt64Array");
  const file = fileOf(prices);
  if (assets.length < 2)
    throw new DataError("E_TOO_FEW", `${file}: ${assets.length === 1 ? `${assets[0]} is the only asset` : "there is no asset"}`, {
      ...{ file, value: assets.length },
      hint: "a portfolio needs two assets or more",
    });
  const cells = time.length * assets.length;
  for (const [name, values] of Object.entries({ price, volume, open }))
    if (values !== undefined && values.length !== cells)
      throw new DataError(
        "E_LENGTH",
        `${file}: ${name} has ${values.length} values, expected ${time.length} dates of ${assets.length} assets`,
        {
          ...{ file, column: name, value: values.length },
          hint: "a table is one array, date after date",
        },
      );
  checkDates(time, file);
  const bad = price.findIndex((p) => !Number.isNaN(p) && !(p > 0 && p < Infinity));
  if (bad < 0) return;
  const [asset, row] = [assets[bad % assets.length]!, Math.floor(bad / assets.length)];
  throw new DataError("E_BAD_PRICE", `${file}: ${asset} is ${price[bad]} on date ${row}, expected a price above 0`, {
    ...{ file, column: asset, row, value: price[bad] },
    hint: "NaN where there is none",
  });
}

const usualDays = 252;

export function settingsOf(options: WalkForwardOptions, prices: MarketPrices): Settings {
  const { costs = 0.0005, factors = 10, delay = 1, delistingReturn = 0, riskFreeRate = 0, riskAversion = 2.5, trials } = options;
  const asked = typeof options.objective === "string" ? [options.objective] : (options.objective ?? ["minimum_variance"]);
  const rebalance = rebalanceOf(String(options.rebalance ?? "monthly"));
  if (rebalance === undefined)
    throw optionError("rebalance", options.rebalance, `${rebalances}, or a number of dates`, "such as monthly, or 20");
  if (asked.length === 0 || new Set(asked).size < asked.length)
    throw optionError("objective", asked.join(",") || "empty", "names, each once", "such as equal_weight");
  const periodsPerYear = periodsOf(options.periodsPerYear, prices);
  const window = options.window ?? Math.max(shortestWindow, Math.min(usualDays, Math.round(5 * periodsPerYear)));
  const { maxShort: short = 0, maxTurnover: turnover, costAware = false } = options;
  const [least, largest] = [options.minWeight ?? 0, options.maxWeight ?? 1];
  const within = (option: string, value: number, fits: boolean, expected: string, hint: string) => {
    if (!fits) throw optionError(option, value, expected, hint);
  };
  const whole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  within("costs", costs, costs >= 0 && costs <= 0.1, "a share of what is traded in [0, 0.1]", "0.0005 is five basis points");
  within("window", window, whole(window, shortestWindow), `${shortestWindow} or more returns`, "such as 252");
  within("delay", delay, whole(delay, 0) && delay <= 20, "a number of dates from 0 to 20", "1 pays the prices of the next date");
  within("factors", factors, whole(factors, 1) && factors <= window - 3, `1 to ${window - 3}, with a window of ${window}`, "such as 10");
  within("delistingReturn", delistingReturn, delistingReturn >= -1 && delistingReturn <= 0, "a return in [-1, 0]", "-0.3 loses 30 %");
  within("riskFreeRate", riskFreeRate, riskFreeRate > -1 && riskFreeRate <= 10, "a rate a year", "0.03 is 3 %");
  within("riskAversion", riskAversion, riskAversion > 0 && riskAversion <= 1e6, "a number above 0", "2.5; larger holds less risk");
  within("minWeight", least, least >= 0 && least < 1, "a weight in [0, 1)", "such as 0.01");
  within("maxWeight", largest, largest > least && largest <= 1, `a weight above ${least}, at most 1`, "such as 0.1");
  within("maxShort", short, short >= 0 && short <= 10, "a sum of weights from 0 to 10", "0.3 holds at most 30 % short, and 130 % long");
  if (turnover !== undefined)
    within("maxTurnover", turnover, turnover > 0 && turnover <= 20, "a share of the value above 0", "such as 0.1");
  if (typeof costAware !== "boolean") throw optionError("costAware", costAware, "true or false", "true weighs costs against return");
  const bounds = short > 0 ? ([-short, options.maxWeight ?? 1 + short] as const) : ([least, largest] as const);
  const found = withComparisons(asked, prices.assets.length);
  if (trials !== undefined)
    within("trials", trials, whole(trials, found.length), `${found.length} or more: those of the run`, "all that were tried");
  checkBounded(asked, options);
  const limits = { short, turnover, tradeCost: costAware ? costs / datesBetween(rebalance, periodsPerYear) : 0 };
  return {
    ...{
      objectives: found,
      rebalance,
      costs,
      factors,
      window,
      delay,
      delistingReturn,
      bounds,
      limits,
      periodsPerYear,
      riskFreeRate,
      riskAversion,
      trials,
    },
    expectedReturns: expectedReturnsNamed(options.expectedReturns ?? "sample"),
    riskModel: riskModelNamed(options.riskModel ?? usualRiskModel(prices.assets.length), prices.assets.length),
    keepSplits: options.splits === "keep" ? "asked" : options.splits !== "leave-out" && prices.adjusted ? "adjusted" : undefined,
  };
}

/** What `optionError` says of a bound that so many weights cannot meet and sum to 1. */
export function impossibleBound(count: number, [lower, upper]: Settings["bounds"]): Parameters<typeof optionError> | undefined {
  const off = 1e-12; // ten times 0.1
  if (count * upper < 1 - off)
    return ["maxWeight", upper, `${1 / count} or more: ${count} assets must reach 1`, "raise it, or leave it out"];
  if (count * lower > 1 + off)
    return ["minWeight", lower, `${1 / count} or less: ${count} assets must not pass 1`, "lower it, or leave it out"];
  return undefined;
}

/** Throws where a bound or limit is given that one of the objectives does not hold, or that another one rules out. */
export function checkBounded(asked: readonly string[], options: WalkForwardOptions): void {
  const refuse = (option: string, what: string, hint: string) => {
    const said = `walkForward: option '${option}' is given, and ${what}`;
    throw new TickforgeError("E_OPTIONS", said, { kernel: "walkForward", option, hint });
  };
  const { minWeight, maxWeight, maxShort } = options;
  const bound = minWeight !== undefined ? "minWeight" : maxWeight !== undefined ? "maxWeight" : undefined;
  const boundless = asked.find((name) => !objectiveNamed(name).bounded);
  if (bound !== undefined && boundless !== undefined)
    refuse(bound, `${boundless} holds no bounds`, "leave the bounds out, or choose another objective");
  for (const limit of ["maxShort", "maxTurnover", "costAware"] as const) {
    const without = options[limit] ? asked.find((name) => !objectiveNamed(name).heeds?.includes(limit)) : undefined;
    const heeding = objectives.filter(({ heeds }) => heeds?.includes(limit)).map(({ name }) => name);
    if (without !== undefined) refuse(limit, `${without} does not heed it`, `of ${heeding.join(" and ")} it is heeded`);
  }
  if (maxShort && minWeight !== undefined)
    refuse("maxShort", `a least weight (minWeight) of ${minWeight} leaves none below 0`, "leave one of them out");
}

function withComparisons(asked: readonly string[], assets: number): Settings["objectives"] {
  return [
    ...asked.map((name) => ({ objective: objectiveNamed(name, assets), role: "objective" as const })),
    ...comparisons
      .filter((name) => !asked.includes(name))
      .map((name) => ({ objective: objectiveNamed(name, assets), role: "comparison" as const })),
  ];
}

function periodsOf(given: number | undefined, prices: MarketPrices): number {
  if (given !== undefined) {
    if (given > 0 && given <= 1e9) return given;
    throw optionError("periodsPerYear", given, "a number above 0", "252 for trading days");
  }
  const plain = plainPeriods(prices.time);
  if (plain) return plain.periods;
  throw new TickforgeError("E_OPTION_MISSING", "walkForward: option 'periodsPerYear' is needed: the dates do not say it plainly", {
    ...{ kernel: "walkForward", option: "periodsPerYear" },
    hint: "252 for trading days, 365 for every day, 52 for weeks, 12 for months",
  });
}
