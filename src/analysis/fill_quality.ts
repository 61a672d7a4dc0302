/** What the fills of a strategy were worth: against the mid when it decided, when its orders arrived, when they were filled, and after. */
import type { BacktestFills } from "./backtest.js";

/** A mean in basis points of the mid, weighted by the value of the fills. */
export interface MeanCost {
  readonly mean: number;
  /** Standard error of the mean as if fills were independent, which they are not quite: the true one is larger. NaN of fewer than two. */
  readonly error: number;
  /** Fills of which it is known. */
  readonly known: number;
}

/** Seconds after a fill at which the mid is looked at. */
export const horizons = [1, 5, 30] as const;

/** Fills that have something in common. Costs are above 0. */
export interface FillGroup {
  readonly name: string;
  readonly fills: number;
  /** Sum of price times size. */
  readonly value: number;
  /** Share of the value whose order rested. */
  readonly makerShare: number;
  /** Price against the mid that was known at the decision, that was there at the arrival, and that was there at the fill. */
  readonly slippageDecided: MeanCost;
  readonly slippageArrived: MeanCost;
  readonly slippageFilled: MeanCost;
  /** What the mid moved against the trader after the fill, of each horizon. */
  readonly adverse: readonly MeanCost[];
  /** Price against the mid of each horizon: the cost of a fill when what came after is counted too. */
  readonly kept: readonly MeanCost[];
  /** Fees in basis points of the value; below 0 rebates. */
  readonly fee: number;
}

export interface Spread {
  readonly known: number;
  readonly median: number;
  /** 90 % lie at or below. */
  readonly high: number;
}

export interface FillQuality {
  readonly all: FillGroup;
  /** Who rested, and who took; bought, and sold. Those without a fill are left out. */
  readonly parts: readonly FillGroup[];
  readonly instruments: readonly FillGroup[];
  /** By where the VPIN of that moment lay in the distribution of earlier ones, the lowest first; the last one holds those without a VPIN. */
  readonly toxicity: readonly FillGroup[];
  readonly queue: {
    /** Volume ahead when the order came to rest, in units, and over the size of the fill. */
    readonly ahead: Spread;
    readonly aheadOfSize: Spread;
    /** Maker fills of which nobody knows it. */
    readonly unknown: number;
  };
  /** From arrival to fill of what rested; from decision to arrival, and from fill to being told, of all: seconds. */
  readonly rested: Spread;
  readonly entry: Spread;
  readonly answer: Spread;
}

/** Lower borders of the groups by VPIN; the last holds what an alarm at 0.99 stands for. */
export const cdfBorders = [0, 0.25, 0.5, 0.75, 0.9, 0.99] as const;

/** `names` of the instruments, by their numbers. */
export function fillQuality(fills: BacktestFills, names: readonly string[]): FillQuality {
  const { maker, side, instrument, cdf, queue, size, time, arrived, decided, told } = fills;
  const rows = Array.from(time.keys());
  const group = (name: string, of: (row: number) => boolean) => groupOf(name, fills, rows.filter(of));
  const some = (groups: readonly FillGroup[]) => groups.filter((one) => one.fills > 0);
  const resting = rows.filter((row) => maker[row] === 1);
  const known = resting.filter((row) => Number.isFinite(queue[row]!));
  const seconds = (to: BigInt64Array, from: BigInt64Array, of: readonly number[]) =>
    spreadOf(of.map((row) => Number(to[row]! - from[row]!) / 1e9));
  return {
    all: group("all", () => true),
    parts: some([
      group("rested", (row) => maker[row] === 1),
      group("took", (row) => maker[row] === 0),
      group("bought", (row) => side[row]! > 0),
      group("sold", (row) => side[row]! < 0),
    ]),
    instruments: some(names.map((name, id) => group(name, (row) => instrument[row] === id))),
    toxicity: some([
      ...cdfBorders.map((from, i) => group(cdfName(i), (row) => cdf[row]! >= from && cdf[row]! < (cdfBorders[i + 1] ?? Infinity))),
      group("no VPIN yet", (row) => Number.isNaN(cdf[row]!)),
    ]),
    queue: {
      ahead: spreadOf(known.map((row) => queue[row]!)),
      aheadOfSize: spreadOf(known.map((row) => queue[row]! / size[row]!)),
      unknown: resting.length - known.length,
    },
    rested: seconds(time, arrived, resting),
    entry: seconds(arrived, decided, rows),
    answer: seconds(told, time, rows),
  };
}

const cdfName = (i: number): string =>
  i === cdfBorders.length - 1 ? `${cdfBorders[i]} and above` : `${cdfBorders[i]} to ${cdfBorders[i + 1]}`;

function groupOf(name: string, fills: BacktestFills, rows: readonly number[]): FillGroup {
  const { side, price, size, maker, fee, midDecided, midArrived, midFilled, midAfter1, midAfter5, midAfter30 } = fills;
  const value = (row: number) => price[row]! * size[row]!;
  const sum = (of: (row: number) => number) => rows.reduce((total, row) => total + of(row), 0);
  const whole = sum(value);
  const mean = (of: (row: number) => number, mid: Float64Array) => meanOf(rows, (row) => (1e4 * of(row)) / mid[row]!, value);
  const against = (mid: Float64Array) => mean((row) => side[row]! * (price[row]! - mid[row]!), mid);
  const after = [midAfter1, midAfter5, midAfter30];
  return {
    ...{ name, fills: rows.length, value: whole },
    makerShare: sum((row) => (maker[row] === 1 ? value(row) : 0)) / whole,
    ...{ slippageDecided: against(midDecided), slippageArrived: against(midArrived), slippageFilled: against(midFilled) },
    adverse: after.map((mid) => mean((row) => side[row]! * (midFilled[row]! - mid[row]!), midFilled)),
    // Over the mid of the fill, so that the two add up: what was paid at the fill, and what the mid did after it.
    kept: after.map((mid) => mean((row) => side[row]! * (price[row]! - mid[row]!), midFilled)),
    fee: (1e4 * sum((row) => fee[row]!)) / whole,
  };
}

/** Rows without a value are left out of the mean. */
function meanOf(rows: readonly number[], of: (row: number) => number, weightOf: (row: number) => number): MeanCost {
  let [weights, total, known] = [0, 0, 0];
  for (const row of rows) {
    const value = of(row);
    if (!Number.isFinite(value)) continue;
    weights += weightOf(row);
    total += weightOf(row) * value;
    known++;
  }
  const mean = total / weights;
  let squares = 0;
  for (const row of rows) {
    const value = of(row);
    if (Number.isFinite(value)) squares += (weightOf(row) * (value - mean)) ** 2;
  }
  return { mean, error: known < 2 ? Number.NaN : Math.sqrt((squares / weights / weights) * (known / (known - 1))), known };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { known: sorted.length, median: at(0.5), high: at(0.9) };
}
