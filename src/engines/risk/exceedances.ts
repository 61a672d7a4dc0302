/** A back-test that runs along: losses held against the VaR that stood before them, counted from the first. */
import { chiSquareSurvival } from "../../kernels/parts/special.js";
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

  constructor(confidence: number, states: States) {
    this.alpha = tailProbability(confidence);
    this.counts = states.numbers(2);
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
    const pValue = tested === 0 ? Number.NaN : chiSquareSurvival(coverageRatio(observed, tested, this.alpha), 1);
    return { tested, expected: tested * this.alpha, observed, pValue };
  }
}
