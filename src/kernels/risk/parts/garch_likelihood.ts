/** Gaussian likelihood of GARCH(1,1) with its analytic derivatives, and its maximum by Newton's method. */

/** mu, omega, alpha, beta. */
export type Theta = readonly [number, number, number, number];

export interface Likelihood {
  value: number;
  gradient: number[];
  hessian: number[][];
  /** Conditional variance of each observation. */
  variance: number[];
}

const { log, PI } = Math;
const four: readonly number[] = [0, 1, 2, 3];
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((total, x) => total + x, 0) / values.length;

/**
 * h_t = omega + alpha e_(t-1)^2 + beta h_(t-1); before the first observation both e^2 and h are the mean squared residual, which
 * depends on mu. Derivatives as in Fiorentini, Calzolari & Panattoni (1996), eq. 7 to 10.
 */
export function likelihood(returns: ArrayLike<number>, theta: Theta): Likelihood {
  const [mu, omega, alpha, beta] = theta;
  const residuals = Array.from(returns, (r) => r - mu);
  const start = mean(residuals.map((e) => e * e));
  const slope = -2 * mean(residuals);
  let value = 0;
  const gradient = [0, 0, 0, 0];
  const hessian = four.map(() => [0, 0, 0, 0]);
  const variance: number[] = [];
  // The square and the variance before, with their first and second derivatives by (mu, omega, alpha, beta).
  let square = { value: start, slope, curvature: 2 };
  let h = start;
  let g = [slope, 0, 0, 0];
  let H: number[][] = four.map((i) => four.map((j) => (i === 0 && j === 0 ? 2 : 0)));
  for (const e of residuals) {
    const by = [alpha * square.slope, 1, square.value, h];
    const next = omega + alpha * square.value + beta * h;
    const gNext = four.map((i) => by[i]! + beta * g[i]!);
    H = four.map((i) =>
      four.map((j) => {
        let second = beta * H[i]![j]!;
        if (i === 0 && j === 0) second += alpha * square.curvature;
        if ((i === 0 && j === 2) || (i === 2 && j === 0)) second += square.slope;
        if (j === 3) second += g[i]!;
        if (i === 3) second += g[j]!;
        return second;
      }),
    );
    h = next;
    g = gNext;
    square = { value: e * e, slope: -2 * e, curvature: 2 };
    variance.push(h);
    const ratio = (e * e) / h;
    value -= 0.5 * (log(2 * PI) + log(h) + ratio);
    const byH = (0.5 * (ratio - 1)) / h;
    const byHH = (0.5 - ratio) / (h * h);
    for (const i of four) {
      gradient[i]! += byH * g[i]! + (i === 0 ? e / h : 0);
      for (const j of four) {
        hessian[i]![j]! += byH * H[i]![j]! + byHH * g[i]! * g[j]!;
        if (i === 0) hessian[i]![j]! -= (e / (h * h)) * g[j]!;
        if (j === 0) hessian[i]![j]! -= (e / (h * h)) * g[i]!;
        if (i === 0 && j === 0) hessian[i]![j]! -= 1 / h;
      }
    }
  }
  return { value, gradient, hessian, variance };
}

/** Inverse of a symmetric positive definite matrix by Cholesky's method, or undefined where it is not. */
export function inverse(matrix: readonly (readonly number[])[]): number[][] | undefined {
  const lower = four.map(() => [0, 0, 0, 0]);
  for (const i of four) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]!;
      for (let k = 0; k < j; k++) rest -= lower[i]![k]! * lower[j]![k]!;
      if (i === j && !(rest > 0)) return undefined;
      lower[i]![j] = i === j ? Math.sqrt(rest) : rest / lower[j]![j]!;
    }
  }
  const columns = four.map((c) => {
    const x = four.map((i) => (i === c ? 1 : 0) as number);
    for (const i of four) {
      for (let k = 0; k < i; k++) x[i]! -= lower[i]![k]! * x[k]!;
      x[i]! /= lower[i]![i]!;
    }
    for (const i of [3, 2, 1, 0]) {
      for (let k = i + 1; k < 4; k++) x[i]! -= lower[k]![i]! * x[k]!;
      x[i]! /= lower[i]![i]!;
    }
    return x;
  });
  return four.map((i) => four.map((j) => columns[j]![i]!));
}

const inside = ([, omega, alpha, beta]: Theta) => omega > 0 && alpha > 0 && beta > 0 && alpha + beta < 1;
const starts = [0.05, 0.1, 0.2].flatMap((alpha) => [0.6, 0.75, 0.9].map((sum) => [alpha, sum - alpha] as const));

export interface Fit {
  theta: Theta;
  at: Likelihood;
  /** Inverse of the negative Hessian; undefined where it is not positive definite. */
  covariance: number[][] | undefined;
  converged: boolean;
}

/** A zero mean leaves mu out: its derivatives are 0 and its own second derivative -1. */
function holdMean(at: Likelihood): Likelihood {
  at.gradient[0] = 0;
  for (const i of four) at.hessian[0]![i] = at.hessian[i]![0] = i === 0 ? -1 : 0;
  return at;
}

/** The best of nine starts with the sample's variance, then Newton steps, halved until they stay inside and do not lose likelihood. */
export function maximize(returns: ArrayLike<number>, zeroMean: boolean, iterations: number): Fit {
  const mu = zeroMean ? 0 : mean(returns);
  const scale = mean(Array.from(returns, (r) => (r - mu) ** 2));
  const evaluate = (theta: Theta) => (zeroMean ? holdMean(likelihood(returns, theta)) : likelihood(returns, theta));
  let theta: Theta = [mu, scale, 0, 0];
  let at: Likelihood | undefined;
  for (const [alpha, beta] of starts) {
    const start: Theta = [mu, scale * (1 - alpha - beta), alpha, beta];
    const here = evaluate(start);
    if (!at || here.value > at.value) [theta, at] = [start, here];
  }
  let polished = 0;
  for (let i = 0; i < iterations; i++) {
    const covariance = inverse(at!.hessian.map((row) => row.map((x) => -x)));
    // Where the likelihood is not concave: the inverse of the curvature along each axis alone.
    const step = four.map((a) =>
      covariance ? four.reduce((s, b) => s + covariance[a]![b]! * at!.gradient[b]!, 0) : at!.gradient[a]! / Math.abs(at!.hessian[a]![a]!),
    );
    const decrement = four.reduce((s, a) => s + step[a]! * at!.gradient[a]!, 0);
    const close = covariance !== undefined && decrement < 1e-8; // from here full steps square the distance each time
    let next = theta.map((x, a) => x + step[a]!) as unknown as Theta;
    for (let half = 0.5; half > 1e-9 && !(inside(next) && (close || evaluate(next).value > at!.value)); half /= 2)
      next = theta.map((x, a) => x + half * step[a]!) as unknown as Theta;
    if (!inside(next)) break;
    theta = next;
    at = evaluate(theta);
    if (close && ++polished === 3) break;
  }
  return { theta, at: at!, covariance: inverse(at!.hessian.map((row) => row.map((x) => -x))), converged: polished === 3 };
}
