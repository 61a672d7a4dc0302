/** Conventions that all tail measures share: what VaR and ES of a set of losses are. */

/** 1 - confidence without the dust of the subtraction: 1 - 0.95 is 0.05. */
export const tailProbability = (confidence: number): number => Math.floor((1 - confidence) * 1e12 + 0.5) / 1e12;

/** Counts that are whole but for rounding are whole. */
const dust = 1e-9;

export type Quantile = "linear" | "order";
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
  const risk = quantile === "linear" ? interpolated(losses, alpha * (rows - 1)) : losses[Math.max(1, Math.ceil(alpha * rows - dust)) - 1]!;
  return { risk, shortfall: tail === "exact" ? worstMean(losses, alpha * rows) : meanBeyond(losses, risk) };
}

/** Hyndman & Fan (1996), type 7: between the two losses around `place`, counted from 0. */
function interpolated(losses: Float64Array, place: number): number {
  const below = Math.floor(place + dust);
  const share = Math.max(0, place - below);
  const next = losses[Math.min(below + 1, losses.length - 1)]!;
  return losses[below]! + share * (next - losses[below]!);
}

/** Mean of the worst `count` losses, the border one counted in part: Rockafellar & Uryasev (2002), proposition 8. */
function worstMean(losses: Float64Array, count: number): number {
  const whole = Math.floor(count + dust);
  const part = count - whole > dust ? count - whole : 0;
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
    if (reached + weights[i]! >= Math.max(alpha - dust / rows, alpha / 2)) {
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
