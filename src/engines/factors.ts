/** Topic of cross-sections, a date a frame -> factor returns, their covariance, specific risk -> topic of the risk of a portfolio. */

import type { Batch, Publisher, Slot, Topic } from "../bus/bus.js";
import { topic } from "../bus/frame.js";
import { messages, widened } from "../bus/routing/message_types.js";
import { needMethods, needNumber, needObject, object } from "../core/contract/arguments.js";
import { KernelError } from "../core/contract/errors.js";
import { factorCovariance } from "../kernels/factor/model/factor_covariance.js";
import { factorReturns } from "../kernels/factor/model/factor_returns.js";
import { factorRisk } from "../kernels/factor/model/factor_risk.js";
import { specificRisk } from "../kernels/factor/model/specific_risk.js";
import { exposureRow } from "../kernels/factor/parts/portfolio_exposure.js";
import { States, type StateViews } from "./states.js";

export interface FactorOptions {
  /** Sector of each asset from 0, -1 for none; their number is the number of assets. */
  sector: Int32Array;
  sectors: number;
  styles?: number | undefined;
  /** Options of factor_covariance and specific_risk. */
  varianceHalfLife?: number | undefined;
  correlationHalfLife?: number | undefined;
  varianceLags?: number | undefined;
  correlationLags?: number | undefined;
  specificHalfLife?: number | undefined;
  groups?: number | undefined;
  shrinkage?: number | undefined;
  backend?: string | undefined;
  /** Memory of `FactorEngine.stateBytes(options)`: zeros to begin, or what another engine with these options has used. */
  state?: ArrayBufferLike | undefined;
}

interface TopicShape {
  assets: number;
  styles?: number | undefined;
  name?: string;
  slots?: number;
}

function checkOptions(options: FactorOptions): void {
  needObject("FactorEngine: options", options);
  needMethods("FactorEngine: sector", options.sector, "an Int32Array", "subarray");
  needNumber("FactorEngine: sectors", options.sectors);
}

/** A date a frame: returns of the date, cap and exposures at its end, and the weights of the portfolio held from then on. */
export const crossSectionTopic = (options: TopicShape): Topic => {
  const { columns, rows, ...usual } = messages.cross_sections;
  const { assets, styles = 0, name = "cross_sections", slots = usual.slots } = object("crossSectionTopic: options", options);
  const vectors = widened(columns, { returns: assets, cap: assets, weights: assets });
  const more = styles > 0 && { styles: { dtype: "f64", width: styles * assets } as const };
  return topic({ name, columns: { ...vectors, ...more }, rows, slots, backpressure: "block" });
};

/** A date a frame: columns of factor_returns, factor_covariance and factor_risk. */
export const factorRiskTopic = (options: { sectors: number } & Omit<TopicShape, "assets">): Topic => {
  const { columns, rows, ...usual } = messages.factor_risk;
  const { sectors, styles = 0, name = "factor_risk", slots = usual.slots } = object("factorRiskTopic: options", options);
  const factors = 1 + sectors + styles;
  const each = { factorReturns: factors, standardErrors: factors, tStatistics: factors, exposures: factors, contributions: factors };
  return topic({ name, columns: widened(columns, { ...each, covariance: factors * factors }), rows, slots, backpressure: "block" });
};

type Columns = Record<string, Float64Array>;

/** Returns are regressed on the exposures of the date before, which the state keeps; risk is that of the date's own exposures. */
export class FactorEngine {
  private readonly model;
  private readonly covarianceOptions;
  private readonly specificOptions;
  private readonly states: { covariance: StateViews; specific: StateViews; cap: Float64Array; styles: Float64Array; seen: Float64Array };
  /** -1 on the first date: no exposures come before. */
  private readonly exposureOf = Int32Array.of(-1);
  private readonly room: Columns;
  /** By slot of the cross-sections, then of the results. */
  private readonly runs: (() => void)[][] = [];

  constructor(
    private readonly options: FactorOptions,
    private readonly results: Publisher,
    /** Of `riskModelTopic`: each date's model, where it is asked for. */
    private readonly models?: Publisher,
  ) {
    checkOptions(options);
    const { sector, sectors, styles = 0, varianceHalfLife, correlationHalfLife, varianceLags, correlationLags } = options;
    this.model = { assets: sector.length, sectors, styles };
    this.covarianceOptions = { factors: 1 + sectors + styles, varianceHalfLife, correlationHalfLife, varianceLags, correlationLags };
    const { specificHalfLife: halfLife, groups, shrinkage } = options;
    this.specificOptions = { assets: sector.length, halfLife, groups, shrinkage };
    this.states = statesOf(new States(options.state), this.model, this.covarianceOptions, this.specificOptions);
    const room = () => new Float64Array(sector.length);
    this.room = { residuals: room(), volatility: room(), raw: room(), marginal: room() };
  }

  /** Bytes of a state block for these options. */
  static stateBytes(options: FactorOptions): number {
    checkOptions(options);
    const { sector, sectors, styles = 0, varianceLags, correlationLags } = options;
    const states = new States();
    const assets = sector.length;
    statesOf(states, { assets, styles }, { factors: 1 + sectors + styles, varianceLags, correlationLags }, { assets });
    return states.bytes;
  }

  /** Takes a date; false where the results are full: drain them and call again. */
  take(batch: Batch): boolean {
    const columns = batch.columns as unknown as Columns;
    this.checkCap(columns.cap!);
    const into = this.results.claim();
    if (!into) return false;
    const model = this.models?.claim();
    if (this.models && !model) {
      this.results.abort();
      return false;
    }
    try {
      this.execute(batch, columns, into);
    } catch (cause) {
      this.results.abort();
      this.models?.abort();
      throw cause;
    }
    if (model) this.tell(model, columns, into.columns as unknown as Columns);
    this.results.commit(1);
    this.models?.commit(1);
    return true;
  }

  /** The model at the end of the date, by its exposures; NaN of what has none, or no specific risk. */
  private tell({ columns }: Slot, from: Columns, { covariance }: Columns): void {
    const { sector } = this.options;
    const { assets, sectors, styles } = this.model;
    const into = columns as unknown as Columns;
    const factors = 1 + sectors + styles;
    (into as unknown as { time: BigInt64Array }).time[0] = (from as unknown as { time: BigInt64Array }).time[0]!;
    into.covariance!.set(covariance!);
    into.specific!.set(this.room.volatility!);
    for (let i = 0; i < assets; i++) into.loading!.set(exposureRow(sector, from.styles, this.model, i), i * factors);
  }

  private execute(batch: Batch, columns: Columns, into: Slot): void {
    const { cap, styles, seen } = this.states;
    const runs = (this.runs[batch.slot] ??= []);
    const run = (runs[into.index] ??= this.bind(columns, into.columns as unknown as Columns));
    this.exposureOf[0] = seen[0]! > 0 ? 0 : -1;
    run();
    (into.columns as unknown as { time: BigInt64Array }).time[0] = (columns as unknown as { time: BigInt64Array }).time[0]!;
    cap.set(columns.cap!);
    if (columns.styles) styles.set(columns.styles);
    seen[0]!++;
  }

  /** The caps of a date are used with the returns of the next; what is wrong is told now, before any state changes. */
  private checkCap(cap: Float64Array): void {
    const asset = cap.findIndex((value) => value <= 0 || value === Number.POSITIVE_INFINITY);
    if (asset < 0) return;
    const hint = "leave an asset without capitalisation out with NaN";
    const message = `factor engine: 'cap' of asset ${asset} is ${cap[asset]}, expected a finite number > 0, or NaN where there is none`;
    throw new KernelError("E_BAD_VALUE", message, { port: "cap", column: asset, value: cap[asset], hint });
  }

  private bind(from: Columns, into: Columns): () => void {
    const { sector, backend } = this.options;
    const { states, model, room } = this;
    const how = backend === undefined ? {} : { backend };
    const { residuals, volatility, raw, marginal } = room as Record<"residuals" | "volatility" | "raw" | "marginal", Float64Array>;
    const styled = model.styles > 0;
    const pick = (...names: string[]) => Object.fromEntries(names.map((name) => [name, into[name]!])) as never;
    const inputs = {
      returns: from.returns!,
      cap: states.cap,
      sector,
      exposureOf: this.exposureOf,
      ...(styled && { styles: states.styles }),
    };
    const estimated = pick("factorReturns", "standardErrors", "tStatistics", "rSquared", "used", "rank", "minimumNorm");
    const regress = factorReturns.bind(
      { in: inputs, out: { ...(estimated as object), residuals } as never },
      { ...model, mode: "joint" },
      how,
    );
    const covariance = factorCovariance.bind(
      { in: { factorReturns: into.factorReturns! }, out: { covariance: into.covariance! }, state: states.covariance },
      this.covarianceOptions,
      how,
    );
    const specific = specificRisk.bind(
      { in: { residuals, cap: from.cap! }, out: { volatility, raw }, state: states.specific },
      this.specificOptions,
      how,
    );
    const held = {
      weights: from.weights!,
      sector,
      covariance: into.covariance!,
      specific: volatility,
      ...(styled && { styles: from.styles! }),
    };
    const risks = { ...(pick("total", "factor", "specificRisk", "exposures", "contributions") as object), marginal } as never;
    const risk = factorRisk.bind({ in: held, out: risks }, model, how);
    return () => {
      regress();
      covariance();
      specific();
      risk();
    };
  }
}

function statesOf(states: States, { assets, styles }: { assets: number; styles: number }, covariance: object, specific: object) {
  return {
    covariance: states.kernel(factorCovariance as never, covariance),
    specific: states.kernel(specificRisk as never, specific),
    cap: states.numbers(assets),
    styles: states.numbers(styles * assets),
    seen: states.numbers(1),
  };
}
