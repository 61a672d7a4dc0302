import { kernel } from "../../../core/call/kernel.js";
import { asymptoticGolden } from "../golden/components.js";
import {
  centredReturns,
  componentCost,
  componentNeeds,
  componentParams,
  componentReturns,
  convergedOutput,
  largestEigen,
  nothing,
  refuseComponents,
  signOf,
  spectrum,
  toTheBit,
  within,
} from "../parts/components.js";

/** Statistical factors for more assets than dates. */
export const asymptoticPca = kernel({
  name: "asymptotic_pca",
  rows: "observation",
  doc:
    "Statistical factors by asymptotic principal components: eigenvectors of the products between dates, (1 / assets) sum over assets of d_i d_i', d_i the returns of asset i " +
    "less their mean, scaled to mean square 1; loadings are the regressions of the returns on the factors. With `scaled` the returns are then divided by " +
    "their residual deviation and the factors estimated once more, which needs two dates more than factors: with fewer the factors leave nothing but rounding. " +
    "An asset of which they leave less than 1e-12 (of its mean square), or that never moved, has no part in that. The loading largest in size, the first of them, is positive. " +
    "Right for many more assets than dates: the work grows with dates^2. A factor whose value is below 1e-12 of the largest is NaN, its value 0.",
  source:
    "Connor & Korajczyk (1988), J. Financ. Econ. 21(2), theorem 2; scaling: Connor & Korajczyk (1993), J. Finance 48(4); Jones (2001), J. Financ. Econ. 62(2)",
  inputs: { returns: componentReturns },
  params: {
    ...componentParams,
    scaled: { type: "enum", values: ["no", "yes"], default: "no", doc: "estimate again with returns over their residual deviation" },
  },
  outputs: {
    values: { dtype: "f64", shape: ["components"], unit: "ratio^2", doc: "eigenvalues of the last estimate, largest first" },
    factors: { dtype: "f64", shape: ["observation", "components"], unit: "1", doc: "mean square 1, uncorrelated" },
    loadings: { dtype: "f64", shape: ["components", "assets"], unit: "ratio", doc: "slopes of each asset's returns" },
    specific: {
      dtype: "f64",
      shape: ["assets"],
      unit: "ratio^2",
      doc: "mean square of what the factors leave of each asset, 0 where that is below 1e-12 of its own",
    },
    converged: convergedOutput,
  },
  needs: (params) => ({ observation: Math.max(componentNeeds(params).observation, params.scaled === "yes" ? params.components + 2 : 0) }),
  refuse: refuseComponents,
  workspace: true,
  compare: {
    values: within(1e-9, 1e-12),
    factors: within(1e-7, 0.1),
    loadings: within(1e-7, 1e-2),
    specific: within(1e-8, 1e-6),
    converged: toTheBit,
  },
  cost: componentCost,
  reference({ in: { returns: x }, params: { assets: n, components, scaled }, out, dims: { observation: T = 0 } }) {
    const centred = centredReturns(x, n);
    let d = Array.from({ length: T }, (_, t) => [...centred.subarray(t * n, (t + 1) * n)]);
    const plain = d;
    const own = plain[0]!.map((_, i) => plain.reduce((sum, row) => sum + row[i]! ** 2, 0) / T);
    for (const again of scaled === "yes" ? [true, false] : [false]) {
      const products = Float64Array.from(
        { length: T * T },
        (_, at) => d[Math.floor(at / T)]!.reduce((sum, a, i) => sum + a * d[at % T]![i]!, 0) / n,
      );
      const { values, vectors } = largestEigen(products, T, components);
      const slope = (f: readonly number[], i: number) => f.reduce((sum, a, t) => sum + a * Math.sqrt(T) * plain[t]![i]!, 0) / T;
      const loadings = vectors.map((f) => Array.from({ length: n }, (_, i) => slope(f, i)));
      const sign = loadings.map(signOf);
      const left = (t: number, i: number) =>
        plain[t]![i]! - vectors.reduce((sum, f, k) => sum + (Number.isNaN(f[t]!) ? 0 : f[t]! * Math.sqrt(T) * loadings[k]![i]!), 0);
      const specific = own.map((whole, i) => {
        const rest = plain.reduce((sum, _row, t) => sum + left(t, i) ** 2, 0) / T;
        return rest > nothing * whole ? rest : 0;
      });
      if (again) d = plain.map((row) => row.map((a, i) => (specific[i]! > 0 ? a / Math.sqrt(specific[i]!) : 0)));
      else {
        out.values.set(values);
        for (let k = 0; k < components; k++) {
          for (let i = 0; i < n; i++) out.loadings[k * n + i] = sign[k]! * loadings[k]![i]!;
          for (let t = 0; t < T; t++) out.factors[t * components + k] = sign[k]! * Math.sqrt(T) * vectors[k]![t]!;
        }
        out.specific.set(specific);
      }
    }
    out.converged[0] = 1;
  },
  sample: ({ observation = 0 }, random, { assets }) => ({ returns: spectrum(observation, assets, random) }),
  golden: asymptoticGolden,
  parity: [
    { dims: { observation: 6 }, options: { assets: 14, components: 2 } },
    { dims: { observation: 9 }, options: { assets: 50, components: 3, scaled: "yes" } },
    { dims: { observation: 37 }, options: { assets: 61, components: 4 } },
  ],
  bench: [
    { dims: { observation: 250 }, options: { assets: 3_000, components: 10, scaled: "yes" }, label: "10 of 3,000 assets, 250 dates" },
  ],
  example: { assets: 4, components: 2 },
});
