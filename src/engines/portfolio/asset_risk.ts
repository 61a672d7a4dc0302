/** What is known of the risk of assets, in the two forms that portfolio kernels take it. */

export interface AssetRisk {
  /** 1 for each asset that the model has; zeros before there is one. What the ports say of the others means nothing, but they are numbers. */
  readonly there: Float64Array;
  /** Inputs of kernels over all assets, filled in place. */
  readonly ports: Readonly<Record<string, Float64Array>>;
  /** Copies of them for these assets alone. */
  of(assets: readonly number[]): Readonly<Record<string, Float64Array>>;
}

/** Rows and columns of a square matrix. */
export function principal(matrix: Float64Array, size: number, of: readonly number[]): Float64Array {
  const part = new Float64Array(of.length ** 2);
  of.forEach((i, a) => {
    of.forEach((j, b) => {
      part[a * of.length + b] = matrix[i * size + j]!;
    });
  });
  return part;
}

/** The names of assets, the first of them where there are many. */
export function named(names: readonly string[], assets: readonly number[]): string {
  const first = assets.slice(0, 5).map((i) => names[i]);
  return `${first.join(", ")}${assets.length > first.length ? ` and ${assets.length - first.length} more` : ""}`;
}
