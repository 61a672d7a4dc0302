/** One date's values less what groups and exposures explain of them. */
import { estimation, type Section } from "./panel.js";

const collinear = 1e-24; // of a column's sum of squares: what rounding leaves of one that others explain

/** Weighted mean of each group taken off, in place; NaN where a group has no member that counts. */
function center(x: number[], weight: readonly number[], group: readonly number[], groups: number): void {
  for (let g = 0; g < groups; g++) {
    let [total, sum] = [0, 0];
    for (const [i, w] of weight.entries()) if (w > 0 && group[i] === g) [total, sum] = [total + w, sum + w * x[i]!];
    for (let i = 0; i < x.length; i++) if (group[i] === g) x[i]! -= sum / total;
  }
  for (let i = 0; i < x.length; i++) if (group[i]! < 0) x[i] = Number.NaN;
}

const product = (a: readonly number[], b: readonly number[], weight: readonly number[]): number =>
  weight.reduce((sum, w, i) => (w > 0 ? sum + w * a[i]! * b[i]! : sum), 0);

/** Residuals of one date, in place, by modified Gram-Schmidt, each column orthogonalized twice; how many columns count. */
export function residuals(
  value: number[],
  exposures: number[][],
  weight: readonly number[],
  group: readonly number[],
  groups: number,
): number {
  const size = exposures.map((e) => product(e, e, weight));
  const kept: { column: number[]; square: number }[] = [];
  center(value, weight, group, groups);
  for (const [k, column] of exposures.entries()) {
    center(column, weight, group, groups);
    for (const earlier of [...kept, ...kept]) {
      const share = product(earlier.column, column, weight) / earlier.square;
      for (let i = 0; i < column.length; i++) column[i]! -= share * earlier.column[i]!;
    }
    const square = product(column, column, weight);
    if (!(square > collinear * size[k]!)) continue;
    kept.push({ column, square });
    const share = product(column, value, weight) / square;
    for (let i = 0; i < value.length; i++) value[i]! -= share * column[i]!;
  }
  const filled = new Set(group.filter((_, i) => weight[i]! > 0));
  return filled.size + kept.length;
}

/** Weights of the assets whose value and exposures are finite, which have a group and belong to the estimation; 0 for all others. */
export function fitWeights(
  value: readonly number[],
  exposures: readonly (readonly number[])[],
  group: readonly number[],
  date: number,
  { universe, weights }: Section,
): number[] {
  const inside = estimation(value, universe, date, weights);
  const counts = (i: number) => Number.isFinite(inside[i]!) && group[i]! >= 0 && exposures.every((column) => Number.isFinite(column[i]!));
  return value.map((_, i) => (counts(i) ? (weights?.[date * value.length + i] ?? 1) : 0));
}

/** What a constant and the exposures leave of a style; all NaN where no more assets take part than there are of these. */
export function orthogonalTo(
  exposures: readonly (readonly number[])[],
  style: readonly number[],
  date: number,
  section: Section,
): number[] {
  const group = style.map(() => 0);
  const weight = fitWeights(style, exposures, group, date, section);
  const left = [...style];
  const rank = residuals(
    left,
    exposures.map((e) => [...e]),
    weight,
    group,
    1,
  );
  const enough = weight.filter((w) => w > 0).length > rank;
  return left.map((x) => (enough && Number.isFinite(x) ? x : Number.NaN));
}
