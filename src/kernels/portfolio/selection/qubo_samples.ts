/** Samples of binary problems, and such whose optimum is known from elsewhere. */
import type { Golden } from "../../../core/contract/contract.js";

type Sizes = Readonly<Record<string, number>>;

/** Couplings of six decades of size, some variables without any. */
export function sampleProblem({ variable = 0, factor = 3 }: Sizes, random: () => number, without: ReadonlySet<string>) {
  const signed = () => 2 * random() - 1;
  const alone = (i: number) => i % 11 === 10;
  const linear = Float64Array.from({ length: variable }, () => signed());
  const quadratic = new Float64Array(variable * variable);
  for (let i = 0; i < variable; i++)
    for (let j = 0; j < variable; j++) if (!alone(i) && !alone(j)) quadratic[i * variable + j] = signed() * (j % 13 === 12 ? 1e-5 : 1);
  const loading = Float64Array.from({ length: variable * factor }, (_, at) => (alone(Math.floor(at / factor)) ? 0 : signed()));
  const factorWeight = Float64Array.from({ length: factor }, (_, f) => (f % 2 ? -0.3 : 1) * (0.5 + random()));
  return without.has("quadratic") ? { linear, loading, factorWeight } : { linear, quadratic };
}

/** Which inputs the cases of one form leave out. */
export const denseOnly = ["loading", "factorWeight"];
export const factorsOnly = ["quadratic"];

/** Parts of a partition of numbers: x'Qx + c^2 / 4 is a quarter of the squared difference of the two sums. */
const numbers = [25, 7, 13, 31, 42, 17, 21, 10];
const whole = numbers.reduce((sum, x) => sum + x, 0);

/** Edges of Petersen's graph: its largest cut has 12. */
const petersen = Array.from({ length: 5 }, (_, i) => [
  [i, (i + 1) % 5],
  [i, i + 5],
  [i + 5, ((i + 2) % 5) + 5],
]).flat() as [number, number][];

function cutOf(n: number, edges: [number, number][]): number[] {
  const q = Array(n * n).fill(0) as number[];
  for (const [a, b] of edges) {
    q[a * n + a]! -= 1;
    q[b * n + b]! -= 1;
    q[a * n + b]! += 2;
  }
  return q;
}

const zeros = (n: number) => Array(n).fill(0) as number[];

/** Optima that every method here reaches. */
export const knownOptima: readonly Golden[] = [
  {
    source:
      "Glover, Kochenberger & Du (2019), Quantum Bridge Analytics I, 4OR 17, section 1: -5 x1 - 3 x2 - 8 x3 - 6 x4 + 4 x1 x2 + 8 x1 x3 + 2 x2 x3 + 10 x3 x4",
    inputs: { linear: [-5, -3, -8, -6], quadratic: [0, 4, 8, 0, 0, 0, 2, 0, 0, 0, 0, 10, 0, 0, 0, 0] },
    outputs: { solution: [1, 0, 0, 1], energy: [-11] },
    relative: 1e-15,
  },
  {
    source: "the same, section 3.1: 25, 7, 13, 31, 42, 17, 21, 10 part into two sums of 83, at -83^2",
    inputs: {
      linear: numbers.map((x) => x * (x - whole)),
      quadratic: numbers.flatMap((x, i) => numbers.map((y, j) => (i === j ? 0 : x * y))),
    },
    outputs: { energy: [-6889] },
    relative: 1e-15,
  },
  {
    source: "the same in its low-rank form: one factor, the numbers",
    inputs: { linear: numbers.map((x) => -whole * x), loading: numbers, factorWeight: [1] },
    outputs: { energy: [-6889] },
    relative: 1e-15,
  },
  {
    source: "the largest cut of Petersen's graph has 12 of its 15 edges (it holds no bipartite graph of more)",
    inputs: { linear: zeros(10), quadratic: cutOf(10, petersen) },
    outputs: { energy: [-12] },
    relative: 1e-15,
  },
  {
    source: "the largest cut of the complete graph of 9 has 4 * 5 edges",
    inputs: {
      linear: zeros(9),
      quadratic: cutOf(
        9,
        Array.from({ length: 81 }, (_, at) => [Math.floor(at / 9), at % 9] as [number, number]).filter(([a, b]) => a < b),
      ),
    },
    outputs: { energy: [-20] },
    relative: 1e-15,
  },
];
