/** Target weights with their proof. An answer that is not whole changes nothing: the weights before it stay. */
import type { BoundKernel } from "../../core/call/bind.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { inverseVolatility } from "../../kernels/portfolio/mean_variance/inverse_volatility.js";
import { meanVariance } from "../../kernels/portfolio/mean_variance/mean_variance.js";
import { equalRiskContribution } from "../../kernels/portfolio/risk_parity/equal_risk_contribution.js";
import type { States } from "../states.js";
import type { AssetRisk } from "./asset_risk.js";
import type { WeightLimits } from "./weight_limits.js";

export const objectives = ["minimum_variance", "mean_variance", "equal_risk_contribution", "inverse_volatility"] as const;
export type Objective = (typeof objectives)[number];
/** Those that hold bounds, and so what they leave of an alarmed weight. */
export const hasBounds = (objective: Objective): boolean => objective === "minimum_variance" || objective === "mean_variance";

export interface SolverOptions {
  readonly objective: Objective;
  readonly riskAversion: number;
  readonly budget: number;
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly turnoverLimit?: number | undefined;
  readonly grossLimit?: number | undefined;
  readonly shortLimit?: number | undefined;
  /** Of each asset: share of money traded, over the periods that it is spread over. */
  readonly tradeCost: Float64Array;
  readonly backend?: string | undefined;
}

/** `status`: 0 solved, 1 stopped, 2 infeasible, 3 the risk model is none, 4 no asset may be held. */
export interface Solved {
  readonly status: number;
  readonly objective: number;
  readonly primalResidual: number;
  readonly dualResidual: number;
  readonly gap: number;
  readonly iterations: number;
  readonly risk: number;
  readonly expectedReturn: number;
  /** Of budget, turnoverLimit, grossLimit, shortLimit, where they contradict the bounds. */
  readonly certificate: readonly number[];
  /** Where the status is not 0: what is wrong, in words. */
  readonly why?: string;
}

const none = {
  ...{ objective: Number.NaN, primalResidual: Number.NaN, dualResidual: Number.NaN, gap: Number.NaN, iterations: 0 },
  ...{ risk: Number.NaN, expectedReturn: Number.NaN, certificate: [0, 0, 0, 0] },
} as const;
export const noAnswer = (status: number, why: string): Solved => ({ ...none, status, why });

/** What kernels say of a risk model that is none. */
const refusals = new Set(["E_BAD_VALUE", "E_NOT_POSITIVE_DEFINITE"]);
const one = () => new Float64Array(1);

export class WeightSolver {
  /** The last answer, and how many there were. */
  readonly weights: Float64Array;
  private readonly answers: Float64Array;
  /** What trades are counted from. */
  readonly held: Float64Array;
  readonly expected: Float64Array;
  private readonly out;
  /** From nothing, from the weights before, and those with costs of trading. */
  private readonly runs: Partial<Record<"first" | "next", BoundKernel>> = {};

  constructor(
    private readonly options: SolverOptions,
    private readonly risk: AssetRisk,
    private readonly limits: WeightLimits,
    states: States,
  ) {
    const n = limits.lower.length;
    this.weights = states.numbers(n);
    this.answers = states.numbers(1);
    this.held = new Float64Array(n);
    this.expected = new Float64Array(n);
    const each = () => new Float64Array(n);
    this.out = {
      ...{ weights: each(), boundMultiplier: each(), status: new Int32Array(1), iterations: new Int32Array(1) },
      ...{ objective: one(), primalResidual: one(), dualResidual: one(), gap: one() },
      ...{ mean: one(), risk: one(), cost: one(), turnover: one() },
      ...{ limitMultiplier: new Float64Array(4), limitCertificate: new Float64Array(4) },
    };
  }

  /** Whether there are weights yet. */
  get answered(): boolean {
    return this.answers[0]! > 0;
  }

  /** `open`: assets that may be held, as WeightLimits says, which holds their bounds. */
  solve(open: readonly number[]): Solved {
    if (open.length === 0) return noAnswer(4, "no asset may be held: none is in the risk model and without an alarm");
    try {
      const solved = hasBounds(this.options.objective) ? this.optimize() : this.spread(open);
      if (solved.status === 0) this.answers[0]!++;
      return solved;
    } catch (cause) {
      if (!(cause instanceof TickforgeError) || !refusals.has(cause.code)) throw cause;
      return noAnswer(3, `${cause.message}${cause.hint ? `; ${cause.hint}` : ""}`);
    }
  }

  private optimize(): Solved {
    const which = this.answered ? "next" : "first";
    (this.runs[which] ??= this.bind(which))();
    const { out } = this;
    const status = out.status[0]!;
    if (status === 0) this.weights.set(out.weights);
    const certificate = [...out.limitCertificate];
    return {
      ...{ status, objective: out.objective[0]!, primalResidual: out.primalResidual[0]!, dualResidual: out.dualResidual[0]! },
      ...{ gap: out.gap[0]!, iterations: out.iterations[0]!, risk: out.risk[0]!, expectedReturn: out.mean[0]!, certificate },
      ...(status === 1 && { why: `stopped after ${out.iterations[0]} steps, the gap is ${out.gap[0]!.toPrecision(3)}` }),
      ...(status === 2 && { why: this.contradiction(certificate) }),
    };
  }

  private bind(which: "first" | "next"): BoundKernel {
    const { options, risk, limits, weights, held, expected, out } = this;
    const { objective, riskAversion, budget, tolerance, maxIterations, turnoverLimit, grossLimit, shortLimit, tradeCost, backend } =
      options;
    const optimal = objective === "mean_variance";
    const costly = optimal && tradeCost.some((cost) => cost > 0);
    const next = which === "next";
    const ports = {
      ...{ ...risk.ports, lower: limits.lower, upper: limits.upper, expected },
      ...(optimal && { riskAversion: Float64Array.of(riskAversion) }),
      ...((costly || next) && { held }),
      ...(costly && { tradeCost }),
      // Where trades cost, weights stay at what is held: a start there tells nothing of what they would be.
      ...(next && !costly && { start: weights }),
    };
    const params = {
      ...{ assets: weights.length, budget, tolerance, maxIterations },
      // The first weights are all bought: a limit of what is traded is one of those that follow.
      ...(next && turnoverLimit !== undefined && { turnoverLimit }),
      ...(grossLimit !== undefined && { grossLimit }),
      ...(shortLimit !== undefined && { shortLimit }),
    };
    return meanVariance.bind({ in: ports, out }, params, backend === undefined ? {} : { backend });
  }

  /** What budget and limits have to do with it, and what the bounds leave. */
  private contradiction(certificate: readonly number[]): string {
    const { options, limits } = this;
    const values = [options.budget, options.turnoverLimit, options.grossLimit, options.shortLimit];
    const names = ["budget", "turnoverLimit", "grossLimit", "shortLimit"].flatMap((name, i) =>
      Math.abs(certificate[i]!) > 1e-6 ? [`${name} ${values[i]}`] : [],
    );
    const sum = (of: Float64Array) => Number(of.reduce((all, value) => all + value, 0).toPrecision(6));
    return `infeasible: ${names.join(", ")} and the bounds contradict each other; bounds add up to ${sum(limits.lower)} and ${sum(limits.upper)}`;
  }

  /** Of objectives without bounds: over those assets alone. */
  private spread(open: readonly number[]): Solved {
    const { weights, risk, options } = this;
    const ports = risk.of(open);
    const how = options.backend === undefined ? {} : { backend: options.backend };
    const put = (found: Float64Array) => {
      weights.fill(0);
      open.forEach((i, a) => {
        weights[i] = found[a]!;
      });
      return weights.reduce((sum, weight, i) => sum + weight * this.expected[i]!, 0);
    };
    if (options.objective === "inverse_volatility") {
      const found = inverseVolatility(ports as never, { assets: open.length }, how);
      const primalResidual = Math.abs(found.weights.reduce((sum, weight) => sum + weight, 0) - 1);
      return { ...none, status: 0, primalResidual, risk: found.total[0]!, expectedReturn: put(found.weights) };
    }
    const start = Float64Array.from(open, (i) => weights[i]!);
    const warm = start.every((weight) => weight > 0);
    const found = equalRiskContribution(
      { ...ports, ...(warm && { start }) } as never,
      { assets: open.length, tolerance: options.tolerance, maxIterations: options.maxIterations },
      how,
    );
    const status = found.status[0]!;
    return {
      ...{ status, objective: found.objective[0]!, primalResidual: found.primalResidual[0]!, dualResidual: found.dualResidual[0]! },
      ...{ gap: found.gap[0]!, iterations: found.iterations[0]!, risk: found.volatility[0]!, certificate: none.certificate },
      expectedReturn: status === 0 ? put(found.weights) : Number.NaN,
      ...(status === 1 && { why: `stopped after ${found.iterations[0]} cycles, the gap is ${found.gap[0]!.toPrecision(3)}` }),
      ...(status === 2 && { why: "infeasible: there is a long-only portfolio without risk, so that shares of risk say nothing" }),
    };
  }
}
