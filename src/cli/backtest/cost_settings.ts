/** Values of the flags of costs, in words as simple as those of --fees -> options of the run. */
import type { CostOptions } from "../../backtest/costs/costs.js";
import type { BacktestOptions } from "../../backtest/run/options.js";
import { text, type Values } from "../kit/args.js";
import { UsageError } from "../kit/exit.js";

const shares: Readonly<Record<string, number>> = { bp: 1e-4, "%": 1e-2, "": 1 };

/** `0.5bp`, `5%` or `0.05` as a share; NaN where it is none. */
export function shareOf(part: string | undefined): number {
  const [, number, unit] = /^([+-]?(?:\d+\.?\d*|\.\d+))(bp|%|)$/.exec(part ?? "") ?? [];
  return number === undefined ? Number.NaN : Number((Number(number) * shares[unit!]!).toPrecision(12));
}

/** A number above 0; NaN where it is none. */
const amountOf = (part: string | undefined): number => (/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part ?? "") ? Number(part) : Number.NaN);

/** Values between slashes, at most so many. */
function partsOf(given: string, most: number): string[] {
  const parts = given.split("/");
  return parts.length > most ? [""] : parts;
}

/** `1bp` every eight hours, or `1bp/4h`. */
function fundingOf(given: string): CostOptions["funding"] {
  const [first, second = "8h"] = partsOf(given, 2);
  const rate = shareOf(first);
  const everyHours = Number(/^(\d{1,2})h$/.exec(second)?.[1]);
  if (Math.abs(rate) <= 0.1 && everyHours >= 1 && everyHours <= 24) return { rate, everyHours };
  throw new UsageError(
    `--funding is '${given}', expected a share of what is held, at most 10%, and 1h to 24h`,
    "such as 1bp, which is paid every eight hours, or -0.5bp/4h",
  );
}

/** `5%` a year on what is sold short, or `5%/3%`: and on what is held. */
function borrowOf(given: string): CostOptions["borrow"] {
  const [first, second] = partsOf(given, 2);
  const [short, long] = [shareOf(first), second === undefined ? 0 : shareOf(second)];
  if (short >= 0 && short <= 10 && long >= 0 && long <= 10) return { short, long };
  throw new UsageError(
    `--borrow is '${given}', expected one or two shares a year from 0 to 1000%`,
    "such as 5% on what is sold short, or 5%/3% with what is held",
  );
}

/** `300/10s`. */
function rateOf(given: string): NonNullable<CostOptions["orderRate"]>[number] {
  const [, most, time, unit] = /^(\d{1,7})\/(\d+(?:\.\d+)?)(ms|s|m|min|h)$/.exec(given) ?? [];
  const seconds = Number(time) * ({ ms: 1e-3, s: 1, m: 60, min: 60, h: 3600 }[unit ?? ""] ?? Number.NaN);
  if (Number(most) >= 1 && Number(most) <= 1e6 && seconds > 0) return { most: Number(most), seconds };
  throw new UsageError(`--order-rate is '${given}', expected how many orders in how long`, "such as 300/10s; again for another limit");
}

/** `2%/50000`: the volatility and the volume of a day; `2%/50000/0.8` with the coefficient. */
function impactOf(given: string): CostOptions["impact"] {
  const [first, second, third] = partsOf(given, 3);
  const [dailyVolatility, dailyVolume, coefficient] = [shareOf(first), amountOf(second), third === undefined ? 1 : amountOf(third)];
  if (dailyVolatility >= 0 && dailyVolume > 0 && coefficient >= 0) return { dailyVolatility, dailyVolume, coefficient };
  throw new UsageError(
    `--impact is '${given}', expected the volatility of a day and the units traded in it`,
    "such as 2%/50000, or 2%/50000/0.8 with the coefficient of the law",
  );
}

/** What is not given is left out. */
export function costsOf(values: Values): BacktestOptions["costs"] {
  const { funding, borrow, selfTrade, impact } = values as Record<string, string | undefined>;
  const rates = text(values.orderRate)?.split("\n").map(rateOf);
  const costs: CostOptions = {
    ...(funding !== undefined && { funding: fundingOf(funding)! }),
    ...(borrow !== undefined && { borrow: borrowOf(borrow)! }),
    ...(rates && { orderRate: rates }),
    ...(selfTrade !== undefined && { selfTrade: selfTrade as NonNullable<CostOptions["selfTrade"]> }),
    ...(impact !== undefined && { impact: impactOf(impact)! }),
  };
  return Object.keys(costs).length > 0 ? costs : undefined;
}

/** `5%` of what is held, or `5%/1.2`: and so many times of it where more is to be held. */
export function marginOf(values: Values): BacktestOptions["margin"] {
  const given = text(values.margin);
  if (given === undefined) return undefined;
  const [first, second] = partsOf(given, 2);
  const [priceRange, initialRatio] = [shareOf(first), second === undefined ? undefined : amountOf(second)];
  const fits = initialRatio === undefined || (initialRatio >= 1 && initialRatio <= 100);
  if (priceRange > 0 && priceRange < 0.5 && fits) return { priceRange, ...(initialRatio !== undefined && { initialRatio }) };
  throw new UsageError(
    `--margin is '${given}', expected a share of what is held above 0 and below 50%, and a ratio from 1 to 100`,
    "such as 5%, or 5%/1.2: orders that open need 1.2 times as much",
  );
}
