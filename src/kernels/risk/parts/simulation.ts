/** What the kernels over simulated paths share: inputs, random numbers, models of returns, risks with their errors, scratch memory. */
import { uniformPair } from "../../parts/philox.js";
import { spread } from "../../parts/sample.js";
import { normalQuantile } from "../../parts/special.js";
import { lowerFactor } from "../../parts/symmetric.js";
import { confidenceParam } from "./portfolios.js";
import { descending, tailProbability, tailRisk } from "./tail.js";

const optional = (shape: readonly string[], unit: string, doc: string, check = {}) =>
  ({ dtype: "f64", shape, optional: true, check, unit, doc }) as const;

export const modelInputs = {
  mean: optional(["assets"], "ratio", "expected return of each asset; 0 where left out"),
  covariance: optional(
    ["assets", "assets"],
    "ratio^2",
    "of the returns; positive definite, what is above the diagonal is not read. Or left out, and the three that follow given",
  ),
  loadings: optional(["assets", "factors"], "ratio", "return of each asset per return of each factor"),
  factorCovariance: optional(["factors", "factors"], "ratio^2", "of the factors' returns; positive definite"),
  specificVariance: optional(["assets"], "ratio^2", "of the part of each return that no factor explains", { min: 0 }),
} as const;

export const pathParams = {
  assets: { type: "i32", min: 1, max: 30_000, unit: "assets", doc: "columns of weights and of returns" },
  paths: { type: "i32", min: 2, default: 100_000, unit: "paths", doc: "paths to simulate" },
} as const;

export const lawParams = {
  distribution: {
    type: "enum",
    values: ["normal", "student_t"],
    default: "normal",
    doc: "of the returns; the multivariate Student-t has the covariance that is given, whatever `df` is",
  },
  df: { type: "f64", min: 0, max: 1e6, default: 0, doc: "degrees of freedom, > 2; needed for 'student_t'" },
} as const;

export const simulatedParams = { ...pathParams, confidence: confidenceParam } as const;

const result = (unit: string, doc: string) => ({ dtype: "f64", shape: ["portfolio"], unit, doc }) as const;
const money = "of return * weight";
export const simulatedOutputs = {
  var: result(money, "value at risk, Hyndman & Fan type 7 of the simulated losses; a loss is positive. NaN where losses overflow"),
  es: result(money, "expected shortfall: mean of the worst alpha n losses, the border one counted in part"),
  varLow: result(money, "with 95 % probability the exact value at risk is at least this: an order statistic,"),
  varHigh: result(money, "and at most this; the largest loss where the tail has too few to tell"),
  varError: result(money, "standard error of `var`: the width of that interval over 2 * 1.96"),
  esError: result(money, "standard error of `es`"),
} as const;

const close = { f64: { relative: 1e-10, floor: 1e-2 }, f32: { relative: 1e-10, floor: 1e-2 } } as const;
export const simulatedCompare = { var: close, es: close, varLow: close, varHigh: close, varError: close, esError: close } as const;

export interface ModelGiven {
  mean?: ArrayLike<number> | undefined;
  covariance?: ArrayLike<number> | undefined;
  loadings?: ArrayLike<number> | undefined;
  factorCovariance?: ArrayLike<number> | undefined;
  specificVariance?: ArrayLike<number> | undefined;
}
export interface LawOptions {
  distribution: string;
  df: number;
  seed: number;
  stream: number;
}

/** One model in full, and its law. */
export function refuseModel({ distribution, df }: { distribution?: string; df?: number }, given: ReadonlySet<string> | undefined) {
  if (distribution === "student_t" && !(df! > 2))
    return `distribution 'student_t' needs df > 2, where the variance is finite; df is ${df || "not given"}`;
  const parts = ["loadings", "factorCovariance", "specificVariance"];
  const some = parts.filter((part) => given?.has(part));
  if (given && given.has("covariance") === some.length > 0)
    return some.length > 0
      ? `give 'covariance', or ${parts.join(", ")}; not both`
      : `input 'covariance' is missing, or else ${parts.join(", ")}`;
  const absent = some.length > 0 ? parts.find((part) => !some.includes(part)) : undefined;
  return absent && `input '${absent}' is missing; a factor model is ${parts.join(", ")}`;
}

/** Standard normal variables of a path, two a counter. */
export const normals = (path: number, count: number, { seed, stream }: { seed: number; stream: number }): Float64Array =>
  Float64Array.from({ length: count }, (_, j) => normalQuantile(uniformPair(path, j >> 1, seed, stream)[j % 2]!));

/** A chi-square variable with `df` > 2 degrees of freedom: Marsaglia & Tsang (2000), ACM Trans. Math. Softw. 26(3). */
function chiSquare(path: number, { df, seed, stream }: LawOptions): number {
  const d = df / 2 - 1 / 3;
  for (let block = 2 ** 32; ; block++) {
    const [a, b] = uniformPair(path, block, seed, stream);
    const x = normalQuantile(a);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(b) < (x * x) / 2 + d - d * v + d * Math.log(v)) return 2 * d * v;
  }
}

export interface Refused {
  consumed: number;
  produced: number;
  refused: { code: "notDefinite"; input: string; row: number };
}
export interface Model {
  /** Independent standard normal variables of a path. */
  variables: number;
  /** Returns of the assets on a path. */
  returns(path: number): Float64Array;
}

/** mean + L z, or mean + B F z + d e, e behind the factors' z. */
export function modelOf({ mean, covariance, loadings, factorCovariance, specificVariance }: ModelGiven, assets: number, law: LawOptions) {
  const size = covariance ? assets : loadings!.length / assets;
  const { lower, failed } = lowerFactor(covariance ?? factorCovariance!, size);
  if (failed >= 0) {
    const input = covariance ? "covariance" : "factorCovariance";
    return { consumed: 0, produced: 0, refused: { code: "notDefinite", input, row: failed * (size + 1) } } satisfies Refused;
  }
  const times = (row: number, z: Float64Array) => z.subarray(0, size).reduce((sum, x, k) => sum + lower[row * size + k]! * x, 0);
  const variables = covariance ? assets : size + assets;
  const model: Model = {
    variables,
    returns(path) {
      const z = normals(path, variables, law);
      const scale = law.distribution === "normal" ? 1 : Math.sqrt((law.df - 2) / chiSquare(path, law));
      const factors = Float64Array.from({ length: size }, (_, k) => times(k, z));
      return Float64Array.from({ length: assets }, (_, i) => {
        if (covariance) return (mean?.[i] ?? 0) + scale * factors[i]!;
        const common = factors.reduce((sum, f, k) => sum + loadings![i * size + k]! * f, 0);
        return (mean?.[i] ?? 0) + scale * (common + Math.sqrt(specificVariance![i]!) * z[size + i]!);
      });
    },
  };
  return model;
}

const deviations = 1.959963984540054;

/** VaR and ES of independent simulated losses; the interval of the VaR from order statistics, the error of the ES as Hong & Liu (2009) have it. */
export function simulatedRisk(losses: Float64Array, confidence: number) {
  const n = losses.length;
  const falling = descending(losses);
  const { risk: value, shortfall } = tailRisk(falling, confidence, "linear", "exact");
  if (Number.isNaN(value)) return { var: value, es: value, varLow: value, varHigh: value, varError: value, esError: value };
  const alpha = tailProbability(confidence);
  const width = deviations * Math.sqrt(n * alpha * (1 - alpha));
  const place = (k: number) => falling[Math.min(Math.max(k, 1), n) - 1]!;
  const [varLow, varHigh] = [place(Math.ceil(alpha * n + width) + 1), place(Math.floor(alpha * n - width))];
  const excess = falling.map((loss) => Math.max(loss - value, 0));
  const first = excess.reduce((sum, x) => sum + x, 0) / n;
  const second = excess.reduce((sum, x) => sum + x * x, 0) / n;
  const esError = Math.sqrt(Math.max(second - first * first, 0) / n) / alpha;
  return { var: value, es: shortfall, varLow, varHigh, varError: (varHigh - varLow) / (2 * deviations), esError };
}

/** The six outputs of each portfolio, from its losses. */
export function tellRisks(all: readonly Float64Array[], confidence: number, out: Readonly<Record<string, Float64Array>>): void {
  all.forEach((losses, p) => {
    for (const [key, value] of Object.entries(simulatedRisk(losses, confidence))) out[key]![p] = value;
  });
}

export const covarianceOnly = ["loadings", "factorCovariance", "specificVariance"] as const;
export const factorsOnly = ["covariance"] as const;

/** Assets of six decades of size and one that hardly moves; both a covariance and the factor model that it comes from. */
export function sampleModel(assets: number, random: () => number, factors = 2) {
  const size = Array.from({ length: assets }, (_, i) => (i === 2 ? 1e-6 : 0.01) * spread(random));
  const loadings = Float64Array.from({ length: assets * factors }, (_, k) => size[Math.floor(k / factors)]! * (random() - 0.3));
  const factorCovariance = Float64Array.from({ length: factors * factors }, (_, k) => (k % (factors + 1) === 0 ? 1 + 0.3 * random() : 0.2));
  const specificVariance = Float64Array.from({ length: assets }, (_, i) => (i === 1 ? 0 : (size[i]! * (0.2 + random())) ** 2));
  const covariance = Float64Array.from({ length: assets * assets }, (_, k) => {
    const [i, j] = [Math.floor(k / assets), k % assets];
    let sum = i === j ? specificVariance[i]! + (0.1 * size[i]!) ** 2 : 0;
    for (let a = 0; a < factors; a++)
      for (let b = 0; b < factors; b++)
        sum += loadings[i * factors + a]! * factorCovariance[Math.max(a, b) * factors + Math.min(a, b)]! * loadings[j * factors + b]!;
    return sum;
  });
  const mean = Float64Array.from({ length: assets }, (_, i) => 0.1 * size[i]! * random());
  return { size, inputs: { mean, covariance, loadings, factorCovariance, specificVariance } };
}
