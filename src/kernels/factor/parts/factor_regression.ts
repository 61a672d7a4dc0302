/** One date of a factor regression: who takes part, and the least-squares solution of both modes. */
import { minimumNormInverse } from "./minimum_norm.js";

/** The assets of a date that have all values. */
export interface Section {
  asset: number[];
  value: number[];
  cap: number[];
  /** In the sums of squares. */
  weight: number[];
  sector: number[];
  /** [asset][style] */
  styles: number[][];
}

export interface Solution {
  returns: Float64Array;
  errors: Float64Array;
  residuals: number[];
  rSquared: number;
  rank: number;
}

interface Sectors {
  weight: Float64Array;
  cap: Float64Array;
  /** Weighted mean return. */
  mean: Float64Array;
  /** Weighted mean exposure, [sector][style]. */
  exposure: Float64Array[];
}

const weightOf = (section: Section, i: number) => section.weight[i]!;

function sectorMeans(section: Section, sectors: number, styles: number): Sectors {
  const sums: Sectors = {
    weight: new Float64Array(sectors),
    cap: new Float64Array(sectors),
    mean: new Float64Array(sectors),
    exposure: Array.from({ length: sectors }, () => new Float64Array(styles)),
  };
  section.value.forEach((y, i) => {
    const [s, w] = [section.sector[i]!, weightOf(section, i)];
    sums.weight[s]! += w;
    sums.cap[s]! += section.cap[i]!;
    sums.mean[s]! += w * y;
    for (let k = 0; k < styles; k++) sums.exposure[s]![k]! += w * section.styles[i]![k]!;
  });
  for (let s = 0; s < sectors; s++) {
    sums.mean[s]! /= sums.weight[s]!;
    for (let k = 0; k < styles; k++) sums.exposure[s]![k]! /= sums.weight[s]!;
  }
  return sums;
}

/** Weighted least squares of `target` on `rows`, whose sizes before centring are `size`. */
function regress(section: Section, rows: number[][], target: readonly number[], raw: number[][], styles: number) {
  const g = new Float64Array(styles * styles);
  const right = new Float64Array(styles);
  const size = new Float64Array(styles);
  rows.forEach((x, i) => {
    const w = weightOf(section, i);
    for (let k = 0; k < styles; k++) {
      size[k]! += w * raw[i]![k]! ** 2;
      right[k]! += w * x[k]! * target[i]!;
      for (let j = 0; j < styles; j++) g[k * styles + j]! += w * x[k]! * x[j]!;
    }
  });
  if (![...g, ...right, ...size].every(Number.isFinite)) return undefined;
  const { inverse, rank } = minimumNormInverse(g, size, styles);
  const slopes = Array.from({ length: styles }, (_, k) => right.reduce((sum, r, j) => sum + inverse[k * styles + j]! * r, 0));
  return { slopes, inverse, rank };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
/** x' A x. */
const quadratic = (x: ArrayLike<number>, a: Float64Array): number => {
  const n = x.length;
  return dot(
    x,
    Array.from({ length: n }, (_, i) => dot(a.subarray(i * n, (i + 1) * n), x)),
  );
};
const squares = (section: Section, values: readonly number[]) => values.reduce((sum, e, i) => sum + weightOf(section, i) * e * e, 0);
/** Of what is left of the values; below 1e-24 of their squares it is rounding. */
function variance(section: Section, left: readonly number[], freedom: number): number {
  const sum = squares(section, left);
  const known = sum > 1e-24 * squares(section, section.value) ? sum : 0;
  return freedom > 0 ? known / freedom : Number.NaN;
}

/** One regression on market, sectors and styles; sector returns sum to zero, by cap or equally. A sector without assets has none: NaN. */
export function joint(section: Section, sectors: number, styles: number, constraint: string): Solution | undefined {
  const means = sectorMeans(section, sectors, styles);
  const present = Array.from({ length: sectors }, (_, s) => s).filter((s) => means.weight[s]! > 0);
  const centered = section.styles.map((x, i) => x.map((v, k) => v - means.exposure[section.sector[i]!]![k]!));
  const target = section.value.map((y, i) => y - means.mean[section.sector[i]!]!);
  const fit = regress(section, centered, target, section.styles, styles);
  if (!fit) return undefined;
  const size = constraint === "equal" ? means.cap.map((c) => (c > 0 ? 1 : 0)) : means.cap;
  const total = present.reduce((sum, s) => sum + size[s]!, 0);
  const share = size.map((c) => c / total);
  const level = means.mean.map((y, s) => y - dot(means.exposure[s]!, fit.slopes));
  const market = present.reduce((sum, s) => sum + share[s]! * level[s]!, 0);
  const returns = Float64Array.from([market, ...level.map((a) => a - market), ...fit.slopes]);
  const residuals = target.map((y, i) => y - dot(centered[i]!, fit.slopes));
  const rank = present.length + fit.rank;
  // Variances of the factors in units of that of a return of weight 1: levels of sectors do not correlate but through the slopes.
  const tilt = Array.from({ length: styles }, (_, k) => present.reduce((sum, s) => sum + share[s]! * means.exposure[s]![k]!, 0));
  const pooled = present.reduce((sum, s) => sum + share[s]! ** 2 / means.weight[s]!, 0);
  const sectorSpread = Array.from({ length: sectors }, (_, s) => {
    const away = tilt.map((z, k) => means.exposure[s]![k]! - z);
    return (1 - 2 * share[s]!) / means.weight[s]! + pooled + quadratic(away, fit.inverse);
  });
  const styleSpread = fit.slopes.map((_, k) => fit.inverse[k * styles + k]!);
  const sigma2 = variance(section, residuals, section.value.length - rank);
  const errors = Float64Array.from([pooled + quadratic(tilt, fit.inverse), ...sectorSpread, ...styleSpread], (v) =>
    Math.sqrt(sigma2 * Math.max(v, 0)),
  );
  for (let s = 0; s < sectors; s++) if (!(means.weight[s]! > 0)) errors[1 + s] = returns[1 + s] = Number.NaN;
  return { returns, errors, residuals, rSquared: 1 - squares(section, residuals) / squares(section, section.value), rank };
}

/** How market and sector returns of the first stage follow from the sectors' mean returns: [1 + sectors][sectors]. */
function firstStage(present: readonly boolean[]): number[][] {
  const sectors = present.length;
  const last = sectors - 1;
  const count = present.slice(0, last).filter(Boolean).length;
  // Minimum norm of (market, first sectors - 1 sectors) under market + sector = mean for every sector present: A'(AA')^-1.
  const own = (s: number, j: number) => (j === last || !present[j] ? 0 : (s === j ? 1 : 0) - 1 / (1 + count));
  const ofLast = present[last] ? 1 / sectors : 0;
  const market = present.map((_, j) => (j === last ? ofLast : present.slice(0, last).reduce((sum, p, s) => sum + (p ? own(s, j) : 0), 0)));
  const rows = present.slice(0, last).map((p, s) => present.map((_, j) => (j === last ? -ofLast : p ? own(s, j) : 0)));
  return [market, ...rows, present.map((_, j) => -rows.reduce((sum, row) => sum + row[j]!, 0))];
}

/** Market and sectors first, sector returns summing to zero; then styles on what is left, or on the returns themselves. */
export function twoStage(section: Section, sectors: number, styles: number, residualize: boolean): Solution | undefined {
  const means = sectorMeans(section, sectors, styles);
  const present = Array.from(means.weight, (w) => w > 0);
  const parts = firstStage(present);
  const known = means.mean.map((y, s) => (present[s] ? y : 0));
  const left = section.value.map((y, i) => y - means.mean[section.sector[i]!]!);
  const target = residualize ? left : section.value;
  const fit = regress(section, section.styles, target, section.styles, styles);
  if (!fit) return undefined;
  const explained = section.styles.map((x) => dot(x, fit.slopes));
  const residuals = left.map((e, i) => e - explained[i]!);
  const count = present.filter(Boolean).length;
  const first = variance(section, left, section.value.length - count);
  const ofStyles = target.map((y, i) => y - explained[i]!);
  const second = variance(section, ofStyles, section.value.length - fit.rank);
  const sectorSpread = parts.map((row) => row.reduce((sum, c, s) => sum + (present[s] ? c ** 2 / means.weight[s]! : 0), 0));
  return {
    returns: Float64Array.from([...parts.map((row) => dot(row, known)), ...fit.slopes]),
    errors: Float64Array.from([
      ...sectorSpread.map((v) => Math.sqrt(first * v)),
      ...fit.slopes.map((_, k) => Math.sqrt(second * Math.max(fit.inverse[k * styles + k]!, 0))),
    ]),
    residuals,
    rSquared: 1 - squares(section, residuals) / squares(section, section.value),
    rank: count + fit.rank,
  };
}
