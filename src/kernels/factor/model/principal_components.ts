import { kernel } from "../../../core/call/kernel.js";
import { productSums, trace } from "../../parts/matrix.js";
import { componentsGolden } from "../golden/components.js";
import {
  centredReturns,
  componentCost,
  componentNeeds,
  componentParams,
  componentReturns,
  convergedOutput,
  largestEigen,
  refuseComponents,
  spectrum,
  toTheBit,
  within,
} from "../parts/components.js";

/** Principal components of returns. */
export const principalComponents = kernel({
  name: "principal_components",
  rows: "observation",
  doc:
    "The largest principal components of returns: eigenvalues (variances) and unit eigenvectors (loadings) of the covariance (ddof 1), and the " +
    "scores, loadings' products with the returns less their means. The loading largest in size, the first of them, is positive. Loadings of equal " +
    "variances are any orthogonal ones of their space; a component whose variance is below 1e-12 of the largest is given as 0 and has none (NaN). An asset that strays from its mean by no more than rounding (observations * 2^-52 of it) counts as one that never moved.",
  source:
    "Jolliffe (2002), Principal Component Analysis, 2nd ed., 1.1; native: Zhou & Saad (2007), SIAM J. Matrix Anal. Appl. 29(3), algorithm 2.1",
  inputs: { returns: componentReturns },
  params: componentParams,
  outputs: {
    variances: { dtype: "f64", shape: ["components"], unit: "ratio^2", doc: "largest first" },
    explained: { dtype: "f64", shape: ["components"], unit: "ratio", doc: "share of the sum of all variances" },
    loadings: { dtype: "f64", shape: ["components", "assets"], unit: "unit length", doc: "a row for each component" },
    scores: { dtype: "f64", shape: ["observation", "components"], unit: "ratio", doc: "returns of the components" },
    converged: convergedOutput,
  },
  needs: componentNeeds,
  refuse: refuseComponents,
  workspace: true,
  compare: {
    variances: within(1e-10, 1e-12),
    explained: within(1e-10, 1e-6),
    loadings: within(1e-7, 0.1),
    scores: within(1e-7, 1e-2),
    converged: toTheBit,
  },
  cost: componentCost,
  reference({ in: { returns: x }, params: { assets: n, components }, out, dims: { observation = 0 } }) {
    const d = centredReturns(x, n);
    const c = productSums(d, d, n).map((sum) => sum / (observation - 1));
    const { values, vectors } = largestEigen(c, n, components);
    vectors.forEach((v, k) => {
      out.variances[k] = values[k]!;
      out.explained[k] = values[k]! / trace(c, n);
      out.loadings.set(v, k * n);
      for (let t = 0; t < observation; t++) out.scores[t * components + k] = v.reduce((sum, a, i) => sum + a * d[t * n + i]!, 0);
    });
    out.converged[0] = 1;
  },
  sample: ({ observation = 0 }, random, { assets }) => ({ returns: spectrum(observation, assets, random) }),
  golden: componentsGolden,
  parity: [
    { dims: { observation: 12 }, options: { assets: 3, components: 3 } },
    { dims: { observation: 5 }, options: { assets: 9, components: 5 } },
    { dims: { observation: 90 }, options: { assets: 40, components: 4 } },
    { dims: { observation: 41 }, options: { assets: 60, components: 3 } },
  ],
  bench: [{ dims: { observation: 1_000 }, options: { assets: 200, components: 5 }, label: "5 of 200 assets, 1,000 dates" }],
  example: { assets: 4, components: 2 },
});
