/**
 * Covariance of a few instruments from their prices: returns from bar to bar of one clock, the last `window` of them. An instrument that had
 * no price in a bar moved by nothing (previous tick); one that has not been there for the whole window, or did not move in it, is left out.
 */
import { ewmaCovariance } from "../../kernels/risk/covariance/ewma_covariance.js";
import { ledoitWolf } from "../../kernels/risk/covariance/ledoit_wolf.js";
import { sampleCovariance } from "../../kernels/risk/covariance/sample_covariance.js";
import type { States } from "../states.js";
import { type AssetRisk, principal } from "./asset_risk.js";

export type Estimator = "ledoit_wolf" | "sample" | "exponential";
export interface PriceRiskOptions {
  readonly window: number;
  readonly estimator: Estimator;
  /** Of `exponential`, in bars. */
  readonly halfLife: number;
}

export class PriceRisk implements AssetRisk {
  readonly there: Float64Array;
  readonly ports: { readonly covariance: Float64Array };
  /** Prices at the last bar, 0: none; bars since the first one, `window` at most. */
  private readonly last: Float64Array;
  private readonly bars: Float64Array;
  /** Returns of all assets at the last bars, and how many bars there were. */
  private readonly ring: Float64Array;
  private readonly count: Float64Array;

  /** `price`: of each asset now, 0 where it has none; read where it lies. */
  constructor(
    private readonly options: PriceRiskOptions,
    private readonly price: Float64Array,
    states: States,
  ) {
    const n = price.length;
    this.there = states.numbers(n);
    this.ports = { covariance: states.numbers(n * n) };
    this.last = states.numbers(n);
    this.bars = states.numbers(n);
    this.ring = states.numbers(options.window * n);
    this.count = states.numbers(1);
  }

  /** Ends a bar at the present prices. */
  step(): void {
    const { price, last, bars, ring, count, options } = this;
    const at = (count[0]! % options.window) * price.length;
    for (let i = 0; i < price.length; i++) {
      const known = last[i]! > 0;
      ring[at + i] = known ? price[i]! / last[i]! - 1 : 0;
      if (known) bars[i] = Math.min(options.window, bars[i]! + 1);
      last[i] = price[i]!;
    }
    count[0]!++;
  }

  /** The covariance as of the last bar, of those assets that have one. */
  estimate(): void {
    const { there, ring, options, ports } = this;
    const n = there.length;
    const { window } = options;
    for (let i = 0; i < n; i++) {
      let moved = false;
      for (let t = 0; t < window && !moved; t++) moved = ring[t * n + i] !== 0;
      there[i] = this.bars[i]! >= window && moved ? 1 : 0;
    }
    const known = [...there.keys()].filter((i) => there[i] === 1);
    if (known.length === 0) return;
    const found = covarianceOf(this.returns(known), known.length, options);
    const variance = known.reduce((sum, _, a) => sum + found[a * (known.length + 1)]!, 0) / known.length;
    ports.covariance.fill(0);
    // Of the size of the others: solvers measure by the mean variance.
    for (let i = 0; i < n; i++) ports.covariance[i * (n + 1)] = variance;
    known.forEach((i, a) => {
      known.forEach((j, b) => {
        ports.covariance[i * n + j] = found[a * known.length + b]!;
      });
    });
  }

  /** Of these assets, oldest first. */
  private returns(of: readonly number[]): Float64Array {
    const { ring, count, options, there } = this;
    const { window } = options;
    return Float64Array.from({ length: window * of.length }, (_, at) => {
      const t = (count[0]! + Math.floor(at / of.length)) % window;
      return ring[t * there.length + of[at % of.length]!]!;
    });
  }

  of(assets: readonly number[]): { covariance: Float64Array } {
    return { covariance: principal(this.ports.covariance, this.there.length, assets) };
  }
}

function covarianceOf(returns: Float64Array, assets: number, { window, estimator, halfLife }: PriceRiskOptions): Float64Array {
  if (estimator === "exponential") return ewmaCovariance({ returns }, { assets, batch: window, halfLife }).covariance;
  // One asset correlates with no other that it could be drawn to.
  if (estimator === "sample" || assets === 1) return sampleCovariance({ returns }, { assets }).covariance;
  return ledoitWolf({ returns }, { assets, target: "constant_correlation" }).covariance;
}
