/**
 * A factor model that comes as rows of a topic: the last one that was one, kept by factors that do not correlate, F = Q L Q', loadings times Q,
 * so that a solver need not multiply them out each time.
 */
import { eigenSymmetric } from "../../kernels/math/eigen_symmetric.js";
import { explainRiskModel } from "../../kernels/portfolio/parts/risk_model.js";
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

  /**
   * The model of row `row` of these columns; an asset with a NaN, or a specific volatility below 0, is not in it. Where its factors have no
   * covariance the answer is why, and the model before it stays.
   */
  take({ loading, covariance, specific }: RiskModelRow, row: number): string | undefined {
    const { there, factors: k } = this;
    const n = there.length;
    const given = covariance.subarray(row * k * k, (row + 1) * k * k);
    const wrong = wrongCovariance(given, k);
    if (wrong !== undefined) return wrong;
    const { values, vectors } = eigenSymmetric({ matrix: given.slice() }, { assets: k });
    this.ports.factorCovariance.fill(0);
    for (let f = 0; f < k; f++) this.ports.factorCovariance[f * (k + 1)] = Math.max(0, values[f]!);
    this.setAssets(loading.subarray(row * n * k), specific.subarray(row * n), vectors);
    return undefined;
  }

  private setAssets(loading: Float64Array, specific: Float64Array, vectors: Float64Array): void {
    const { there, factors: k, ports } = this;
    let [sum, count] = [0, 0];
    for (let i = 0; i < there.length; i++) {
      const own = specific[i]!;
      const into = ports.loading.subarray(i * k, (i + 1) * k).fill(0);
      let known = own >= 0;
      for (let f = 0; f < k && known; f++) known = !Number.isNaN(loading[i * k + f]!);
      there[i] = known ? 1 : 0;
      if (!known) continue;
      for (let f = 0; f < k; f++) {
        const by = loading[i * k + f]!;
        if (by !== 0) for (let g = 0; g < k; g++) into[g]! += by * vectors[f * k + g]!;
      }
      ports.specificVariance[i] = own * own;
      [sum, count] = [sum + own * own, count + 1];
    }
    // Of the size of the others: solvers measure by the mean variance.
    for (let i = 0; i < there.length; i++) if (there[i] === 0) ports.specificVariance[i] = count > 0 ? sum / count : 1;
  }

  of(assets: readonly number[]): Record<string, Float64Array> {
    const { factors: k, ports } = this;
    const loading = new Float64Array(assets.length * k);
    assets.forEach((i, a) => {
      loading.set(ports.loading.subarray(i * k, (i + 1) * k), a * k);
    });
    const specificVariance = Float64Array.from(assets, (i) => ports.specificVariance[i]!);
    return { loading, factorCovariance: ports.factorCovariance, specificVariance };
  }
}

function wrongCovariance(covariance: Float64Array, factors: number): string | undefined {
  const hole = covariance.findIndex(Number.isNaN);
  if (hole >= 0) return `'covariance' of factors ${Math.floor(hole / factors)} and ${hole % factors} is NaN`;
  const said = explainRiskModel("covariance", { covariance });
  return said && `${said.why}; ${said.hint}`;
}
