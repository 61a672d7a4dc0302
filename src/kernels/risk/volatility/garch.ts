import { kernel } from "../../../core/call/kernel.js";
import { maximize } from "../parts/garch_likelihood.js";

/** Simulated from the model itself, in percent, after a pseudo-normal (sum of twelve uniforms). */
function simulate(rows: number, random: () => number): Float64Array {
  let variance = 0.4;
  return Float64Array.from({ length: rows }, () => {
    const z = Array.from({ length: 12 }, random).reduce((total, u) => total + u, -6);
    const residual = Math.sqrt(variance) * z;
    variance = 0.02 + 0.12 * residual * residual + 0.83 * variance;
    return 0.03 + residual;
  });
}

/** Whole numbers spread over [-1/2, 1/2], calmer and wilder in turn. */
const wave = (t: number) => (((t * t * 7_919) % 1_009) / 1_009 - 0.5) * (1 + 0.5 * Math.sin(t / 3)) + 0.01;

const tolerance = (relative: number, floor: number) => ({ f64: { relative, floor }, f32: { relative: 2e-7, floor } });

/** Maximum-likelihood fit of GARCH(1,1), with the variances and forecasts that follow from it. */
export const garch = kernel({
  name: "garch",
  rows: "observation",
  doc: "Gaussian maximum-likelihood fit of GARCH(1,1): r_t = mu + e_t, h_t = omega + alpha e_(t-1)^2 + beta h_(t-1). Before the first observation e^2 and h are the mean squared residual. The fit stays inside omega, alpha, beta > 0 and alpha + beta < 1; where the optimum lies on that border, or the data do not vary, `converged` is 0.",
  source:
    "Bollerslev (1986), J. Econometrics 31(3); derivatives of Fiorentini, Calzolari & Panattoni (1996), J. Appl. Econometrics 11(4); start values and published estimates of Bollerslev & Ghysels (1996), J. Bus. Econ. Stat. 14(2)",
  inputs: {
    returns: {
      dtype: "real",
      shape: ["observation"],
      check: { min: -1e6, max: 1e6 },
      unit: "return",
      doc: "one return each period, oldest first",
    },
  },
  params: {
    mean: { type: "enum", values: ["constant", "zero"], default: "constant", doc: "`zero` holds mu at 0" },
    horizon: { type: "i32", min: 1, max: 100_000, default: 10, unit: "periods", doc: "periods forecast" },
    maxIterations: { type: "i32", min: 1, max: 10_000, default: 200, doc: "Newton steps at most" },
  },
  outputs: {
    parameters: {
      dtype: "f64",
      shape: [4],
      unit: "return, return^2, 1, 1",
      doc: "mu, omega, alpha, beta; NaN where the returns do not vary",
    },
    standardErrors: {
      dtype: "f64",
      shape: [4],
      unit: "as the parameters",
      doc: "roots of the diagonal of the inverse negative Hessian (0 for a mean held at 0); NaN where it is not positive definite",
    },
    logLikelihood: { dtype: "f64", shape: [1], unit: "log density", doc: "at the parameters" },
    converged: { dtype: "i8", shape: [1], unit: "flag", doc: "1 where the gradient vanishes inside the permitted region" },
    variance: { dtype: "real", shape: ["observation"], unit: "return^2", doc: "h_t, what was expected before observation t" },
    forecast: { dtype: "real", shape: ["horizon"], unit: "return^2", doc: "variance of each of the next `horizon` periods" },
  },
  needs: () => ({ observation: 20 }),
  // Both stop where the gradient vanishes; what is left of it is rounding, which the flat directions of the likelihood enlarge.
  compare: {
    parameters: tolerance(1e-7, 1e-2),
    standardErrors: tolerance(1e-6, 0),
    logLikelihood: tolerance(1e-11, 0),
    converged: { f64: { exact: true }, f32: { exact: true } },
    variance: tolerance(1e-7, 0),
    forecast: tolerance(1e-7, 0),
  },
  cost: ({ observation = 0 }) => ({ flops: 20 * 130 * observation, bytes: 8 * observation }),
  reference({ in: { returns }, params, out }) {
    if (returns.every((r) => r === returns[0])) {
      for (const values of [out.parameters, out.standardErrors, out.logLikelihood, out.variance, out.forecast]) values.fill(Number.NaN);
      out.converged[0] = 0;
      return;
    }
    const { theta, at, covariance, converged } = maximize(returns, params.mean === "zero", params.maxIterations);
    const [mu, omega, alpha, beta] = theta;
    out.parameters.set(theta);
    out.standardErrors.set(
      [0, 1, 2, 3].map((i) => (i === 0 && params.mean === "zero" ? 0 : Math.sqrt(covariance?.[i]?.[i] ?? Number.NaN))),
    );
    out.logLikelihood[0] = at.value;
    out.converged[0] = converged ? 1 : 0;
    out.variance.set(at.variance);
    let h = at.variance.at(-1)!;
    let square = (returns[returns.length - 1]! - mu) ** 2;
    for (let k = 0; k < params.horizon; k++) {
      h = omega + alpha * square + beta * h;
      square = h;
      out.forecast[k] = h;
    }
  },
  sample: ({ observation = 0 }, random) => ({ returns: simulate(observation, random) }),
  golden: [
    {
      source: "mpmath 1.3.0, Newton's method on numerical derivatives in 40 digits; scipy 1.17.1 minimize(Nelder-Mead) agrees to 1e-8",
      inputs: { returns: Array.from({ length: 300 }, (_, i) => wave(i + 1)) },
      options: { horizon: 3 },
      outputs: {
        parameters: [0.01675171440563122, 0.03485678048923382, 0.2695704267797645, 0.321885602335235],
        standardErrors: [0.014979325838679, 0.013445200664185, 0.083282345361412, 0.18476634160938],
        logLikelihood: [-47.12757886624775],
        converged: [1],
        forecast: [0.0680739674416794, 0.0751195389583933, 0.0792866847105146],
      },
      relative: 1e-10,
    },
  ],
  parity: [
    { dims: { observation: 1_003 } },
    { dims: { observation: 2_000 }, options: { mean: "zero", horizon: 3 } },
    { dims: { observation: 5_003 }, options: { horizon: 250 } },
  ],
  bench: [{ dims: { observation: 2_000 } }],
});
