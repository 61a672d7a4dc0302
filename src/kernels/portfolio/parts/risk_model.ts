/** The covariance of assets, as every portfolio kernel takes it: whole, as a factor model, or as returns. */
import type { Refusal, Refused } from "../../../core/contract/contract.js";
import { covariance as covarianceOf } from "../../parts/matrix.js";
import { asymmetry, definiteness, smallestEigenvalue } from "./definite.js";

export const assetsParam = { type: "i32", min: 1, max: 100_000, unit: "assets", doc: "number of assets" } as const;

/** Ports of the three forms; they stand one after the other, in this order, so that native/kernels/portfolio/parts/risk_model.h finds all by the first. */
export const riskModelInputs = {
  covariance: {
    dtype: "f64",
    shape: ["assets", "assets"],
    optional: true,
    check: {},
    unit: "ratio^2",
    doc: "covariance of the assets' returns: symmetric, positive semidefinite. One of three forms; the others are the factor model and `returns`. NaN is refused",
  },
  loading: {
    dtype: "f64",
    shape: ["assets", "factor"],
    optional: true,
    check: {},
    unit: "1",
    doc: "exposure of each asset to each factor; with `factorCovariance` and `specificVariance`. The covariance of the assets is never formed. NaN is refused",
  },
  factorCovariance: {
    dtype: "f64",
    shape: ["factor", "factor"],
    optional: true,
    check: {},
    unit: "ratio^2",
    doc: "covariance of the factor returns, as factor_covariance gives it: symmetric, positive semidefinite. Of factors that do not correlate it saves a product of assets x factor^2, the dearest part of a solve from a good start: a model that is used often is turned to such once",
  },
  specificVariance: {
    dtype: "f64",
    shape: ["assets"],
    optional: true,
    check: { min: 0 },
    unit: "ratio^2",
    doc: "variance of each asset that no factor explains, >= 0: the square of what specific_risk gives",
  },
  returns: {
    dtype: "f64",
    shape: ["period", "assets"],
    optional: true,
    check: {},
    unit: "ratio",
    doc: "returns, a row for each period: their sample covariance, divisor periods - 1. At least two periods. NaN is refused",
  },
} as const;

const factorParts = ["loading", "factorCovariance", "specificVariance"] as const;
const forms = "give 'covariance', or 'loading' with 'factorCovariance' and 'specificVariance', or 'returns'";

/** For `refuse` of a contract: exactly one form, and all of it. */
export function refuseRiskModel(given: ReadonlySet<string> | undefined): string | undefined {
  if (given === undefined) return undefined;
  const factor = factorParts.filter((part) => given.has(part));
  const found = [
    ...(given.has("covariance") ? ["'covariance'"] : []),
    ...(factor.length > 0 ? ["a factor model"] : []),
    ...(given.has("returns") ? ["'returns'"] : []),
  ];
  if (found.length === 0) return `no risk model is given: ${forms}`;
  if (found.length > 1) return `${found.join(" and ")} are given, which are different risk models: ${forms}`;
  const absent = factor.length > 0 ? factorParts.find((part) => !given.has(part)) : undefined;
  return absent && `input '${absent}' is missing; a factor model is ${factorParts.join(", ")}`;
}

/** For `needs` of a contract: periods that a sample covariance takes. */
export const riskModelNeeds = () => ({ period: 2 });

type Given = { readonly [K in keyof typeof riskModelInputs]?: Float64Array | undefined };
const size = (matrix: Float64Array) => Math.round(Math.sqrt(matrix.length));

/** The whole covariance, for references; `refused` where it is not symmetric or indefinite. */
export function riskModelOf(given: Given, assets: number): { covariance: Float64Array } | { refused: Refused } {
  const { covariance, loading, factorCovariance, specificVariance, returns } = given;
  if (returns) return { covariance: covarianceOf(returns, assets, 1) };
  const input = covariance ? "covariance" : "factorCovariance";
  const matrix = (covariance ?? factorCovariance)!;
  const n = size(matrix);
  if (asymmetry(matrix, n)) return { refused: { code: "badValue", input, row: 0 } };
  if (definiteness(matrix, n) >= 0) return { refused: { code: "notDefinite", input, row: 0 } };
  const at = (i: number, j: number) => matrix[Math.max(i, j) * n + Math.min(i, j)]!;
  if (covariance) return { covariance: covariance.map((_, k) => at(Math.floor(k / n), k % n)) };
  const pushed = Float64Array.from({ length: assets * n }, (_, k) => {
    let sum = 0;
    for (let b = 0; b < n; b++) sum += loading![k - (k % n) + b]! * at(k % n, b);
    return sum;
  });
  const product = new Float64Array(assets * assets);
  for (let i = 0; i < assets; i++)
    for (let j = 0; j < assets; j++) {
      let sum = i === j ? specificVariance![i]! : 0;
      for (let a = 0; a < n; a++) sum += pushed[i * n + a]! * loading![j * n + a]!;
      product[i * assets + j] = sum;
    }
  return { covariance: product };
}

/** For `explain` of a contract: how far from symmetric, how far below definite, and what to do. */
export function explainRiskModel(input: string, columns: Readonly<Record<string, unknown>>): Refusal | undefined {
  if (input !== "covariance" && input !== "factorCovariance") return undefined;
  const matrix = columns[input] as Float64Array;
  const n = size(matrix);
  if (matrix.some((value) => !Number.isFinite(value))) return undefined;
  const worst = asymmetry(matrix, n);
  if (worst) {
    const { row, column } = worst;
    const [value, other] = [matrix[row * n + column]!, matrix[column * n + row]!];
    return {
      why: `'${input}' is not symmetric: row ${row}, column ${column} is ${value}, row ${column}, column ${row} is ${other}; no two differ by more`,
      hint: "check how it was made; if the difference is meant to be noise, give the mean of the matrix and its transpose",
      row,
      column,
      value,
    };
  }
  const asset = definiteness(matrix, n);
  if (asset < 0) return undefined;
  return {
    why: `'${input}' is indefinite: its smallest eigenvalue is about ${smallestEigenvalue(matrix, n).toPrecision(3)}, so that some portfolio has a negative variance; it shows at row ${asset}`,
    hint: "mend the matrix with nearestPositiveDefinite, estimate it by ledoitWolf, or give 'returns' or a factor model",
    row: asset,
    column: asset,
    value: matrix[asset * n + asset]!,
  };
}
