/** Ranks of a date's cross-section, and what the kernels that are made of them share. */
import { assetsParam, type Numbers, panelBench, panelSizes, rowOf, samplePanel, sampleUniverse } from "./panel.js";

/** Values of the universe, infinities among them; NaN for the others. */
export const membership = (x: readonly number[], universe: Numbers | undefined, date: number): number[] =>
  x.map((value, i) => (universe?.[date * x.length + i] === 0 ? Number.NaN : value));

/** Position of each value in rising order from 1 on, ties at their average; NaN for NaN. */
export function averageRanks(x: readonly number[]): number[] {
  const sorted = x.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const first = new Map<number, number>();
  const level = new Map<number, number>();
  for (const [i, value] of sorted.entries()) {
    if (!first.has(value)) first.set(value, i);
    level.set(value, (level.get(value) ?? 0) + 1);
  }
  return x.map((value) => first.get(value)! + (level.get(value)! + 1) / 2);
}

/** Ranks over count + 1; NaN for NaN and outside the universe. */
export function rankShares(values: Numbers, assets: number, universe: Numbers | undefined, date: number): number[] {
  const ranks = averageRanks(membership(rowOf(values, assets, date), universe, date));
  const count = ranks.filter((r) => !Number.isNaN(r)).length;
  return ranks.map((r) => r / (count + 1));
}

/** Three dates of five assets with ties, a hole and infinities, for golden numbers. */
export const tiedRows = [3.1, -2.4, 0.7, 0.7, 1.1, 5, Number.NaN, -1, 5, 40, 5, 5, 5, -Infinity, Infinity] as const;

type Options = Readonly<Record<string, any>>;

/** What such kernels share beside their output; among the sizes one whose values differ in their last bits alone. */
export const ranked = {
  rows: "date",
  params: { assets: assetsParam },
  state: {},
  workspace: true,
  sample: ({ date = 0, close = 0 }: Readonly<Record<string, number>>, random: () => number, { assets }: Options) => ({
    values: samplePanel(date, assets, random).map((x) => (close ? 1 + 1e-12 * Math.abs(x) : x)),
    universe: sampleUniverse(date, assets, random),
  }),
  parity: [
    ...panelSizes,
    { dims: { date: 6, close: 1 }, options: { assets: 300 } },
    { dims: { date: 6 }, options: { assets: 64 }, without: ["universe"] },
  ],
  bench: panelBench.map((one) => ({ ...one, without: ["universe"] })),
  example: { assets: 5 },
} as const;
