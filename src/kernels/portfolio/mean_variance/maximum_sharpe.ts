import { kernel } from "../../../core/call/kernel.js";
import { explainProgramme, refuseConstraints } from "../parts/programme_ports.js";
import { refuseRiskModel, riskModelInputs, riskModelNeeds } from "../parts/risk_model.js";
import { asCovariance, asFactors, asReturns } from "../parts/risk_sample.js";
import {
  ratioCompare,
  sampleTangency,
  tangencyCompare,
  tangencyInputs,
  tangencyOutputs,
  tangencyParams,
  tangencyReference,
} from "../parts/tangency_ports.js";

const [noStart, noRows, noBounds] = [["start"], ["constraint", "constraintLower", "constraintUpper"], ["lower", "upper"]];

/** The portfolio with the largest Sharpe ratio. */
export const maximumSharpe = kernel({
  name: "maximum_sharpe",
  rows: "assets",
  doc:
    "Weights with the most expected return above `riskFree` for their volatility, within budget, bounds and constraints. Of the portfolios that weigh " +
    "return against risk by t it is the one whose variance is t times its excess return: t is found by secants, each programme solved from the " +
    "answer before, and the gap is one to a bound on the ratio itself. Refused where no portfolio is expected to earn more than " +
    "`riskFree`: the ratio then says nothing. Where several portfolios have the largest ratio, one of them is given.",
  source:
    "Sharpe (1994), J. Portfolio Management 21(1); Dinkelbach (1967), Manag. Sci. 13(7), for the parameter; the reference by homogenization: " +
    "Cornuejols & Tutuncu (2007), Optimization Methods in Finance, section 8.2",
  inputs: {
    ...riskModelInputs,
    expected: { dtype: "f64", shape: ["assets"], check: {}, unit: "ratio", doc: "expected return of each asset. NaN is refused" },
    ...tangencyInputs,
  },
  params: {
    ...tangencyParams,
    riskFree: { type: "f64", default: 0, unit: "ratio", doc: "return without risk, over the same time as `expected`" },
  },
  outputs: {
    sharpe: {
      dtype: "f64",
      shape: [1],
      unit: "ratio",
      doc: "excess return over volatility; NaN where infeasible, Infinity where there is no risk",
    },
    excess: { dtype: "f64", shape: [1], unit: "ratio", doc: "expected return above `riskFree`" },
    ...tangencyOutputs,
  },
  refuse: (_, __, given) => refuseRiskModel(given) ?? refuseConstraints(given),
  explain(input, columns) {
    if (input !== "expected") return explainProgramme(input, columns);
    const expected = columns.expected as Float64Array;
    if (!expected.every(Number.isFinite)) return undefined;
    const row = expected.indexOf(Math.max(...expected));
    return {
      why: `no portfolio within bounds and constraints has an expected return above 'riskFree': the largest 'expected' is ${expected[row]}, row ${row}`,
      hint: "a Sharpe ratio needs an excess return above 0: lower riskFree, look at the expected returns, or use minimumVariance",
      row,
      value: expected[row]!,
    };
  },
  needs: riskModelNeeds,
  workspace: true,
  compare: {
    sharpe: ratioCompare,
    excess: { f64: { relative: 1e-5, floor: 1e-3 }, f32: { relative: 1e-5, floor: 1e-3 } },
    ...tangencyCompare,
  },
  cost: ({ factor = 0, period = 0 }, { assets }) => ({
    flops: 60 * assets * (factor || Math.min(assets, period || assets)) ** 2,
    bytes: 100 * 8 * assets * (factor || assets),
  }),
  reference({ in: given, params, out }) {
    const found = tangencyReference(given, params, () => given.expected.map((value) => value - params.riskFree), out);
    if ("refused" in found) return { consumed: 0, produced: 0, refused: found.refused ?? { code: "badValue", input: "expected", row: 0 } };
    out.sharpe[0] = found.ratio;
    out.excess[0] = found.earned;
    return undefined;
  },
  sample: (dims, random, { assets }, without) => ({
    ...sampleTangency(dims, random, assets, without),
    expected: Float64Array.from({ length: assets }, (_, i) => 0.002 + 0.004 * random() * (i % 6 === 3 ? -1 : 1)),
  }),
  golden: [
    {
      source:
        "hand calculation: C^-1 e of variances 0.04 and 0.01 without correlation, e = (0.05, 0.02): 1.25 : 2; ratio sqrt(0.05^2 / 0.04 + 0.02^2 / 0.01)",
      inputs: { covariance: [0.04, 0, 0, 0.01], expected: [0.07, 0.04] },
      options: { assets: 2, riskFree: 0.02 },
      outputs: {
        weights: [0.38461538461538464, 0.6153846153846154],
        sharpe: [0.32015621187164245],
        excess: [0.031538461538461536],
        status: [0],
      },
      relative: 1e-7,
    },
    {
      source: "hand calculation: the second asset loses; long only, the first is held alone",
      inputs: { covariance: [0.04, 0, 0, 0.01], expected: [0.05, -0.01] },
      options: { assets: 2 },
      outputs: { weights: [1, 0], sharpe: [0.25], volatility: [0.2] },
      relative: 1e-7,
    },
  ],
  parity: [
    { dims: {}, options: { assets: 1 }, without: [...asCovariance, ...noStart, ...noRows, ...noBounds] },
    { dims: {}, options: { assets: 9 }, without: [...asCovariance, ...noStart, ...noRows, ...noBounds] },
    { dims: { constraint: 3 }, options: { assets: 14 }, without: asCovariance },
    { dims: { factor: 4, constraint: 4 }, options: { assets: 15 }, without: [...asFactors, ...noStart] },
    { dims: { factor: 3 }, options: { assets: 16, budget: 0.5 }, without: [...asFactors, ...noRows, ...noBounds] },
    { dims: { period: 40 }, options: { assets: 12 }, without: [...asReturns, ...noRows] },
  ],
  bench: [
    {
      dims: { factor: 100 },
      options: { assets: 10_000 },
      without: [...asFactors, ...noStart, ...noRows, ...noBounds],
      label: "10,000 assets, 100 factors, long only",
    },
    { dims: {}, options: { assets: 500 }, without: [...asCovariance, ...noStart, ...noRows, ...noBounds], label: "500 assets, long only" },
  ],
  example: { assets: 3 },
});
