/** Linear programs by the simplex method with bounds, plainly: every step solves its systems anew, so that nothing drifts. */

/** The least of cost'x with matrix x = 0 and lower <= x <= upper; rows of `matrix` are dense, ends may be infinite. */
export interface LinearProgram {
  cost: readonly number[];
  matrix: readonly (readonly number[])[];
  lower: readonly number[];
  upper: readonly number[];
}

/** `multiplier`: of each row, what the objective gains by one unit of its right-hand side; where there is no x, a proof of that (Farkas). */
export interface LinearAnswer {
  status: "solved" | "infeasible" | "unbounded";
  x: number[];
  multiplier: number[];
  iterations: number;
}

/** a x = b by elimination with the largest pivot; `a` are rows and is left alone. */
export function solveDense(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const n = b.length;
  const rows = a.map((row, i) => [...row, b[i]!]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = k + 1; i < n; i++) {
      const times = rows[i]![k]! / rows[k]![k]!;
      if (times !== 0) for (let j = k; j <= n; j++) rows[i]![j]! -= times * rows[k]![j]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i]![n]!;
    for (let j = i + 1; j < n; j++) sum -= rows[i]![j]! * x[j]!;
    x[i] = sum / rows[i]![i]!;
  }
  return x;
}

const tolerance = 1e-11;

/**
 * Each row begins with an unknown of its own that must be 0: these are the first basis. While a basic unknown is outside its ends, what is
 * made smaller is the sum of how far they are outside; then the cost. Of the candidates the steepest comes in, after steps of length 0
 * the first one (Bland 1977), so that no basis comes twice.
 */
export function linearProgram({ cost, matrix, lower, upper }: LinearProgram): LinearAnswer {
  const m = matrix.length;
  const n = cost.length;
  const low = [...lower, ...new Array<number>(m).fill(0)];
  const high = [...upper, ...new Array<number>(m).fill(0)];
  const column = (j: number) => (j < n ? matrix.map((row) => row[j]!) : matrix.map((_, i) => (i === j - n ? 1 : 0)));
  const x = low.map((end, j) => (Number.isFinite(end) ? end : Number.isFinite(high[j]!) ? high[j]! : 0));
  const basis = matrix.map((_, i) => n + i);
  let still = 0;
  // Once all are within their ends, roundings of steps do not count as outside: the two sums would take turns for ever.
  let near = tolerance;
  for (let iterations = 0; ; iterations++) {
    const inBasis = new Set(basis);
    const columns = basis.map(column);
    const right = new Array<number>(m).fill(0);
    for (let j = 0; j < n; j++) if (!inBasis.has(j) && x[j] !== 0) for (let i = 0; i < m; i++) right[i]! -= matrix[i]![j]! * x[j]!;
    const rows = right.map((_, i) => columns.map((c) => c[i]!));
    for (const [i, value] of solveDense(rows, right).entries()) x[basis[i]!] = value;
    const off = (j: number) => (x[j]! < low[j]! - near ? -1 : x[j]! > high[j]! + near ? 1 : 0);
    const outside = basis.some((j) => off(j) !== 0);
    if (!outside) near = 100 * tolerance;
    const costOf = (j: number) => (outside ? (inBasis.has(j) ? off(j) : 0) : (cost[j] ?? 0));
    const multiplier = solveDense(columns, basis.map(costOf));
    let best = -1;
    let slope = 0;
    for (let j = 0; j < n; j++) {
      // Ends that are nearer than the tolerance hold it: a step between them is none, and no end of such steps comes.
      if (inBasis.has(j) || high[j]! - low[j]! <= tolerance) continue;
      let d = costOf(j);
      for (let i = 0; i < m; i++) d -= multiplier[i]! * matrix[i]![j]!;
      const useful = (d < -tolerance && x[j]! < high[j]!) || (d > tolerance && x[j]! > low[j]!);
      if (useful && (best < 0 || (still < 3 && Math.abs(d) > Math.abs(slope)))) [best, slope] = [j, d];
    }
    if (best < 0) return { status: outside ? "infeasible" : "solved", x: x.slice(0, n), multiplier, iterations };
    const direction = slope < 0 ? 1 : -1;
    const change = solveDense(rows, column(best)).map((value) => -direction * value);
    let length = high[best]! - low[best]!;
    let leaving = -1;
    change.forEach((rate, i) => {
      const j = basis[i]!;
      if (Math.abs(rate) < 1e-10) return;
      const end = rate > 0 ? (off(j) < 0 ? low[j]! : high[j]!) : off(j) > 0 ? high[j]! : low[j]!;
      const reach = rate > 0 === off(j) > 0 && off(j) !== 0 ? Number.POSITIVE_INFINITY : Math.max(0, (end - x[j]!) / rate);
      const first = reach < length - tolerance || (reach <= length + tolerance && leaving >= 0 && j < basis[leaving]!);
      if (Number.isFinite(reach) && (first || (reach <= length && leaving < 0))) [length, leaving] = [Math.min(reach, length), i];
    });
    if (!Number.isFinite(length)) return { status: "unbounded", x: x.slice(0, n), multiplier, iterations };
    still = length > tolerance ? 0 : still + 1;
    if (leaving < 0) {
      x[best] = direction > 0 ? high[best]! : low[best]!;
      continue;
    }
    const out = basis[leaving]!;
    const at = x[out]! + change[leaving]! * length;
    x[out] = Math.abs(at - low[out]!) <= Math.abs(at - high[out]!) ? low[out]! : high[out]!;
    basis[leaving] = best;
  }
}
