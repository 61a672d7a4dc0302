/** Maximum likelihood of the generalized Pareto distribution in one unknown (Grimshaw 1993). */

const { log, log1p, max, abs, sqrt } = Math;
const mean = (values: readonly number[]) => values.reduce((total, x) => total + x, 0) / values.length;

/** With theta = shape / scale the best shape is the mean of log(1 + theta y). */
const shapeAt = (y: readonly number[], theta: number) => mean(y.map((v) => log1p(theta * v)));

/** Log-likelihood over n at theta with that shape. */
const profile = (y: readonly number[], theta: number) => {
  const shape = shapeAt(y, theta);
  return -log(shape / theta) - shape - 1;
};

/** Has the sign of minus the slope of the profile; about theta = 0 by its series, as both terms vanish there. */
export function steepness(y: readonly number[], theta: number): number {
  if (abs(theta) * mean(y) < 1e-5) {
    const [m1, m2, m3] = [1, 2, 3].map((power) => mean(y.map((v) => v ** power))) as [number, number, number];
    return m1 * m1 - m2 / 2 + theta * ((2 / 3) * m3 - 1.5 * m1 * m2);
  }
  const shape = shapeAt(y, theta);
  const slope = mean(y.map((v) => v / (1 + theta * v)));
  return (theta * slope * (1 + shape) - shape) / (theta * theta);
}

export interface Pareto {
  shape: number;
  scale: number;
  /** Over all excesses. */
  logLikelihood: number;
}

/** 129 places from the smallest theta that the data permit (shape at least -1/2) to one far above any maximum, close together about 0. */
export function places(y: readonly number[]): number[] {
  const largest = y.reduce((most, v) => max(most, v), 0);
  const m = mean(y);
  const grid = Array.from({ length: 129 }, (_, k) => {
    const part = (k - 64) / 64;
    return part < 0 ? (-part * part * (1 - 1e-6)) / largest : (1e3 * part ** 4) / m;
  });
  return grid.filter((theta) => theta >= 0 || shapeAt(y, theta) >= -0.5);
}

/** The highest maximum, or undefined where the likelihood has none with a shape above -1/2. */
export function fitPareto(y: readonly number[]): Pareto | undefined {
  let best: Pareto | undefined;
  const grid = places(y);
  for (let k = 1; k < grid.length; k++) {
    let [low, high] = [grid[k - 1]!, grid[k]!];
    // A maximum: the profile rises before it and falls behind it.
    if (!(steepness(y, low) < 0 && steepness(y, high) >= 0)) continue;
    for (;;) {
      const middle = (low + high) / 2;
      if (!(middle > low && middle < high)) break;
      if (steepness(y, middle) < 0) low = middle;
      else high = middle;
    }
    const theta = high;
    const flat = abs(theta) * mean(y) < 1e-12; // exponential
    const shape = flat ? 0 : shapeAt(y, theta);
    const scale = flat ? mean(y) : shape / theta;
    const logLikelihood = y.length * (flat ? -log(scale) - 1 : profile(y, theta));
    if (!best || logLikelihood > best.logLikelihood) best = { shape, scale, logLikelihood };
  }
  return best;
}

/** Roots of the diagonal of the inverse observed information; NaN where it is not positive definite. */
export function paretoErrors({ shape, scale }: Pareto, y: readonly number[]): [number, number] {
  const sum = (of: (v: number) => number) => y.reduce((total, v) => total + of(v), 0);
  const w = (v: number) => v / (scale + shape * v);
  const [w1, w2, logs] = [sum(w), sum((v) => w(v) ** 2), sum((v) => log1p((shape * v) / scale))];
  const byShape =
    abs(shape) < 1e-4
      ? sum((v) => (v / scale) ** 2 - (2 / 3) * (v / scale) ** 3)
      : (-2 / shape ** 3) * logs + (2 / shape ** 2) * w1 + (1 + 1 / shape) * w2;
  const mixed = (w1 - (1 + shape) * w2) / scale;
  const byScale = (y.length + (1 + shape) * (shape * w2 - 2 * w1)) / scale ** 2;
  const determinant = byShape * byScale - mixed * mixed;
  return determinant > 0 && byShape < 0 ? [sqrt(-byScale / determinant), sqrt(-byShape / determinant)] : [Number.NaN, Number.NaN];
}
