import { kernel } from "../../../core/call/kernel.js";
import type { Port } from "../../../core/contract/contract.js";
import { drawParams } from "../../parts/draws.js";
import { faultOf, positionInputs, refusal, samplePositions, worthOf } from "../parts/positions.js";
import {
  lawParams,
  modelOf,
  refuseModel,
  simulatedCompare,
  simulatedOutputs,
  simulatedParams,
  simulatedRisk,
} from "../parts/simulation.js";

const { assets: _, ...counted } = simulatedParams;
type Names = keyof typeof simulatedOutputs;
const outputs = Object.fromEntries(
  Object.entries(simulatedOutputs).map(([key, port]) => [key, { ...port, shape: [1], unit: "currency" } satisfies Port]),
) as unknown as Record<Names, { dtype: "f64"; shape: [1]; unit: string; doc: string }>;

/** Futures count from now: what they have moved before is in the account already. */
const worthFromNow = (p: Parameters<typeof worthOf>[0], i: number, ratio: number) =>
  worthOf(p, i, ratio, 1) + (p.kind[i] === 3 ? p.quantity[i]! * (p.multiplier?.[i] ?? 1) * p.strike[i]! : 0);

/** VaR and ES of a book of options by full repricing. */
export const optionBookRisk = kernel({
  name: "option_book_risk",
  rows: "paths",
  doc:
    "VaR and ES of a book of assets, futures and European options over simulated paths, each option repriced by Black-Scholes-Merton on every path. Prices move " +
    "by exp(r), r the log returns over the horizon, normal or Student-t; options are then older by the horizon, their volatilities as they are. The loss is the " +
    "value now less that on the path. Errors are those of monte_carlo_risk.",
  source:
    "Merton (1973), Bell J. Econ. 4(1); Glasserman (2004), Monte Carlo Methods in Financial Engineering, section 9.1; draws as in simulate_returns",
  inputs: {
    ...positionInputs,
    mean: {
      dtype: "f64",
      shape: ["instrument"],
      optional: true,
      check: {},
      unit: "ratio",
      doc: "expected log return of each instrument; 0 where left out",
    },
    covariance: {
      dtype: "f64",
      shape: ["instrument", "instrument"],
      check: {},
      unit: "ratio^2",
      doc: "of the log returns over the horizon; positive definite, what is above the diagonal is not read",
    },
  },
  params: {
    ...counted,
    horizon: {
      type: "f64",
      min: 0,
      max: 1_000,
      default: 0,
      unit: "years",
      doc: "by how much options are older on the paths, 1 / 252 for a day",
    },
    ...lawParams,
    ...drawParams,
  },
  outputs,
  threads: true,
  refuse: (params) => refuseModel(params, undefined),
  workspace: true,
  compare: simulatedCompare,
  cost: ({ paths = 0, position = 0, instrument = 0 }) => ({
    flops: paths * (160 * position + 90 * instrument + instrument ** 2),
    bytes: 90 * position,
  }),
  reference({ in: { mean, covariance, ...given }, params, out, dims: { position = 0, instrument = 0 } }) {
    for (let i = 0; i < position; i++) {
      const fault = faultOf(given, i);
      if (fault !== "ok") return { ...refusal(fault, i), consumed: 0 };
    }
    const model = modelOf({ mean, covariance }, instrument, params);
    if ("refused" in model) return model;
    const later = { ...given, expiry: Float64Array.from(given.expiry, (t) => Math.max(0, t - params.horizon)) };
    let now = 0;
    for (let i = 0; i < position; i++) now += worthFromNow(given, i, 1);
    const losses = Float64Array.from({ length: params.paths }, (_, path) => {
      const ratios = model.returns(path).map(Math.exp);
      let loss = now;
      for (let i = 0; i < position; i++) loss -= worthFromNow(later, i, ratios[given.underlying[i]!]!);
      return loss;
    });
    for (const [key, value] of Object.entries(simulatedRisk(losses, params.confidence))) out[key as Names][0] = value;
    return undefined;
  },
  sample({ position = 0, instrument = 1 }, random) {
    const deviation = Array.from({ length: instrument }, () => 0.005 + 0.03 * random());
    return {
      ...samplePositions(position, instrument, random),
      mean: Float64Array.from(deviation, (d) => 0.1 * d),
      covariance: Float64Array.from({ length: instrument ** 2 }, (_, k) => {
        const [i, j] = [Math.floor(k / instrument), k % instrument];
        return deviation[i]! * deviation[j]! * (i === j ? 1 : 0.4);
      }),
    };
  },
  golden: [
    {
      source:
        "own Philox4x32-10 in numpy 2.4.6 (checked with the known answers of Random123), scipy 1.17.1 norm.ppf and norm.cdf in the pricing formula, numpy quantile",
      inputs: {
        quantity: [10, -2, 3, -3],
        multiplier: [1, 100, 100, 10],
        kind: [0, 1, 2, 3],
        underlying: [0, 0, 1, 1],
        strike: [0, 105, 47, 49],
        expiry: [0, 0.25, 0.5, 0],
        volatility: [0, 0.3, 0.4, 0],
        rate: [0, 0.03, 0.03, 0],
        dividendYield: [0, 0.01, 0.01, 0],
        price: [100, 50],
        mean: [0.001, -0.002],
        covariance: [9e-4, 2e-4, 2e-4, 1.6e-3],
      },
      options: { paths: 4_001, confidence: 0.975, seed: 7, stream: 3, horizon: 0.02 },
      outputs: {
        var: [752.8836972646134],
        es: [888.8498492184692],
        varLow: [719.0625824833669],
        varHigh: [785.8868199813127],
        varError: [17.0473126100905],
        esError: [18.682527899108905],
      },
      relative: 1e-11,
    },
  ],
  parity: [
    { dims: { position: 12, instrument: 3 }, options: { paths: 403, horizon: 0.01 } },
    { dims: { position: 70, instrument: 9 }, options: { paths: 101, threads: 2, confidence: 0.9 } },
    {
      dims: { position: 20, instrument: 2 },
      options: { paths: 301, distribution: "student_t", df: 4 },
      without: ["mean", "multiplier", "rate", "dividendYield"],
    },
    { dims: { position: 9, instrument: 2 }, options: { paths: 151, confidence: 0.55 } },
    { dims: { position: 0, instrument: 1 }, options: { paths: 10 } },
  ],
  bench: [{ dims: { position: 100, instrument: 10 }, options: { paths: 20_000 }, label: "100 positions on 10 instruments" }],
  example: { confidence: 0.95, seed: 1 },
});
