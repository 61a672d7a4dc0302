/** Quadratic programmes for references: Goldfarb & Idnani (1983), Math. Program. 27, every system solved afresh. */
import { lowerFactor } from "../../parts/symmetric.js";

/** slope'x >= side, or = side. */
export interface Row {
  slope: readonly number[];
  side: number;
  equal?: boolean;
}
export interface Answer {
  x: number[];
  /** Of each row: gradient = sum of multiplier times slope; >= 0 where the row is an inequality. */
  multiplier: number[];
  /** Where nothing satisfies the rows: factors that add up to slope 0 and a side above 0. */
  contradiction?: number[];
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** y with lower lower' y = x. */
function solve(lower: Float64Array, n: number, x: ArrayLike<number>): number[] {
  const y = Array.from(x);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) y[i]! -= lower[i * n + k]! * y[k]!;
    y[i]! /= lower[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) y[i]! -= lower[k * n + i]! * y[k]!;
    y[i]! /= lower[i * n + i]!;
  }
  return y;
}

/** Smallest 1/2 x'Hx + c'x under the rows, H positive definite. */
export function activeSet(h: Float64Array, c: readonly number[], rows: readonly Row[]): Answer {
  const n = c.length;
  const { lower } = lowerFactor(h, n);
  const inverse = (v: ArrayLike<number>) => solve(lower, n, v);
  const x = inverse(c.map((value) => -value));
  const size = rows.map((row) => Math.max(1e-300, Math.sqrt(dot(row.slope, row.slope))));
  const active: number[] = [];
  const side: number[] = []; // 1, or -1 where an equality is passed from above
  let u: number[] = [];
  const columns: number[][] = []; // slopes of the active rows so turned, and what the inverse of H makes of them
  const images: number[][] = [];
  for (let rounds = 0; rounds < 50 * (n + rows.length); rounds++) {
    let [worst, next] = [1e-13 * Math.max(1, ...x.map(Math.abs)), -1];
    rows.forEach((row, r) => {
      if (active.includes(r)) return;
      const short = (row.side - dot(row.slope, x)) / size[r]!;
      const violated = row.equal ? Math.abs(short) : short;
      if (violated > worst) [worst, next] = [violated, r];
    });
    if (next < 0) break;
    const row = rows[next]!;
    const sign = row.equal && dot(row.slope, x) > row.side ? -1 : 1;
    const normal = row.slope.map((a) => sign * a);
    const pushed = inverse(normal);
    let own = 0;
    for (;;) {
      // The normal split into what the active rows make (r) and what is left, in the metric of H.
      const gram = Float64Array.from(columns.flatMap((a) => images.map((b) => dot(a, b))));
      const factor = lowerFactor(gram, active.length);
      const r =
        active.length > 0
          ? solve(
              factor.lower,
              active.length,
              columns.map((a) => dot(a, pushed)),
            )
          : [];
      const z = pushed.map((value, i) => value - r.reduce((sum, by, j) => sum + by * images[j]![i]!, 0));
      const along = dot(z, normal);
      let [dropped, partial] = [-1, Number.POSITIVE_INFINITY];
      active.forEach((a, j) => {
        if (!rows[a]!.equal && r[j]! > 1e-12 && u[j]! / r[j]! < partial) [dropped, partial] = [j, u[j]! / r[j]!];
      });
      const independent = along > 1e-11 * dot(pushed, normal);
      const full = independent ? (sign * (row.side - dot(row.slope, x))) / along : Number.POSITIVE_INFINITY;
      const step = Math.min(partial, full);
      if (step === Number.POSITIVE_INFINITY) {
        const contradiction = rows.map(() => 0);
        contradiction[next] = sign;
        for (const [j, a] of active.entries()) contradiction[a] = -r[j]! * side[j]!;
        return { x, multiplier: [], contradiction };
      }
      u = u.map((value, j) => value - step * r[j]!);
      own += step;
      if (independent) for (let i = 0; i < n; i++) x[i]! += step * z[i]!;
      if (step === full) {
        active.push(next);
        side.push(sign);
        u.push(own);
        columns.push(normal);
        images.push(pushed);
        break;
      }
      for (const list of [active, side, u, columns, images]) list.splice(dropped, 1);
    }
  }
  const multiplier = rows.map(() => 0);
  for (const [j, a] of active.entries()) multiplier[a] = u[j]! * side[j]!;
  return { x, multiplier };
}
