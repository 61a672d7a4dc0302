/** What the kernels that share risk out among positions have in common. */
import { normal, student } from "./assumed.js";
import { momentsOf } from "./moments.js";
import { assetsParam, confidenceParam, portfolioInputs, portfolioLosses, quantileParam, tailParam, varianceDdof } from "./portfolios.js";
import { descending, type Quantile, type Risk, type Tail, tailProbability, tailRisk } from "./tail.js";

export const attributionParams = {
  assets: assetsParam,
  confidence: confidenceParam,
  method: {
    type: "enum",
    values: ["historical", "gaussian", "student_t"],
    default: "historical",
    doc: "over the scenarios as they are, of history or simulated (simulate_returns), as historical_risk does; or from their moments, as parametric_risk",
  },
  df: { type: "f64", min: 0, max: 1e6, default: 0, doc: "degrees of freedom, > 2; needed for method 'student_t'" },
  quantile: quantileParam,
  tail: tailParam,
  ddof: varianceDdof,
} as const;

export interface AttributionOptions {
  assets: number;
  confidence: number;
  method: string;
  df: number;
  quantile: Quantile;
  tail: Tail;
  ddof: number;
}

export const attributionCommon = {
  rows: "portfolio",
  inputs: portfolioInputs,
  params: attributionParams,
  needs: () => ({ scenario: 2 }),
  refuse: ({ method, df }: Readonly<Record<string, string | number>>) =>
    method === "student_t" && !((df as number) > 2)
      ? `method 'student_t' needs df > 2, where the variance is finite; df is ${df || "not given"}`
      : undefined,
  compare: {
    var: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    es: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
  },
  parity: [
    { dims: { portfolio: 0, scenario: 10 } },
    { dims: { portfolio: 1, scenario: 2 } },
    { dims: { portfolio: 9, scenario: 100 } },
    { dims: { portfolio: 9, scenario: 100 }, options: { quantile: "order", tail: "beyond" } },
    { dims: { portfolio: 9, scenario: 250 }, options: { method: "gaussian" } },
    { dims: { portfolio: 9, scenario: 250 }, options: { method: "student_t", df: 5 } },
    { dims: { portfolio: 9, scenario: 12 }, options: { method: "gaussian", ddof: 0 } },
    { dims: { portfolio: 9, scenario: 102 }, options: { quantile: "hazen" } },
    { dims: { portfolio: 9, scenario: 102 }, options: { quantile: "higher", tail: "beyond" } },
    { dims: { portfolio: 5, scenario: 1_003 }, options: { assets: 11, confidence: 0.99 } },
  ],
  bench: [{ dims: { portfolio: 10, scenario: 2_500 }, options: { assets: 20, confidence: 0.99 } }],
  example: { assets: 3, confidence: 0.95 },
} as const;

export const attributionOutputs = (what: string) =>
  ({
    var: { dtype: "real", shape: ["portfolio", "assets"], unit: "of return * weight", doc: `${what} VaR of each position` },
    es: { dtype: "real", shape: ["portfolio", "assets"], unit: "of return * weight", doc: `${what} ES of each position` },
  }) as const;

const assumed = ({ method, confidence, df }: AttributionOptions) =>
  method === "student_t" ? student(tailProbability(confidence), df) : normal(tailProbability(confidence));

export function riskOf(losses: Float64Array, options: AttributionOptions): Risk {
  if (options.method === "historical") return tailRisk(descending(losses), options.confidence, options.quantile, options.tail);
  const { mean, squares } = momentsOf(losses);
  const sigma = Math.sqrt(squares / (losses.length - options.ddof));
  const { quantile, tailMean } = assumed(options);
  return { risk: mean + sigma * quantile, shortfall: mean + sigma * tailMean };
}

/** What each scenario weighs in a risk that is a weighted sum of falling losses; scenarios of equal loss weigh the same. */
function shared(losses: Float64Array, ofFalling: (falling: Float64Array) => readonly number[]): Float64Array {
  if (!losses.every(Number.isFinite)) return losses.map(() => Number.NaN);
  const falling = descending(losses);
  const weights = ofFalling(falling);
  return losses.map((loss) => {
    const [first, end] = [falling.indexOf(loss), falling.lastIndexOf(loss) + 1];
    return weights.slice(first, end).reduce((sum, w) => sum + w, 0) / (end - first);
  });
}

/** Weights of the scenarios in the VaR and the ES of a portfolio, which are linear in them. */
export function scenarioWeights(losses: Float64Array, options: AttributionOptions): { risk: Float64Array; shortfall: Float64Array } {
  const rows = losses.length;
  if (options.method === "historical") {
    // a risk is linear in falling losses: its value where one of them is 1 and those behind it are 0, less that of one place before
    const { confidence, quantile, tail } = options;
    const level = riskOf(losses, options).risk;
    const of = (pick: (risk: Risk) => number, tailOf: Tail) => () => {
      const reached = Math.min(rows, Math.ceil(tailProbability(confidence) * rows) + 2); // losses behind these weigh nothing
      const upTo = (i: number) => losses.map((_, k) => (k <= i ? 1 : 0));
      const steps = Array.from({ length: reached }, (_, i) => pick(tailRisk(upTo(i), confidence, quantile, tailOf)));
      return steps.map((step, i) => step - (i > 0 ? steps[i - 1]! : 0));
    };
    const beyond = losses.filter((loss) => loss >= level).length;
    return {
      risk: shared(
        losses,
        of((r) => r.risk, "exact"),
      ),
      shortfall:
        tail === "beyond"
          ? losses.map((loss) => (loss >= level ? 1 / beyond : 0))
          : shared(
              losses,
              of((r) => r.shortfall, "exact"),
            ),
    };
  }
  const { mean, squares } = momentsOf(losses);
  const free = rows - options.ddof;
  const sigma = Math.sqrt(squares / free);
  const { quantile, tailMean } = assumed(options);
  const pull = (times: number) => losses.map((loss) => 1 / rows + (sigma === 0 ? 0 : (times * (loss - mean)) / (free * sigma)));
  return { risk: pull(quantile), shortfall: pull(tailMean) };
}

/** Change of VaR and ES with the weight of each position, portfolio after portfolio. */
export function marginals(
  returns: ArrayLike<number>,
  weights: ArrayLike<number>,
  scenario: number,
  portfolio: number,
  options: AttributionOptions,
): { risk: number[]; shortfall: number[] } {
  const { assets } = options;
  const all: { risk: number[]; shortfall: number[] } = { risk: [], shortfall: [] };
  for (let p = 0; p < portfolio; p++) {
    const found = scenarioWeights(portfolioLosses(returns, weights, assets, scenario, p), options);
    const minus = (of: Float64Array, a: number) => of.reduce((sum, w, s) => sum - w * returns[s * assets + a]!, 0);
    for (let a = 0; a < assets; a++) {
      all.risk.push(minus(found.risk, a));
      all.shortfall.push(minus(found.shortfall, a));
    }
  }
  return all;
}
