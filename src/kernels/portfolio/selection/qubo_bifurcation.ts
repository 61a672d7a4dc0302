import { kernel } from "../../../core/call/kernel.js";
import {
  descend,
  energyCompare,
  type Problem,
  problemInputs,
  problemOf,
  refuseForm,
  report,
  sameBits,
  seedParam,
  solutionOutputs,
  threadsParam,
  uniforms,
} from "./qubo_problem.js";
import { denseOnly, factorsOnly, knownOptima, sampleProblem } from "./qubo_samples.js";

const { fround } = Math;

/** Simulated bifurcation of binary variables. */
export const quboBifurcation = kernel({
  name: "qubo_bifurcation",
  rows: "variable",
  doc:
    "Looks for a minimum of linear'x + x' quadratic x over x in {0, 1}^n by simulated bifurcation: spins s = 2x - 1 become positions p in [-1, 1] with momenta y, " +
    "y += ((t / steps - 1) p - c0 grad) dt, p += y dt, and a wall that stops what passes +-1; grad is the gradient of the energy at the positions (`ballistic`) or at " +
    "their signs (`discrete`), c0 = `coupling` over the norm of couplings of qubo_anneal. Positions and momenta start within 0.1 of 0; with many steps ballistic replicas end alike, and more of them gain little. Signs at the end descend by single " +
    "changes. It is an ordinary computation, without any claim to quantum speed, and a heuristic: nothing says how far the answer is from the least. Replicas are moved " +
    "together, so that the gradient is a product of matrices; with factors it takes 4 n k operations a step and replica. The gradient is taken of couplings and positions " +
    "rounded to f32, whose products are exact in f64: the same seed gives the same bits on every backend, for any number of threads.",
  source: "Goto, Tatsumura & Dixon (2019), Science Advances 5, eaav2372; Goto et al. (2021), Science Advances 7, eabe7953, eq. 8 to 15",
  inputs: problemInputs,
  params: {
    method: { type: "enum", values: ["ballistic", "discrete"], default: "ballistic", doc: "discrete needs more steps, and ends lower" },
    steps: { type: "i32", min: 1, max: 10_000_000, default: 200, unit: "steps", doc: "of time" },
    replicas: {
      type: "i32",
      min: 1,
      max: 100_000,
      default: 32,
      unit: "replicas",
      doc: "independent runs, of which the best is given; multiples of 32 are fast",
    },
    timeStep: { type: "f64", above: 0, max: 10, default: 1.25, unit: "1", doc: "dt" },
    coupling: { type: "f64", above: 0, max: 100, default: 0.5, unit: "1", doc: "c0 times the norm of couplings" },
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
  refuse: (_, __, given) => refuseForm(given),
  compare: { solution: sameBits, energy: energyCompare, energies: energyCompare },
  cost: ({ variable = 0, factor }, { steps, replicas }) => ({
    flops: replicas * steps * variable * (factor === undefined ? 2 * variable : 4 * factor),
    bytes: 8 * variable * (factor ?? variable),
  }),
  reference({ in: given, params: { method, steps, replicas, timeStep: dt, coupling, seed }, out }) {
    const problem = problemOf(given);
    const n = problem.size;
    const center = Float64Array.from({ length: n }, (_, i) => -problem.center(i));
    const c0 = coupling / problem.unit;
    const seen = method === "ballistic" ? fround : (p: number) => (p >= 0 ? 1 : -1);
    const ends = Array.from({ length: replicas }, (_, replica) => {
      const start = Array.from({ length: n }, (_, i) => uniforms(i, 0, seed, replica));
      const p = start.map(([u]) => 0.1 * (2 * u - 1));
      const y = start.map(([, u]) => 0.1 * (2 * u - 1));
      for (let t = 0; t < steps; t++) {
        const pull = forces(problem, center, p.map(seen));
        for (let i = 0; i < n; i++) {
          const momentum = y[i]! + ((t / steps - 1) * p[i]! + c0 * pull[i]!) * dt;
          const position = p[i]! + momentum * dt;
          const outside = Math.abs(position) > 1;
          p[i] = outside ? Math.sign(position) : position;
          y[i] = outside ? 0 : momentum;
        }
      }
      const walk = problem.walk(Uint8Array.from(p, (at) => (at >= 0 ? 1 : 0)));
      descend(walk, problem.unit);
      return walk;
    });
    report(problem, ends, out);
    return undefined;
  },
  sample: (dims, random, _, without) => sampleProblem(dims, random, without),
  golden: knownOptima,
  parity: [
    ...["ballistic", "discrete"].flatMap((method) => [
      { dims: { variable: 1 }, options: { method, steps: 1, replicas: 1 }, without: denseOnly },
      { dims: { variable: 7 }, options: { method, steps: 5, replicas: 3 }, without: denseOnly },
      { dims: { variable: 45 }, options: { method, steps: 40, replicas: 33, threads: 2 }, without: denseOnly },
      { dims: { variable: 45, factor: 4 }, options: { method, steps: 40, replicas: 41, threads: 2 }, without: factorsOnly },
    ]),
    { dims: { variable: 26, factor: 9 }, options: { steps: 20, replicas: 4, timeStep: 0.5, coupling: 0.7 }, without: factorsOnly },
  ],
  bench: [
    { dims: { variable: 500 }, options: { steps: 100, replicas: 64 }, without: denseOnly, label: "500 variables, 64 x 100 steps" },
    { dims: { variable: 2_000 }, options: { steps: 20, replicas: 32 }, without: denseOnly, label: "2,000 variables, 32 x 20 steps" },
    {
      dims: { variable: 2_000, factor: 20 },
      options: { steps: 100, replicas: 64 },
      without: factorsOnly,
      label: "2,000 variables, 20 factors, 64 x 100 steps",
    },
  ],
  example: { seed: 1 },
});

/** Half of what lowers the energy: minus the gradient by the spins, at spins s. */
function forces({ size: n, pull }: Problem, center: Float64Array, s: number[]): number[] {
  if ("coupling" in pull)
    return s.map((_, i) => {
      let sum = center[i]!;
      for (let j = 0; j < n; j++) sum += fround(-0.25 * pull.coupling(i, j)) * s[j]!;
      return sum;
    });
  const { loading, weight, own } = pull;
  const k = weight.length;
  const sums = Array.from(weight, (w, f) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += fround(loading[j * k + f]!) * s[j]!;
    return fround(-0.5 * w * sum);
  });
  return s.map((spin, i) => {
    let sum = center[i]!;
    for (let f = 0; f < k; f++) sum += fround(loading[i * k + f]!) * sums[f]!;
    return sum + 0.5 * own[i]! * spin;
  });
}
