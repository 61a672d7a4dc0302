/** A back-test that runs along: losses held against the VaR that stood before them, counted from the first. */
import type { BoundKernel } from "../../core/call/bind.js";
import { normalCdf } from "../../kernels/math/normal_cdf.js";
import { coverageRatio } from "../../kernels/risk/parts/backtest.js";
import { tailProbability } from "../../kernels/risk/parts/tail.js";
import type { States } from "../states.js";

export const exceedanceColumns = {
  tested: { dtype: "f64" },
  expected: { dtype: "f64" },
  observed: { dtype: "f64" },
  pValue: { dtype: "f64" },
} as const;

export class Exceedances {
  /** Losses tested, and those above their VaR. */
  private readonly counts: Float64Array;
  private readonly alpha: number;
  private readonly x = new Float64Array(1);
  private readonly tail = new Float64Array(1);
  private readonly kernel: BoundKernel;

  constructor(confidence: number, states: States, backend: string | undefined) {
    this.alpha = tailProbability(confidence);
    this.counts = states.numbers(2);
    this.kernel = normalCdf.bind({ in: { x: this.x }, out: { probability: this.tail } }, {}, backend === undefined ? {} : { backend });
  }

  /** Nothing is counted where there was no VaR. */
  take(loss: number, risk: number): void {
    if (Number.isNaN(risk) || Number.isNaN(loss)) return;
    this.counts[0]!++;
    if (loss > risk) this.counts[1]!++;
  }

  /** `pValue`: Kupiec's (1995) proportion of failures, as kupiec_pof has it. */
  row() {
    const [tested, observed] = this.counts as unknown as [number, number];
    // The likelihood ratio is chi-square with 1 degree of freedom: the square of a normal variable.
    this.x[0] = -Math.sqrt(coverageRatio(observed, tested, this.alpha));
    this.kernel();
    const pValue = tested === 0 ? Number.NaN : 2 * this.tail[0]!;
    return { tested, expected: tested * this.alpha, observed, pValue };
  }
}
