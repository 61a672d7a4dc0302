/** Conventions that all tail measures share: what VaR and ES of a set of losses are. */

/** 1 - confidence without the dust of the subtraction: 1 - 0.95 is 0.05. */
export const tailProbability = (confidence: number): number => Math.floor((1 - confidence) * 1e12 + 0.5) / 1e12;

/** Counts that are whole but for rounding are whole. */
export const countDust = 1e-9;

/** Where the quantile of returns at alpha lies, by numpy's names; `order` is its inverted_cdf. */
export const quantiles = ["linear", "order", "hazen", "weibull", "median_unbiased", "lower", "higher"] as const;
export type Quantile = (typeof quantiles)[number];
export type Tail = "exact" | "beyond";
export interface Risk {
  risk: number;
  shortfall: number;
}

export const descending = (losses: Iterable<number>): Float64Array => Float64Array.from(losses).sort((a, b) => b - a);

/** VaR and ES of losses in falling order. NaN where one of them is not finite. */
export function tailRisk(losses: Float64Array, confidence: number, quantile: Quantile, tail: Tail): Risk {
  const rows = losses.length;
  if (rows === 0 || !losses.every(Number.isFinite)) return { risk: Number.NaN, shortfall: Number.NaN };
  const alpha = tailProbability(confidence);
  const risk = interpolated(losses, Math.max(0, placeOf(quantile, alpha, rows)));
  return { risk, shortfall: tail === "exact" ? worstMean(losses, alpha * rows) : meanBeyond(losses, risk) };
}

/** Place of the quantile among falling losses, which is that among rising returns, counted from 0 (Hyndman & Fan 1996, table 1). */
export function placeOf(quantile: Quantile, alpha: number, rows: number): number {
  switch (quantile) {
    case "linear":
      return alpha * (rows - 1);
    case "order":
      return Math.ceil(alpha * rows - countDust) - 1;
    case "hazen":
      return alpha * rows - 0.5;
    case "weibull":
      return alpha * (rows + 1) - 1;
    case "median_unbiased":
      return alpha * rows + (alpha - 2) / 3;
    case "lower":
      return Math.floor(alpha * (rows - 1) + countDust);
    case "higher":
      return Math.ceil(alpha * (rows - 1) - countDust);
  }
}

/** Between the two losses around `place`, counted from 0. */
function interpolated(losses: Float64Array, place: number): number {
  const below = Math.floor(place + countDust);
  const share = Math.max(0, place - below);
  const next = losses[Math.min(below + 1, losses.length - 1)]!;
  return losses[below]! + share * (next - losses[below]!);
}

/** Mean of the worst `count` losses, the border one counted in part: Rockafellar & Uryasev (2002), proposition 8. */
function worstMean(losses: Float64Array, count: number): number {
  const whole = Math.floor(count + countDust);
  const part = count - whole > countDust ? count - whole : 0;
  let sum = 0;
  for (let i = 0; i < whole; i++) sum += losses[i]!;
  if (whole === 0) return losses[0]!;
  return (sum + part * losses[whole]!) / (whole + part);
}

function meanBeyond(losses: Float64Array, risk: number): number {
  const beyond = losses.filter((loss) => loss >= risk);
  return beyond.reduce((sum, loss) => sum + loss, 0) / beyond.length;
}

/** The same where each loss has a weight, which sum to 1: the quantile is the first loss where those so far reach alpha. */
export function weightedTailRisk(losses: readonly number[], weights: readonly number[], confidence: number, tail: Tail): Risk {
  const rows = losses.length;
  if (rows === 0 || !losses.every(Number.isFinite)) return { risk: Number.NaN, shortfall: Number.NaN };
  const alpha = tailProbability(confidence);
  const order = losses.map((_, i) => i).sort((a, b) => losses[b]! - losses[a]!);
  let reached = 0; // weight of the losses before
  let sum = 0;
  for (const i of order) {
    if (reached + weights[i]! >= Math.max(alpha - countDust / rows, alpha / 2)) {
      const risk = losses[i]!;
      const beyond = order.filter((k) => losses[k]! >= risk);
      const total = beyond.reduce((w, k) => w + weights[k]!, 0);
      const exact = (sum + (alpha - reached) * risk) / alpha;
      return { risk, shortfall: tail === "exact" ? exact : beyond.reduce((s, k) => s + weights[k]! * losses[k]!, 0) / total };
    }
    reached += weights[i]!;
    sum += weights[i]! * losses[i]!;
  }
  return { risk: Number.NaN, shortfall: Number.NaN };
}
