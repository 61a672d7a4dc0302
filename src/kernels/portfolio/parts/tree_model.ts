/** What the kernels over trees of assets share: options, the covariance that they take, outputs. */
import type { Refused } from "../../../core/contract/contract.js";
import { asymmetry } from "./definite.js";
import { riskModelInputs } from "./risk_model.js";
import { allRisky, riskyModelInputs, riskyModelOf } from "./risky_model.js";

export const treeInputs = {
  ...riskyModelInputs,
  covariance: {
    ...riskModelInputs.covariance,
    doc:
      "covariance of the assets' returns: symmetric, correlations within [-1, 1]; it is never inverted, so that it may be singular. One of three forms; the others are the " +
      "factor model and `returns`. NaN is refused",
  },
} as const;

export const treeParams = {
  linkage: {
    type: "enum",
    values: ["single", "complete", "average", "ward"],
    default: "single",
    doc: "distance of two clusters: of their nearest assets, their farthest, the mean of all pairs, or by what merging them adds to the sum of squares",
  },
  distance: {
    type: "enum",
    values: ["correlation", "columns"],
    default: "correlation",
    doc: "of two assets: d = sqrt((1 - correlation) / 2), or how far apart their columns of the matrix of these lie, as Lopez de Prado's code has it",
  },
} as const;

export const treeOutputs = {
  weights: { dtype: "f64", shape: ["assets"], unit: "ratio", doc: "of each asset, >= 0; their sum is 1" },
  order: { dtype: "i32", shape: ["assets"], unit: "asset", doc: "assets as the leaves of the tree stand, from left to right" },
  height: {
    dtype: "f64",
    shape: ["assets"],
    unit: "distance",
    doc: "at which each leaf and that right of it come together; NaN for the last",
  },
  tied: {
    dtype: "i32",
    shape: ["assets"],
    unit: "0 or 1",
    doc: "1 for an asset that stands for a merge whose height another merge has too: there the order of the assets decides",
  },
} as const;

/** Whether all distances are held at once, and the most assets for which they are. */
const mostPairs = 5_000;
export const refuseTree = ({ assets, linkage, distance }: Readonly<Record<string, any>>, why?: string): string | undefined =>
  assets > mostPairs && (linkage !== "single" || distance !== "correlation" || why)
    ? `${assets} assets are more than ${mostPairs} for which the distances of all pairs are held, as ${why ?? `linkage '${linkage}' by distance '${distance}'`} asks for: take single linkage by correlation${why ? ", and say how many clusters" : ""}`
    : undefined;

type Given = Parameters<typeof riskyModelOf>[0];

/** The whole covariance, for references; a covariance that came whole need not be definite. */
export function treeModelOf(given: Given, n: number): ReturnType<typeof riskyModelOf> {
  const { covariance } = given;
  if (!covariance) return riskyModelOf(given, n);
  if (asymmetry(covariance, n)) return { refused: { code: "badValue", input: "covariance", row: 0 } };
  const model = allRisky(given, covariance, n);
  if ("refused" in model) return model;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++)
      if (Math.abs(covariance[i * n + j]!) > (1 + 1e-9) * Math.sqrt(covariance[i * n + i]! * covariance[j * n + j]!)) return indefinite;
  return model;
}

/** What a whole covariance is refused with whose correlations leave [-1, 1], or that gives a branch of the tree a variance below 0. */
export const indefinite: { refused: Refused } = { refused: { code: "notDefinite", input: "covariance", row: 0 } };
