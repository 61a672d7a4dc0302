import { kernel } from "../../../core/call/kernel.js";
import { spread } from "../../parts/sample.js";
import { fitPareto, paretoErrors } from "../parts/pareto_likelihood.js";

const tolerance = (relative: number) => ({ f64: { relative, floor: 1e-3 }, f32: { relative, floor: 1e-3 } });

/** A few dozen losses with three digits. */
const example = (t: number) => Math.round((((t * 37) % 41) / 41) ** 3 * 10_000 + 50 * t) / 1_000;

/** Extreme value theory: the tail of losses beyond a threshold. */
export const peaksOverThreshold = kernel({
  name: "peaks_over_threshold",
  rows: "observation",
  doc: "Generalized Pareto distribution fitted by maximum likelihood to what losses exceed the threshold by, with value at risk, expected shortfall and return levels of that tail. Shapes below -1/2, where the likelihood is not regular, are not looked at; without a maximum, or with fewer than 10 exceedances, all results but their number are NaN.",
  source:
    "Pickands (1975), Ann. Statist. 3(1); Davison & Smith (1990), J. R. Stat. Soc. B 52(3); Grimshaw (1993), Technometrics 35(2); McNeil (1997), ASTIN Bull. 27(1), eq. 6 to 10",
  inputs: {
    loss: {
      dtype: "real",
      shape: ["observation"],
      check: { min: -1e300, max: 1e300 },
      unit: "loss",
      doc: "losses, positive where money is lost",
    },
    returnPeriod: {
      dtype: "f64",
      shape: ["level"],
      optional: true,
      check: { above: 1 },
      unit: "observations",
      doc: "periods in which a level is exceeded once on average",
    },
  },
  params: {
    threshold: { type: "f64", unit: "loss", doc: "losses above it make the tail" },
    confidence: {
      type: "f64",
      min: 0.5,
      max: 1 - 1e-12,
      default: 0.99,
      doc: "of value at risk and expected shortfall; must lie in the tail: above the share of losses not beyond the threshold",
    },
  },
  outputs: {
    parameters: { dtype: "f64", shape: [2], unit: "1, loss", doc: "shape (xi) and scale (beta)" },
    standardErrors: { dtype: "f64", shape: [2], unit: "as the parameters", doc: "from the observed information" },
    logLikelihood: { dtype: "f64", shape: [1], unit: "log density", doc: "of the exceedances" },
    exceedances: { dtype: "i32", shape: [1], unit: "observations", doc: "losses beyond the threshold" },
    valueAtRisk: { dtype: "f64", shape: [1], unit: "loss", doc: "NaN where the confidence does not lie in the tail" },
    expectedShortfall: { dtype: "f64", shape: [1], unit: "loss", doc: "NaN also where the shape is 1 or more: the mean is infinite" },
    returnLevel: {
      dtype: "f64",
      shape: ["level"],
      optional: "returnPeriod",
      unit: "loss",
      doc: "NaN for periods within which the threshold itself is exceeded",
    },
  },
  compare: {
    parameters: tolerance(1e-8),
    standardErrors: tolerance(1e-6),
    logLikelihood: tolerance(1e-10),
    exceedances: { f64: { exact: true }, f32: { exact: true } },
    valueAtRisk: tolerance(1e-8),
    expectedShortfall: tolerance(1e-8),
    returnLevel: tolerance(1e-8),
  },
  workspace: true,
  cost: ({ observation = 0 }) => ({ flops: 20 * 200 * observation, bytes: 8 * observation }),
  reference({ in: { loss, returnPeriod }, params: { threshold, confidence }, out }) {
    const excess = Array.from(loss).flatMap((x) => (x > threshold ? [x - threshold] : []));
    out.exceedances[0] = excess.length;
    const fit = excess.length < 10 ? undefined : fitPareto(excess);
    const { shape, scale, logLikelihood } = fit ?? { shape: Number.NaN, scale: Number.NaN, logLikelihood: Number.NaN };
    out.parameters.set([shape, scale]);
    out.standardErrors.set(fit ? paretoErrors(fit, excess) : [Number.NaN, Number.NaN]);
    out.logLikelihood[0] = logLikelihood;
    const share = excess.length / loss.length;
    /** Loss exceeded with probability p, which is at most that of the threshold. */
    const quantile = (p: number) => {
      const t = Math.log(share / p);
      if (t < 0) return Number.NaN;
      return threshold + scale * (shape === 0 ? t : Math.expm1(shape * t) / shape);
    };
    const valueAtRisk = quantile(Math.round((1 - confidence) * 1e12) / 1e12);
    out.valueAtRisk[0] = valueAtRisk;
    out.expectedShortfall[0] = shape < 1 ? (valueAtRisk + scale - shape * threshold) / (1 - shape) : Number.NaN;
    returnPeriod?.forEach((period, i) => {
      out.returnLevel![i] = quantile(1 / period);
    });
  },
  sample: ({ observation = 0, level = 0 }, random, { threshold }) => ({
    loss: Float64Array.from({ length: observation }, (_, i) =>
      i % 50 === 7 ? threshold : random() < 0.1 ? threshold + 4 * ((1 - random()) ** -0.3 - 1) : -spread(random),
    ),
    returnPeriod: Float64Array.from({ length: level }, (_, k) => 2 * 4 ** k),
  }),
  golden: [
    {
      source: "scipy 1.17.1 genpareto.logpdf maximized by minimize(Nelder-Mead), xatol 1e-13",
      inputs: { loss: Array.from({ length: 40 }, (_, i) => example(i + 1)) },
      options: { threshold: 2 },
      outputs: { parameters: [-0.30676448819103225, 3.81365266666723], logLikelihood: [-50.79557339690409], exceedances: [25] },
      relative: 1e-6,
      floor: 0,
    },
  ],
  example: { threshold: 2 },
  parity: [
    { dims: { observation: 1_003, level: 6 }, options: { threshold: 3 } },
    { dims: { observation: 1_003, level: 0 }, options: { threshold: 3 }, without: ["returnPeriod"] },
    { dims: { observation: 5_003, level: 3 }, options: { threshold: 3, confidence: 0.999 } },
    { dims: { observation: 40, level: 3 }, options: { threshold: 3 } },
  ],
  bench: [{ dims: { observation: 20_000, level: 0 }, options: { threshold: 3 }, without: ["returnPeriod"] }],
});
