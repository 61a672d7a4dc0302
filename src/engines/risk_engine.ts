/** Topic of prices -> returns of each instrument -> rolling VaR, ES and volatility, and alarms -> topic of risk. */

import { addressOf } from "../addon/addon.js";
import type { Batch, Publisher, Slot, Topic } from "../bus/bus.js";
import { topic } from "../bus/frame.js";
import { messages } from "../bus/routing/message_types.js";
import type { BoundKernel } from "../core/call/bind.js";
import { needObject, object } from "../core/contract/arguments.js";
import { KernelError } from "../core/contract/errors.js";
import { rollingHistoricalRisk } from "../kernels/risk/tail/rolling_historical_risk.js";
import { ewmaVolatility } from "../kernels/risk/volatility/ewma_volatility.js";
import { priceReturns } from "../kernels/risk/volatility/price_returns.js";
import { knownInstruments, oneInstrument } from "./one_instrument.js";
import type { PriceColumns } from "./prices.js";
import { SeriesRisk } from "./series_risk.js";
import { States, type StateViews } from "./states.js";

export interface RiskEngineOptions {
  confidence: number;
  /** Returns that VaR and ES look back on. */
  window?: number | undefined;
  /** Of the volatility; 0.94 where left out. */
  decay?: number | undefined;
  periodsPerYear: number;
  /** How many instruments the prices are of, each with a state of its own; 1, whichever it is, where left out. */
  instruments?: number | undefined;
  /** The alarm stands where ES is at or above it, too. */
  limit?: number | undefined;
  backend?: string | undefined;
  /** Memory of `RiskEngine.stateBytes(options)`: zeros to begin, or what another engine with these options has used. */
  state?: ArrayBufferLike | undefined;
}

const usual = messages.risk;
export type RiskColumns = typeof usual.columns;

/** Topic of risk, a row for each price; as many rows a slot as the topic of prices has. */
export function riskTopic(options: { name?: string; rows?: number; slots?: number } = {}): Topic<RiskColumns> {
  const { name = "risk", rows = usual.rows, slots = usual.slots } = object("riskTopic: options", options);
  return topic({ name, columns: usual.columns, rows, slots, backpressure: "block" });
}

function paramsOf(options: RiskEngineOptions) {
  needObject("RiskEngine: options", options);
  const { confidence, window = 250, decay = 0.94, periodsPerYear, instruments = 1 } = options;
  if (!Number.isInteger(instruments) || instruments < 1)
    throw new KernelError("E_OPTION_RANGE", `RiskEngine: instruments is ${instruments}, expected a whole number of at least 1`, {
      ...{ option: "instruments", value: instruments },
    });
  return { risk: { confidence, window }, volatility: { decay, periodsPerYear } };
}

const severalOf = (options: RiskEngineOptions, states: States): SeriesRisk[] => {
  const { risk, volatility } = paramsOf(options);
  const { limit, backend } = options;
  return Array.from({ length: options.instruments! }, () => new SeriesRisk({ ...risk, ...volatility, limit, backend }, states));
};

/** Places of the states of the kernels, and of the engine's own numbers: prices taken, the VaR after the last of them, and whose they are. */
function statesOf(options: RiskEngineOptions, states: States) {
  const params = paramsOf(options);
  return {
    returns: states.kernel(priceReturns as never, {}),
    risk: states.kernel(rollingHistoricalRisk as never, params.risk),
    volatility: states.kernel(ewmaVolatility as never, params.volatility),
    own: states.numbers(3),
  };
}

/** Returns are read from the slots of prices, risk is written into the slots of results. */
export class RiskEngine {
  /** `price` where it is read, other columns where they are written: the slots that came first; where the add-on is loaded. */
  readonly addresses: Record<string, bigint> = {};
  private readonly params;
  private readonly states!: { returns: StateViews; risk: StateViews; volatility: StateViews; own: Float64Array };
  /** Where there are several instruments. */
  private readonly several: readonly SeriesRisk[] | undefined;
  private returns = new Float64Array(0);
  /** By slot of the prices; by slot of the results. */
  private readonly reads: BoundKernel[] = [];
  private readonly writes: { risk: BoundKernel; volatility: BoundKernel }[] = [];

  constructor(
    private readonly options: RiskEngineOptions,
    private readonly results: Publisher<RiskColumns>,
  ) {
    this.params = paramsOf(options);
    const states = new States(options.state);
    if ((options.instruments ?? 1) > 1) this.several = severalOf(options, states);
    else this.states = statesOf(options, states);
  }

  /** Bytes of a state block for these options. */
  static stateBytes(options: RiskEngineOptions): number {
    const states = new States();
    paramsOf(options);
    if ((options.instruments ?? 1) > 1) severalOf(options, states);
    else statesOf(options, states);
    return states.bytes;
  }

  private get how(): { backend?: string } {
    return this.options.backend === undefined ? {} : { backend: this.options.backend };
  }

  /** Takes a batch and publishes the risk after each of its prices; false, and nothing is taken, where the results are full. */
  take(batch: Batch<PriceColumns>): boolean {
    const { columns, slot, from, rows } = batch;
    if (this.several) return this.takeSeveral(batch, this.several);
    oneInstrument("RiskEngine", "prices", batch, this.states.own.subarray(2));
    const into = this.results.claim();
    if (!into) return false;
    const { own } = this.states;
    try {
      (this.reads[slot] ??= this.read(columns.price))(0, rows, from);
      const { risk, volatility } = (this.writes[into.index] ??= this.write(into));
      const first = own[0] === 0 ? from + 1 : from; // the very first price has no return
      for (const column of ["var", "es", "volatility"] as const) into.columns[column].fill(Number.NaN, from, first);
      risk(0, rows, first);
      volatility(0, rows, first);
    } catch (cause) {
      this.results.abort();
      throw cause;
    }
    this.complete(into, columns, from, rows);
    this.results.commit(rows - from);
    return true;
  }

  private takeSeveral(batch: Batch<PriceColumns>, several: readonly SeriesRisk[]): boolean {
    const { columns, from, rows } = batch;
    knownInstruments("RiskEngine", "prices", batch, several.length, "instruments, their number");
    const into = this.results.claim();
    if (!into) return false;
    const { loss, var: risk, es, volatility, alarm } = into.columns;
    try {
      for (let i = from, at = 0; i < rows; i++, at++) {
        const series = several[columns.instrument[i]!]!;
        series.next(columns.price[i]!);
        [loss[at], risk[at], es[at], volatility[at], alarm[at]] = [series.loss, series.var, series.es, series.volatility, series.alarm];
      }
    } catch (cause) {
      this.results.abort();
      throw cause;
    }
    for (const name of ["time", "price", "instrument"] as const) into.columns[name].set(columns[name].subarray(from, rows) as never, 0);
    this.results.commit(rows - from);
    return true;
  }

  private read(price: Float64Array): BoundKernel {
    if (this.returns.length !== price.length) this.returns = new Float64Array(price.length);
    this.note({ price });
    return priceReturns.bind({ in: { price }, out: { returns: this.returns }, state: this.states.returns }, {}, this.how);
  }

  private write({ columns }: Slot<RiskColumns>): { risk: BoundKernel; volatility: BoundKernel } {
    const { returns, states, params, how } = this;
    const { var: risk, es, volatility } = columns;
    this.note({ var: risk, es, volatility });
    return {
      risk: rollingHistoricalRisk.bind({ in: { returns }, out: { var: risk, es }, state: states.risk }, params.risk, how),
      volatility: ewmaVolatility.bind({ in: { returns }, out: { volatility }, state: states.volatility }, params.volatility, how),
    };
  }

  private note(views: Record<string, Float64Array>): void {
    for (const [name, view] of Object.entries(views)) {
      const address = addressOf(view);
      if (address !== undefined) this.addresses[name] ??= address;
    }
  }

  /** What no kernel writes. A loss is held against the VaR that stood before it. */
  private complete(
    { columns: into }: Slot<RiskColumns>,
    { time, price, instrument }: Batch<PriceColumns>["columns"],
    from: number,
    rows: number,
  ): void {
    const { own } = this.states;
    const { limit = Number.POSITIVE_INFINITY } = this.options;
    for (let i = from; i < rows; i++) {
      const before = own[0]!++ === 0 ? Number.NaN : own[1]!;
      into.loss[i] = -this.returns[i]!;
      into.alarm[i] = into.loss[i]! > before || into.es[i]! >= limit ? 1 : 0;
      own[1] = into.var[i]!;
    }
    into.time.set(time.subarray(from, rows), from);
    into.price.set(price.subarray(from, rows), from);
    into.instrument.set(instrument.subarray(from, rows), from);
    if (from > 0) for (const column of Object.values(into)) column.copyWithin(0, from, rows);
  }
}
