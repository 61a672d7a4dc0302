/** How far results are from the reference's: the worst element, never an average. */
import type { Contract, Ports, Real, Tolerance, View } from "./contract.js";

export interface Worst {
  /** |got - want| / (relative * max(|want|, floor)): passes up to 1; Infinity where a NaN, a bit or a length differs. */
  ratio: number;
  /** |got - want| / max(|want|, floor) of that element: what tables print. */
  error: number;
  port: string;
  row: number;
  got: number | bigint | undefined;
  want: number | bigint | undefined;
}

/** The worst element of one array. */
export function compareView(port: string, got: View | undefined, want: View, tolerance: Tolerance): Worst {
  const none: Worst = { ratio: 0, error: 0, port, row: -1, got: undefined, want: undefined };
  if (got?.length !== want.length)
    return { ...none, ratio: Number.POSITIVE_INFINITY, error: Number.POSITIVE_INFINITY, got: got?.length, want: want.length };
  let worst = none;
  for (let row = 0; row < want.length; row++) {
    const [g, w] = [got[row]!, want[row]!];
    if (g === w || (Number.isNaN(g) && Number.isNaN(w))) continue;
    const distance = Math.abs(Number(g) - Number(w)) / Math.max(Math.abs(Number(w)), tolerance.floor ?? 0);
    const error = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    const ratio = tolerance.exact ? Number.POSITIVE_INFINITY : error / tolerance.relative!;
    if (ratio > worst.ratio) worst = { ratio, error, port, row, got: g, want: w };
  }
  return worst;
}

/** The worst element of all outputs by the contract's tolerances, or by those of a backend that computes in less than f64. */
export function worstOf(
  contract: Contract,
  real: Real,
  got: Readonly<Record<string, View>>,
  want: Readonly<Record<string, View>>,
  tolerances?: Readonly<Record<string, Tolerance>>,
): Worst {
  let worst: Worst = { ratio: 0, error: 0, port: "", row: -1, got: undefined, want: undefined };
  for (const key of Object.keys(contract.outputs as Ports)) {
    if (want[key] === undefined) continue;
    const one = compareView(key, got[key], want[key], tolerances?.[key] ?? contract.compare[key][real]);
    if (one.ratio > worst.ratio) worst = one;
    worst.error = Math.max(worst.error, one.error);
  }
  return worst;
}
