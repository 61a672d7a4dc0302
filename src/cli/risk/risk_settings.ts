/** Values of the flags of risk -> settings and what is read; what a kernel would refuse is refused here, before anything is. */
import { existsSync } from "node:fs";
import type { PriceOptions } from "../../files/tables/laid_prices.js";
import type { MissingRule } from "../../studies/risk/holes.js";
import { fewestBefore, type RiskSettings } from "../../studies/risk/risk.js";
import { text, type Values } from "../kit/args.js";
import { UsageError } from "../kit/exit.js";
import { type Excluded, excludeOf, priceOptions } from "../kit/price_options.js";

/** What the data may still decide is left open. */
export interface Asked extends Omit<RiskSettings, "periodsPerYear" | "rolling" | "window"> {
  periodsPerYear: number | undefined;
  window: number | undefined;
  rolling: number | undefined;
  missing: MissingRule | undefined;
  splits: "auto" | "leave-out" | "keep";
  exclude: Excluded;
  returns: boolean;
}

/** Returns before each forecast of a back-test: a year of days, or five years of what comes more seldom. */
export const backtestOf = (periodsPerYear: number): number => Math.max(fewestBefore, Math.min(250, Math.round(5 * periodsPerYear)));

export function settingsOf(values: Values): Asked {
  const number = (name: string, fallback: number) => (values[name] as number | undefined) ?? fallback;
  const returns = values.returns === true;
  const settings: Asked = {
    periodsPerYear: values.periodsPerYear as number | undefined,
    confidence: number("confidence", 0.99),
    method: text(values.method) ?? "historical",
    window: values.backtest as number | undefined,
    rolling: values.rolling as number | undefined,
    riskFreeRate: number("riskFreeRate", 0),
    missing: text(values.missing) as MissingRule | undefined,
    splits: (text(values.splits) ?? "auto") as Asked["splits"],
    exclude: excludeOf(values),
    df: number("df", 5),
    seed: values.seed as number | undefined,
    returns,
  };
  if (returns && settings.missing === "ffill")
    throw new UsageError("--missing ffill carries prices on, and --returns reads returns", "--missing drop leaves such dates out");
  checkNumbers(settings);
  return settings;
}

function checkNumbers({ confidence, window, rolling, periodsPerYear, riskFreeRate, df }: Asked): void {
  const outside = (flag: string, value: number, expected: string, hint?: string): never => {
    throw new UsageError(`--${flag} is ${value}, expected ${expected}`, hint);
  };
  if (!(confidence > 0.5 && confidence < 1))
    outside(
      "confidence",
      confidence,
      "a number in (0.5, 1)",
      confidence > 0 && confidence < 0.5
        ? `for the worst ${Number((100 * confidence).toFixed(6))} % give ${Number((1 - confidence).toFixed(12))}`
        : "such as 0.99",
    );
  if (window !== undefined && !(window >= fewestBefore)) outside("backtest", window, `${fewestBefore} or more returns`, "such as 250");
  if (rolling !== undefined && !(rolling >= 2)) outside("rolling", rolling, "2 or more returns");
  if (periodsPerYear !== undefined && !(periodsPerYear > 0 && periodsPerYear <= 1e9))
    outside("periods-per-year", periodsPerYear, "a number above 0", "252 for trading days");
  if (!(riskFreeRate > -1 && riskFreeRate <= 10)) outside("risk-free-rate", riskFreeRate, "a rate a year such as 0.03");
  if (!(df > 2)) outside("df", df, "more than 2, where the variance is finite", "such as 5");
}

export function readingOf(values: Values, { exclude, returns }: Asked): PriceOptions {
  const options = priceOptions(values, exclude);
  const benchmark = text(values.benchmark);
  const { assets } = options;
  const kept = assets && benchmark !== undefined && !existsSync(benchmark) ? [...assets, benchmark] : assets;
  return { ...options, assets: kept && [...new Set(kept)], returns };
}
