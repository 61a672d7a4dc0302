/** What the statistical factors share: options, the largest eigenvalues of the reference, samples. */
import { centered, columnMeans } from "../../parts/matrix.js";
import { jacobi } from "../../parts/symmetric.js";

export const componentParams = {
  assets: { type: "i32", min: 1, max: 100_000, unit: "assets", doc: "columns of returns" },
  components: { type: "i32", min: 1, max: 1_000, unit: "components", doc: "largest ones wanted, at most assets and observations" },
  maxIterations: { type: "i32", min: 1, max: 100_000, default: 200, doc: "filters of the subspace iteration at most" },
} as const;
export const componentReturns = {
  dtype: "real",
  shape: ["observation", "assets"],
  check: {},
  unit: "ratio",
  doc: "a row for each date, a column for each asset. NaN is refused",
} as const;
export const convergedOutput = {
  dtype: "i8",
  shape: [1],
  unit: "flag",
  doc: "0: the iteration was stopped by maxIterations before it settled",
} as const;
export const componentNeeds = ({ components }: Readonly<Record<string, any>>) => ({ observation: Math.max(2, components) });
export const refuseComponents = ({ assets, components }: Readonly<Record<string, any>>) =>
  components > assets ? `${components} components of ${assets} assets: there are no more than assets` : undefined;
export const within = (relative: number, floor: number) => ({ f64: { relative, floor }, f32: { relative, floor } });
export const toTheBit = { f64: { exact: true }, f32: { exact: true } } as const;

/** Below this share of the largest one a variance is rounding: its component has no direction. Of an asset's own: the factors leave nothing. */
export const nothing = 1e-12;

/** Eigenvalues, largest first, and their vectors. */
export function largestEigen(matrix: Float64Array, n: number, count: number): { values: number[]; vectors: number[][] } {
  const all = jacobi(matrix, n);
  const at = Array.from({ length: count }, (_, k) => n - 1 - k);
  return {
    values: at.map((k) => (all.values[k]! > nothing * all.values[n - 1]! ? all.values[k]! : 0)),
    vectors: at.map((k) =>
      Array.from({ length: n }, (_, i) => (all.values[k]! > nothing * all.values[n - 1]! ? all.vectors[i * n + k]! : Number.NaN)),
    ),
  };
}

export const signOf = (v: readonly number[]) => (v.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0) < 0 ? -1 : 1);

/** Returns less their means; 0 for an asset that strays from its mean by no more than rounding, as if it had not moved. */
export function centredReturns(x: ArrayLike<number>, assets: number): Float64Array {
  const mean = columnMeans(x, assets);
  const d = centered(x, mean);
  const rows = d.length / assets;
  mean.forEach((centre, i) => {
    let squares = 0;
    for (let at = i; at < d.length; at += assets) squares += d[at]! ** 2;
    if (!(squares > rows * (rows * 2 ** -52 * centre) ** 2)) for (let at = i; at < d.length; at += assets) d[at] = 0;
  });
  return d;
}

export const componentCost = ({ observation = 0 }, { assets, components }: Readonly<Record<string, any>>) => {
  const side = Math.min(observation, assets);
  return { flops: side * observation * assets + 200 * side ** 2 * components, bytes: 8 * observation * assets };
};

/** Returns with factors of clearly different strength over noise. */
export function spectrum(rows: number, assets: number, random: () => number): Float64Array {
  const x = new Float64Array(rows * assets);
  const strength = [0.05, 0.03, 0.018, 0.011, 0.007];
  const loads = strength.map(() => Array.from({ length: assets }, () => random() - 0.3));
  for (let t = 0; t < rows; t++) {
    const f = strength.map((s) => s * (random() + random() - 1));
    for (let i = 0; i < assets; i++)
      x[t * assets + i] = 0.001 + loads.reduce((sum, b, k) => sum + b[i]! * f[k]!, 0.002 * (random() + random() - 1));
  }
  return x;
}
