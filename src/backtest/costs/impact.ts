/** What an order larger than what was there would have moved: the recorded market cannot answer it. */
import { needObject } from "../../core/contract/arguments.js";
import { TickforgeError } from "../../core/contract/errors.js";

/**
 * The square-root law: an order of `Q` units moves the price by coefficient * volatility * sqrt(Q / volume), as a share of it (Toth, Lemperiere,
 * Deremble, de Lataillade, Kockelkoren & Bouchaud 2011, Phys. Rev. X 1, 021006). Its fills pay two thirds of that in the mean.
 */
export interface ImpactOptions {
  /** Standard deviation of the return of a day. */
  readonly dailyVolatility: number;
  /** Units traded in a day. */
  readonly dailyVolume: number;
  /** Near 1 in most markets, which is the default. */
  readonly coefficient?: number;
}

/** Of the move at the end, paid in the mean: the integral of sqrt(q) from 0 to Q over Q * sqrt(Q). */
const meanOfMove = 2 / 3;

interface TakenOrder {
  readonly size: number;
  readonly there: number;
  readonly mid: number;
  readonly paid: number;
}

/** In currency, 0 or above: what the law says beside what the fills cost already, where the order was larger than what stood at the best price. */
export function impactOf(options: ImpactOptions, { size, there, mid, paid }: TakenOrder): number {
  const { dailyVolatility, dailyVolume, coefficient = 1 } = options;
  if (!(size > there) || !Number.isFinite(mid)) return 0;
  const law = meanOfMove * coefficient * dailyVolatility * Math.sqrt(size / dailyVolume) * mid * size;
  return Math.max(0, law - Math.max(0, paid));
}

/** Throws where an option is wrong. */
export function checkImpact(options: ImpactOptions): void {
  needObject("costs.impact", options);
  const { dailyVolatility, dailyVolume, coefficient = 1 } = options;
  for (const [name, value, least] of [
    ["dailyVolatility", dailyVolatility, 0],
    ["dailyVolume", dailyVolume, Number.MIN_VALUE],
    ["coefficient", coefficient, 0],
  ] as const)
    if (!(Number.isFinite(value) && value >= least))
      throw new TickforgeError("E_OPTION_RANGE", `impact: ${name} is ${value}, expected ${least > 0 ? "above 0" : "0 or more"}`, {
        option: "impact",
        value,
      });
}
