/** pandas' exponentially weighted mean and covariance, from the calls that the page names. */
import { ewmaCovariance, exponentialWeights } from "../../../src/index.js";
import { columnOf } from "./sample.js";

type Start = "normalized" | "first";

/** Weights of `rows` values, newest last, over their sum; `first` is `adjust=False`. */
export function ewmWeights(decay: number, rows: number, start: Start = "normalized"): Float64Array {
  const age = Float64Array.from({ length: rows }, (_, t) => rows - 1 - t);
  const { weight } = exponentialWeights({ age }, { halfLife: Math.log(0.5) / Math.log(decay) });
  if (start === "first") weight[0]! /= 1 - decay;
  const sum = weight.reduce((a, b) => a + b, 0);
  return weight.map((w) => w / sum);
}

/** The last row of ewm(alpha=1 - decay).mean(). */
export function ewmMean(returns: Float64Array, assets: number, decay: number, start: Start = "normalized"): Float64Array {
  const w = ewmWeights(decay, returns.length / assets, start);
  return Float64Array.from({ length: assets }, (_, j) => columnOf(returns, assets, j).reduce((sum, r, t) => sum + w[t]! * r, 0));
}

/** The last ewm(alpha=1 - decay).cov(): about the weighted mean, and over 1 - sum of w^2. */
export function ewmCovariance(returns: Float64Array, assets: number, decay: number, start: Start = "normalized"): Float64Array {
  const mean = ewmMean(returns, assets, decay, start);
  const batch = returns.length / assets;
  const { covariance } = ewmaCovariance({ returns: returns.map((r, i) => r - mean[i % assets]!) }, { assets, batch, decay, start });
  const left = 1 - ewmWeights(decay, batch, start).reduce((sum, w) => sum + w * w, 0);
  return covariance.map((c) => c / left);
}
