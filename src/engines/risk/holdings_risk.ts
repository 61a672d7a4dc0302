/**
 * Risk of a book by historical simulation of what it holds now: the profit that the present holdings would have made at each of the last
 * steps of one clock. Prices come when they come: at a step an instrument has the last one that it had (previous tick), so that one that
 * did not trade moved by nothing.
 */
import type { BoundKernel } from "../../core/call/bind.js";
import { historicalRisk } from "../../kernels/risk/tail/historical_risk.js";
import type { States } from "../states.js";
import { Exceedances } from "./exceedances.js";

export interface HoldingsRiskOptions {
  readonly instruments: number;
  readonly confidence: number;
  readonly window: number;
  readonly limit?: number | undefined;
  readonly backend?: string | undefined;
}

export class HoldingsRisk {
  private readonly quantity: Float64Array;
  /** Of each instrument at the last step: what was held, its price (0: none), and returns since its first price, `window` at most. */
  private readonly held: Float64Array;
  private readonly last: Float64Array;
  private readonly returns: Float64Array;
  /** Steps so far, VaR after the last one, and whether that was of all that was held. */
  private readonly own: Float64Array;
  /** Ring of the last steps: returns of all instruments, 0 where there is none. */
  private readonly ring: Float64Array;
  private readonly amounts: Float64Array;
  private readonly out = { var: new Float64Array(1), es: new Float64Array(1) };
  private readonly kernel: BoundKernel;
  private readonly tests: Exceedances;

  /** `price`: of each instrument now, 0 where it has none; read where it lies. */
  constructor(
    private readonly options: HoldingsRiskOptions,
    private readonly price: Float64Array,
    states: States,
  ) {
    const { instruments, window, confidence, backend } = options;
    this.quantity = states.numbers(instruments);
    this.held = states.numbers(instruments);
    this.last = states.numbers(instruments);
    this.returns = states.numbers(instruments);
    this.own = states.numbers(3);
    this.ring = states.numbers(window * instruments);
    this.tests = new Exceedances(confidence, states, backend);
    this.amounts = new Float64Array(instruments);
    this.kernel = historicalRisk.bind(
      { in: { returns: this.ring, weights: this.amounts }, out: this.out },
      { assets: instruments, confidence },
      backend === undefined ? {} : { backend },
    );
  }

  hold(instrument: number, quantity: number): void {
    this.quantity[instrument] = quantity;
  }

  /** Ends a step at the present prices. */
  step() {
    const { own, options } = this;
    const loss = this.move();
    const { value, unpriced, measured } = this.weigh();
    const before = own[0]!++ === 0 ? Number.NaN : own[1]!;
    this.kernel();
    // Where nothing that is held can be measured there is no number; where nothing is held there is no risk.
    const known = measured > 0 || unpriced === 0;
    const [risk, es] = known ? [this.out.var[0]! + 0, this.out.es[0]! + 0] : [Number.NaN, Number.NaN];
    if (own[2] === 1) this.tests.take(loss, before);
    own[1] = risk;
    own[2] = measured > 0 && unpriced === 0 ? 1 : 0;
    this.held.set(this.quantity);
    const alarm = loss > before || es >= (options.limit ?? Number.POSITIVE_INFINITY) ? 1 : 0;
    return { value, loss, var: risk, es, alarm, unpriced, ...this.tests.row() };
  }

  /** Returns of the step into the ring; what was held through it has lost. */
  private move(): number {
    const { price, last, held, ring, returns, options, own } = this;
    const at = (own[0]! % options.window) * price.length;
    let profit = 0;
    for (let k = 0; k < price.length; k++) {
      const known = last[k]! > 0;
      const moved = price[k]! - last[k]!;
      ring[at + k] = known ? moved / last[k]! : 0;
      if (known) {
        profit += held[k]! * moved;
        returns[k] = Math.min(options.window, returns[k]! + 1);
      }
      last[k] = price[k]!;
    }
    return own[0] === 0 ? Number.NaN : 0 - profit;
  }

  /** Amounts of money in each instrument that can be measured: it has a price, and returns at all steps of the window. */
  private weigh() {
    const { price, quantity, amounts, returns, options } = this;
    let [value, unpriced, measured] = [0, 0, 0];
    for (let k = 0; k < price.length; k++) {
      amounts[k] = 0;
      if (quantity[k] === 0) continue;
      if (price[k]! > 0) value += quantity[k]! * price[k]!;
      if (returns[k]! < options.window) unpriced++;
      else {
        amounts[k] = quantity[k]! * price[k]!;
        measured++;
      }
    }
    return { value, unpriced, measured };
  }
}
