/** Smallest values of smooth functions, for the references of estimates by maximum likelihood; native/kernels/flow/parts/quasi_newton.h takes the same steps. */

/** The function's value at `x`; writes its derivatives into `slope`. */
export type Smooth = (x: readonly number[], slope: number[]) => number;

export interface Minimum {
  x: number[];
  value: number;
  converged: boolean;
}

export interface Accuracy {
  /** Second derivative in every direction, roughly: the first step is as long as it says. */
  curvature: number;
  /** Rounding error of a value: a step may raise the value by so much, and the sixteenth that promises less is the last. */
  noise: number;
  /** Ends after the step that promised to lower the value by no more than this. */
  gain: number;
}

const mostSteps = 200;
const mostHalvings = 40;
const mostQuiet = 16;

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const times = (matrix: readonly number[][], vector: readonly number[]): number[] => matrix.map((row) => dot(row, vector));
const diagonal = (size: number, value: number): number[][] =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? value : 0)));

/** The inverse of the second derivatives after a step along which the slope changed (Broyden, Fletcher, Goldfarb & Shanno 1970). */
function update(inverse: number[][], step: readonly number[], change: readonly number[], gain: number): void {
  const along = dot(step, change);
  if (!(along > gain)) return; // so short a step shows roundings, not curvature
  const turned = times(inverse, change);
  const factor = (1 + dot(change, turned) / along) / along;
  inverse.forEach((row, i) => {
    row.forEach((_, j) => {
      row[j]! += factor * step[i]! * step[j]! - (turned[i]! * step[j]! + step[i]! * turned[j]!) / along;
    });
  });
}

/** Minimum next to `start` by the quasi-Newton method, steps halved until they lower the value enough (Nocedal & Wright 2006, algorithm 6.1). */
export function minimize(of: Smooth, start: readonly number[], { curvature, noise, gain }: Accuracy): Minimum {
  const size = start.length;
  let x = [...start];
  let slope = new Array<number>(size).fill(0);
  let value = of(x, slope);
  let inverse = diagonal(size, 1 / curvature);
  let fresh = true;
  let quiet = 0;
  for (let steps = 0; steps < mostSteps; steps++) {
    const direction = times(inverse, slope).map((d) => -d);
    const descent = dot(direction, slope);
    const next = descent < 0 ? search(of, x, value, direction, descent, noise) : undefined;
    if (!next) {
      if (fresh) return { x, value, converged: descent >= -2 * noise };
      inverse = diagonal(size, 1 / curvature);
      fresh = true;
      continue;
    }
    update(
      inverse,
      next.x.map((at, i) => at - x[i]!),
      next.slope.map((s, i) => s - slope[i]!),
      gain,
    );
    ({ x, slope, value } = next);
    fresh = false;
    if (descent >= -2 * noise) quiet++;
    if (descent >= -2 * gain || quiet === mostQuiet) return { x, value, converged: true };
  }
  return { x, value, converged: false };
}

/** The first of the steps 1, 1/2, 1/4, ... that lowers the value by a share of what its slope promises. */
function search(of: Smooth, from: readonly number[], value: number, direction: readonly number[], descent: number, noise: number) {
  for (let halvings = 0, length = 1; halvings < mostHalvings; halvings++, length /= 2) {
    const x = from.map((at, i) => at + length * direction[i]!);
    const slope = new Array<number>(from.length).fill(0);
    const reached = of(x, slope);
    if (reached <= value + 1e-4 * length * descent + noise) return { x, slope, value: reached };
  }
  return undefined;
}
