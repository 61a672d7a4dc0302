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
  uniforms,
} from "./qubo_problem.js";
import { denseOnly, factorsOnly, knownOptima, sampleProblem } from "./qubo_samples.js";

/** Counters of exchanges lie behind those of any variable. */
const exchangePath = 2 ** 32;

/** Parallel tempering of binary variables. */
export const quboTempering = kernel({
  name: "qubo_tempering",
  rows: "variable",
  doc:
    "Looks for a minimum of linear'x + x' quadratic x over x in {0, 1}^n by parallel tempering: each run has a state at each of `temperatures` temperatures, from `hot` to " +
    "`cold` by a constant factor (units as in qubo_anneal). A round is a sweep of Metropolis of every state; then neighbours, the pairs that begin at an even place after " +
    "even rounds and the others after odd ones, exchange their states with probability min(1, exp((1/T_a - 1/T_b)(E_a - E_b))). The best state at the end of any round is " +
    "kept, and descends by single changes. It is a heuristic: the answer is a local minimum, and nothing says how far it is from the least. The same seed gives the same " +
    "bits for any number of threads, and on every backend unless a change hangs on the last bit of a logarithm.",
  source: "Hukushima & Nemoto (1996), J. Phys. Soc. Jpn. 65, eq. 4 and 5; Salmon et al. (2011), Philox4x32-10",
  inputs: problemInputs,
  params: {
    rounds: { type: "i32", min: 1, max: 10_000_000, default: 200, unit: "rounds", doc: "sweeps of every state" },
    temperatures: { type: "i32", min: 2, max: 1_000, default: 16, unit: "temperatures", doc: "states of a run" },
    replicas: { type: "i32", min: 1, max: 10_000, default: 1, unit: "replicas", doc: "independent runs, of which the best is given" },
    hot: { type: "f64", above: 0, default: 1.5, unit: "norm of couplings", doc: "highest temperature" },
    cold: { type: "f64", above: 0, default: 0.1, unit: "norm of couplings", doc: "lowest temperature, at most `hot`" },
    seed: seedParam,
    threads: threadsParam,
  },
  outputs: {
    ...solutionOutputs,
    energies: { dtype: "f64", shape: ["replicas"], unit: "energy", doc: "best of each run" },
    exchanged: {
      dtype: "f64",
      shape: ["replicas"],
      unit: "ratio",
      doc: "share of the tries to exchange that were taken: near 0 the temperatures are too few; NaN where none was made",
    },
  },
  threads: true,
  workspace: true,
  needs: () => ({ variable: 1 }),
  refuse: ({ hot, cold }, _, given) => (cold > hot ? `cold is ${cold}, above hot = ${hot}: temperatures fall` : refuseForm(given)),
  compare: { solution: sameBits, energy: energyCompare, energies: energyCompare, exchanged: energyCompare },
  cost: ({ variable = 0, factor }, { rounds, temperatures, replicas }) => ({
    flops: replicas * rounds * temperatures * variable * (factor === undefined ? 30 : 30 + 4 * factor),
    bytes: 8 * variable * (factor ?? variable),
  }),
  reference({ in: given, params: { rounds, temperatures, replicas, hot, cold, seed }, out }) {
    const problem = problemOf(given);
    const factor = Math.exp(Math.log(cold / hot) / (temperatures - 1));
    const ladder = [problem.unit * hot];
    while (ladder.length < temperatures) ladder.push(ladder.at(-1)! * factor);
    const ends = Array.from({ length: replicas }, (_, replica) => {
      const stream = (place: number) => replica * temperatures + place;
      const walks = ladder.map((_, place) => problem.walk(randomStart(problem.size, seed, stream(place))));
      const energies = walks.map((walk) => walk.energy());
      let [best, least, tries, taken] = [walks[0]!.x.slice(), energies[0]!, 0, 0];
      for (let round = 0; round < rounds; round++) {
        for (let place = 0; place < temperatures; place++) {
          energies[place]! += sweep(walks[place]!, ladder[place]!, round, seed, stream(place));
          if (energies[place]! < least) [best, least] = [walks[place]!.x.slice(), energies[place]!];
        }
        for (let a = round & 1; a + 1 < temperatures; a += 2, tries++) {
          const u = uniforms(exchangePath + a, round, seed, stream(0))[0];
          if (!(Math.log(u) < (1 / ladder[a]! - 1 / ladder[a + 1]!) * (energies[a]! - energies[a + 1]!))) continue;
          [walks[a], walks[a + 1]] = [walks[a + 1]!, walks[a]!];
          [energies[a], energies[a + 1]] = [energies[a + 1]!, energies[a]!];
          taken++;
        }
      }
      out.exchanged[replica] = taken / tries;
      const end = problem.walk(best);
      descend(end, problem.unit);
      return end;
    });
    report(problem, ends, out);
    return undefined;
  },
  sample: (dims, random, _, without) => sampleProblem(dims, random, without),
  golden: knownOptima,
  parity: [
    { dims: { variable: 1 }, options: { rounds: 1, temperatures: 2 }, without: denseOnly },
    { dims: { variable: 9 }, options: { rounds: 7, temperatures: 3, replicas: 2 }, without: denseOnly },
    { dims: { variable: 45 }, options: { rounds: 15, temperatures: 5, replicas: 3, threads: 2 }, without: denseOnly },
    { dims: { variable: 45, factor: 4 }, options: { rounds: 12, temperatures: 4, replicas: 3, threads: 3 }, without: factorsOnly },
  ],
  bench: [
    { dims: { variable: 500 }, options: { rounds: 100 }, without: denseOnly, label: "500 variables, 16 temperatures, 100 rounds" },
    {
      dims: { variable: 2_000, factor: 20 },
      options: { rounds: 20 },
      without: factorsOnly,
      label: "2,000 variables, 20 factors, 16 temperatures, 20 rounds",
    },
  ],
  example: { seed: 1 },
});
