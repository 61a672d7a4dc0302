/** By which terms an instrument is traded: costs, latencies, queues. */
import { type Costs, costsOf } from "../costs/costs.js";
import type { BacktestOptions, Checked } from "./options.js";

export interface Terms {
  readonly costs: Costs;
  /** ns: of a request to the venue, of an answer back. */
  readonly entry: bigint;
  readonly answer: bigint;
  readonly queue: "risk_averse" | "power" | "exact" | "trades";
  readonly power: number;
}

/** Of one run: costs count what was traded and asked for, so each run has its own. */
export class AllTerms {
  private readonly common: Terms;

  constructor({ entry, answer, queue, power }: Checked, { costs, fees }: BacktestOptions) {
    this.common = { entry, answer, queue, power, costs: costsOf({ ...costs, ...(fees !== undefined && { fees }) }) };
  }

  of(_instrument: number): Terms {
    return this.common;
  }

  get remarks(): readonly string[] {
    return this.common.costs.remarks;
  }
}
