/** Optimizers on problems that no reference can check: what an answer says of itself, a gap to a bound and residuals, is looked at instead. The small cases of the contracts are compared with the reference. */
import type { Case } from "../src/core/contract/contract.js";
import { type AnyKernel, type Arrays, kernelNamed, prepareKernel, type Task } from "./case.js";

const noRows = ["constraint", "constraintLower", "constraintUpper"];
const noBounds = ["lower", "upper"];
const asFactors = ["covariance", "returns"];
const asCovariance = ["loading", "factorCovariance", "specificVariance", "returns"];
const noCosts = ["tradeCost", "quadraticCost", "impactCost", "held", "benchmark", "riskAversion"];

interface Certified {
  kernel: string;
  one: Case & { label: string };
  /** Largest gap that is let through. */
  gap: number;
  /** What is done to the sample's inputs. */
  change?(kernel: AnyKernel, inputs: Arrays, options: object): Arrays;
}

/** Weights of yesterday, when returns were expected a hundredth apart. */
function fromYesterday(kernel: AnyKernel, inputs: Arrays, options: object): Arrays {
  const expected = (inputs.expected as Float64Array).map((value, i) => value * (1 + 0.01 * Math.sin(i)));
  return { ...inputs, start: kernel({ ...inputs, expected }, options).weights! };
}

/** The same, of factors that do not correlate: a model that is solved again and again is turned once. */
function fromYesterdayTurned(kernel: AnyKernel, inputs: Arrays, options: object): Arrays {
  const factors = Math.sqrt(inputs.factorCovariance!.length);
  const factorCovariance = (inputs.factorCovariance as Float64Array).map((value, at) => (at % (factors + 1) === 0 ? value : 0));
  return fromYesterday(kernel, { ...inputs, factorCovariance }, options);
}

/** Variance of every asset's own, which the bound needs, and a buy-in of half a percent. */
const ownRisk = (_: AnyKernel, inputs: Arrays): Arrays => ({
  ...inputs,
  specificVariance: (inputs.specificVariance as Float64Array).map((value, i) => value + 4e-4 * (1 + (i % 16))),
  lower: new Float64Array(inputs.specificVariance!.length).fill(0.005),
});

const large: Certified[] = [
  {
    kernel: "mean_variance",
    one: {
      dims: { portfolio: 1, factor: 100 },
      options: { assets: 10_000 },
      without: [...asFactors, ...noRows, ...noBounds, ...noCosts, "start"],
      label: "10,000 assets, 100 factors, cold",
    },
    gap: 1e-8,
  },
  {
    kernel: "mean_variance",
    one: {
      dims: { portfolio: 1, factor: 100 },
      options: { assets: 10_000 },
      without: [...asFactors, ...noRows, ...noBounds, ...noCosts],
      label: "10,000 assets, 100 factors, from yesterday's weights",
    },
    gap: 1e-8,
    change: fromYesterday,
  },
  {
    kernel: "mean_variance",
    one: {
      dims: { portfolio: 1, factor: 100 },
      options: { assets: 10_000 },
      without: [...asFactors, ...noRows, ...noBounds, ...noCosts],
      label: "10,000 assets, 100 factors that do not correlate, from yesterday's weights",
    },
    gap: 1e-8,
    change: fromYesterdayTurned,
  },
  {
    kernel: "efficient_frontier",
    one: {
      dims: {},
      options: { assets: 500, points: 1_000 },
      without: [...asCovariance, ...noRows, ...noBounds, "start", "target"],
      label: "500 assets, 1,000 points",
    },
    gap: 1e-7,
  },
  {
    kernel: "minimum_cvar",
    one: { dims: { period: 1_000 }, options: { assets: 500 }, without: [...noRows, ...noBounds], label: "500 assets, 1,000 scenarios" },
    gap: 1e-8,
  },
  {
    kernel: "mean_cvar",
    one: {
      dims: { portfolio: 10, period: 1_000 },
      options: { assets: 100 },
      without: [...noRows, ...noBounds],
      label: "10 portfolios of 100 assets, 1,000 scenarios",
    },
    gap: 1e-8,
  },
  {
    kernel: "cardinality_portfolio",
    one: {
      dims: { factor: 20 },
      options: { assets: 10_000, most: 50, nodes: 1 },
      without: [...asFactors, "expected", ...noBounds],
      label: "10,000 assets, 20 factors, 50 held, the first relaxation",
    },
    gap: 0.01,
    change: ownRisk,
  },
];

/** The largest gap, and why the answer is none where it is. */
function proofOf({ status, gap, primalResidual }: Arrays, most: number): { gap: number; wrong?: string } {
  const largest = (values: ArrayLike<number | bigint> | undefined) => Math.max(0, ...Array.from(values ?? [], Number));
  const found = { gap: largest(gap), residual: largest(primalResidual) };
  if (!(found.gap <= most)) return { gap: found.gap, wrong: `its gap is ${found.gap}, which is more than ${most}` };
  if (!(found.residual <= 1e-7)) return { gap: found.gap, wrong: `its limits are missed by ${found.residual}` };
  if (Array.from(status!, Number).includes(2)) return { gap: found.gap, wrong: "it says that nothing meets the limits" };
  return { gap: found.gap };
}

export const certifiedTasks: Task[] = large.map(({ kernel: name, one, gap, change }) => {
  const kernel = kernelNamed(name)!;
  const counted = one.dims[kernel.contract.rows] ?? (one.options?.[kernel.contract.rows] as number | undefined) ?? 1;
  return {
    ...{ kernel: name, label: one.label, unit: kernel.contract.rows, rows: counted },
    ...(one.options && { options: one.options }),
    ...{ fixed: true, further: true },
    make: (backend) => prepareKernel(kernel, one, backend, "f64", (inputs, options) => change?.(kernel, inputs, options) ?? inputs),
    prove: (got) => proofOf(got, gap),
    compare: () => {
      throw new Error(`${name}: no reference can check ${one.label}`);
    },
  };
});
