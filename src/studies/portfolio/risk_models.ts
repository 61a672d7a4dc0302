/** The risk models of a walk: each gives a covariance in one of the forms that the kernels of portfolios take. */
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { asymptoticPca } from "../../kernels/factor/model/asymptotic_pca.js";
import { ledoitWolf } from "../../kernels/risk/covariance/ledoit_wolf.js";
import { oas } from "../../kernels/risk/covariance/oas.js";
import type { Estimate } from "./estimate.js";

/** Of one date, of one period. */
export interface RiskModel {
  /** As the ports of the kernels name them: one of three forms. */
  ports:
    | { covariance: Float64Array }
    | { loading: Float64Array; factorCovariance: Float64Array; specificVariance: Float64Array }
    | { returns: Float64Array };
  /** Of each asset. */
  variance: Float64Array;
  /** Covariance of each asset with a portfolio. */
  times(weights: Float64Array): Float64Array;
}

export interface RiskModelOptions {
  /** Statistical factors, where the model has some. */
  factors: number;
}

interface RiskModelEntry {
  name: string;
  doc: string;
  /** More assets than this are refused before work starts: the covariance would not fit. */
  most: number;
  of(estimate: Estimate, options: RiskModelOptions): RiskModel;
}

/** [asset, asset]: 200 MB. */
const mostDense = 5_000;
const mostAssets = 100_000;

function dense(covariance: Float64Array, count: number): RiskModel {
  return {
    ports: { covariance },
    variance: Float64Array.from({ length: count }, (_, i) => covariance[i * count + i]!),
    times: (weights) =>
      Float64Array.from({ length: count }, (_, i) => {
        let sum = 0;
        for (let j = 0; j < count; j++) sum += covariance[i * count + j]! * weights[j]!;
        return sum;
      }),
  };
}

/** D'(D w) / (periods - 1), D the returns less their means: never a matrix of assets by assets. */
function sample({ returns, mean, assets }: Estimate): RiskModel {
  const count = assets.length;
  const periods = returns.length / count;
  const variance = new Float64Array(count);
  for (let t = 0; t < periods; t++)
    for (let i = 0; i < count; i++) variance[i]! += (returns[t * count + i]! - mean[i]!) ** 2 / (periods - 1);
  const times = (weights: Float64Array) => {
    const found = new Float64Array(count);
    for (let t = 0; t < periods; t++) {
      let own = 0;
      for (let i = 0; i < count; i++) own += (returns[t * count + i]! - mean[i]!) * weights[i]!;
      for (let i = 0; i < count; i++) found[i]! += ((returns[t * count + i]! - mean[i]!) * own) / (periods - 1);
    }
    return found;
  };
  return { ports: { returns }, variance, times };
}

/** Statistical factors of variance 1 and what they leave; both about the means, so a period is lost to these and one to each factor. */
function factor({ returns, assets }: Estimate, { factors }: RiskModelOptions): RiskModel {
  const count = assets.length;
  const periods = returns.length / count;
  const components = Math.min(factors, count, periods - 2);
  const { loadings, specific } = asymptoticPca({ returns }, { assets: count, components });
  const loading = new Float64Array(count * components);
  // A factor that the returns do not have is NaN.
  for (let k = 0; k < components; k++)
    for (let i = 0; i < count; i++) loading[i * components + k] = Number.isNaN(loadings[k * count + i]!) ? 0 : loadings[k * count + i]!;
  const scale = periods / (periods - 1);
  const factorCovariance = new Float64Array(components * components);
  for (let k = 0; k < components; k++) factorCovariance[k * components + k] = scale;
  const specificVariance = specific.map((s) => (s * periods) / (periods - 1 - components));
  const exposures = (weights: Float64Array) =>
    Float64Array.from({ length: components }, (_, k) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += loading[i * components + k]! * weights[i]!;
      return sum;
    });
  const common = (i: number, to: (k: number) => number) => {
    let sum = 0;
    for (let k = 0; k < components; k++) sum += loading[i * components + k]! * to(k) * scale;
    return sum;
  };
  return {
    ports: { loading, factorCovariance, specificVariance },
    variance: specificVariance.map((s, i) => s + common(i, (k) => loading[i * components + k]!)),
    times: (weights) => {
      const own = exposures(weights);
      return specificVariance.map((s, i) => s * weights[i]! + common(i, (k) => own[k]!));
    },
  };
}

/** In the order of the help. */
export const riskModels: readonly RiskModelEntry[] = [
  {
    ...{ name: "ledoit_wolf", most: mostDense, doc: "sample covariance shrunk to constant correlation (Ledoit and Wolf 2004)" },
    of: ({ returns, assets }) =>
      dense(ledoitWolf({ returns }, { assets: assets.length, target: "constant_correlation" }).covariance, assets.length),
  },
  {
    ...{ name: "factor", most: mostAssets, doc: "statistical factors and what they leave (Connor and Korajczyk 1988)" },
    of: factor,
  },
  {
    ...{ name: "oas", most: mostDense, doc: "sample covariance shrunk to its mean variance (Chen and others 2010)" },
    of: ({ returns, assets }) => dense(oas({ returns }, { assets: assets.length }).covariance, assets.length),
  },
  {
    ...{ name: "sample", most: mostAssets, doc: "sample covariance, of full rank only where there are more periods than assets" },
    of: sample,
  },
];

/** Above so many assets a window of days tells little of their pairs. */
const mostShrunk = 500;
export const usualRiskModel = (assets: number): string => (assets <= mostShrunk ? "ledoit_wolf" : "factor");

export function riskModelNamed(name: string, assets: number): RiskModelEntry {
  const names = riskModels.map((one) => one.name);
  const found = riskModels.find((one) => one.name === name);
  if (!found) {
    const near = didYouMean(name, names);
    throw new TickforgeError("E_OPTION_RANGE", `walkForward: option 'riskModel' is ${name}, expected ${names.join(", ")}`, {
      ...{ kernel: "walkForward", option: "riskModel", value: name, hint: near ? `did you mean ${near}?` : `such as ${names[0]}` },
    });
  }
  if (assets <= found.most) return found;
  const what = `risk model ${name} makes a covariance of all pairs: ${assets} assets are more than ${found.most}`;
  throw new TickforgeError("E_OPTION_RANGE", what, { option: "riskModel", value: name, hint: "factor and sample never make that matrix" });
}
