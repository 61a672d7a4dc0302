/**
 * A flash crash in phases, after that of 6 May 2010: a large seller, then liquidity that is withdrawn while sellers trade with each
 * other, a pause of trading, and a recovery that stays below the beginning (CFTC & SEC 2010, Findings regarding the market events
 * of May 6, 2010; Kirilenko, Kyle, Samadi & Tuzun 2017, J. Finance 72(3)). What it is not: nobody in it decides anything; how far the
 * price falls is an option, and when, a table.
 */

export interface Phase {
  readonly seconds: number;
  /** Trades and quotes, as a multiple of those in quiet times. */
  readonly rate: number;
  /** Share of trades that buyers begin. */
  readonly buy: number;
  /** Where the price stands at the end: 0 as before, -1 at the bottom. */
  readonly level: number;
  /** Multiples of spread and depth of quiet times. */
  readonly spread: number;
  readonly depth: number;
  /** What an event moves the price by, as a multiple of that in quiet times. */
  readonly noise: number;
}

export const quiet: Phase = { seconds: Infinity, rate: 1, buy: 0.5, level: 0, spread: 1, depth: 1, noise: 1 };
export const phases: readonly Phase[] = [
  { seconds: 45, rate: 2.5, buy: 0.3, level: -0.1, spread: 2, depth: 0.5, noise: 1.5 },
  { seconds: 20, rate: 10, buy: 0.1, level: -1, spread: 6, depth: 0.06, noise: 4 },
  { seconds: 5, rate: 0.3, buy: 0.5, level: -0.97, spread: 10, depth: 0.04, noise: 4 },
  { seconds: 60, rate: 5, buy: 0.62, level: -0.6, spread: 4, depth: 0.2, noise: 2.5 },
  { seconds: 240, rate: 2, buy: 0.53, level: -0.42, spread: 2, depth: 0.6, noise: 1.5 },
];
export const crashSeconds = phases.reduce((sum, { seconds }) => sum + seconds, 0);

/** Level after `seconds` of a phase: it falls faster and faster, and recovers more and more slowly. */
export function levelIn(phase: number, seconds: number): number {
  const { seconds: length, level } = phases[phase]!;
  const before = phase === 0 ? 0 : phases[phase - 1]!.level;
  const part = Math.min(1, seconds / length);
  return before + (level - before) * (level < before ? part * part : part * (2 - part));
}
