/** VaR and ES by the name of a method: each is one of the kernels, and one of its two answers. */
import { needObject } from "../../../core/contract/arguments.js";
import type { Options, Params, RealView } from "../../../core/contract/contract.js";
import { didYouMean, KernelError } from "../../../core/contract/errors.js";
import { isView, said } from "../../../core/contract/given.js";
import { sampleCovariance } from "../covariance/sample_covariance.js";
import { ageWeightedRisk } from "./age_weighted_risk.js";
import { filteredHistoricalRisk } from "./filtered_historical_risk.js";
import { historicalRisk } from "./historical_risk.js";
import { monteCarloRisk } from "./monte_carlo_risk.js";
import { parametricRisk } from "./parametric_risk.js";

const methods = {
  historical: { kernel: historicalRisk, fixed: {} },
  age_weighted: { kernel: ageWeightedRisk, fixed: {} },
  filtered_historical: { kernel: filteredHistoricalRisk, fixed: {} },
  gaussian: { kernel: parametricRisk, fixed: { distribution: "normal" } },
  student_t: { kernel: parametricRisk, fixed: { distribution: "student_t" } },
  cornish_fisher: { kernel: parametricRisk, fixed: { distribution: "cornish_fisher" } },
  /** Paths with the mean and the covariance of the returns; monteCarloRisk itself takes a model of one's own. */
  monte_carlo: { kernel: monteCarloRisk, fixed: {} },
} as const;

type Methods = typeof methods;
type ParamsOf<M extends keyof Methods> = Methods[M]["kernel"]["contract"]["params"];
type Others<P extends Params, M> = Omit<Options<P>, "assets" | "confidence" | (M extends "monte_carlo" ? never : "distribution")>;
/** Options of a method are those of its kernel; `assets` is 1 where it is not given. */
export type RiskOptions = {
  [M in keyof Methods]: { confidence: number; assets?: number } & (M extends "historical" ? { method?: M } : { method: M }) &
    Others<ParamsOf<M>, M>;
}[keyof Methods];

/** One series of returns, or scenarios of assets and the portfolios' weights; one asset needs no weights. */
export type RiskInputs<R extends RealView> = R | { returns: R; weights?: R };

interface How {
  backend?: string;
}
type Output = "var" | "es";
type AnyKernel = any; // their options differ

/** The model that a simulation is of: mean and covariance of the returns. */
function estimated({ returns, weights }: { returns: RealView; weights?: RealView }, assets: number, how: How) {
  const model = sampleCovariance({ returns }, { assets }, how);
  return { ...(weights && { weights: Float64Array.from(weights) }), mean: model.mean, covariance: model.covariance };
}

function prepare<R extends RealView>(name: string, inputs: RiskInputs<R>, options: RiskOptions, how: How) {
  if (!isView(inputs)) needObject(`${name}: returns`, inputs);
  needObject(`${name}: options`, options);
  const { method = "historical", ...given } = options;
  if (typeof method !== "string" || !Object.hasOwn(methods, method)) {
    const near = typeof method === "string" ? didYouMean(method, Object.keys(methods)) : undefined;
    throw new KernelError(
      "E_OPTION_RANGE",
      `${name}: option 'method' is ${typeof method === "string" ? method : said(method)}, expected one of ${Object.keys(methods).join(", ")}`,
      {
        kernel: name,
        option: "method",
        value: method,
        hint: near ? `did you mean ${near}?` : "choose one of these",
      },
    );
  }
  const chosen = methods[method];
  const columns = (isView(inputs) ? { returns: inputs } : inputs) as { returns: R; weights?: R };
  const settled = { assets: 1, ...given, ...chosen.fixed };
  const unit = settled.assets === 1 && columns.weights === undefined && isView(columns.returns);
  const weights = unit ? new (columns.returns.constructor as Float64ArrayConstructor)([1]) : columns.weights;
  const all = { ...columns, ...(weights ? { weights } : {}) };
  const simulated = method === "monte_carlo" && isView(columns.returns);
  // simulation is in f64, its answer as the returns are
  const answerIn = (view: RealView) =>
    (columns.returns instanceof Float32Array && view instanceof Float64Array ? Float32Array.from(view) : view) as R;
  return { kernel: chosen.kernel as AnyKernel, columns: simulated ? estimated(all, settled.assets, how) : all, settled, answerIn };
}

function answer(name: string, output: Output) {
  const call = <R extends RealView = Float64Array>(inputs: RiskInputs<R>, options: RiskOptions, how: How = {}): R => {
    needObject(`${name}: what says how to run it`, how);
    const { kernel, columns, settled, answerIn } = prepare(
      name,
      inputs,
      options,
      how.backend === undefined ? {} : { backend: how.backend },
    );
    return answerIn(kernel(columns, settled, how)[output]);
  };
  const async = async <R extends RealView = Float64Array>(
    inputs: RiskInputs<R>,
    options: RiskOptions,
    how: How & { signal?: AbortSignal } = {},
  ): Promise<R> => {
    needObject(`${name}: what says how to run it`, how);
    const { kernel, columns, settled, answerIn } = prepare(
      name,
      inputs,
      options,
      how.backend === undefined ? {} : { backend: how.backend },
    );
    return answerIn((await kernel.async(columns, settled, how))[output]);
  };
  return Object.assign(call, { async });
}

/** Value at risk of each portfolio, a positive loss. */
export const valueAtRisk = answer("value_at_risk", "var");
/** Expected shortfall of each portfolio, a positive loss. */
export const expectedShortfall = answer("expected_shortfall", "es");

/** Every method by its name, and which options of its kernel are its own. */
export const riskMethods: readonly { name: string; options: readonly string[] }[] = Object.entries(methods).map(([name, { kernel }]) => ({
  name,
  options: Object.keys(kernel.contract.params),
}));
