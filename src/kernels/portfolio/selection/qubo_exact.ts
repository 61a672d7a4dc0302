import { kernel } from "../../../core/call/kernel.js";
import { energyCompare, problemInputs, problemOf, refuseForm, sameBits, solutionOutputs, threadsParam } from "./qubo_problem.js";
import { denseOnly, factorsOnly, knownOptima, sampleProblem } from "./qubo_samples.js";

/** The least of all states of up to 26 binary variables. */
export const quboExact = kernel({
  name: "qubo_exact",
  rows: "variable",
  doc:
    "Minimizes linear'x + x' quadratic x over x in {0, 1}^n by looking at all 2^n states, n <= 26. Of all states within 1e-12 of the sum of the " +
    "sizes of all coefficients above the least, the first is given, variable 0 counting 1, variable 1 counting 2 and so on: equally good ones " +
    "do not depend on rounding. `runnerUp` is the least energy of the states further away: how much worse than the best the next is.",
  source: "by definition; Kochenberger et al. (2014), J. Comb. Optim. 28, for the problem",
  inputs: { ...problemInputs, linear: { ...problemInputs.linear, expects: "at most 26 variables: qubo_anneal and its like take more" } },
  params: { threads: threadsParam },
  outputs: {
    ...solutionOutputs,
    runnerUp: {
      dtype: "f64",
      shape: [1],
      unit: "energy",
      doc: "least energy of the states that are not as good as the best; NaN where there is none",
    },
  },
  threads: true,
  workspace: true,
  needs: () => ({ variable: 1 }),
  refuse: (_, __, given) => refuseForm(given),
  compare: { solution: sameBits, energy: energyCompare, runnerUp: energyCompare },
  cost: ({ variable = 0 }) => ({ flops: 2 * 2 ** variable, bytes: 8 * variable * variable }),
  reference({ in: given, out }) {
    const problem = problemOf(given);
    const n = problem.size;
    if (n > mostVariables) return { consumed: 0, produced: 0, refused: { code: "badValue", input: "linear", row: mostVariables } };
    const states = 2 ** n;
    const energyOf = (state: number) => problem.walk(Uint8Array.from({ length: n }, (_, i) => (state >>> i) & 1)).energy();
    let least = Number.POSITIVE_INFINITY;
    for (let state = 0; state < states; state++) least = Math.min(least, energyOf(state));
    const near = least + 1e-12 * sizeOfAll(given, n);
    let first = -1;
    let next = Number.POSITIVE_INFINITY;
    for (let state = 0; state < states; state++) {
      const energy = energyOf(state);
      if (energy > near) next = Math.min(next, energy);
      else if (first < 0) first = state;
    }
    for (let i = 0; i < n; i++) out.solution[i] = (first >>> i) & 1;
    out.energy[0] = energyOf(first);
    out.runnerUp[0] = next === Number.POSITIVE_INFINITY ? Number.NaN : next;
    return undefined;
  },
  sample: (dims, random, _, without) => sampleProblem(dims, random, without),
  golden: knownOptima,
  parity: [
    ...[1, 2, 7, 11, 13].map((variable) => ({ dims: { variable }, without: denseOnly })),
    { dims: { variable: 12 }, options: { threads: 3 }, without: denseOnly },
    { dims: { variable: 9, factor: 2 }, without: factorsOnly },
    { dims: { variable: 13, factor: 5 }, options: { threads: 2 }, without: factorsOnly },
  ],
  bench: [{ dims: { variable: 26 }, without: denseOnly, label: "26 variables, 67 million states" }],
});

/** A quarter of a second of states. */
const mostVariables = 26;

/** Sum of the sizes of the coefficients: what rounding is measured by. */
function sizeOfAll(
  given: {
    linear: ArrayLike<number>;
    quadratic?: ArrayLike<number> | undefined;
    loading?: ArrayLike<number> | undefined;
    factorWeight?: ArrayLike<number> | undefined;
  },
  n: number,
): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.abs(given.linear[i]!);
  for (let at = 0; given.quadratic && at < n * n; at++) sum += Math.abs(given.quadratic[at]!);
  const k = given.factorWeight?.length ?? 0;
  for (let f = 0; f < k; f++) {
    let all = 0;
    for (let i = 0; i < n; i++) all += Math.abs(given.loading![i * k + f]!);
    sum += Math.abs(given.factorWeight![f]!) * all * all;
  }
  return sum;
}
