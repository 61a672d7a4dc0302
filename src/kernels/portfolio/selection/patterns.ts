/** The best portfolio by looking at every pattern: each asset out, at its smallest or largest weight, or between; the return asked for met exactly, or not looked at. */

export interface Selection {
  covariance: Float64Array;
  /** Taken off the objective, for each weight. */
  gain: ArrayLike<number>;
  expected: ArrayLike<number> | undefined;
  asked: number;
  lower: ArrayLike<number>;
  upper: ArrayLike<number>;
  budget: number;
  most: number;
}

const patterns = ["out", "low", "high", "between"] as const;

/** Where the objective is smallest, each pattern's weights follow from a linear system; the best that keep all bounds are the answer. */
export function bestPattern(of: Selection): { weights: Float64Array; value: number } | undefined {
  const n = of.lower.length;
  let best: { weights: Float64Array; value: number } | undefined;
  for (let number = 0; number < 4 ** n; number++) {
    const pattern = Array.from({ length: n }, (_, i) => patterns[Math.floor(number / 4 ** i) % 4]!);
    if (pattern.filter((p) => p !== "out").length > of.most) continue;
    for (const tight of of.expected ? [false, true] : [false]) {
      const weights = weightsOf(of, pattern, tight);
      if (!weights || !holds(of, pattern, weights)) continue;
      const value = objectiveOf(of, weights);
      if (!best || value < best.value) best = { weights, value };
    }
  }
  return best;
}

function objectiveOf({ covariance, gain }: Selection, w: Float64Array): number {
  let value = 0;
  for (let i = 0; i < w.length; i++) {
    value -= gain[i]! * w[i]!;
    for (let j = 0; j < w.length; j++) value += w[i]! * covariance[i * w.length + j]! * w[j]!;
  }
  return value;
}

function holds({ lower, upper, budget, expected, asked }: Selection, pattern: string[], w: Float64Array): boolean {
  const slack = 1e-10;
  const inside = w.every((x, i) => pattern[i] === "out" || (x >= lower[i]! - slack && x <= upper[i]! + slack));
  const sum = w.reduce((a, b) => a + b, 0);
  const mean = expected ? w.reduce((a, x, i) => a + x * expected[i]!, 0) : 0;
  return inside && Math.abs(sum - budget) <= slack && (!expected || mean >= asked - slack);
}

/** Stationary weights of the assets between their bounds, under the budget and, where it is tight, the return; undefined where the system is singular. */
function weightsOf(
  { covariance, gain, expected, asked, lower, upper, budget }: Selection,
  pattern: string[],
  tight: boolean,
): Float64Array | undefined {
  const n = pattern.length;
  const w = Float64Array.from(pattern, (p, i) => (p === "low" ? lower[i]! : p === "high" ? upper[i]! : 0));
  const free = pattern.flatMap((p, i) => (p === "between" ? [i] : []));
  const rows = [Array<number>(n).fill(1), ...(tight ? [Array.from(expected!)] : [])];
  if (free.length < rows.length) return free.length === 0 && !tight ? w : undefined;
  const size = free.length + rows.length;
  const system = Array.from({ length: size }, () => new Float64Array(size + 1));
  const fixed = (row: ArrayLike<number>) => w.reduce((sum, x, i) => sum + x * row[i]!, 0);
  free.forEach((i, a) => {
    const row = covariance.subarray(i * n, (i + 1) * n);
    free.forEach((j, b) => {
      system[a]![b] = 2 * row[j]!;
    });
    rows.forEach((r, b) => {
      system[a]![free.length + b] = system[free.length + b]![a] = r[i]!;
    });
    system[a]![size] = gain[i]! - 2 * fixed(row);
  });
  rows.forEach((r, b) => {
    system[free.length + b]![size] = (b === 0 ? budget : asked) - fixed(r);
  });
  const found = solve(system);
  if (!found) return undefined;
  free.forEach((i, a) => {
    w[i] = found[a]!;
  });
  return w;
}

/** Gauss's elimination with the largest pivot of each column. */
function solve(system: Float64Array[]): number[] | undefined {
  const n = system.length;
  const size = Math.max(...system.map((row) => Math.max(...row.subarray(0, n).map(Math.abs))));
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let r = k + 1; r < n; r++) if (Math.abs(system[r]![k]!) > Math.abs(system[pivot]![k]!)) pivot = r;
    [system[k], system[pivot]] = [system[pivot]!, system[k]!];
    if (!(Math.abs(system[k]![k]!) > 1e-13 * size)) return undefined;
    for (let r = 0; r < n; r++) {
      if (r === k) continue;
      const times = system[r]![k]! / system[k]![k]!;
      for (let c = k; c <= n; c++) system[r]![c]! -= times * system[k]![c]!;
    }
  }
  return system.map((row, k) => row[n]! / row[k]!);
}
