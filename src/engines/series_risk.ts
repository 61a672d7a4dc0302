/** Risk of one series, price by price: what RiskEngine has as columns, one for each instrument where there are several. */
import type { BoundKernel } from "../core/call/bind.js";
import { rollingHistoricalRisk } from "../kernels/risk/tail/rolling_historical_risk.js";
import { ewmaVolatility } from "../kernels/risk/volatility/ewma_volatility.js";
import { priceReturns } from "../kernels/risk/volatility/price_returns.js";
import type { States } from "./states.js";

export interface SeriesRiskOptions {
  readonly confidence: number;
  readonly window: number;
  readonly decay: number;
  readonly periodsPerYear: number;
  readonly limit?: number | undefined;
  readonly backend?: string | undefined;
}

export class SeriesRisk {
  /** After the price taken last; NaN where there are too few. */
  loss = Number.NaN;
  /** VaR and ES that stood before it. */
  before = Number.NaN;
  alarm = 0;
  private readonly price = new Float64Array(1);
  private readonly returns = new Float64Array(1);
  private readonly out = { var: new Float64Array(1), es: new Float64Array(1), volatility: new Float64Array(1) };
  /** Prices taken, and the VaR after the last of them. */
  private readonly own: Float64Array;
  private readonly kernels: { readonly returns: BoundKernel; readonly risk: BoundKernel; readonly volatility: BoundKernel };
  private readonly limit: number;

  constructor({ confidence, window, decay, periodsPerYear, limit, backend }: SeriesRiskOptions, states: States) {
    const [risk, volatility] = [
      { confidence, window },
      { decay, periodsPerYear },
    ];
    const how = backend === undefined ? {} : { backend };
    const { price, returns, out } = this;
    this.limit = limit ?? Number.POSITIVE_INFINITY;
    const state = {
      returns: states.kernel(priceReturns as never, {}),
      risk: states.kernel(rollingHistoricalRisk as never, risk),
      volatility: states.kernel(ewmaVolatility as never, volatility),
    };
    this.own = states.numbers(2);
    this.kernels = {
      returns: priceReturns.bind({ in: { price }, out: { returns }, state: state.returns }, {}, how),
      risk: rollingHistoricalRisk.bind({ in: { returns }, out: { var: out.var, es: out.es }, state: state.risk }, risk, how),
      volatility: ewmaVolatility.bind({ in: { returns }, out: { volatility: out.volatility }, state: state.volatility }, volatility, how),
    };
  }

  get var(): number {
    return this.out.var[0]!;
  }
  get es(): number {
    return this.out.es[0]!;
  }
  get volatility(): number {
    return this.out.volatility[0]!;
  }

  next(price: number): void {
    const { own, out, kernels, returns } = this;
    this.price[0] = price;
    kernels.returns();
    const first = own[0]!++ === 0; // the very first price has no return
    if (first) for (const value of Object.values(out)) value[0] = Number.NaN;
    else {
      kernels.risk();
      kernels.volatility();
    }
    this.before = first ? Number.NaN : own[1]!;
    this.loss = -returns[0]!;
    this.alarm = this.loss > this.before || this.es >= this.limit ? 1 : 0;
    own[1] = this.var;
  }
}
