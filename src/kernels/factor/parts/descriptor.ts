/** Styles that are weighted means of scored descriptors: Barra's way of building one exposure from several ratios. */
import type { RealView } from "../../../core/contract/contract.js";
import {
  assetsParam,
  type Numbers,
  panel,
  panelBench,
  panelSizes,
  rowOf,
  samplePanel,
  scoresOf,
  styleScores,
  tailParam,
  universeInput,
} from "./panel.js";

export interface Descriptor {
  row: readonly number[];
  weight: number;
}

/** Weighted mean of the scores that are there, standardized once more. */
export function blend(descriptors: readonly Descriptor[], date: number, universe: Numbers | undefined, tail: number): number[] {
  const scored = descriptors.map(({ row, weight }) => ({ z: styleScores(row, date, { universe }, tail), weight }));
  const mean = scored[0]!.z.map((_, i) => {
    const there = scored.filter(({ z, weight }) => weight > 0 && !Number.isNaN(z[i]!));
    const total = there.reduce((sum, { weight }) => sum + weight, 0);
    return there.reduce((sum, { z, weight }) => sum + weight * z[i]!, 0) / total;
  });
  return scoresOf(mean, mean, date, { universe }, "mean");
}

/** Scores of every date from panels of descriptors; those left out have no part in them. */
export function blendPanels(
  given: readonly (readonly [Numbers | undefined, number])[],
  { assets, tail }: { assets: number; tail: number },
  universe: Numbers | undefined,
  score: RealView,
): void {
  for (let t = 0; t * assets < score.length; t++) {
    const rows = given.flatMap(([values, weight]): Descriptor[] => (values ? [{ row: rowOf(values, assets, t), weight }] : []));
    score.set(blend(rows, t, universe, tail), t * assets);
  }
}

export const optionalPanel = (unit: string, doc: string) => ({ ...panel(unit, doc), optional: true }) as const;

export const weightParam = (value: number, of: string) =>
  ({ type: "f64", min: 0, max: 1, default: value, unit: "share", doc: `weight of ${of}` }) as const;

export const universe = universeInput;
export const common = { assets: assetsParam, tail: tailParam(0.01) } as const;

export const barra = "Liu, Menchero, Orr & Wang (2011), The Barra US Equity Model (USE4), Empirical Notes, appendix A";
export const rule =
  "Each descriptor is winsorized at `tail` and standardized over the estimation universe; an exposure is the weighted mean of those that " +
  "an asset has, standardized once more; NaN where it has none.";

/** What a style is made orthogonal to, and over which assets. */
export const orthogonalInputs = {
  size: optionalPanel("any", "exposures to size, to which the score is to be orthogonal"),
  weights: optionalPanel(
    "any",
    "weight in that regression, such as the root of capitalization (Barra's); not > 0: no part in it. Left out: equal",
  ),
  universe,
} as const;

export const cne5 = "Orr, Mashtaler & Nagy (2012), The Barra China Equity Model (CNE5), Empirical Notes, appendix A";
/** What a style says that is made orthogonal to others. */
export const orthogonality = (to: string) =>
  `That less what each date's weighted regression on a constant and on ${to}, explains, standardized over the estimation universe, is the score; ` +
  "NaN for an asset that lacks one of these, and for all where no more assets take part than there are regressors.";

/** What such styles share beside inputs, weights and golden numbers. */
export const style = {
  rows: "date",
  state: {},
  outputs: { score: panel("standard deviations", "exposures") },
  workspace: true,
  compare: { score: { f64: { relative: 1e-10, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } } },
  cost: ({ date = 0 }: Readonly<Record<string, number>>, { assets }: Readonly<Record<string, any>>) => ({
    flops: 60 * date * assets,
    bytes: 32 * date * assets,
  }),
  parity: panelSizes,
  bench: panelBench.map((one) => ({ ...one, without: ["universe"] })),
  example: { assets: 6 },
} as const;

/** Amounts above 0, one in eight missing. */
export const sampleAmounts = (dates: number, assets: number, random: () => number): Float64Array =>
  samplePanel(dates, assets, random, 0.12).map((x) => Math.abs(x) + (x === 0 ? 1 : 0));
