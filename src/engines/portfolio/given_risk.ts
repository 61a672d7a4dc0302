/** A factor model that comes as rows of a topic: the last one, where the kernels read it. */
import type { States } from "../states.js";
import type { AssetRisk } from "./asset_risk.js";

export interface RiskModelRow {
  readonly loading: Float64Array;
  readonly covariance: Float64Array;
  readonly specific: Float64Array;
}

export class GivenRisk implements AssetRisk {
  readonly there: Float64Array;
  readonly ports: { readonly loading: Float64Array; readonly factorCovariance: Float64Array; readonly specificVariance: Float64Array };

  constructor(
    assets: number,
    private readonly factors: number,
    states: States,
  ) {
    this.there = states.numbers(assets);
    this.ports = {
      loading: states.numbers(assets * factors),
      factorCovariance: states.numbers(factors * factors),
      specificVariance: states.numbers(assets),
    };
  }

  /** The model of row `row` of these columns; an asset with a NaN, or a specific volatility below 0, is not in it. */
  take({ loading: from, covariance, specific }: RiskModelRow, row: number): void {
    const { there, factors: k, ports } = this;
    const n = there.length;
    let [sum, count] = [0, 0];
    ports.loading.set(from.subarray(row * n * k, (row + 1) * n * k));
    ports.factorCovariance.set(covariance.subarray(row * k * k, (row + 1) * k * k));
    for (let i = 0; i < n; i++) {
      const own = specific[row * n + i]!;
      let known = own >= 0;
      for (let f = i * k; f < (i + 1) * k && known; f++) known = !Number.isNaN(ports.loading[f]!);
      there[i] = known ? 1 : 0;
      ports.specificVariance[i] = own * own;
      if (known) [sum, count] = [sum + own * own, count + 1];
      else ports.loading.fill(0, i * k, (i + 1) * k);
    }
    // Of the size of the others: solvers measure by the mean variance.
    for (let i = 0; i < n; i++) if (there[i] === 0) ports.specificVariance[i] = count > 0 ? sum / count : 1;
  }

  /** Where the covariance of the factors is no number; undefined where it is one throughout. */
  get hole(): string | undefined {
    const at = this.ports.factorCovariance.findIndex(Number.isNaN);
    return at < 0 ? undefined : `covariance of factors ${Math.floor(at / this.factors)} and ${at % this.factors} is NaN`;
  }

  of(assets: readonly number[]): Record<string, Float64Array> {
    const { factors: k, ports } = this;
    const loading = new Float64Array(assets.length * k);
    assets.forEach((i, a) => {
      loading.set(ports.loading.subarray(i * k, (i + 1) * k), a * k);
    });
    return {
      loading,
      factorCovariance: ports.factorCovariance,
      specificVariance: Float64Array.from(assets, (i) => ports.specificVariance[i]!),
    };
  }
}
