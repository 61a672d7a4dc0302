/** Seeded risk models for the cases of portfolio kernels, and which ports to leave out for each form. */

const factor = ["loading", "factorCovariance", "specificVariance"] as const;
/** `without` of a case: what is left is one form of the risk model. */
export const asCovariance = [...factor, "returns"] as const;
export const asFactors = ["covariance", "returns"] as const;
export const asReturns = ["covariance", ...factor] as const;

export interface SampleSize {
  assets: number;
  factor?: number | undefined;
  period?: number | undefined;
}

/**
 * A model of a few factors in every form that is not left out. Volatilities differ by a decade or so: with more, optimizers hold nothing but the quietest
 * asset. Asset 1 replicates asset 0 in all but what is specific; every seventh from asset 5 on has no variance of its own. `returns` has a row for every
 * period of that model, whose noise makes the forms different covariances.
 */
export function sampleRisk(size: SampleSize, random: () => number, without: ReadonlySet<string>) {
  const { assets, factor: k = 3, period = 12 } = size;
  const loading = new Float64Array(assets * k);
  for (let i = 0; i < assets; i++)
    for (let f = 0; f < k; f++) loading[i * k + f] = i === 1 ? loading[f]! : (f === 0 ? 0.5 + random() : random() - 0.4) * (1 + (i % 4));
  const volatility = Array.from({ length: k }, (_, f) => (0.01 * (1 + random())) / (1 + f / 2));
  const at = (a: number, b: number) => volatility[a]! * volatility[b]! * (a === b ? 1 : 0.3);
  const factorCovariance = Float64Array.from({ length: k * k }, (_, j) => at(Math.floor(j / k), j % k));
  const specificVariance = Float64Array.from({ length: assets }, (_, i) => (i % 7 === 5 ? 0 : (0.004 + 0.02 * random()) ** 2));
  const made: Partial<Record<"covariance" | (typeof factor)[number] | "returns", Float64Array>> = {};
  if (!without.has("loading")) Object.assign(made, { loading, factorCovariance, specificVariance });
  if (!without.has("covariance")) {
    const pushed = new Float64Array(assets * k);
    for (let i = 0; i < assets; i++)
      for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) pushed[i * k + a]! += loading[i * k + b]! * at(a, b);
    made.covariance = new Float64Array(assets * assets);
    for (let i = 0; i < assets; i++)
      for (let j = 0; j <= i; j++) {
        let sum = i === j ? specificVariance[i]! : 0;
        for (let a = 0; a < k; a++) sum += pushed[i * k + a]! * loading[j * k + a]!;
        made.covariance[i * assets + j] = made.covariance[j * assets + i] = sum;
      }
  }
  if (!without.has("returns"))
    made.returns = Float64Array.from({ length: period * assets }, (_, j) => {
      const [t, i] = [Math.floor(j / assets), j % assets];
      let sum = 0.0005 * (i % 3) + Math.sqrt(3 * specificVariance[i]!) * (2 * random() - 1);
      for (let f = 0; f < k; f++) sum += loading[i * k + f]! * volatility[f]! * Math.sin(1 + 7 * t * (f + 1) + f) * 1.4;
      return sum;
    });
  return made;
}
