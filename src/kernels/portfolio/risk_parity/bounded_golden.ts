/** Budgets of risk between bounds, by another method. */
import type { Golden } from "../../../core/contract/contract.js";

/** Richard & Roncalli (2019), the eight assets of section 5: volatilities, correlations. */
const volatility = [0.05, 0.05, 0.07, 0.1, 0.15, 0.15, 0.15, 0.18];
const correlations = [
  [],
  [0.8],
  [0.6, 0.4],
  [-0.2, -0.2, 0.5],
  [-0.1, -0.2, 0.3, 0.6],
  [-0.2, -0.1, 0.2, 0.6, 0.9],
  [-0.2, -0.2, 0.2, 0.5, 0.7, 0.6],
  [-0.2, -0.2, 0.3, 0.6, 0.7, 0.7, 0.7],
];
const correlation = (i: number, j: number): number => (i === j ? 1 : correlations[Math.max(i, j)]![Math.min(i, j)]!);
const covariance = volatility.flatMap((a, i) => volatility.map((b, j) => a * b * correlation(i, j)));

const source = "the same programme by L-BFGS-B and projected Newton steps, its multiplier by brentq, in numpy 2.4.6 and scipy 1.17.1";
const accuracy = { relative: 1e-9, floor: 0 } as const;
const rest = 0.137672462073085;

export const boundedGolden: readonly Golden[] = [
  {
    source: `${source}: the assets of Richard & Roncalli (2019), 5 % to 25 % of each`,
    inputs: { covariance, lower: new Array(8).fill(0.05), upper: new Array(8).fill(0.25) },
    options: { assets: 8 },
    outputs: {
      weights: [
        ...[0.25, 0.25, 0.136631010791004, 0.106814343023335, 0.062063079702549, 0.065472219667563, 0.072950070272345],
        0.056069276543203,
      ],
      share: [0.091463574583489, 0.082501652978004, rest, rest, rest, rest, rest, rest],
      bound: [1, 1, 0, 0, 0, 0, 0, 0],
      volatility: [0.05095759721499075],
      status: [3],
    },
    ...accuracy,
  },
  {
    source: `${source}: the same, at upper bounds and at lower ones`,
    inputs: { covariance, lower: [0, 0, 0, 0, 0.1, 0, 0, 0.08], upper: [0.2, 0.3, 1, 1, 1, 1, 1, 1] },
    options: { assets: 8 },
    outputs: {
      weights: [0.2, 0.3, 0.120119313325052, 0.08931600691297, 0.1, 0.051647182894754, 0.058917496867224, 0.08],
      bound: [1, 1, 0, 0, -1, 0, 0, -1],
      volatility: [0.05349558856035263],
      status: [3],
    },
    ...accuracy,
  },
  {
    source: `${source}: the second example of Maillard, Roncalli & Teiletche (2010) with budgets 4 to 1`,
    inputs: {
      covariance: [0.01, 0.016, 0, 0, 0.016, 0.04, 0, 0, 0, 0, 0.09, -0.06, 0, 0, -0.06, 0.16],
      ...{ budget: [4, 3, 2, 1], lower: [0, 0.25, 0, 0], upper: [0.4, 1, 1, 1] },
    },
    outputs: {
      weights: [0.4, 0.25, 0.214421007625347, 0.135578992374653],
      share: [0.293836202350648, 0.376477634261767, 0.219790775591723, 0.109895387795862],
      volatility: [0.10435718075337287],
    },
    ...accuracy,
  },
  {
    source: "hand calculation: bounds of 0.4 hold two assets to 0.8",
    inputs: { covariance: [1, 0, 0, 1], upper: [0.4, 0.4] },
    options: { assets: 2 },
    outputs: { status: [4], weights: [Number.NaN, Number.NaN], share: [Number.NaN, Number.NaN], bound: [0, 0] },
    relative: 0,
  },
];
