/**
 * Quadratic programmes of weights for references, dense. What is bought, what is sold and what is short are variables of their own, so that everything but
 * the power 3/2 is quadratic; that is replaced by its second order at the last answer. Each round adds a small multiple of the distance from the last
 * answer, which makes the programme strictly convex; it is done where answers stay.
 */
import { activeSet, type Row } from "./active_set.js";

export interface Programme {
  assets: number;
  covariance: Float64Array;
  riskAversion: number;
  expected?: ArrayLike<number> | undefined;
  held?: ArrayLike<number> | undefined;
  tradeCost?: ArrayLike<number> | undefined;
  quadraticCost?: ArrayLike<number> | undefined;
  impactCost?: ArrayLike<number> | undefined;
  lower?: ArrayLike<number> | undefined;
  upper?: ArrayLike<number> | undefined;
  budget: number;
  constraint?: ArrayLike<number> | undefined;
  constraintLower?: ArrayLike<number> | undefined;
  constraintUpper?: ArrayLike<number> | undefined;
  turnover: number;
  gross: number;
  short: number;
}

export interface Solved {
  status: number;
  weights: Float64Array;
  objective: number;
  primalResidual: number;
  dualResidual: number;
  gap: number;
  /** Budget, turnover, gross, short. */
  limits: number[];
  constraints: number[];
  bounds: Float64Array;
  limitCertificate: number[];
  certificate: number[];
}

type Kind = "budget" | "constraint" | "turnover" | "gross" | "short" | "bound" | "part";
interface Named extends Row {
  kind: Kind;
  of: number;
  /** 1 where the row is an upper side turned around. */
  upper: boolean;
}

/** Where the variables lie: weights, then, where anything asks for them, what is bought, what is sold, and what is short. */
function layoutOf(p: Programme) {
  const { assets: n } = p;
  const trades = [p.tradeCost, p.impactCost].some((cost) => cost?.length) || Number.isFinite(p.turnover);
  const shorts = Number.isFinite(p.gross) || Number.isFinite(p.short);
  const short = trades ? 3 * n : n;
  return { trades, shorts, bought: n, sold: 2 * n, short, size: shorts ? short + n : short };
}

/** All rows over these variables. */
function rowsOf(p: Programme): Named[] {
  const { assets: n } = p;
  const { trades, shorts, bought, sold, short, size } = layoutOf(p);
  const rows: Named[] = [];
  const add = (kind: Kind, of: number, terms: Record<number, number>, side: number, upper = false, equal = false) => {
    const slope = new Array<number>(size).fill(0);
    for (const [at, by] of Object.entries(terms)) slope[Number(at)] = upper ? -by : by;
    rows.push({ kind, of, slope, side: upper ? -side : side, upper, equal });
  };
  const every = (at: (i: number) => Record<number, number>): Record<number, number> =>
    Object.assign({}, ...Array.from({ length: n }, (_, i) => at(i)));
  const budget = every((i) => ({ [i]: 1 }));
  add("budget", 0, budget, p.budget, false, true);
  for (let i = 0; i < n; i++) {
    if (trades) {
      add("part", i, { [i]: 1, [bought + i]: -1, [sold + i]: 1 }, p.held?.[i] ?? 0, false, true);
      add("part", i, { [bought + i]: 1 }, 0);
      add("part", i, { [sold + i]: 1 }, 0);
    }
    if (shorts) {
      add("part", i, { [short + i]: 1 }, 0);
      add("part", i, { [i]: 1, [short + i]: 1 }, 0);
    }
    add("bound", i, { [i]: 1 }, p.lower?.[i] ?? 0);
    add("bound", i, { [i]: 1 }, p.upper?.[i] ?? 1, true);
  }
  for (let r = 0; r < (p.constraintLower?.length ?? 0); r++) {
    const terms = every((i) => ({ [i]: p.constraint![r * n + i]! }));
    const [low, high] = [p.constraintLower![r]!, p.constraintUpper![r]!];
    if (low === high) add("constraint", r, terms, low, false, true);
    else {
      if (Number.isFinite(low)) add("constraint", r, terms, low);
      if (Number.isFinite(high)) add("constraint", r, terms, high, true);
    }
  }
  const traded = every((i) => ({ [bought + i]: 1, [sold + i]: 1 }));
  const sizes = every((i) => ({ [i]: 1, [short + i]: 2 })); // |x| = x + 2 max(0, -x)
  if (Number.isFinite(p.turnover)) add("turnover", 0, traded, p.turnover, true);
  if (Number.isFinite(p.gross)) add("gross", 0, sizes, p.gross, true);
  if (Number.isFinite(p.short))
    add(
      "short",
      0,
      every((i) => ({ [short + i]: 1 })),
      p.short,
      true,
    );
  return rows;
}

/** Risk, return and cost of weights; and the sum of their sizes. */
function objectiveOf(p: Programme, x: ArrayLike<number>): { value: number; size: number } {
  let [risk, rest, size] = [0, 0, 0];
  for (let i = 0; i < p.assets; i++) {
    for (let j = 0; j < p.assets; j++) risk += 0.5 * p.riskAversion * x[i]! * p.covariance[i * p.assets + j]! * x[j]!;
    const traded = Math.abs(x[i]! - (p.held?.[i] ?? 0));
    const cost =
      (p.tradeCost?.[i] ?? 0) * traded + 0.5 * (p.quadraticCost?.[i] ?? 0) * traded ** 2 + (p.impactCost?.[i] ?? 0) * traded ** 1.5;
    rest += cost - (p.expected?.[i] ?? 0) * x[i]!;
    size += cost + Math.abs((p.expected?.[i] ?? 0) * x[i]!);
  }
  return { value: risk + rest, size: size + risk };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

export function solveReference(given: Programme): Solved {
  const { assets: n } = given;
  // In units of the largest slope, a power of two, so that steps and tolerances are of numbers near 1.
  const slopes = [given.expected, given.tradeCost, given.quadraticCost, given.impactCost].flatMap((of) => Array.from(of ?? [], Math.abs));
  for (let i = 0; i < n; i++) slopes.push(given.riskAversion * given.covariance[i * n + i]!);
  const largest = Math.max(...slopes);
  const unit = largest > 0 && largest < Number.POSITIVE_INFINITY ? 2 ** Math.floor(Math.log2(largest)) : 1;
  const over = (values: ArrayLike<number> | undefined) => values && Array.from(values, (value) => value / unit);
  const p: Programme = {
    ...given,
    riskAversion: 1,
    covariance: given.covariance.map((value) => (value / unit) * given.riskAversion),
    expected: over(given.expected),
    tradeCost: over(given.tradeCost),
    quadraticCost: over(given.quadraticCost),
    impactCost: over(given.impactCost),
  };
  const rows = rowsOf(p);
  const { trades, bought, sold, size: variables } = layoutOf(p);
  const curve = p.covariance.map((value) => p.riskAversion * value);
  for (let i = 0; i < n; i++) curve[i * n + i]! += p.quadraticCost?.[i] ?? 0;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += curve[i * n + i]! / n;
  const near = 1e-4 * Math.max(mean, 1);
  let z = new Array<number>(variables).fill(0);
  let answer = { x: z, multiplier: rows.map(() => 0) } as ReturnType<typeof activeSet>;
  for (let round = 0; round < 400; round++) {
    const h = new Float64Array(variables * variables);
    const c = z.map((value) => -near * value);
    for (let i = 0; i < variables; i++) h[i * variables + i] = near;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) h[i * variables + j]! += curve[i * n + j]!;
      c[i]! -= (p.expected?.[i] ?? 0) + (p.quadraticCost?.[i] ?? 0) * (p.held?.[i] ?? 0);
      for (const at of trades ? [bought + i, sold + i] : []) {
        const impact = p.impactCost?.[i] ?? 0;
        const last = Math.max(z[at]!, 1e-14);
        const second = (0.75 * impact) / Math.sqrt(last);
        h[at * variables + at]! += second;
        c[at]! += (p.tradeCost?.[i] ?? 0) + 1.5 * impact * Math.sqrt(last) - second * last;
      }
    }
    answer = activeSet(h, c, rows);
    if (answer.contradiction) break;
    const moved = Math.max(...answer.x.map((value, i) => Math.abs(value - z[i]!)));
    z = answer.x;
    if (moved <= 1e-12) break;
  }
  // Sides push up where the row is a lower side, down where it is an upper one.
  const factors = answer.contradiction ?? answer.multiplier;
  const of = (kind: Kind, at: number) =>
    sum(rows.map((row, r) => (row.kind === kind && row.of === at ? (row.upper ? 1 : -1) * factors[r]! : 0)));
  const limits = (["budget", "turnover", "gross", "short"] as const).map((kind) => of(kind, 0));
  const constraints = Array.from(p.constraintLower ?? [], (_, r) => of("constraint", r));
  const none = { limitCertificate: limits.map(() => 0), certificate: constraints.map(() => 0) };
  const weights = Float64Array.from(z.slice(0, n));
  if (answer.contradiction) {
    const largest = Math.max(...[...limits, ...constraints].map(Math.abs));
    const scaled = (values: number[]) => values.map((value) => (Math.abs(value) > 1e-9 * largest ? value / largest : 0));
    return {
      status: 2,
      weights: weights.fill(Number.NaN),
      objective: Number.NaN,
      primalResidual: Number.NaN,
      dualResidual: Number.NaN,
      gap: Number.NaN,
      limits: limits.map(() => Number.NaN),
      constraints: constraints.map(() => Number.NaN),
      bounds: weights.map(() => Number.NaN),
      limitCertificate: scaled(limits),
      certificate: scaled(constraints),
    };
  }
  const { value, size } = objectiveOf(p, weights);
  const passed = rows.map((row) => row.slope.reduce((all, slope, i) => all + slope * z[i]!, 0) - row.side);
  const slack = sum(passed.map((by, r) => Math.abs(by * factors[r]!)));
  const primalResidual = Math.max(
    ...passed.map((by, r) => (rows[r]!.equal ? Math.abs(by) : Math.max(0, -by)) / Math.max(1, ...rows[r]!.slope.map(Math.abs))),
  );
  const bounds = Float64Array.from({ length: n }, (_, i) => of("bound", i));
  return {
    status: 0,
    weights,
    objective: value * unit,
    primalResidual,
    dualResidual: 0,
    gap: size > 0 ? slack / size : slack,
    limits: limits.map((by) => by * unit),
    constraints: constraints.map((by) => by * unit),
    bounds: bounds.map((by) => by * unit),
    ...none,
  };
}
