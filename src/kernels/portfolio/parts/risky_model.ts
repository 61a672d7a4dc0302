/** A risk model whose assets all have a variance, for methods that share out risk. */
import type { Refusal, Refused } from "../../../core/contract/contract.js";
import { explainRiskModel, riskModelInputs, riskModelOf } from "./risk_model.js";

/** The ports of the risk model. Of `returns` the first column that never moves is told by its place. */
export const riskyModelInputs = {
  ...riskModelInputs,
  returns: { ...riskModelInputs.returns, expects: "a column that moves: an asset without variance has no risk to share out" },
} as const;

type Given = Parameters<typeof riskModelOf>[0];

/** The input that is told to be wrong where an asset has no variance: the last that could give it one. */
const lastOf = (given: Given): "covariance" | "specificVariance" | "returns" =>
  given.covariance ? "covariance" : given.returns ? "returns" : "specificVariance";

/** The whole covariance, for references; `refused` where it is none, or an asset has no variance. */
export function riskyModelOf(given: Given, assets: number): ReturnType<typeof riskModelOf> {
  const model = riskModelOf(given, assets);
  return "refused" in model ? model : allRisky(given, model.covariance, assets);
}

/** The covariance as it is, or `refused` where an asset has no variance. */
export function allRisky(given: Given, covariance: Float64Array, assets: number): { covariance: Float64Array } | { refused: Refused } {
  for (let i = 0; i < assets; i++)
    if (!(covariance[i * assets + i]! > 0)) return { refused: { code: "badValue", input: lastOf(given), row: given.returns ? i : 0 } };
  return { covariance };
}

/** For `explain` of a contract: what is wrong with the risk model, or which assets have no variance. */
export function explainRisky(input: string, columns: Readonly<Record<string, unknown>>): Refusal | undefined {
  const given = columns as Given;
  const said = explainRiskModel(input, columns);
  if (said || input !== lastOf(given)) return said;
  const still = given.returns ? [] : assetsWithoutVariance(given);
  if (still.length === 0) return undefined;
  const [named, others] = [still.slice(0, 8).join(", "), still.length > 8 ? ` and ${still.length - 8} more` : ""];
  return {
    why: `'${input}' leaves asset${still.length > 1 ? "s" : ""} ${named}${others} without any variance, so that ${still.length > 1 ? "they have" : "it has"} no risk to share out`,
    hint: "leave out assets that never move, or give them a specific variance above 0",
    row: still[0]!,
  };
}

function assetsWithoutVariance({ covariance, loading, factorCovariance, specificVariance }: Given): number[] {
  if (covariance) {
    const n = Math.round(Math.sqrt(covariance.length));
    return where(n, (i) => !(covariance[i * n + i]! > 0));
  }
  const n = specificVariance!.length;
  const k = loading!.length / n;
  return where(n, (i) => {
    let variance = specificVariance![i]!;
    for (let a = 0; a < k; a++)
      for (let b = 0; b < k; b++)
        variance += loading![i * k + a]! * factorCovariance![Math.max(a, b) * k + Math.min(a, b)]! * loading![i * k + b]!;
    return !(variance > 0);
  });
}
const where = (n: number, holds: (i: number) => boolean): number[] => Array.from({ length: n }, (_, i) => i).filter(holds);
