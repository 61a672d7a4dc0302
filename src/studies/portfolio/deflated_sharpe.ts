/** The Sharpe ratio of a portfolio beside that of the luckiest of several that are worth nothing. */
import { normalCdf } from "../../kernels/math/normal_cdf.js";
import { normalQuantile } from "../../kernels/math/normal_quantile.js";

/** Of a series of returns of one period. */
export interface Moments {
  count: number;
  /** Mean over deviation. */
  sharpe: number;
  skewness: number;
  /** 3 for normal returns. */
  kurtosis: number;
}

/** The constant of Euler and Mascheroni. */
const gamma = 0.5772156649015329;

const quantile = (p: number): number => normalQuantile({ probability: Float64Array.of(p) }).x[0]!;
const cdf = (x: number): number => normalCdf({ x: Float64Array.of(x) }).probability[0]!;

/** Moments about the mean, each with the divisor of the count but for the deviation of the Sharpe ratio, which has one less. */
export function momentsOf(excess: Float64Array): Moments {
  const count = excess.length;
  const mean = excess.reduce((a, b) => a + b, 0) / count;
  let [second, third, fourth] = [0, 0, 0];
  for (const value of excess) {
    const d = value - mean;
    second += d * d;
    third += d * d * d;
    fourth += d * d * d * d;
  }
  const variance = second / count;
  return {
    ...{ count, sharpe: mean / Math.sqrt(second / (count - 1)) },
    ...{ skewness: third / count / variance ** 1.5, kurtosis: fourth / count / variance ** 2 },
  };
}

/**
 * Probability that the true Sharpe ratio is above `benchmark`, all of one period; NaN where the moments leave no variance of the estimate.
 * Bailey & Lopez de Prado (2012), J. Risk 15(2), eq. 11.
 */
export function probabilisticSharpe({ count, sharpe, skewness, kurtosis }: Moments, benchmark: number): number {
  const variance = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe;
  return variance > 0 ? cdf(((sharpe - benchmark) * Math.sqrt(count - 1)) / Math.sqrt(variance)) : Number.NaN;
}

/**
 * Sharpe ratio that the largest of `trials` estimates is expected to have where all true ones are 0 and the estimates have the variance given;
 * 0 of one trial. Bailey & Lopez de Prado (2014), J. Portf. Manag. 40(5), eq. 1.
 */
export function luckiestSharpe(variance: number, trials: number): number {
  if (trials <= 1) return 0;
  return Math.sqrt(variance) * ((1 - gamma) * quantile(1 - 1 / trials) + gamma * quantile(1 - 1 / (trials * Math.E)));
}
