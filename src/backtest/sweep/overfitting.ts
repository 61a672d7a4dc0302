/** How likely the choice of the best among many runs is luck: combinatorially symmetric cross-validation. */

/** Fewer bars than this in a stretch tell nothing of it. */
const fewestBars = 5;
const fewestStretches = 4;
const mostStretches = 16;

/** Bars that a probability of overfitting needs. */
export const barsNeeded = fewestBars * fewestStretches;

/** Number, mean and sum of squares about it. */
interface Part {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

function partOf(returns: Float64Array, from: number, to: number): Part {
  const count = to - from;
  let mean = 0;
  for (let i = from; i < to; i++) mean += returns[i]! / count;
  let squares = 0;
  for (let i = from; i < to; i++) squares += (returns[i]! - mean) ** 2;
  return { count, mean, squares };
}

/** Sharpe ratio of several parts together; 0 of returns that are all 0. */
function sharpeOf(parts: readonly Part[], places: readonly number[]): number {
  let [count, sum, squares] = [0, 0, 0];
  for (const place of places) {
    count += parts[place]!.count;
    sum += parts[place]!.count * parts[place]!.mean;
  }
  const mean = sum / count;
  for (const place of places) squares += parts[place]!.squares + parts[place]!.count * (parts[place]!.mean - mean) ** 2;
  return mean === 0 ? 0 : mean / Math.sqrt(squares / (count - 1));
}

/** All choices of half the stretches. */
function* halves(stretches: number): Generator<[number[], number[]]> {
  for (let mask = 0; mask < 2 ** stretches; mask++) {
    const chosen: number[] = [];
    const others: number[] = [];
    for (let place = 0; place < stretches; place++) (mask & (1 << place) ? chosen : others).push(place);
    if (chosen.length === others.length) yield [chosen, others];
  }
}

/**
 * Probability that the run with the highest Sharpe ratio in half of the stretches of time is at the median or below it in the other half, over
 * all such halves of up to 16 stretches; equal ones share their ranks. Returns of the same bars of each run; NaN of fewer than two runs and of
 * fewer than 20 bars. Bailey, Borwein, Lopez de Prado & Zhu (2017), J. Comput. Finance 20(4).
 */
export function overfittingOf(runs: readonly Float64Array[]): number {
  const bars = runs[0]?.length ?? 0;
  if (runs.length < 2 || bars < barsNeeded || runs.some(({ length }) => length !== bars)) return Number.NaN;
  const stretches = Math.min(mostStretches, 2 * Math.floor(bars / fewestBars / 2));
  const border = (place: number) => Math.floor((place * bars) / stretches);
  const parts = runs.map((returns) => Array.from({ length: stretches }, (_, i) => partOf(returns, border(i), border(i + 1))));
  let [below, all] = [0, 0];
  for (const [inside, outside] of halves(stretches)) {
    let best = 0;
    let highest = Number.NEGATIVE_INFINITY;
    for (const [run, own] of parts.entries()) {
      const sharpe = sharpeOf(own, inside);
      if (sharpe > highest) [best, highest] = [run, sharpe];
    }
    const later = parts.map((own) => sharpeOf(own, outside));
    let rank = 0.5;
    for (const sharpe of later) rank += sharpe < later[best]! ? 1 : sharpe === later[best]! ? 0.5 : 0;
    if (rank / (runs.length + 1) <= 0.5) below++;
    all++;
  }
  return below / all;
}
