/** What the kernels over binary variables share: the forms of a problem, its energy, and one change of a variable after the other. */
import { uniformPair } from "../../parts/philox.js";

export const problemInputs = {
  linear: {
    dtype: "f64",
    shape: ["variable"],
    check: {},
    unit: "energy",
    doc: "what each variable adds on its own; zeros where there is nothing",
  },
  quadratic: {
    dtype: "f64",
    shape: ["variable", "variable"],
    optional: true,
    check: {},
    unit: "energy",
    doc: "what pairs add: element i, j counts where x_i and x_j are 1, as does j, i; the diagonal adds to `linear`. Triangular or full",
  },
  loading: {
    dtype: "f64",
    shape: ["variable", "factor"],
    optional: true,
    check: {},
    unit: "any",
    doc: "instead of `quadratic`, its low-rank form: factor k adds factorWeight_k (sum_i loading_ik x_i)^2",
  },
  factorWeight: {
    dtype: "f64",
    shape: ["factor"],
    optional: true,
    check: {},
    unit: "energy",
    doc: "of each factor, of either sign; given with `loading`",
  },
} as const;

export const solutionOutputs = {
  solution: {
    dtype: "u8",
    shape: ["variable"],
    unit: "0 or 1",
    doc: "the variables of the best found; of several equally good, the first's",
  },
  energy: { dtype: "f64", shape: [1], unit: "energy", doc: "of `solution`, computed anew from the inputs" },
} as const;

export const energyCompare = { f64: { relative: 1e-11, floor: 1e-9 }, f32: { relative: 1e-11, floor: 1e-9 } } as const;
export const sameBits = { f64: { exact: true }, f32: { exact: true } } as const;

export const seedParam = {
  type: "i32",
  min: 0,
  doc: "which random numbers: the same seed gives the same result on every backend",
} as const;
export const threadsParam = {
  type: "i32",
  min: 1,
  max: 64,
  default: 1,
  doc: "threads that share the work; results are the same to the bit for any number",
} as const;

/** A problem has one form. */
export function refuseForm(given: ReadonlySet<string> | undefined): string | undefined {
  if (given === undefined) return undefined;
  const factors = given.has("loading");
  if (factors !== given.has("factorWeight")) return "'loading' and 'factorWeight' are given together or not at all";
  if (given.has("quadratic") && factors) return "'quadratic' and 'loading' are two forms of one thing: give one of them";
  return given.has("quadratic") || factors ? undefined : "'quadratic', or 'loading' with 'factorWeight', is missing";
}

interface Given {
  linear: ArrayLike<number>;
  quadratic?: ArrayLike<number> | undefined;
  loading?: ArrayLike<number> | undefined;
  factorWeight?: ArrayLike<number> | undefined;
}

/** x in motion: by how much the energy rises where variable i changes, and the change. */
export interface Walk {
  x: Uint8Array;
  rise(i: number): number;
  change(i: number): void;
  energy(): number;
}

export interface Problem {
  size: number;
  /** Root of the mean over the variables of the sum of their squared couplings, as spins +-1 have them; 1 where none are coupled. */
  unit: number;
  /** Half of the rise of the energy with x_i where every x_j is (1 + s_j) / 2, at s = 0; and what s_j adds. */
  center(i: number): number;
  pull: Dense | LowRank;
  walk(x: Uint8Array): Walk;
}
interface Dense {
  coupling(i: number, j: number): number;
}
interface LowRank {
  loading: ArrayLike<number>;
  weight: ArrayLike<number>;
  own: Float64Array;
}

export const problemOf = (given: Given): Problem => (given.quadratic ? dense(given.linear, given.quadratic) : lowRank(given));

const unitOf = (squares: number, n: number) => (squares > 0 ? Math.sqrt(squares / n) / 4 : 1);

function dense(linear: ArrayLike<number>, q: ArrayLike<number>): Problem {
  const n = linear.length;
  const coupling = (i: number, j: number) => (i === j ? 0 : q[i * n + j]! + q[j * n + i]!);
  const own = Float64Array.from({ length: n }, (_, i) => linear[i]! + q[i * n + i]!);
  const squares = Array(8).fill(0) as number[]; // in the order in which eight lanes add
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) squares[j % 8]! += coupling(i, j) ** 2;
  const [a, b, c, d] = [0, 1, 2, 3].map((lane) => squares[lane]! + squares[lane + 4]!) as [number, number, number, number];
  return {
    size: n,
    unit: unitOf(a + c + (b + d), n),
    center(i) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += coupling(i, j);
      return 0.5 * own[i]! + 0.25 * sum;
    },
    pull: { coupling },
    walk(start) {
      const x = start.slice();
      const field = own.slice();
      const add = (i: number, sign: number) => {
        for (let j = 0; j < n; j++) field[j]! += sign * coupling(i, j);
      };
      for (let i = 0; i < n; i++) if (x[i]) add(i, 1);
      return {
        x,
        rise: (i) => (x[i] ? -field[i]! : field[i]!),
        change(i) {
          add(i, x[i] ? -1 : 1);
          x[i]! ^= 1;
        },
        energy() {
          let sum = 0;
          for (let i = 0; i < n; i++) if (x[i]) sum += own[i]! + field[i]!;
          return 0.5 * sum;
        },
      };
    },
  };
}

function lowRank({ linear, loading: given, factorWeight }: Given): Problem {
  const [v, weight, n] = [given!, factorWeight!, linear.length];
  const k = weight.length;
  const own = new Float64Array(n); // of x_i^2 = x_i
  for (let i = 0; i < n; i++) for (let f = 0; f < k; f++) own[i]! += weight[f]! * v[i * k + f]! * v[i * k + f]!;
  const sumOf = (f: number, g?: number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += v[i * k + f]! * (g === undefined ? 1 : v[i * k + g]!);
    return sum;
  };
  let squares = 0; // of the couplings 2 sum_f weight_f v_if v_jf, i and j apart
  for (let f = 0; f < k; f++)
    for (let g = 0; g < k; g++) {
      const product = sumOf(f, g);
      squares += 4 * weight[f]! * weight[g]! * product * product;
    }
  for (let i = 0; i < n; i++) squares -= 4 * own[i]! ** 2;
  const totals = Float64Array.from({ length: k }, (_, f) => sumOf(f));
  return {
    size: n,
    unit: unitOf(squares, n),
    center(i) {
      let sum = 0;
      for (let f = 0; f < k; f++) sum += weight[f]! * v[i * k + f]! * totals[f]!;
      return 0.5 * linear[i]! + 0.5 * sum;
    },
    pull: { loading: v, weight, own },
    walk(start) {
      const x = start.slice();
      const sums = new Float64Array(k);
      const add = (i: number, sign: number) => {
        for (let f = 0; f < k; f++) sums[f]! += sign * v[i * k + f]!;
      };
      for (let i = 0; i < n; i++) if (x[i]) add(i, 1);
      return {
        x,
        rise(i) {
          let slope = linear[i]!;
          for (let f = 0; f < k; f++) slope += 2 * weight[f]! * v[i * k + f]! * sums[f]!;
          return (x[i] ? -slope : slope) + own[i]!;
        },
        change(i) {
          add(i, x[i] ? -1 : 1);
          x[i]! ^= 1;
        },
        energy() {
          let sum = 0;
          for (let i = 0; i < n; i++) if (x[i]) sum += linear[i]!;
          for (let f = 0; f < k; f++) sum += weight[f]! * sums[f]! * sums[f]!;
          return sum;
        },
      };
    },
  };
}

/** The two uniforms of a variable in a block of a stream. */
export const uniforms = (i: number, block: number, seed: number, stream: number) => uniformPair(i, block, seed, stream);

/** Each variable 0 or 1 with the same probability. */
export const randomStart = (n: number, seed: number, stream: number): Uint8Array =>
  Uint8Array.from({ length: n }, (_, i) => (uniforms(i, 0, seed, stream)[0] < 0.5 ? 1 : 0));

/** One sweep of Metropolis: variable after variable changes where the energy rises by less than -temperature log u. Returns the rise in all. */
export function sweep(walk: Walk, temperature: number, number: number, seed: number, stream: number): number {
  let rise = 0;
  for (let i = 0; i < walk.x.length; i++) {
    const u = uniforms(i, 1 + (number >> 1), seed, stream)[number & 1]!;
    const more = walk.rise(i);
    if (!(more < temperature * -Math.log(u))) continue;
    rise += more;
    walk.change(i);
  }
  return rise;
}

/** Changes one variable after the other, in order, as long as that lowers the energy: 1,000 rounds at most. */
export function descend(walk: Walk, unit: number): void {
  for (let round = 0, moved = true; moved && round < 1000; round++) {
    moved = false;
    for (let i = 0; i < walk.x.length; i++)
      if (walk.rise(i) < -1e-12 * unit) {
        walk.change(i);
        moved = true;
      }
  }
}

/** Energies of all replicas, and the first of the best with its energy computed anew. */
export function report(problem: Problem, ends: Walk[], out: { solution: Uint8Array; energy: Float64Array; energies: Float64Array }): void {
  out.energies.set(ends.map((end) => end.energy()));
  const best = ends[out.energies.indexOf(Math.min(...out.energies))]!;
  out.solution.set(best.x);
  out.energy[0] = problem.walk(best.x).energy();
}
