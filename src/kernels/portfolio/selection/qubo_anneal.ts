import { kernel } from "../../../core/call/kernel.js";
import {
  descend,
  energyCompare,
  problemInputs,
  problemOf,
  randomStart,
  refuseForm,
  report,
  sameBits,
  seedParam,
  solutionOutputs,
  sweep,
  threadsParam,
} from "./qubo_problem.js";
import { denseOnly, factorsOnly, knownOptima, sampleProblem } from "./qubo_samples.js";

/** Simulated annealing of binary variables. */
export const quboAnneal = kernel({
  name: "qubo_anneal",
  rows: "variable",
  doc:
    "Looks for a minimum of linear'x + x' quadratic x over x in {0, 1}^n by simulated annealing: each replica starts at random and makes `sweeps` sweeps of " +
    "Metropolis, variable after variable, at temperatures that fall from `hot` to `cold` by a constant factor, then descends by single changes. Temperatures are " +
    "in units of the root mean square, over the variables, of the norm of their couplings as spins +-1 have them. It is a heuristic: the answer is a local minimum, " +
    "and nothing says how far it is from the least; with up to 26 variables qubo_exact does. Variable i of sweep s of replica r uses Philox's uniform s % 2 of path " +
    "i, block 1 + s / 2, stream r: the same seed gives the same bits for any number of threads, and on every backend unless a change hangs on the last bit of a logarithm.",
  source: "Kirkpatrick, Gelatt & Vecchi (1983), Science 220; Metropolis et al. (1953); Salmon et al. (2011), Philox4x32-10",
  inputs: problemInputs,
  params: {
    sweeps: { type: "i32", min: 1, max: 10_000_000, default: 500, unit: "sweeps", doc: "of each replica" },
    replicas: { type: "i32", min: 1, max: 100_000, default: 16, unit: "replicas", doc: "independent runs, of which the best is given" },
    hot: { type: "f64", above: 0, default: 2, unit: "norm of couplings", doc: "temperature of the first sweep" },
    cold: { type: "f64", above: 0, default: 0.05, unit: "norm of couplings", doc: "temperature of the last sweep, at most `hot`" },
    seed: seedParam,
    threads: threadsParam,
  },
  outputs: {
    ...solutionOutputs,
    energies: { dtype: "f64", shape: ["replicas"], unit: "energy", doc: "at which each replica ended" },
  },
  threads: true,
  workspace: true,
  needs: () => ({ variable: 1 }),
  refuse: ({ hot, cold }, _, given) => (cold > hot ? `cold is ${cold}, above hot = ${hot}: temperatures fall` : refuseForm(given)),
  compare: { solution: sameBits, energy: energyCompare, energies: energyCompare },
  cost: ({ variable = 0, factor }, { sweeps, replicas }) => ({
    // Of a whole matrix a change touches a row; a quarter of the tries are changes.
    flops: replicas * sweeps * variable * (30 + (factor === undefined ? variable / 2 : 4 * factor)),
    bytes: 8 * variable * (factor ?? variable),
  }),
  reference({ in: given, params: { sweeps, replicas, hot, cold, seed }, out }) {
    const problem = problemOf(given);
    const factor = sweeps > 1 ? Math.exp(Math.log(cold / hot) / (sweeps - 1)) : 1;
    const ends = Array.from({ length: replicas }, (_, replica) => {
      const walk = problem.walk(randomStart(problem.size, seed, replica));
      for (let s = 0, temperature = problem.unit * hot; s < sweeps; s++, temperature *= factor) sweep(walk, temperature, s, seed, replica);
      descend(walk, problem.unit);
      return walk;
    });
    report(problem, ends, out);
    return undefined;
  },
  sample: (dims, random, _, without) => sampleProblem(dims, random, without),
  golden: knownOptima,
  parity: [
    { dims: { variable: 1 }, options: { sweeps: 1, replicas: 1 }, without: denseOnly },
    { dims: { variable: 7 }, options: { sweeps: 2, replicas: 3 }, without: denseOnly },
    { dims: { variable: 45 }, options: { sweeps: 31, replicas: 5, threads: 2 }, without: denseOnly },
    { dims: { variable: 64 }, options: { sweeps: 9, replicas: 4, hot: 5, cold: 0.5, seed: 2_000_000_000 }, without: denseOnly },
    { dims: { variable: 1, factor: 1 }, options: { sweeps: 3, replicas: 2 }, without: factorsOnly },
    { dims: { variable: 45, factor: 4 }, options: { sweeps: 25, replicas: 5, threads: 3 }, without: factorsOnly },
    { dims: { variable: 33, factor: 11 }, options: { sweeps: 12, replicas: 2, hot: 0.1, cold: 0.1 }, without: factorsOnly },
  ],
  bench: [
    { dims: { variable: 500 }, options: { sweeps: 100, replicas: 16 }, without: denseOnly, label: "500 variables, 16 x 100 sweeps" },
    { dims: { variable: 2_000 }, options: { sweeps: 100, replicas: 4 }, without: denseOnly, label: "2,000 variables, 4 x 100 sweeps" },
    {
      dims: { variable: 2_000, factor: 20 },
      options: { sweeps: 100, replicas: 4 },
      without: factorsOnly,
      label: "2,000 variables, 20 factors, 4 x 100 sweeps",
    },
  ],
  example: { seed: 1 },
});
