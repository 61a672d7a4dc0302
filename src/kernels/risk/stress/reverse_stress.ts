import { kernel } from "../../../core/call/kernel.js";
import { jacobi, lowerFactor, symmetricAt } from "../../parts/symmetric.js";
import { factorCovariance, factorsParam, sampleCovarianceOf } from "../parts/stress.js";

/** y of smallest size with b'y + sum(lambda y^2) / 2 = -loss, or undefined where there is none. */
function nearest(b: Float64Array, lambda: Float64Array, loss: number): Float64Array | undefined {
  const lowest = lambda[0]!; // ascending
  const end = lowest < 0 ? -1 / lowest : Number.POSITIVE_INFINITY;
  const at = (mu: number) => b.map((part, i) => (part === 0 ? 0 : (-mu * part) / (1 + mu * lambda[i]!)));
  const gain = (y: Float64Array) => y.reduce((sum, part, i) => sum + b[i]! * part + 0.5 * lambda[i]! * part * part, 0);
  // The gain falls as mu grows from 0 to its end.
  let high = end;
  if (end === Number.POSITIVE_INFINITY) {
    for (high = 1; gain(at(high)) > -loss && high < 1e300; ) high *= 2;
    if (high >= 1e300) return undefined;
  }
  let low = 0;
  for (;;) {
    const middle = (low + high) / 2;
    if (!(middle > low && middle < high)) break;
    if (gain(at(middle)) > -loss) low = middle;
    else high = middle;
  }
  const y = at(low);
  // Nothing pulls along the direction in which losses grow fastest: what lacks is lost along it.
  const lack = loss + gain(y);
  if (low >= end * (1 - 1e-12) && lack > 1e-9 * loss) y[0]! += Math.sqrt((2 * lack) / -lowest);
  return y;
}

const answer = { f64: { relative: 1e-7, floor: 1e-2 }, f32: { relative: 1e-7, floor: 1e-2 } } as const;

/** The most plausible scenario that loses so much. */
export const reverseStress = kernel({
  name: "reverse_stress",
  rows: "scenario",
  doc:
    "For each loss the shock x to the factors that causes it and is nearest to 0 in the Mahalanobis norm sqrt(x' S^-1 x): of all shocks with this " +
    "loss the most likely one under a normal distribution. The profit is delta'x + x' gamma x / 2. Without gamma it is " +
    "-loss S delta / (delta' S delta), in closed form; with it, the root of one monotone equation in the basis in which S^(1/2)' gamma S^(1/2) is " +
    "diagonal, which finds the nearest also where many shocks are stationary. Where no shock loses so much, shock is NaN and distance Infinity; " +
    "with a gamma, where S is not positive definite both are NaN. Two shocks may be equally near: one of them is given.",
  source:
    "Breuer, Jandacka, Rheinberger & Summer (2009), Int. J. Central Banking 5(3), section 2; the equation as in More (1993), Optim. Methods Softw. 2, theorem 3.2",
  inputs: {
    covariance: factorCovariance,
    delta: {
      dtype: "f64",
      shape: ["factors"],
      check: {},
      unit: "currency per shock",
      doc: "first derivative of the profit by each factor",
    },
    gamma: {
      dtype: "f64",
      shape: ["factors", "factors"],
      optional: true,
      check: {},
      unit: "currency per shock^2",
      doc: "second derivatives, symmetric; what is above the diagonal is not read",
    },
    loss: { dtype: "f64", shape: ["scenario"], check: { above: 0 }, unit: "currency", doc: "losses to be reached, > 0" },
  },
  params: { factors: factorsParam },
  outputs: {
    shock: { dtype: "f64", shape: ["scenario", "factors"], unit: "as the factors", doc: "the nearest shock that loses this" },
    distance: { dtype: "f64", shape: ["scenario"], unit: "standard deviations", doc: "its Mahalanobis norm" },
  },
  compare: { shock: answer, distance: answer },
  workspace: true,
  cost: ({ scenario = 0 }, { factors }) => ({
    flops: 12 * factors ** 3 + scenario * (600 * factors + 2 * factors * factors),
    bytes: 8 * (2 * factors ** 2 + scenario * factors),
  }),
  reference({ in: { covariance, delta, gamma, loss }, params: { factors: n }, out }) {
    const s = symmetricAt(covariance, 0, n);
    const times = (a: ArrayLike<number>, x: ArrayLike<number>, across = false) =>
      Float64Array.from({ length: n }, (_, i) => Array.from(x).reduce((sum, v, j) => sum + a[across ? j * n + i : i * n + j]! * v, 0));
    if (!gamma) {
      const along = times(s, delta);
      const variance = along.reduce((sum, v, i) => sum + v * delta[i]!, 0);
      loss.forEach((size, k) => {
        const reached = variance > 0;
        out.distance[k] = reached ? size / Math.sqrt(variance) : Number.POSITIVE_INFINITY;
        out.shock.set(
          along.map((v) => (reached ? (-size * v) / variance : Number.NaN)),
          k * n,
        );
      });
      return;
    }
    const { lower, failed } = lowerFactor(s, n);
    const g = symmetricAt(gamma, 0, n);
    const columns = Array.from({ length: n }, (_, j) =>
      times(
        g,
        lower.filter((_, k) => k % n === j),
      ),
    );
    const curved = new Float64Array(n * n);
    columns.forEach((column, j) => {
      times(lower, column, true).forEach((v, i) => {
        curved[i * n + j] = v;
      });
    });
    const { values, vectors } = jacobi(symmetricAt(curved, 0, n), n);
    const b = times(vectors, times(lower, delta, true), true);
    loss.forEach((size, k) => {
      const y = failed < 0 ? nearest(b, values, size) : undefined;
      out.distance[k] = failed >= 0 ? Number.NaN : y ? Math.hypot(...y) : Number.POSITIVE_INFINITY;
      out.shock.set(y ? times(lower, times(vectors, y)) : new Float64Array(n).fill(Number.NaN), k * n);
    });
  },
  sample: ({ scenario = 0 }, random, { factors: n }) => ({
    covariance: sampleCovarianceOf(n, random),
    delta: Float64Array.from({ length: n }, () => 200 * (random() - 0.4)),
    gamma: Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 300 : 60) * (random() - 0.7)),
    loss: Float64Array.from({ length: scenario }, () => 10 ** (3 * random() - 1)),
  }),
  golden: [
    {
      source: "numpy 2.4.6: -30 S d / (d S d) and 30 / sqrt(d S d)",
      inputs: { covariance: [0.04, 0, 0, 0.012, 0.09, 0, -0.006, 0.015, 0.0225], delta: [100, -50, 200], loss: [30] },
      outputs: { shock: [-0.07630057803468208, 0.01040462427745666, -0.1092485549132948], distance: [1.0200306013770688] },
      relative: 1e-14,
    },
    {
      source: "scipy 1.17.1 optimize.minimize(SLSQP) of x' S^-1 x under the loss, the best of 200 starts",
      inputs: {
        covariance: [0.04, 0, 0, 0.012, 0.09, 0, -0.006, 0.015, 0.0225],
        delta: [100, -50, 200],
        gamma: [-300, 0, 0, 50, 200, 0, 0, -80, -500],
        loss: [30],
      },
      outputs: { shock: [-0.06459037258671514, -0.02056915045304016, -0.10548507872172974], distance: [0.9082668363502076] },
      relative: 1e-6,
    },
    {
      source: "closed form: without delta, a profit of -2 x^2 - y^2 loses 8 first at x = 2 or -2",
      inputs: { covariance: [1, 0, 0, 1], delta: [0, 0], gamma: [-4, 0, 0, -2], loss: [8] },
      options: { factors: 2 },
      outputs: { distance: [2] },
      relative: 1e-12,
    },
    {
      source: "closed form: a profit of x + x^2 / 2 never loses more than 1/2, and that at x = -1; 3/8 at -1/2",
      inputs: { covariance: [1], delta: [1], gamma: [1], loss: [0.375, 0.75] },
      options: { factors: 1 },
      outputs: { shock: [-0.5, Number.NaN], distance: [0.5, Number.POSITIVE_INFINITY] },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: { scenario: 0 } },
    { dims: { scenario: 5 }, options: { factors: 1 } },
    { dims: { scenario: 20 } },
    { dims: { scenario: 9 }, options: { factors: 12 } },
    { dims: { scenario: 9 }, options: { factors: 26 }, without: ["gamma"] },
  ],
  bench: [{ dims: { scenario: 100 }, options: { factors: 40 } }],
  example: { factors: 3 },
});
