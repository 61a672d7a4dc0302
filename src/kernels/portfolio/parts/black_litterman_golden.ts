/**
 * Published tables of Black-Litterman posteriors. Inputs and results of He & Litterman's tables 1, 2, 4 and 5 are also those that lakshmiDRIP/DROP sets
 * its engine against (org.drip.sample.helitterman, Table4Reconciler and Table5Reconciler); Idzorek's, but for the variance 0.059852 that is
 * misprinted there as 0.059582, those of its org.drip.sample.idzorek: with the former his tables 4 and 6 come out to the last digit.
 */
import type { Golden } from "../../../core/contract/contract.js";

/** He & Litterman (1999), table 1 and 2: Australia, Canada, France, Germany, Japan, United Kingdom, United States. */
const volatility = [0.16, 0.203, 0.248, 0.271, 0.21, 0.2, 0.187];
const correlations = [
  [],
  [0.488],
  [0.478, 0.664],
  [0.515, 0.655, 0.861],
  [0.439, 0.31, 0.355, 0.354],
  [0.512, 0.608, 0.783, 0.777, 0.405],
  [0.491, 0.779, 0.668, 0.653, 0.306, 0.652],
];
const correlation = (i: number, j: number): number => (i === j ? 1 : correlations[Math.max(i, j)]![Math.min(i, j)]!);
const sevenCountries = volatility.flatMap((a, i) => volatility.map((b, j) => a * b * correlation(i, j)));

const germany = [0, 0, -0.295, 1, 0, -0.705, 0];
const canada = [0, 1, 0, 0, 0, 0, -1];
const marketWeights = [0.016, 0.022, 0.052, 0.055, 0.116, 0.124, 0.615];
const prior = [0.039, 0.069, 0.084, 0.09, 0.043, 0.068, 0.076];
/** To the paper's one decimal of a percentage. */
const decimals = { relative: 5.1e-4, floor: 1 } as const;

export const heLitterman: readonly Golden[] = [
  {
    source: "He & Litterman (1999), tables 2 and 4: Germany outperforms the rest of Europe by 5 %, as sure as the prior is of it",
    inputs: { covariance: sevenCountries, marketWeights, views: germany, viewReturns: [0.05], confidence: [0.5] },
    options: { assets: 7, riskAversion: 2.5, tau: 0.05 },
    outputs: { prior, mean: [0.043, 0.076, 0.093, 0.11, 0.045, 0.07, 0.081] },
    ...decimals,
  },
  {
    source: "He & Litterman (1999), table 5: and Canada outperforms the United States by 3 %",
    inputs: {
      covariance: sevenCountries,
      marketWeights,
      views: [...germany, ...canada],
      viewReturns: [0.05, 0.03],
      confidence: [0.5, 0.5],
    },
    options: { assets: 7, riskAversion: 2.5, tau: 0.05 },
    outputs: { prior, mean: [0.044, 0.087, 0.095, 0.112, 0.046, 0.07, 0.075] },
    ...decimals,
  },
];

/** Idzorek (2005), table 5, as printed: bonds of the US and abroad, large growth, large value, small growth, small value, developed and emerging markets. */
const eightAssets = [
  0.001005, 0.001328, -0.000579, -0.000675, 0.000121, 0.000128, -0.000445, -0.000437, 0.001328, 0.007277, -0.001307, -0.00061, -0.002237,
  -0.000989, 0.001442, -0.001535, -0.000579, -0.001307, 0.059852, 0.027588, 0.063497, 0.023036, 0.032967, 0.048039, -0.000675, -0.00061,
  0.027588, 0.029609, 0.026572, 0.021465, 0.020697, 0.029854, 0.000121, -0.002237, 0.063497, 0.026572, 0.102488, 0.042744, 0.039943,
  0.065994, 0.000128, -0.000989, 0.023036, 0.021465, 0.042744, 0.032056, 0.019881, 0.032235, -0.000445, 0.001442, 0.032967, 0.020697,
  0.039943, 0.019881, 0.028355, 0.035064, -0.000437, -0.001535, 0.048039, 0.029854, 0.065994, 0.032235, 0.035064, 0.079958,
];
const idzorekInputs = {
  covariance: eightAssets,
  marketWeights: [0.1934, 0.2613, 0.1209, 0.1209, 0.0134, 0.0134, 0.2418, 0.0349],
  views: [0, 0, 0, 0, 0, 0, 1, 0, -1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0.9, -0.9, 0.1, -0.1, 0, 0],
  viewReturns: [0.0525, 0.0025, 0.02],
} as const;

export const idzorek: Golden = {
  source:
    "Idzorek (2005), tables 1, 4 and 6 (two decimals of a percentage, of a covariance printed to six): Omega = diag(tau p covariance p')",
  inputs: { ...idzorekInputs, viewVariance: [0.000709, 0.000141, 0.000866] },
  options: { assets: 8, riskAversion: 3.07, tau: 0.025 },
  outputs: {
    prior: [0.0008, 0.0067, 0.0641, 0.0408, 0.0743, 0.037, 0.048, 0.066],
    mean: [0.0007, 0.005, 0.065, 0.0432, 0.0759, 0.0394, 0.0493, 0.0684],
  },
  relative: 1.6e-4,
  floor: 1,
};

export const idzorekConfident: Golden = {
  source:
    "Idzorek (2005), the eight steps of his new method on the same views with confidences 25 %, 50 % and 65 %, each omega found by scipy 1.17.1 minimize_scalar, posterior in numpy 2.4.6",
  inputs: { ...idzorekInputs, confidence: [0.25, 0.5, 0.65] },
  options: { assets: 8, riskAversion: 3.07, tau: 0.025 },
  outputs: {
    omega: [0.0021266250055931054, 0.0001406500000000011, 0.00046610751996568775],
    mean: [
      0.0006930906469947216, 0.004970958058194239, 0.06276135827626995, 0.0421725214150455, 0.07317187657351451, 0.03830044753962242,
      0.04767683416240397, 0.06625617743597954,
    ],
  },
  relative: 1e-7,
  floor: 1e-2,
};
